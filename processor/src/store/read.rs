//! Answers: the values of some series over some time, from blocks, late values and open windows, or from coarser tiers.

use std::collections::BTreeMap;

use event::{Metric, Timestamp};

use super::base::Base;
use super::block;
use super::catalogue::Place;
use super::coarse::{self, Part};
use super::handle::{MAX_SERIES, MAX_VALUES};
use super::kind::{Fold, fold_of};
use super::window::{SECONDS, WindowId};
use super::{SeriesData, SeriesRequest, StoreError};

/// Seconds that an answer covers.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    fn of(request: &SeriesRequest) -> Self {
        // The first whole second from a moment on.
        let ceil = |time: Timestamp| time.secs() + i64::from(time.micros().rem_euclid(1_000_000) > 0);
        Self { from: ceil(request.from).max(0), to: ceil(request.to).max(0) }
    }

    /// First seconds that a window of this step may have which holds a second of the span.
    fn windows(self, step: i64) -> (i64, i64) {
        ((self.from - SECONDS * step + 1).max(0), (self.to - 1).max(0))
    }

    fn holds(self, second: i64) -> bool {
        self.from <= second && second < self.to
    }
}

/// How many values an answer may still look at.
struct Left(usize);

impl Left {
    fn spend(&mut self, values: usize) -> Result<(), StoreError> {
        self.0 = self.0.checked_sub(values).ok_or(StoreError::TooManyValues)?;
        Ok(())
    }
}

/// How the values of a series become one for each step.
#[derive(Clone, Copy)]
struct Way {
    fold: Fold,
    part: Part,
}

impl Base {
    /// The stored series that match, sorted by tags; those without a value in the span are left out.
    pub(crate) fn series(&mut self, request: &SeriesRequest) -> Result<Vec<SeriesData>, StoreError> {
        let span = Span::of(request);
        if span.from >= span.to {
            return Ok(Vec::new());
        }
        let mut places = self.catalogue.matching(request);
        if places.len() > MAX_SERIES {
            // What ended long ago stays in the catalogue as long as its coarsest windows.
            places = self.within(places, span)?;
        }
        if places.len() > MAX_SERIES {
            return Err(StoreError::TooManySeries { found: places.len() });
        }
        let level = self.level(&places, span.from)?;
        let way = Way { fold: fold_of(&request.measurement, &request.field), part: request.part };
        let mut left = Left(MAX_VALUES);
        let mut found = Vec::new();
        for place in places {
            let values = self.values(place, level, way, span, &mut left)?;
            let points = match request.step {
                Some(step) => stepped(&values, step.micros().max(1), way),
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

    /// Those of which there may be a value in the span.
    fn within(&mut self, places: Vec<Place>, span: Span) -> Result<Vec<Place>, StoreError> {
        let mut within = Vec::new();
        for place in places {
            if self.has_any(place.entity, span)? {
                within.push(place);
            }
        }
        Ok(within)
    }

    /// Whether an entity has a window, of whatever step, that reaches into a span.
    fn has_any(&mut self, entity: u32, span: Span) -> Result<bool, StoreError> {
        let (from, to) = span.windows(1);
        let is_within = |start: i64| (from..=to).contains(&start);
        let open = self.catalogue.entity(entity).map(|entity| entity.windows.as_slice()).unwrap_or_default();
        if open.iter().any(|window| is_within(window.id.start()))
            || self.pending.late.iter().any(|late| late.id.entity() == entity && is_within(late.id.start()))
            || self.file.next_block(entity, from)?.is_some_and(is_within)
        {
            return Ok(true);
        }
        let late = self.file.next_late(WindowId(WindowId::at(entity, from).0 - 1))?;
        if late.is_some_and(|id| id.entity() == entity && is_within(id.start())) {
            return Ok(true);
        }
        for tier in 1..=self.tiers.len() {
            let step = self.step(tier - 1);
            let (from, to) = span.windows(step);
            if self.file.next_coarse(step, entity, from)?.is_some_and(|start| start <= to) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The finest values that cover all from a second on: 0 the seconds themselves, 1 the first of the coarser tiers and so on.
    /// One answer has one level, or the mean of many steps would favour those that have more points.
    fn level(&mut self, places: &[Place], from: i64) -> Result<usize, StoreError> {
        for level in 0..self.tiers.len() {
            let begin = self.now - self.kept_for(level);
            if from >= begin || !self.is_older_there(places, level, begin)? {
                return Ok(level);
            }
        }
        Ok(self.tiers.len())
    }

    /// Whether what is coarser than a level has values of before a second.
    fn is_older_there(&mut self, places: &[Place], level: usize, begin: i64) -> Result<bool, StoreError> {
        for tier in level..self.tiers.len() {
            let step = self.step(tier);
            for place in places {
                let Some(start) = self.file.next_coarse(step, place.entity, 0)? else { continue };
                if start >= begin {
                    continue;
                }
                let Some(body) = self.file.coarse(step, WindowId::at(place.entity, start))? else { continue };
                let column = coarse::decode_slot(&body, Part::Mean, place.slot)?;
                // Without the field there, a later window may still be older than the moment.
                let first = column.and_then(|column| column.offsets().first().copied()).map_or(SECONDS, i64::from);
                if start + (first + 1) * step <= begin {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn values(&mut self, place: Place, level: usize, way: Way, span: Span, left: &mut Left) -> Result<Vec<(i64, Metric)>, StoreError> {
        let Some(tier) = level.checked_sub(1) else { return self.seconds(place, span, left) };
        let step = self.step(tier);
        let made = self.rolled(place.entity, tier)?;
        let mut values = Vec::new();
        self.file.coarse_of(step, place.entity, span.windows(step), |id, body| {
            let Some(column) = coarse::decode_slot(body, way.part, place.slot)? else { return Ok(()) };
            left.spend(column.len())?;
            values.extend(column.iter().map(|(offset, value)| (id.start() + i64::from(offset) * step, value)));
            Ok(())
        })?;
        let mut later = self.late(place, Span { to: span.to.min(made), ..span })?;
        left.spend(later.len())?;
        later.sort_by_key(|(second, _)| *second);
        if !later.is_empty() {
            values = laid_over(values, coarse::stepped(&later, step, way.fold, way.part), way);
        }
        // What is not made yet is read from what it will be made of.
        let rest = Span { from: span.from.max(made), ..span };
        if rest.from < rest.to {
            let finer = self.values(place, tier, way, rest, left)?;
            values.extend(coarse::stepped(&finer, step, way.fold, way.part));
        }
        values.retain(|(second, _)| span.holds(*second));
        Ok(values)
    }

    fn seconds(&mut self, place: Place, span: Span, left: &mut Left) -> Result<Vec<(i64, Metric)>, StoreError> {
        let mut values = Vec::new();
        self.file.blocks_of(place.entity, span.windows(1), |id, body| {
            let Some(column) = block::decode_slot(body, place.slot)? else { return Ok(()) };
            left.spend(column.len())?;
            let seconds = column.iter().map(|(offset, value)| (id.start() + i64::from(offset), value));
            values.extend(seconds.filter(|(second, _)| span.holds(*second)));
            Ok(())
        })?;
        // Later ones win: late values over blocks, open windows over what came before they opened.
        let mut later = self.late(place, span)?;
        if let Some(entity) = self.catalogue.entity(place.entity) {
            for window in &entity.windows {
                let column = window.columns.get(usize::from(place.slot)).into_iter().flat_map(|column| column.iter());
                later.extend(column.map(|(offset, value)| (window.id.start() + i64::from(offset), value)));
            }
        }
        left.spend(later.len())?;
        later.retain(|(second, _)| span.holds(*second));
        Ok(merged(values, later))
    }

    /// Values that came late and are not merged yet, those of a second in the order in which they came.
    fn late(&self, place: Place, span: Span) -> Result<Vec<(i64, Metric)>, StoreError> {
        let mut later = Vec::new();
        self.file.late_in(place, span.windows(1), |second, value| later.push((second, value)))?;
        let pending = self.pending.late.iter().filter(|late| late.id.entity() == place.entity && late.slot == place.slot);
        later.extend(pending.map(|late| (late.id.start() + i64::from(late.offset), late.value)));
        later.retain(|(second, _)| span.holds(*second));
        Ok(later)
    }
}

/// Brings late steps into others, as [`Base::roll_late`] will.
fn laid_over(values: Vec<(i64, Metric)>, late: Vec<(i64, Metric)>, way: Way) -> Vec<(i64, Metric)> {
    let mut all: Vec<(i64, Metric)> = values.into_iter().chain(late).collect();
    all.sort_by_key(|(second, _)| *second);
    let steps = all.chunk_by(|a, b| a.0 == b.0);
    steps.filter_map(|values| Some((values.first()?.0, coarse::folded(values, way.fold, way.part)?))).collect()
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

/// In steps of microseconds.
fn stepped(values: &[(i64, Metric)], step: i64, way: Way) -> Vec<(Timestamp, Metric)> {
    let start = |second: i64| (second * 1_000_000).div_euclid(step) * step;
    let buckets = values.chunk_by(|a, b| start(a.0) == start(b.0));
    let point = |bucket: &[(i64, Metric)]| {
        let value = match (way.fold, way.part) {
            (Fold::Mean, Part::Mean) => Metric::float(bucket.iter().map(|(_, value)| value.as_f64()).sum::<f64>() / bucket.len() as f64)?,
            _ => coarse::folded(bucket, way.fold, way.part)?,
        };
        Some((Timestamp::from_micros(start(bucket.last()?.0)), value))
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
        let way = Way { fold, part: Part::Mean };
        assert_eq!(stepped(&values, 10_000_000, way), expected);
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
