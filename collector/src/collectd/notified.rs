//! What was notified last, by identity: a notification that is sent again is not taken again.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::packet::{Notification, Ticks};

/// Different notifications of one identity at one time. collectd's `threshold` sends one for each value of a list, 64 at the
/// most, with the time of that list.
const MAX_AT_ONCE: usize = 64;

/// A row is forgotten when so many sweeps in a row found it silent.
const SILENT_SWEEPS: u32 = 60;

/// The last notifications, by host and identifier.
#[derive(Debug)]
pub(super) struct Notified {
    rows: HashMap<Box<[u8]>, Row>,
    max_rows: usize,
}

/// Those of the latest time.
#[derive(Debug, Default)]
struct Row {
    time: Ticks,
    /// Hashes of severity and text.
    told: Vec<u64>,
    n_silent: u32,
}

/// What is to become of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    New,
    /// Older than the last, or one of the last again.
    Late,
    /// There are too many identities to remember this one.
    NoRoom,
}

impl Notified {
    /// Nothing yet; remembers so many identities.
    pub(super) fn new(max_rows: usize) -> Self {
        Self { rows: HashMap::new(), max_rows }
    }

    /// Whether it is new; remembers it then. `key` is of its identity.
    pub(super) fn take(&mut self, key: &[u8], notification: &Notification<'_>) -> Verdict {
        if !self.rows.contains_key(key) {
            if self.rows.len() >= self.max_rows {
                return Verdict::NoRoom;
            }
            self.rows.insert(key.into(), Row::default());
        }
        let is_new = self.rows.get_mut(key).is_some_and(|row| row.take(notification));
        if is_new { Verdict::New } else { Verdict::Late }
    }

    /// To be called each minute: forgets those of which nothing was heard for an hour.
    pub(super) fn sweep(&mut self) {
        self.rows.retain(|_, row| {
            row.n_silent += 1;
            row.n_silent <= SILENT_SWEEPS
        });
    }
}

impl Row {
    fn take(&mut self, notification: &Notification<'_>) -> bool {
        let mut hasher = DefaultHasher::new();
        (notification.severity, notification.message).hash(&mut hasher);
        let hash = hasher.finish();
        if notification.time > self.time {
            self.time = notification.time;
            self.told.clear();
        }
        let is_new = notification.time == self.time && self.told.len() < MAX_AT_ONCE && !self.told.contains(&hash);
        if is_new {
            self.told.push(hash);
            self.n_silent = 0;
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::super::packet::Identity;
    use super::*;

    fn of(secs: u64, severity: u64, message: &str) -> Notification<'_> {
        Notification { identity: Identity::default(), time: Ticks(secs << 30), severity, message: message.as_bytes() }
    }

    #[test]
    fn what_is_older_or_sent_again_is_late() {
        let mut notified = Notified::new(10);
        let mut check = |secs, severity, message: &str, expected| {
            assert_eq!(notified.take(b"load", &of(secs, severity, message)), expected, "{secs} {severity} {message}");
        };
        check(10, 1, "rx is 9", Verdict::New);
        check(10, 1, "rx is 9", Verdict::Late);
        // Of one list of values, and so of one time.
        check(10, 1, "tx is 9", Verdict::New);
        check(10, 4, "tx is 9", Verdict::New);
        check(10, 1, "rx is 9", Verdict::Late);
        check(9, 4, "rx is 1", Verdict::Late);
        check(20, 1, "rx is 9", Verdict::New);
        check(10, 1, "rx is 9", Verdict::Late);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten() {
        let mut notified = Notified::new(2);
        assert_eq!(notified.take(b"a", &of(1, 1, "")), Verdict::New);
        assert_eq!(notified.take(b"b", &of(1, 1, "")), Verdict::New);
        assert_eq!(notified.take(b"c", &of(1, 1, "")), Verdict::NoRoom);
        let texts: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let n_new = texts.iter().filter(|text| notified.take(b"a", &of(2, 1, text)) == Verdict::New).count();
        assert_eq!(n_new, MAX_AT_ONCE);
        for sweep in 0..=u64::from(SILENT_SWEEPS) {
            notified.take(b"a", &of(3 + sweep, 1, ""));
            notified.sweep();
        }
        assert_eq!(notified.rows.keys().map(|key| &**key).collect::<Vec<_>>(), [b"a"]);
    }
}
