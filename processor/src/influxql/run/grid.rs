//! The steps of `GROUP BY time(…)`.

use jiff::tz::TimeZone;

use crate::influxql::ast::Select;
use crate::influxql::plan::floor;

/// Where steps begin and end, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid<'a> {
    step: i64,
    shift: i64,
    zone: Option<&'a TimeZone>,
}

impl<'a> Grid<'a> {
    /// `None` without `time(…)`.
    pub(super) fn of(select: &'a Select) -> Option<Self> {
        Some(Self { step: select.step?, shift: select.shift, zone: select.zone.as_ref() })
    }

    /// The step that holds a moment: its beginning, and the next one's.
    pub(super) fn window(&self, time: i64) -> (i64, i64) {
        let Some(zone) = self.zone else {
            let start = floor(time, self.step, self.shift);
            return (start, start.saturating_add(self.step));
        };
        // Steps begin at whole ones of the zone's own clock, also where that is put on or back.
        let offset = offset(zone, time);
        let adjust = |moment: i64| {
            let change = offset.saturating_sub(self::offset(zone, moment));
            if change.abs() < self.step { moment.saturating_add(change) } else { moment }
        };
        let start = floor(time.saturating_add(offset), self.step, self.shift).saturating_sub(offset);
        (adjust(start), adjust(start.saturating_add(self.step)))
    }

    /// So many steps before the one that begins here.
    pub(super) fn before(&self, start: i64, steps: i64) -> i64 {
        start.saturating_sub(self.step.saturating_mul(steps))
    }

    /// How many steps there are at most.
    pub(super) fn count(&self, start: i64, end: i64) -> usize {
        usize::try_from(end.saturating_sub(start).max(0) / self.step).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// The beginnings of all steps from one that begins at `start` to before `end`.
    pub(super) fn starts(self, start: i64, end: i64) -> impl Iterator<Item = i64> {
        let next = move |at: &i64| Some(self.window(*at).1.max(at.saturating_add(1)));
        std::iter::successors(Some(start), next).take_while(move |at| *at < end)
    }
}

fn offset(zone: &TimeZone, time: i64) -> i64 {
    let at = jiff::Timestamp::from_nanosecond(i128::from(time)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    i64::from(zone.to_offset(at).seconds()) * 1_000_000_000
}
