//! What became of messages, for whoever tells about it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::outcomes::{OfWay, Outcomes};

/// Of one notifier since the start, all its ways together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that arrived.
    pub sent: u64,
    /// Tries that failed.
    pub failed: u64,
    /// Messages that were given up.
    pub given_up: u64,
    /// Messages dropped because too many waited.
    pub dropped: u64,
    /// Messages that wait now.
    pub waiting: u64,
}

/// The numbers of all notifiers by their names.
#[derive(Clone, Debug, Default)]
pub struct Handle {
    /// Written with each outcome, read with each publication; held for one look.
    counts: Arc<Mutex<BTreeMap<String, BTreeMap<&'static str, Counts>>>>,
    pub(super) outcomes: Outcomes,
}

impl Handle {
    /// Of each notifier.
    pub fn counts(&self) -> Vec<(String, Counts)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(name, ways)| (name.clone(), ways.values().fold(Counts::default(), |all, one| all.with(one)))).collect()
    }

    /// What became of messages since the last time that somebody asked; of a way without news what became of the last.
    pub fn take_outcomes(&self) -> Vec<OfWay> {
        self.outcomes.take()
    }

    /// Nothing goes by this way any more.
    pub(super) fn remove(&self, notifier: &str, way: &'static str) {
        self.outcomes.remove(notifier, way);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ways) = counts.get_mut(notifier) {
            ways.remove(way);
            if ways.is_empty() {
                counts.remove(notifier);
            }
        }
    }

    /// Changes those of a notifier's way.
    pub(super) fn change(&self, notifier: &str, way: &'static str, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if !counts.contains_key(notifier) {
            counts.insert(notifier.to_owned(), BTreeMap::new());
        }
        if let Some(ways) = counts.get_mut(notifier) {
            change(ways.entry(way).or_default());
        }
    }
}

impl Counts {
    fn with(self, other: &Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            failed: self.failed + other.failed,
            given_up: self.given_up + other.given_up,
            dropped: self.dropped + other.dropped,
            waiting: self.waiting + other.waiting,
        }
    }
}
