//! What became of each message, for rules to see: news between two publications, and how each way stands, told again with each.
//!
//! A rule about outcomes may be told of by a message that has an outcome too. That makes no circle: a way that stands as it stood is told
//! again and again, so that an alert about it neither expires nor opens anew when one more message goes the same way.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use engine::State;
use event::Duration;

/// A message that has failed for so long is told to be late, once.
const LATE_AFTER: Duration = Duration::from_secs(60);

/// News of one way between two publications; of more the oldest leave, and are counted in those behind them all the same.
const MAX_NEWS: usize = 16;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Delivered,
    /// It has been tried for a minute, and is tried on.
    Delayed,
    /// It was refused too often, or waited for a day.
    GivenUp,
    /// There was no room for it.
    Dropped,
}

/// An outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What it was.
    pub fate: Fate,
    /// How many messages in a row it became of, this one among them.
    pub in_a_row: u64,
    /// Of the message; empty where several went at once.
    pub subject: String,
}

/// The outcomes of one way of a notifier, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfWay {
    /// The notifier's name.
    pub notifier: String,
    /// As the rules call it.
    pub way: &'static str,
    /// At least one.
    pub outcomes: Vec<Outcome>,
}

#[derive(Debug, Default)]
struct Way {
    last: Option<Outcome>,
    news: VecDeque<Outcome>,
}

/// The outcomes of all ways.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcomes {
    /// By notifier and way. Written with each outcome, read with each publication; held for one look.
    ways: Arc<Mutex<BTreeMap<(String, &'static str), Way>>>,
}

impl Fate {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::GivenUp => "given_up",
            Self::Dropped => "dropped",
        }
    }

    /// How bad it is.
    pub fn state(self) -> State {
        match self {
            Self::Delivered => State::Ok,
            Self::Delayed => State::Warning,
            Self::GivenUp | Self::Dropped => State::Critical,
        }
    }
}

impl Way {
    fn note(&mut self, fate: Fate, n: u64, subject: &str) {
        let before = self.last.as_ref().filter(|last| last.fate == fate).map_or(0, |last| last.in_a_row);
        let outcome = Outcome { fate, in_a_row: before + n, subject: subject.to_owned() };
        self.last = Some(outcome.clone());
        if self.news.len() == MAX_NEWS {
            self.news.pop_front();
        }
        self.news.push_back(outcome);
    }
}

impl Outcomes {
    /// Takes note of what became of `n` messages.
    pub(super) fn note(&self, notifier: &str, way: &'static str, fate: Fate, n: u64, subject: &str) {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner).entry((notifier.to_owned(), way)).or_default().note(fate, n, subject);
    }

    /// Takes note of a try that failed, of a message that is so old.
    pub(super) fn note_failed(&self, notifier: &str, way: &'static str, age: Duration, subject: &str) {
        if age < LATE_AFTER {
            return;
        }
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ways.entry((notifier.to_owned(), way)).or_default();
        // Where one was given up or dropped before, that stands until one arrives: it is the worse news.
        if known.last.as_ref().is_none_or(|last| last.fate == Fate::Delivered) {
            known.note(Fate::Delayed, 1, subject);
        }
    }

    /// Nothing goes by this way any more.
    pub(super) fn remove(&self, notifier: &str, way: &'static str) {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner).remove(&(notifier.to_owned(), way));
    }

    /// What is to be told now: the news of each way, or else how it stands.
    pub(super) fn take(&self) -> Vec<OfWay> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |((notifier, way), known): (&(String, &'static str), &mut Way)| {
            let news = std::mem::take(&mut known.news);
            let outcomes = if news.is_empty() { known.last.clone().into_iter().collect() } else { news.into() };
            OfWay { notifier: notifier.clone(), way, outcomes }
        };
        ways.iter_mut().map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told now: `FATE IN-A-ROW SUBJECT`.
    fn told(outcomes: &Outcomes) -> Vec<String> {
        let all = outcomes.take().into_iter().flat_map(|way| way.outcomes);
        all.map(|one| format!("{} {} {}", one.fate.as_str(), one.in_a_row, one.subject)).collect()
    }

    #[test]
    fn each_is_news_once_and_the_last_is_told_again() {
        let outcomes = Outcomes::default();
        assert_eq!(told(&outcomes), [""; 0]);
        outcomes.note("ops", "mail", Fate::Delivered, 1, "a");
        outcomes.note("ops", "mail", Fate::Delivered, 1, "b");
        outcomes.note("ops", "mail", Fate::GivenUp, 3, "c");
        assert_eq!(told(&outcomes), ["delivered 1 a", "delivered 2 b", "given_up 3 c"]);
        assert_eq!(told(&outcomes), ["given_up 3 c"]);
        outcomes.note("ops", "mail", Fate::Delivered, 1, "d");
        assert_eq!(told(&outcomes), ["delivered 1 d"]);
        outcomes.remove("ops", "mail");
        assert_eq!(told(&outcomes), [""; 0]);
    }

    #[test]
    fn one_that_fails_is_told_after_a_minute_and_once() {
        let outcomes = Outcomes::default();
        for secs in [1, 59, 60, 90] {
            outcomes.note_failed("ops", "mail", Duration::from_secs(secs), "a");
        }
        assert_eq!(told(&outcomes), ["delayed 1 a"]);
        outcomes.note("ops", "mail", Fate::Delivered, 1, "a");
        outcomes.note_failed("ops", "mail", Duration::from_secs(61), "b");
        assert_eq!(told(&outcomes), ["delivered 1 a", "delayed 1 b"]);
    }

    #[test]
    fn what_was_given_up_stays_so_until_one_arrives() {
        let outcomes = Outcomes::default();
        let late = |subject| outcomes.note_failed("ops", "mail", Duration::from_secs(61), subject);
        late("a");
        outcomes.note("ops", "mail", Fate::Dropped, 1, "z");
        late("a");
        outcomes.note("ops", "mail", Fate::GivenUp, 1, "a");
        late("b");
        outcomes.note("ops", "mail", Fate::GivenUp, 1, "b");
        assert_eq!(told(&outcomes), ["delayed 1 a", "dropped 1 z", "given_up 1 a", "given_up 2 b"]);
    }

    #[test]
    fn of_very_many_the_newest_are_told() {
        let outcomes = Outcomes::default();
        for n in 0..1000 {
            outcomes.note("ops", "mail", Fate::Delivered, 1, &n.to_string());
        }
        let told = told(&outcomes);
        assert_eq!((told.len(), told.last().unwrap().as_str()), (MAX_NEWS, "delivered 1000 999"));
    }
}
