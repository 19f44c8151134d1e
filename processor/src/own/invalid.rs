//! Rule files with mistakes, as long as they are there: `skep_processor/rules_invalid`, which the stock rule `rules-invalid` watches.

use std::sync::{Mutex, PoisonError};

use event::Metric;
use tokio::sync::Notify;

use super::{Sample, level};

/// 1 while the rule files have mistakes, with the first of them, or `none`, as the event's description.
pub(super) const NAME: &str = "rules_invalid";

/// What the last reload found.
#[derive(Debug, Default)]
pub(super) struct RulesInvalid {
    /// The first mistake; held for one copy.
    first: Mutex<Option<String>>,
    news: Notify,
}

impl RulesInvalid {
    /// Takes note of a reload.
    pub(super) fn set(&self, first: Option<String>) {
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = first;
        self.news.notify_one();
    }

    pub(super) fn first(&self) -> Option<String> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As the event's description has it: `none` is what the end of the alert says.
    pub(super) fn first_or_none(&self) -> String {
        self.first().unwrap_or_else(|| "none".to_owned())
    }

    /// Returns after a reload: its outcome need not wait for the next publication.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    pub(super) fn sample(&self) -> Sample {
        let value = Metric::Int(i64::from(self.first().is_some()));
        level(NAME, value, "1 when the rule files have mistakes, and the rules from before go on.")
    }

    /// That the rules were just read, for whoever draws when.
    pub(super) fn read(&self) -> Sample {
        let value = Metric::Int(i64::from(self.first().is_none()));
        level("rules_read", value, "The rules were read, at the start or again: 1 when they run, 0 when they have mistakes.")
    }
}
