//! The present, for commands: the program is a driver, and time comes from drivers.

use std::time::{SystemTime, UNIX_EPOCH};

use event::Timestamp;

/// This machine's wall clock.
#[expect(clippy::disallowed_methods, reason = "a command is where time comes from")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
