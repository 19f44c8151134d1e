//! Moves what waits too long from memory to the backlog, and opens it again when the disk had refused.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use event::Timestamp;
use tokio::time::Instant;

use super::backlog::{Backlog, Settings};
use super::queue::{Queue, Waiting};
use crate::frames::HEAD;
use crate::log::Error;
use crate::publish;

/// How often it looks.
pub(super) const EACH: Duration = Duration::from_secs(1);

/// The rest after the disk refused.
const REST: Duration = Duration::from_secs(10);

/// The clocks, read together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) steady: Instant,
    pub(super) wall: Timestamp,
}

impl Now {
    #[expect(clippy::disallowed_methods, reason = "a client's patience is real time, and the age of what it keeps the wall clock's")]
    pub(super) fn read() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { steady: Instant::now(), wall: Timestamp::from_micros(i64::try_from(wall.as_micros()).unwrap_or(i64::MAX)) }
    }
}

/// Owner of the backlog, which may be there, not wanted, or refused by the disk.
#[derive(Debug)]
pub(super) struct Keeper {
    settings: Option<Settings>,
    backlog: Option<Backlog>,
    /// After a failure: when the next try is due.
    retry_at: Option<Instant>,
    is_told: bool,
    is_keeping: bool,
    was_dropped: u64,
}

impl Keeper {
    pub(super) fn new(settings: Option<Settings>) -> Self {
        Self { settings, backlog: None, retry_at: None, is_told: false, is_keeping: false, was_dropped: 0 }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.settings.is_some()
    }

    /// Keeps what has waited too long, forgets what was answered, and tells the queue how it stands.
    pub(super) fn look(&mut self, queue: &Queue, now: Now) {
        let Some(after) = self.settings.as_ref().map(|settings| settings.after) else { return };
        let before = now.steady.checked_sub(after);
        self.keep(queue, now, || before.and_then(|before| queue.take_overdue(before)));
    }

    /// The end: keeps all that was not acknowledged.
    pub(super) fn close(&mut self, queue: &Queue, now: Now) {
        queue.forget_sent();
        self.forget_sent();
        let n_kept = self.keep(queue, now, || queue.take_oldest());
        if n_kept > 0 {
            tracing::info!(
                messages = n_kept,
                "what the processor had not acknowledged is in the backlog, and is sent after the next start"
            );
        }
    }

    fn keep(&mut self, queue: &Queue, now: Now, mut next: impl FnMut() -> Option<Waiting>) -> usize {
        if self.settings.is_none() {
            return 0;
        }
        let mut n_kept = 0;
        let kept = self.with(now, |backlog| {
            while let Some(waiting) = next() {
                let pushed = now.wall - span(now.steady.saturating_duration_since(waiting.pushed));
                if let Err(error) = backlog.keep(waiting.framed.get(HEAD..).unwrap_or_default(), pushed) {
                    queue.put_back(waiting);
                    return Err(error);
                }
                n_kept += 1;
            }
            backlog.settle(now.wall)
        });
        let is_failing = kept.is_none();
        let counts = self.backlog.as_ref().map(Backlog::counts).unwrap_or_default();
        self.tell(counts, n_kept > 0);
        queue.set_backlog(publish::Backlog { is_failing, ..counts });
        n_kept
    }

    /// The next message to send, framed.
    pub(super) fn next(&mut self, now: Now) -> Option<Bytes> {
        self.backlog.as_ref()?;
        self.with(now, |backlog| backlog.next(now.steady)).flatten()
    }

    /// When there may be one.
    pub(super) fn ready_at(&self, now: Instant) -> Option<Instant> {
        let ready = self.backlog.as_ref()?.ready_at(now)?;
        Some(self.retry_at.map_or(ready, |retry| retry.max(ready)))
    }

    pub(super) fn answered(&mut self) {
        self.backlog.iter_mut().for_each(Backlog::answered);
    }

    pub(super) fn forget_sent(&mut self) {
        self.backlog.iter_mut().for_each(Backlog::forget_sent);
    }

    /// Does something with the backlog, which is opened if need be; nothing while it rests after a failure.
    fn with<T>(&mut self, now: Now, act: impl FnOnce(&mut Backlog) -> Result<T, Error>) -> Option<T> {
        if self.retry_at.is_some_and(|retry| now.steady < retry) {
            return None;
        }
        match self.open().and_then(act) {
            Ok(done) => {
                if self.retry_at.take().is_some() {
                    tracing::info!("the backlog can be used again");
                    self.is_told = false;
                }
                Some(done)
            }
            Err(error) => {
                self.failed(&error);
                self.retry_at = Some(now.steady + REST);
                None
            }
        }
    }

    fn open(&mut self) -> Result<&mut Backlog, Error> {
        if self.backlog.is_none()
            && let Some(settings) = &self.settings
        {
            self.backlog = Some(Backlog::open(settings)?);
        }
        self.backlog.as_mut().ok_or_else(|| Error::Io {
            doing: "open",
            path: "backlog".into(),
            source: std::io::ErrorKind::NotFound.into(),
        })
    }

    fn failed(&mut self, error: &Error) {
        let cause = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
        if !std::mem::replace(&mut self.is_told, true) {
            tracing::warn!(
                "the backlog cannot be used: {error}{cause}; samples wait in memory alone, and the oldest are dropped; trying on"
            );
        }
    }

    /// Says when it begins to fill, when it is sent, and that some of it was lost.
    fn tell(&mut self, counts: publish::Backlog, has_kept: bool) {
        if has_kept && !self.is_keeping {
            tracing::warn!("the processor does not take samples: they are kept in the backlog on disk");
        } else if self.is_keeping && counts.bytes == 0 && self.backlog.is_some() {
            tracing::info!("the backlog was sent");
        }
        self.is_keeping = counts.bytes > 0;
        if counts.dropped > self.was_dropped && self.was_dropped == 0 {
            tracing::warn!("the backlog is full or too old: its oldest samples are dropped, which `skep_collector/backlog_dropped` counts");
        }
        self.was_dropped = if counts.bytes == 0 { 0 } else { self.was_dropped.max(counts.dropped) };
    }
}

fn span(span: Duration) -> event::Duration {
    event::Duration::from_micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}
