//! What waited too long for the processor, on disk: kept in order, given out again at a bounded rate, the oldest dropped.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use event::Timestamp;
use event::msg::MAX_BYTES;
use tokio::time::Instant;

use super::late::Marker;
use super::rate::Rate;
use crate::frames::{self, HEAD};
use crate::log::{Error, Position};
use crate::publish;
use crate::spool::Spool;

/// Messages of the backlog that may be under way: the live ones, which are acknowledged in turn with them, must not wait long.
const WINDOW: usize = 8;

/// How a backlog is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its folder; made if need be.
    pub dir: PathBuf,
    /// Bytes on disk; beyond them the oldest are dropped.
    pub max_bytes: u64,
    /// What is older is dropped.
    pub age: Duration,
    /// Bytes a second that are sent beside the live messages.
    pub rate: u64,
    /// How long a message waits in memory before it is kept here, and is late. A short absence of the processor thus makes nothing late.
    pub after: Duration,
}

impl Settings {
    /// The usual backlog in this folder: what a collector of 100 containers samples in four hours, sent within a quarter of an hour.
    pub fn within(dir: PathBuf) -> Self {
        let (age, after) = (Duration::from_secs(6 * 3600), Duration::from_secs(5));
        Self { dir, max_bytes: 256 << 20, age, rate: 256 << 10, after }
    }
}

/// The messages on disk, and those of them that are under way.
#[derive(Debug)]
pub(super) struct Backlog {
    spool: Spool,
    age: Duration,
    rate: Rate,
    marker: Marker,
    under_way: VecDeque<Position>,
    /// Up to here all was answered; the spool's cursor follows once a second.
    answered: Position,
    /// The spool's end when nothing more was found there.
    read_to: Option<Position>,
    /// Dropped for their age, and since they were too long.
    dropped: u64,
    oldest: Option<Timestamp>,
}

impl Backlog {
    pub(super) fn open(settings: &Settings) -> Result<Self, Error> {
        let (spool, recovered) = Spool::open(&settings.dir, settings.max_bytes)?;
        for damage in &recovered.damaged {
            tracing::warn!("{} bytes of the backlog in {} were damaged and are lost", damage.n_bytes, settings.dir.display());
        }
        let answered = spool.cursor();
        let rate = Rate::new(settings.rate);
        let mut backlog = Self {
            spool,
            age: settings.age,
            rate,
            marker: Marker::default(),
            under_way: VecDeque::new(),
            answered,
            read_to: None,
            dropped: 0,
            oldest: None,
        };
        backlog.look()?;
        Ok(backlog)
    }

    /// Writes a message down, marked late.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses; the message is not kept then. What can never be kept is counted as dropped.
    pub(super) fn keep(&mut self, message: &[u8], pushed: Timestamp) -> Result<(), Error> {
        let (marked, n_events) = self.marker.mark(message);
        if marked.len() > MAX_BYTES {
            self.dropped += 1;
            return Ok(());
        }
        match self.spool.push(pushed, n_events, marked) {
            Ok(_) => {
                self.oldest = self.oldest.or(Some(pushed));
                Ok(())
            }
            Err(Error::Full { .. } | Error::TooLong { .. }) => {
                self.dropped += 1;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// The next message to send, framed, if window and rate let it go.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read.
    pub(super) fn next(&mut self, now: Instant) -> Result<Option<Bytes>, Error> {
        if self.ready_at(now).is_none_or(|ready| ready > now) {
            return Ok(None);
        }
        let end = self.spool.end();
        let Some(batch) = self.spool.after(self.last())? else {
            self.read_to = Some(end);
            return Ok(None);
        };
        let mut framed = Vec::with_capacity(HEAD + batch.bytes.len());
        frames::put(&mut framed, batch.bytes);
        self.under_way.push_back(batch.position);
        self.rate.spend(framed.len(), now);
        Ok(Some(Bytes::from(framed)))
    }

    /// When the next may be sent; `None` when none waits, or too many are under way.
    pub(super) fn ready_at(&self, now: Instant) -> Option<Instant> {
        let is_some = !self.spool.is_empty() && self.read_to != Some(self.spool.end()) && self.under_way.len() < WINDOW;
        is_some.then(|| self.rate.free_at(now))
    }

    /// The place behind which the next to send stands.
    fn last(&self) -> Position {
        self.under_way.back().copied().unwrap_or(self.answered)
    }

    /// The oldest under way was answered; with what, does not matter: it is not sent again.
    pub(super) fn answered(&mut self) {
        self.answered = self.under_way.pop_front().unwrap_or(self.answered);
    }

    /// The connection is gone: what was under way will be sent again.
    pub(super) fn forget_sent(&mut self) {
        self.under_way.clear();
        self.read_to = None;
    }

    /// Forgets what was answered, and what is too old. Cheap enough for once a second.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn settle(&mut self, now: Timestamp) -> Result<(), Error> {
        if self.spool.is_empty() {
            return Ok(());
        }
        self.spool.advance(self.answered)?;
        let horizon = now - span(self.age);
        let mut expired = None;
        let mut n_expired = 0;
        while self.under_way.is_empty()
            && let Some(batch) = self.spool.after(expired.unwrap_or(self.answered))?
            && batch.pushed < horizon
        {
            expired = Some(batch.position);
            n_expired += 1;
        }
        if let Some(position) = expired {
            self.spool.advance(position)?;
            self.answered = self.answered.max(position);
            self.dropped += n_expired;
        }
        self.look()
    }

    /// Finds the time of the oldest.
    fn look(&mut self) -> Result<(), Error> {
        self.oldest = self.spool.peek()?.map(|batch| batch.pushed);
        Ok(())
    }

    pub(super) fn counts(&self) -> publish::Backlog {
        publish::Backlog {
            bytes: self.spool.bytes_waiting(),
            oldest: self.oldest,
            dropped: self.dropped + self.spool.dropped().batches,
            is_failing: false,
        }
    }
}

fn span(span: Duration) -> event::Duration {
    event::Duration::from_micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an instant to count from")]
mod tests {
    use event::msg::{self, Encoder};
    use event::{Metric, View};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_540_000);

    fn settings(dir: &std::path::Path) -> Settings {
        Settings { rate: 1 << 40, ..Settings::within(dir.to_owned()) }
    }

    fn message(metric: i64) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.event(&View { service: Some(b"n"), metric: Some(Metric::Int(metric)), ..View::default() });
        encoder.bytes().to_vec()
    }

    fn keep(backlog: &mut Backlog, metrics: std::ops::Range<i64>) {
        metrics.for_each(|metric| backlog.keep(&message(metric), NOW + event::Duration::from_secs(metric)).unwrap());
    }

    /// What it gives out until it wants answers.
    fn given(backlog: &mut Backlog) -> Vec<i64> {
        let at = Instant::now() + Duration::from_secs(3600);
        let mut metrics = Vec::new();
        while let Some(framed) = backlog.next(at).unwrap() {
            let events: Vec<_> = msg::events(&framed[HEAD..]).collect();
            assert!(events.iter().all(|event| event.labels.has_mark(event::mark::LATE)));
            metrics.extend(events.iter().filter_map(|event| event.metric).map(|metric| metric.as_f64() as i64));
        }
        metrics
    }

    #[test]
    fn a_window_is_under_way_and_what_was_not_answered_is_sent_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut backlog = Backlog::open(&settings(dir.path())).unwrap();
        keep(&mut backlog, 0..10);
        assert_eq!(given(&mut backlog), (0..WINDOW as i64).collect::<Vec<_>>());
        backlog.answered();
        backlog.answered();
        assert_eq!(given(&mut backlog), [8, 9]);
        backlog.forget_sent();
        assert_eq!(given(&mut backlog), (2..10).collect::<Vec<_>>());
        (0..8).for_each(|_| backlog.answered());
        backlog.settle(NOW).unwrap();
        assert_eq!(backlog.counts(), publish::Backlog::default());
        assert_eq!(given(&mut backlog), [0_i64; 0]);
    }

    #[test]
    fn it_is_there_after_a_restart_from_the_last_settling_on() {
        let dir = tempfile::tempdir().unwrap();
        let mut backlog = Backlog::open(&settings(dir.path())).unwrap();
        keep(&mut backlog, 0..3);
        assert_eq!(given(&mut backlog), [0, 1, 2]);
        backlog.answered();
        backlog.settle(NOW).unwrap();
        drop(backlog);
        let mut backlog = Backlog::open(&settings(dir.path())).unwrap();
        assert_eq!(backlog.counts().oldest, Some(NOW + event::Duration::from_secs(1)));
        assert_eq!(given(&mut backlog), [1, 2]);
    }

    #[test]
    fn what_is_too_old_is_dropped_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        let mut backlog = Backlog::open(&Settings { age: Duration::from_secs(60), ..settings(dir.path()) }).unwrap();
        keep(&mut backlog, 0..10);
        backlog.settle(NOW + event::Duration::from_secs(60 + 4)).unwrap();
        let counts = backlog.counts();
        assert_eq!((counts.dropped, counts.oldest), (4, Some(NOW + event::Duration::from_secs(4))));
        assert_eq!(given(&mut backlog), (4..10).collect::<Vec<_>>()[..]);
    }

    #[test]
    fn over_its_bound_the_oldest_are_dropped_and_counted() {
        let dir = tempfile::tempdir().unwrap();
        let mut backlog = Backlog::open(&Settings { max_bytes: 600, ..settings(dir.path()) }).unwrap();
        keep(&mut backlog, 0..100);
        let dropped = backlog.counts().dropped as i64;
        assert!((50..100).contains(&dropped), "{dropped} dropped");
        assert_eq!(given(&mut backlog).first(), Some(&dropped));
    }

    #[test]
    fn the_rate_holds_back_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let mut backlog = Backlog::open(&Settings { rate: 1, ..settings(dir.path()) }).unwrap();
        keep(&mut backlog, 0..2);
        let now = Instant::now();
        assert!(backlog.next(now).unwrap().is_some());
        assert!(backlog.next(now).unwrap().is_none());
        let ready = backlog.ready_at(now).unwrap();
        assert!(ready > now && backlog.next(ready).unwrap().is_some());
    }
}
