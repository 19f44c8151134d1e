//! One way of one notifier: what waits, what is under way, when it is tried again. No thread, no clock.

use std::io;

use event::{Duration, Timestamp};

use super::failure::{Again, Failure};
use super::outbox::{Outbox, Waiting};
use crate::sink::influx::backoff;

/// A message that is refused so often is given up: the other side will not change its mind.
const MAX_REFUSALS: u32 = 3;

/// A message older than this is given up: its keys are kept no longer.
const MAX_AGE: Duration = Duration::from_secs(86_400);

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It arrived.
    Sent,
    /// It is tried again after so long.
    Later(Duration),
    /// It will not be tried again.
    GivenUp,
}

/// A way's state.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) outbox: Outbox,
    /// The number of the message that is being sent.
    busy: Option<u64>,
    /// Tries of the first message that failed in a row.
    failures: u32,
    /// And that were refused for good.
    refusals: u32,
    /// Not before this count of time.
    not_before: Duration,
}

impl Line {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self { outbox, busy: None, failures: 0, refusals: 0, not_before: Duration::ZERO }
    }

    /// Whether a message is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// Gives up what has waited for too long, unless it is under way: how many, and the first one's subject.
    pub(super) fn expire(&mut self, now: Timestamp) -> Option<(u64, String, io::Result<()>)> {
        let (mut n_expired, mut subject, mut written) = (0, String::new(), Ok(()));
        while let Some(first) = self.outbox.first().filter(|first| !self.is_busy() && now - first.letter.at > MAX_AGE) {
            let number = first.number;
            if n_expired == 0 {
                subject = first.letter.subject();
            }
            n_expired += 1;
            written = written.and(self.outbox.end(number));
            (self.failures, self.refusals, self.not_before) = (0, 0, Duration::ZERO);
        }
        (n_expired > 0).then_some((n_expired, subject, written))
    }

    /// The message to send now, which is under way from here on.
    pub(super) fn take(&mut self, counted: Duration) -> Option<Waiting> {
        if self.is_busy() || counted < self.not_before {
            return None;
        }
        let first = self.outbox.first()?.clone();
        self.busy = Some(first.number);
        Some(first)
    }

    /// When there is something to send.
    pub(super) fn due(&self) -> Option<Duration> {
        (!self.is_busy() && self.outbox.first().is_some()).then_some(self.not_before)
    }

    /// Takes note of how a try ended.
    pub(super) fn settle(
        &mut self,
        result: &Result<(), Failure>,
        counted: Duration,
        now: Timestamp,
        random: u64,
    ) -> (Outcome, io::Result<()>) {
        let Some(number) = self.busy.take() else { return (Outcome::Sent, Ok(())) };
        let age = self.outbox.first().filter(|first| first.number == number).map(|first| now - first.letter.at);
        let outcome = match result {
            Ok(()) => Outcome::Sent,
            Err(failure) => {
                self.failures += 1;
                self.refusals += u32::from(matches!(failure.again, Again::Few | Again::FewForAll));
                let is_settled = failure.again == Again::Never || self.refusals >= MAX_REFUSALS;
                if is_settled || age.is_some_and(|age| age > MAX_AGE) {
                    Outcome::GivenUp
                } else {
                    Outcome::Later(wait(failure, self.failures, random))
                }
            }
        };
        match outcome {
            Outcome::Later(wait) => {
                self.not_before = counted + wait;
                if age.is_none() {
                    // It was dropped meanwhile: the next one was refused by nobody yet.
                    self.refusals = 0;
                }
                (outcome, Ok(()))
            }
            Outcome::Sent | Outcome::GivenUp => {
                (self.failures, self.refusals, self.not_before) = (0, 0, Duration::ZERO);
                let written = self.outbox.end(number);
                (outcome, written)
            }
        }
    }
}

/// Later and later, and not before the other side wants it.
fn wait(failure: &Failure, failures: u32, random: u64) -> Duration {
    let wait = backoff::wait(failures, random);
    let wait = Duration::from_micros(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX));
    match failure.again {
        Again::Later(Some(asked)) => wait.max(asked),
        Again::Later(None) | Again::Few | Again::FewForAll | Again::Never => wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{Id, Kind, Letter};

    fn line(at: Timestamp, folder: &std::path::Path) -> Line {
        let mut outbox = Outbox::open(&folder.join("outbox"), NOW).unwrap();
        let id = Id::of_message("ops", Kind::News, at, &[]);
        let letter = Letter { id, notifier: "ops".to_owned(), kind: Kind::News, at, thread: None, entries: Vec::new(), n_more: 1 };
        outbox.put(letter).1.unwrap();
        Line::new(outbox)
    }

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    /// Tries until it is sent or given up; how often, and how long that took.
    fn tries(line: &mut Line, mut result: impl FnMut(u32) -> Result<(), Failure>) -> (Outcome, u32, Duration) {
        let mut counted = Duration::ZERO;
        for n in 1.. {
            assert!(line.take(counted).is_some() && line.take(counted).is_none() && line.due().is_none());
            let (outcome, written) = line.settle(&result(n), counted, NOW + counted, u64::MAX);
            written.unwrap();
            let Outcome::Later(wait) = outcome else { return (outcome, n, counted) };
            assert!(line.take(counted + wait - Duration::from_micros(1)).is_none());
            counted = line.due().unwrap();
        }
        unreachable!("it is given up after a day")
    }

    #[test]
    fn what_may_pass_is_tried_later_and_later_and_given_up_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let (outcome, n, took) = tries(&mut line(NOW, folder.path()), |_| Err(Failure::passing("away")));
        assert_eq!(outcome, Outcome::GivenUp);
        assert!(took > MAX_AGE && took < MAX_AGE + Duration::from_secs(31), "{took}");
        assert!((2880..2900).contains(&n), "{n} tries: one each half minute");
    }

    #[test]
    fn what_is_refused_is_given_up_after_three_tries() {
        let folder = tempfile::tempdir().unwrap();
        let mut refused = line(NOW, folder.path());
        let (outcome, n, _) = tries(&mut refused, |n| Err(if n == 2 { Failure::passing("away") } else { Failure::lasting("no") }));
        assert_eq!((outcome, n, refused.outbox.n_waiting()), (Outcome::GivenUp, 4, 0));
    }

    #[test]
    fn who_asks_to_be_left_alone_is_and_what_is_settled_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let asked = |secs| Err(Failure { again: Again::Later(Some(Duration::from_secs(secs))), ..Failure::passing("HTTP 429") });
        let settled = || Err(Failure { again: Again::Never, ..Failure::passing("1 of 2 refused") });
        let (outcome, n, took) = tries(&mut line(NOW, folder.path()), |n| [asked(90), asked(0), settled()][n as usize - 1].clone());
        assert_eq!((outcome, n), (Outcome::GivenUp, 3));
        assert!(took > Duration::from_secs(90) && took < Duration::from_secs(95), "{took}");
    }

    #[test]
    fn what_has_waited_for_a_day_is_given_up_unless_it_is_under_way() {
        let folder = tempfile::tempdir().unwrap();
        let mut old = line(NOW, folder.path());
        assert!(old.expire(NOW + MAX_AGE).is_none());
        let late = NOW + MAX_AGE + Duration::from_secs(1);
        assert!(old.take(Duration::ZERO).is_some() && old.expire(late).is_none());
        assert!(matches!(old.settle(&Err(Failure::passing("away")), Duration::ZERO, NOW, 1).0, Outcome::Later(_)));
        assert_eq!(old.expire(late).map(|(n, _, written)| (n, written.is_ok())), Some((1, true)));
        assert_eq!((old.outbox.n_waiting(), old.due()), (0, None));
    }

    #[test]
    fn what_arrives_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut sent = line(NOW, folder.path());
        let (outcome, n, _) = tries(&mut sent, |n| if n < 3 { Err(Failure::passing("away")) } else { Ok(()) });
        assert_eq!((outcome, n, sent.outbox.n_waiting(), sent.due()), (Outcome::Sent, 3, 0, None));
    }
}
