//! How long to wait before the next try: a random part of a bound that doubles, so that many senders do not come back at once.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The bound after the first failure.
const FIRST: Duration = Duration::from_millis(500);

/// The bound it grows to.
const LAST: Duration = Duration::from_secs(30);

/// Never less: a server that fails at once is not to be asked a thousand times a second.
const LEAST: Duration = Duration::from_millis(50);

/// The wait after this many failures in a row, from 1; `random` is any number.
pub(crate) fn wait(failures: u32, random: u64) -> Duration {
    let bound = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LAST);
    let part = (random >> 11) as f64 / (1u64 << 53) as f64;
    bound.mul_f64(part).max(LEAST)
}

/// A number that differs from call to call and from process to process.
pub(crate) fn random(salt: u64) -> u64 {
    RandomState::new().hash_one(salt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failures: u32, random: u64, expected_ms: u128) {
        assert_eq!(wait(failures, random).as_millis(), expected_ms);
    }

    #[test]
    fn the_wait_is_a_part_of_a_bound_that_doubles_up_to_half_a_minute() {
        check(1, 1 << 63, 250);
        check(2, 1 << 63, 500);
        check(5, 1 << 63, 4000);
        check(7, 1 << 63, 15_000);
        check(1000, 1 << 63, 15_000);
    }

    #[test]
    fn there_is_always_some_wait() {
        check(1, 0, 50);
        check(30, 0, 50);
    }
}
