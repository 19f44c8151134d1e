//! The sink's end on the engine's thread: events become lines, lines become batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Kind, Series, SeriesId};
use event::line::Lines;
use event::{Duration, Timestamp, View};
use tokio::sync::mpsc;
use transport::log::Position;

use super::Settings;
use super::batch::Batch;
use super::heads::Heads;
use crate::sink::Flush;

/// Batches that wait for the sink's thread, which compresses and queues them; it is only ever late when the spool's disk is.
pub(crate) const QUEUE: usize = 8;

/// A batch goes when it holds so many bytes: well under the 10 MiB of an InfluxDB 3 and the 25 MB of a 1.x.
const BATCH_BYTES: usize = 2_000_000;

/// A batch goes when it holds so many lines: InfluxData's advice is 5,000 to 10,000.
const BATCH_LINES: usize = 5_000;

/// A batch goes after so much of the engine's time.
const BATCH_TIME: Duration = Duration::from_secs(1);

/// Takes what the engine says; nothing in it waits.
#[derive(Debug)]
pub struct Outlet {
    batches: mpsc::Sender<Batch>,
    heads: Heads,
    lines: Lines,
    /// Up to where the sink's thread has brought everything to the server or the spool.
    done: Arc<AtomicU64>,
    safe: Arc<AtomicU64>,
    /// The position of the last batch that was handed over.
    handed: Position,
    position: Position,
    /// The engine's time.
    now: Timestamp,
    /// When the batch before this one went.
    sent: Timestamp,
}

impl Outlet {
    pub(crate) fn new(settings: &Settings, batches: mpsc::Sender<Batch>, done: Arc<AtomicU64>) -> Self {
        Self {
            batches,
            heads: Heads::new(settings.tag_fields.clone()),
            lines: Lines::default(),
            done,
            safe: Arc::default(),
            handed: Position::START,
            position: Position::START,
            now: Timestamp::default(),
            sent: Timestamp::default(),
        }
    }

    /// Takes an event of any kind.
    pub fn event(&mut self, series: Series<'_>, event: &View<'_>, _kind: Kind) {
        self.heads.encode(&series, event, &mut self.lines);
    }

    /// The id may mean another series from now on.
    pub fn forgotten(&mut self, id: SeriesId) {
        self.heads.forget(id);
    }

    /// Everything up to `position` has been given; hands the batch over when it is due.
    pub fn flush(&mut self, position: Position, now: Timestamp) -> Flush {
        self.position = position;
        self.now = now;
        if self.lines.n_lines() == 0 {
            self.sent = now;
            self.report();
            return Flush::Idle;
        }
        let is_due = now - self.sent >= BATCH_TIME || now < self.sent;
        if !is_due && self.lines.n_lines() < BATCH_LINES && self.lines.n_bytes() < BATCH_BYTES {
            self.report();
            return Flush::Idle;
        }
        self.hand_over(now)
    }

    /// Whether the sink's thread takes a batch.
    pub fn has_room(&self) -> bool {
        self.batches.capacity() > 0 || self.batches.is_closed()
    }

    /// Up to where everything is at the server, in the spool or given up; [`Position::as_u64`] of it. Moves with [`Outlet::flush`].
    pub fn safe(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.safe)
    }

    /// Hands over what is left, waiting for room, and lets the sink's thread end.
    ///
    /// # Panics
    /// Within an asynchronous runtime: it belongs to the engine's thread.
    pub fn close(mut self) {
        if self.lines.n_lines() > 0 {
            let batch = self.take();
            // The thread has ended already when this fails; there is nobody left to tell.
            let _ = self.batches.blocking_send(batch);
        }
    }

    fn hand_over(&mut self, now: Timestamp) -> Flush {
        let batches = self.batches.clone();
        match batches.try_reserve() {
            Ok(place) => {
                place.send(self.take());
                self.handed = self.position;
                self.sent = now;
                self.report();
                Flush::Sent
            }
            Err(mpsc::error::TrySendError::Full(())) => {
                self.report();
                Flush::Full
            }
            Err(mpsc::error::TrySendError::Closed(())) => {
                // The thread is gone; the engine must not wait for it for ever.
                self.lines.clear();
                self.safe.store(self.position.as_u64(), Ordering::Release);
                Flush::Idle
            }
        }
    }

    fn take(&mut self) -> Batch {
        let n_lines = u32::try_from(self.lines.n_lines()).unwrap_or(u32::MAX);
        let body = self.lines.finish().to_vec();
        self.lines.clear();
        Batch { body, n_lines, position: self.position, now: self.now }
    }

    /// With nothing under way everything up to here is safe, lines or none.
    fn report(&self) {
        let done = self.done.load(Ordering::Acquire);
        let is_idle = self.lines.n_lines() == 0 && done >= self.handed.as_u64();
        let safe = if is_idle { self.position.as_u64() } else { done };
        self.safe.fetch_max(safe, Ordering::Release);
    }
}
