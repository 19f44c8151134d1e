//! How long senders wait for their acks: a histogram of one interval, emptied when it is looked at.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// What is longer counts as this: a minute, in microseconds.
const LONGEST: u64 = 60_000_000;

/// Significant digits; a percentile is within 1 % then, and the whole takes some 30 KiB.
const DIGITS: u8 = 2;

/// Times since the last look.
///
/// Connections add to it from several threads, one look in five seconds empties it: the lock is held for one addition, some ten nanoseconds
/// for a whole delivery.
#[derive(Debug)]
pub struct Latency(Mutex<Histogram<u64>>);

/// Percentiles of an interval, in milliseconds, as Riemann tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Half of all were faster.
    pub p50: f64,
    /// 95 of 100.
    pub p95: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1000.
    pub p999: f64,
}

impl Default for Latency {
    fn default() -> Self {
        Self(Mutex::new(
            Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("1 is below half of the longest, and 2 digits are at most 5"),
        ))
    }
}

impl Latency {
    /// Adds one time.
    pub fn record(&self, took: Duration) {
        self.times().saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// The percentiles since the last call; `None` when nothing came.
    pub fn take(&self) -> Option<Percentiles> {
        let mut times = self.times();
        if times.is_empty() {
            return None;
        }
        let at = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1e3;
        let found = Percentiles { p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
        times.reset();
        Some(found)
    }

    fn times(&self) -> MutexGuard<'_, Histogram<u64>> {
        // A histogram that lost one addition is still one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_came_since_the_last_look() {
        let latency = Latency::default();
        assert_eq!(latency.take(), None);
        (1..=1000).for_each(|millis| latency.record(Duration::from_millis(millis)));
        let Percentiles { p50, p95, p99, p999 } = latency.take().unwrap();
        for (found, wanted) in [(p50, 500.0), (p95, 950.0), (p99, 990.0), (p999, 999.0)] {
            assert!((found - wanted).abs() <= 0.01 * wanted, "{found} is not {wanted}");
        }
        assert_eq!(latency.take(), None);
        latency.record(Duration::from_secs(3600));
        assert!((latency.take().unwrap().p50 - 60_000.0).abs() < 600.0);
    }
}
