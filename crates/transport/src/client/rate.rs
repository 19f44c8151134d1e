//! A bound in bytes a second. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// Lets one thing go at a time; the next may follow when the bytes of those before have been paid for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    bytes_per_second: u64,
    free_at: Option<Instant>,
}

impl Rate {
    pub(super) fn new(bytes_per_second: u64) -> Self {
        Self { bytes_per_second: bytes_per_second.max(1), free_at: None }
    }

    /// When the next may go; in the past when it may now.
    pub(super) fn free_at(&self, now: Instant) -> Instant {
        self.free_at.unwrap_or(now)
    }

    /// So many bytes went.
    pub(super) fn spend(&mut self, n_bytes: usize, now: Instant) {
        let cost = Duration::from_secs_f64(n_bytes as f64 / self.bytes_per_second as f64);
        self.free_at = Some(self.free_at(now).max(now) + cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "an instant to count from; no other is made otherwise")]
    fn bytes_are_paid_for_by_time_and_silence_is_not_saved_up() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut rate = Rate::new(1000);
        assert!(rate.free_at(start) <= start);
        rate.spend(500, start);
        assert_eq!(rate.free_at(start), after(500));
        rate.spend(500, after(500));
        assert_eq!(rate.free_at(after(500)), after(1000));
        rate.spend(100, after(60_000));
        assert_eq!(rate.free_at(after(60_000)), after(60_100));
    }
}
