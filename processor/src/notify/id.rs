//! What makes a message the same as one that was sent before: a number made of its key.

use std::fmt;

use event::Timestamp;

use super::{Entry, Kind};

/// FNV-1a's offset and prime for 128 bits: the same in every version of skep, which a hasher of the library is not.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// A message's number, or an entry's: 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u128);

impl Id {
    /// Of a message: whose, why, when and what it tells.
    pub fn of_message(notifier: &str, kind: Kind, at: Timestamp, entries: &[Entry]) -> Self {
        let head = Self(OFFSET).with(notifier).with(kind.as_str()).with(&at.micros().to_string());
        entries.iter().fold(head, |id, entry| id.with(&Self::of_entry(notifier, entry).to_string()))
    }

    /// Of an entry at a notifier: rule, instance, level, since.
    pub fn of_entry(notifier: &str, entry: &Entry) -> Self {
        let since = entry.since.micros().to_string();
        [notifier, &entry.rule, &entry.instance, entry.state.as_str(), &since].into_iter().fold(Self(OFFSET), Self::with)
    }

    /// Of an alert's instance, whatever becomes of it.
    pub fn of_instance(rule: &str, instance: &str) -> Self {
        Self(OFFSET).with(rule).with(instance)
    }

    /// From its digits.
    pub fn parse(digits: &str) -> Option<Self> {
        u128::from_str_radix(digits, 16).ok().map(Self)
    }

    /// With one more text; a zero byte behind it, so that `a`, `bc` is not `ab`, `c`.
    fn with(self, text: &str) -> Self {
        Self(text.bytes().chain([0]).fold(self.0, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
