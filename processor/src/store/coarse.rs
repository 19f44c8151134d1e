//! Coarse windows: 300 steps in place of 300 seconds, three columns for a series in place of one.
//!
//! A body is the lengths of two blocks, then three blocks of [`super::block`]: means (of counters the last values), least and
//! greatest values. A column that stands in the first block alone is the same in all three.

use event::Metric;

use super::block::{self, BlockError};
use super::column::Column;
use super::kind::Fold;

/// Which of the three is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The mean of a gauge's step, the last value of a counter's.
    #[default]
    Mean,
    /// The least value of a step.
    Min,
    /// The greatest value of a step.
    Max,
}

/// All three, in the order of a body.
pub(crate) const PARTS: [Part; 3] = [Part::Mean, Part::Min, Part::Max];

/// A coarse window: three lists of columns by slot, in the order of [`PARTS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Coarse {
    parts: [Vec<Column>; 3],
}

impl Coarse {
    /// A window of seconds: all three are one.
    pub(crate) fn of(columns: Vec<Column>) -> Self {
        Self { parts: [columns, Vec::new(), Vec::new()] }
    }

    /// The column of a slot as it would be read.
    pub(crate) fn column(&self, part: Part, slot: usize) -> Option<&Column> {
        let [means, least, greatest] = &self.parts;
        let own = match part {
            Part::Mean => means.get(slot),
            Part::Min => least.get(slot),
            Part::Max => greatest.get(slot),
        };
        own.filter(|column| column.len() > 0).or_else(|| means.get(slot)).filter(|column| column.len() > 0)
    }

    /// How many slots it may have.
    pub(crate) fn n_slots(&self) -> usize {
        self.parts.first().map_or(0, Vec::len)
    }

    /// How many values it holds, what stands for three counted once.
    pub(crate) fn n_values(&self) -> usize {
        self.parts.iter().flatten().map(Column::len).sum()
    }

    /// Sets the three columns of a slot; equal ones are kept once.
    pub(crate) fn set(&mut self, slot: usize, [mean, least, greatest]: [Column; 3]) {
        let is_one = mean == least && mean == greatest;
        let columns = if is_one { [mean, Column::default(), Column::default()] } else { [mean, least, greatest] };
        for (part, column) in self.parts.iter_mut().zip(columns) {
            if part.len() <= slot {
                part.resize_with(slot + 1, Column::default);
            }
            if let Some(place) = part.get_mut(slot) {
                *place = column;
            }
        }
    }

    /// As it stands in the file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let [means, least, greatest] = self.parts.each_ref().map(|columns| block::encode(columns));
        let mut body = Vec::with_capacity(8 + means.len() + least.len() + greatest.len());
        body.extend((means.len() as u32).to_le_bytes());
        body.extend((least.len() as u32).to_le_bytes());
        [means, least, greatest].iter().for_each(|block| body.extend(block));
        body
    }

    /// All of it.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, BlockError> {
        let [means, least, greatest] = split(body)?;
        Ok(Self { parts: [block::decode(means)?, block::decode(least)?, block::decode(greatest)?] })
    }
}

/// One column of a body.
pub(crate) fn decode_slot(body: &[u8], part: Part, slot: u16) -> Result<Option<Column>, BlockError> {
    let [means, least, greatest] = split(body)?;
    let own = match part {
        Part::Mean => None,
        Part::Min => block::decode_slot(least, slot)?,
        Part::Max => block::decode_slot(greatest, slot)?,
    };
    own.map_or_else(|| block::decode_slot(means, slot), |column| Ok(Some(column)))
}

fn split(body: &[u8]) -> Result<[&[u8]; 3], BlockError> {
    let (first, rest) = body.split_first_chunk().ok_or(BlockError::Damaged)?;
    let (second, rest) = rest.split_first_chunk().ok_or(BlockError::Damaged)?;
    let (means, rest) = rest.split_at_checked(u32::from_le_bytes(*first) as usize).ok_or(BlockError::Damaged)?;
    let (least, greatest) = rest.split_at_checked(u32::from_le_bytes(*second) as usize).ok_or(BlockError::Damaged)?;
    Ok([means, least, greatest])
}

/// What ordered values become in steps of so many seconds: each step's first second, and one value.
pub(crate) fn stepped(values: &[(i64, Metric)], step: i64, fold: Fold, part: Part) -> Vec<(i64, Metric)> {
    let start = |second: i64| second.div_euclid(step) * step;
    let steps = values.chunk_by(|a, b| start(a.0) == start(b.0));
    steps.filter_map(|values| Some((start(values.first()?.0), folded(values, fold, part)?))).collect()
}

/// The one value of a step.
pub(crate) fn folded(values: &[(i64, Metric)], fold: Fold, part: Part) -> Option<Metric> {
    let last = values.last()?.1;
    let better = |is_better: fn(f64, f64) -> bool| {
        let numbers = values.iter().map(|(_, value)| *value);
        numbers.reduce(|best, value| if is_better(value.as_f64(), best.as_f64()) { value } else { best })
    };
    match (fold, part) {
        (Fold::Last, _) => Some(last),
        (Fold::Mean, Part::Min) => better(|value, best| value < best),
        (Fold::Mean, Part::Max) => better(|value, best| value > best),
        // A value that does not change keeps its type, and packs to nothing.
        (Fold::Mean, Part::Mean) if values.iter().all(|(_, value)| *value == last) => Some(last),
        (Fold::Mean, Part::Mean) => Metric::float(values.iter().map(|(_, value)| value.as_f64()).sum::<f64>() / values.len() as f64),
    }
}

#[cfg(test)]
mod tests {
    use Metric::{Float, Int};

    use super::*;

    fn column(values: &[(u16, Metric)]) -> Column {
        let mut column = Column::default();
        values.iter().for_each(|(offset, value)| column.set(*offset, *value));
        column
    }

    #[test]
    fn a_gauge_has_three_columns_and_a_counter_one() {
        let (mean, least, greatest) = (column(&[(0, Float(2.5))]), column(&[(0, Int(1))]), column(&[(0, Int(4))]));
        let counter = column(&[(0, Int(7)), (299, Int(9))]);
        let mut coarse = Coarse::default();
        coarse.set(2, [mean.clone(), least.clone(), greatest.clone()]);
        coarse.set(0, [counter.clone(), counter.clone(), counter.clone()]);
        let body = coarse.encode();
        for (part, of_gauge) in PARTS.into_iter().zip([mean, least, greatest]) {
            assert_eq!(decode_slot(&body, part, 2).unwrap(), Some(of_gauge.clone()));
            assert_eq!(decode_slot(&body, part, 0).unwrap(), Some(counter.clone()));
            assert_eq!(decode_slot(&body, part, 1).unwrap(), None);
            assert_eq!(Coarse::decode(&body).unwrap().column(part, 2), Some(&of_gauge));
        }
    }

    #[test]
    fn a_body_cut_short_is_damaged() {
        let mut coarse = Coarse::default();
        let one = column(&[(3, Int(1))]);
        coarse.set(0, [one.clone(), one.clone(), one]);
        let body = coarse.encode();
        for len in 0..body.len() {
            assert!(Coarse::decode(&body[..len]).is_err(), "{len} bytes");
            let _ = decode_slot(&body[..len], Part::Max, 0);
        }
    }

    #[test]
    fn steps_have_least_greatest_and_mean() {
        let values = [(10, Int(1)), (11, Int(2)), (19, Int(6)), (30, Int(7)), (31, Int(7))];
        assert_eq!(stepped(&values, 10, Fold::Mean, Part::Mean), [(10, Float(3.0)), (30, Int(7))]);
        assert_eq!(stepped(&values, 10, Fold::Mean, Part::Min), [(10, Int(1)), (30, Int(7))]);
        assert_eq!(stepped(&values, 10, Fold::Mean, Part::Max), [(10, Int(6)), (30, Int(7))]);
        assert_eq!(stepped(&values, 10, Fold::Last, Part::Max), [(10, Int(6)), (30, Int(7))]);
    }
}
