//! Answers: the values of some series over some time, from blocks, late values and open windows.

use std::collections::BTreeMap;

use event::{Metric, Timestamp};

use super::base::Base;
use super::block;
use super::catalogue::Place;
use super::handle::{MAX_SERIES, MAX_VALUES};
use super::kind::{Fold, fold_of};
use super::window::SECONDS;
use super::{SeriesData, SeriesRequest, StoreError};

/// Seconds that an answer covers, and how many values it may still look at.
struct Span {
    from: i64,
    to: i64,
    left: usize,
}

impl Span {
    fn of(request: &SeriesRequest) -> Self {
        // The first whole second from a moment on.
        let ceil = |time: Timestamp| time.secs() + i64::from(time.micros().rem_euclid(1_000_000) > 0);
        Self { from: ceil(request.from).max(0), to: ceil(request.to).max(0), left: MAX_VALUES }
    }

    /// First seconds that a window may have which holds a second of the span.
    fn windows(&self) -> (i64, i64) {
        ((self.from - SECONDS + 1).max(0), (self.to - 1).max(0))
    }

    fn holds(&self, second: i64) -> bool {
        self.from <= second && second < self.to
    }

    fn spend(&mut self, values: usize) -> Result<(), StoreError> {
        self.left = self.left.checked_sub(values).ok_or(StoreError::TooManyValues)?;
        Ok(())
    }
}

impl Base {
    /// The stored series that match, sorted by tags; those without a value in the span are left out.
    pub(crate) fn series(&mut self, request: &SeriesRequest) -> Result<Vec<SeriesData>, StoreError> {
        let places = self.catalogue.matching(request);
        if places.len() > MAX_SERIES {
            return Err(StoreError::TooManySeries { found: places.len() });
        }
        let mut span = Span::of(request);
        if span.from >= span.to {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for place in places {
            let values = self.values(place, &mut span)?;
            let points = match request.step {
                Some(step) => stepped(&values, step.micros().max(1), fold_of(&request.measurement, &request.field)),
                None => values.iter().map(|(second, value)| (Timestamp::from_secs(*second), *value)).collect(),
            };
            if points.is_empty() {
                continue;
            }
            let tags = self.catalogue.entity(place.entity).map(|entity| entity.tags()).unwrap_or_default();
            found.push(SeriesData { tags, points });
        }
        found.sort_unstable_by(|a, b| a.tags.cmp(&b.tags));
        Ok(found)
    }

    fn values(&mut self, place: Place, span: &mut Span) -> Result<Vec<(i64, Metric)>, StoreError> {
        let mut values = Vec::new();
        self.file.blocks_of(place.entity, span.windows(), |id, body| {
            let Some(column) = block::decode_slot(body, place.slot)? else { return Ok(()) };
            span.spend(column.len())?;
            let seconds = column.iter().map(|(offset, value)| (id.start() + i64::from(offset), value));
            values.extend(seconds.filter(|(second, _)| span.holds(*second)));
            Ok(())
        })?;
        // Later ones win: late values over blocks, open windows over what came before they opened.
        let mut later = Vec::new();
        self.file.late_in(place, span.windows(), |second, value| later.push((second, value)))?;
        let pending = self.pending.late.iter().filter(|late| late.id.entity() == place.entity && late.slot == place.slot);
        later.extend(pending.map(|late| (late.id.start() + i64::from(late.offset), late.value)));
        if let Some(entity) = self.catalogue.entity(place.entity) {
            for window in &entity.windows {
                let column = window.columns.get(usize::from(place.slot)).into_iter().flat_map(|column| column.iter());
                later.extend(column.map(|(offset, value)| (window.id.start() + i64::from(offset), value)));
            }
        }
        span.spend(later.len())?;
        later.retain(|(second, _)| span.holds(*second));
        Ok(merged(values, later))
    }
}

/// Puts later values after, or in place of, ordered ones.
fn merged(mut values: Vec<(i64, Metric)>, later: Vec<(i64, Metric)>) -> Vec<(i64, Metric)> {
    let in_order = values.last().into_iter().chain(&later).is_sorted_by(|a, b| a.0 < b.0);
    if in_order {
        values.extend(later);
        return values;
    }
    let all: BTreeMap<i64, Metric> = values.into_iter().chain(later).collect();
    all.into_iter().collect()
}

fn stepped(values: &[(i64, Metric)], step: i64, fold: Fold) -> Vec<(Timestamp, Metric)> {
    let start = |second: i64| (second * 1_000_000).div_euclid(step) * step;
    let buckets = values.chunk_by(|a, b| start(a.0) == start(b.0));
    let point = |bucket: &[(i64, Metric)]| {
        let (second, last) = bucket.last().copied()?;
        let value = match fold {
            Fold::Last => last,
            Fold::Mean => Metric::float(bucket.iter().map(|(_, value)| value.as_f64()).sum::<f64>() / bucket.len() as f64)?,
        };
        Some((Timestamp::from_micros(start(second)), value))
    };
    buckets.filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use Metric::{Float, Int};

    use super::*;

    #[track_caller]
    fn check(fold: Fold, expected: &[(i64, Metric)]) {
        let values = [(10, Int(1)), (11, Int(2)), (19, Int(6)), (30, Int(7))];
        let expected: Vec<_> = expected.iter().map(|(second, value)| (Timestamp::from_secs(*second), *value)).collect();
        assert_eq!(stepped(&values, 10_000_000, fold), expected);
    }

    #[test]
    fn a_step_is_the_mean_of_a_gauge_and_the_last_of_a_counter() {
        check(Fold::Mean, &[(10, Float(3.0)), (30, Float(7.0))]);
        check(Fold::Last, &[(10, Int(6)), (30, Int(7))]);
    }

    #[test]
    fn later_values_take_the_place_of_older_ones() {
        let merged = merged(vec![(1, Int(1)), (3, Int(3))], vec![(3, Int(30)), (2, Int(20)), (4, Int(4)), (4, Int(40))]);
        assert_eq!(merged, [(1, Int(1)), (2, Int(20)), (3, Int(30)), (4, Int(40))]);
    }
}
