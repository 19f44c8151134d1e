//! The spool: what waits on disk, sent in its own order beside the live batches.

use std::time::Duration;

use event::Timestamp;
use tokio::time::Instant;
use transport::log::{Error, Position, Syncer};
use transport::spool::Spool;

use super::courier::Work;
use super::piece::Piece;

/// The backlog takes at most half of the time, and no more than this of the network: an hour of a hundred containers in half a minute.
const BYTES_PER_SEC: f64 = 4e6;

/// Between two batches of the backlog at least so much, so that live ones get through.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// How often what was written is brought to the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The spool with its pace.
pub(crate) struct Backlog {
    spool: Spool,
    syncer: Syncer,
    /// When the next batch may go.
    pub(crate) next: Instant,
    unsynced_since: Option<Instant>,
    /// Told once, until it works again.
    is_broken: bool,
    /// Lines lost because nothing could be written.
    lost: u64,
}

impl Backlog {
    /// Takes an open spool.
    pub(crate) fn new(spool: Spool, now: Instant) -> Self {
        let syncer = spool.syncer();
        Self { spool, syncer, next: now, unsynced_since: None, is_broken: false, lost: 0 }
    }

    /// Keeps what is left of a batch on disk; what cannot be written is lost and counted.
    pub(crate) fn keep(&mut self, work: &Work, pushed: Timestamp, now: Instant) {
        // The next piece is the last: in this order they come back in theirs.
        for piece in work.pieces.iter().rev() {
            match self.spool.push(pushed, piece.n_lines, &piece.body) {
                Ok(_) => {
                    self.is_broken = false;
                    self.unsynced_since.get_or_insert(now);
                }
                Err(error) => self.lose(piece, &error),
            }
        }
    }

    /// The next batch to send; `None` when nothing waits.
    pub(crate) fn first(&mut self) -> Option<(Position, Work)> {
        match self.spool.peek() {
            Ok(batch) => batch.map(|batch| {
                let piece = Piece { body: bytes::Bytes::copy_from_slice(batch.bytes), n_lines: batch.n_lines };
                (batch.position, Work::new(piece))
            }),
            Err(error) => {
                self.broken(&error);
                None
            }
        }
    }

    /// A batch has been sent, which took this long.
    pub(crate) fn sent(&mut self, position: Position, bytes: usize, took: Duration, now: Instant) {
        if let Err(error) = self.spool.advance(position) {
            self.broken(&error);
        }
        let by_rate = Duration::from_secs_f64(bytes as f64 / BYTES_PER_SEC);
        self.next = now + took.max(by_rate).max(LEAST_PAUSE);
    }

    /// Brings what was written to the disk, when it is time.
    pub(crate) fn sync(&mut self, now: Instant) {
        if self.unsynced_since.is_some_and(|since| now.duration_since(since) >= SYNC_EVERY) {
            self.sync_now();
        }
    }

    /// Brings what was written to the disk.
    pub(crate) fn sync_now(&mut self) {
        self.unsynced_since = None;
        if let Err(error) = self.syncer.sync() {
            tracing::warn!(%error, "could not bring the spool to the disk");
        }
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.spool.is_empty()
    }

    /// Lines that wait.
    pub(crate) fn lines(&self) -> u64 {
        self.spool.lines_waiting()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.spool.bytes_waiting()
    }

    /// Lines lost so far: the oldest of a full spool, and what could not be written.
    pub(crate) fn lines_lost(&self) -> u64 {
        self.spool.dropped().lines + self.lost
    }

    fn lose(&mut self, piece: &Piece, error: &Error) {
        self.lost += u64::from(piece.n_lines);
        self.broken(error);
    }

    fn broken(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.is_broken, true) {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::error!(%error, cause, "the spool fails: points are lost while the server is away; check the disk of the data folder");
        }
    }
}
