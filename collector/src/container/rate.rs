//! CPU use in percent, from a counter of nanoseconds.

use event::Timestamp;

use crate::kernel::cgroup::Throttling;

/// Remembers the last reading.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CpuRate {
    last: Option<(u64, Timestamp)>,
}

impl CpuRate {
    /// Percent of one CPU since the last reading: 200 is two CPUs busy. `None` for the first reading, and for a counter or
    /// a clock that went backwards: the container was started anew, or the clock was set.
    pub(super) fn percent(&mut self, nanos: u64, now: Timestamp) -> Option<f64> {
        let last = self.last.replace((nanos, now));
        let (before, then) = last?;
        let used = nanos.checked_sub(before)?;
        let passed = (now - then).micros();
        (passed > 0).then(|| used as f64 / 10.0 / passed as f64)
    }

    /// Forgets the last reading.
    pub(super) fn reset(&mut self) {
        self.last = None;
    }
}

/// Remembers the last counts of a CPU quota.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ThrottledRate {
    last: Option<Throttling>,
}

impl ThrottledRate {
    /// Percent of the periods since the last reading in which the group was stopped; 0 where none has passed. `None` for the
    /// first reading, and for counters that went backwards.
    pub(super) fn percent(&mut self, now: Throttling) -> Option<f64> {
        let before = self.last.replace(now)?;
        let periods = now.periods.checked_sub(before.periods)?;
        let stopped = now.throttled_periods.checked_sub(before.throttled_periods)?;
        // The kernel counts the two one after the other.
        Some((stopped as f64 * 100.0 / periods.max(1) as f64).min(100.0))
    }

    /// Forgets the last reading.
    pub(super) fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1000)
    }

    #[test]
    fn one_busy_cpu_is_a_hundred_percent() {
        let mut rate = CpuRate::default();
        assert_eq!(rate.percent(19_000_000_000, at(0)), None);
        assert_eq!(rate.percent(20_000_000_000, at(1000)), Some(100.0));
        assert_eq!(rate.percent(23_000_000_000, at(2500)), Some(200.0));
        assert_eq!(rate.percent(23_000_000_000, at(3500)), Some(0.0));
    }

    #[test]
    fn a_restart_gives_no_percentage_and_no_spike() {
        let mut rate = CpuRate::default();
        rate.percent(19_000_000_000, at(0));
        assert_eq!(rate.percent(5_000_000, at(1000)), None);
        assert_eq!(rate.percent(505_000_000, at(2000)), Some(50.0));
    }

    #[test]
    fn a_clock_that_stands_or_goes_back_gives_none() {
        let mut rate = CpuRate::default();
        rate.percent(0, at(1000));
        assert_eq!(rate.percent(10, at(1000)), None);
        assert_eq!(rate.percent(20, at(500)), None);
        assert_eq!(rate.percent(500_000_020, at(1500)), Some(50.0));
    }

    #[test]
    fn the_share_of_stopped_periods_is_that_since_the_last_reading() {
        let mut rate = ThrottledRate::default();
        let at = |periods, throttled_periods| Throttling { periods, throttled_periods, throttled_ns: 0 };
        assert_eq!(rate.percent(at(100, 90)), None);
        assert_eq!(rate.percent(at(110, 95)), Some(50.0));
        assert_eq!(rate.percent(at(110, 95)), Some(0.0));
        assert_eq!(rate.percent(at(10, 10)), None, "another container");
        assert_eq!(rate.percent(at(11, 12)), Some(100.0));
    }

    proptest! {
        #[test]
        fn it_is_never_negative(readings in prop::collection::vec((any::<u64>(), 0..i64::MAX / 2), 0..9)) {
            let mut rate = CpuRate::default();
            for (nanos, micros) in readings {
                prop_assert!(rate.percent(nanos, Timestamp::from_micros(micros)).is_none_or(|percent| percent >= 0.0));
            }
        }
    }
}
