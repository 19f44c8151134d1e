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

/// Batches go together until they have so much: a server that needs a second for each request, as a 3 does, would take hours else.
const JOIN_LINES: u32 = 2_500;
const JOIN_BYTES: usize = 1_000_000;

/// Batches of the spool that are sent as one.
#[derive(Debug)]
pub(crate) struct Old {
    pub(crate) work: Work,
    /// Where the spool's cursor stood when they were read.
    after: Position,
    /// The place of the last of them.
    position: Position,
    bytes: usize,
}

/// The spool with its pace.
#[derive(Debug)]
pub(crate) struct Backlog {
    spool: Spool,
    syncer: Syncer,
    /// Batches that were kept longer than this are dropped.
    max_age: event::Duration,
    /// When the next batch may go.
    pub(crate) next: Instant,
    unsynced_since: Option<Instant>,
    /// What could not be sent, or only in part.
    returned: Option<Old>,
    /// When the oldest was kept.
    oldest: Option<Timestamp>,
    /// Told once, until it works again.
    is_broken: bool,
    /// Told once, until nothing waits.
    is_losing: bool,
    /// Lines lost because nothing could be written, or because they waited too long.
    lost: u64,
}

impl Backlog {
    /// Takes an open spool.
    pub(crate) fn new(spool: Spool, max_age: event::Duration, now: Instant) -> Self {
        let syncer = spool.syncer();
        let mut backlog = Self {
            spool,
            syncer,
            max_age,
            next: now,
            unsynced_since: None,
            returned: None,
            oldest: None,
            is_broken: false,
            is_losing: false,
            lost: 0,
        };
        backlog.look();
        backlog
    }

    /// Keeps what is left of a batch on disk; what cannot be written is lost and counted.
    pub(crate) fn keep(&mut self, work: &Work, pushed: Timestamp, now: Instant) {
        let lost = self.lines_lost();
        // The next piece is the last: in this order they come back in theirs.
        for piece in work.pieces.iter().rev() {
            match self.spool.push(pushed, piece.n_lines, &piece.body) {
                Ok(_) => {
                    self.is_broken = false;
                    self.unsynced_since.get_or_insert(now);
                    self.oldest.get_or_insert(pushed);
                }
                Err(error) => self.lose(piece, &error),
            }
        }
        if self.lines_lost() > lost {
            self.tell_losses(lost);
            self.look();
        }
    }

    /// The next batches to send; `None` when nothing waits.
    pub(crate) fn first(&mut self) -> Option<Old> {
        let cursor = self.spool.cursor();
        match self.returned.take() {
            // Unless they have been dropped meanwhile.
            Some(old) if old.after == cursor => Some(old),
            _ => self.read(cursor),
        }
    }

    fn read(&mut self, after: Position) -> Option<Old> {
        let (mut pieces, mut position) = (Vec::new(), after);
        let (mut n_lines, mut n_bytes) = (0, 0);
        while n_lines < JOIN_LINES && n_bytes < JOIN_BYTES {
            match self.spool.after(position) {
                Ok(Some(batch)) => {
                    position = batch.position;
                    pieces.push(Piece::kept(bytes::Bytes::copy_from_slice(batch.bytes), batch.n_lines));
                }
                Ok(None) => break,
                Err(error) => {
                    self.broken(&error);
                    break;
                }
            }
            let last = pieces.last().map_or((0, 0), |piece| (piece.n_lines, piece.n_bytes));
            (n_lines, n_bytes) = (n_lines + last.0, n_bytes + last.1);
        }
        if pieces.is_empty() {
            return None;
        }
        let work = Work::new(Piece::join(&pieces)?);
        Some(Old { bytes: work.n_bytes(), work, after, position })
    }

    /// What was taken could not be sent whole.
    pub(crate) fn put_back(&mut self, old: Old) {
        self.returned = Some(old);
    }

    /// Batches have been sent, which took this long.
    pub(crate) fn sent(&mut self, old: &Old, took: Duration, now: Instant) {
        if let Err(error) = self.spool.advance(old.position) {
            self.broken(&error);
        }
        let by_rate = Duration::from_secs_f64(old.bytes as f64 / BYTES_PER_SEC);
        self.next = now + took.max(by_rate).max(LEAST_PAUSE);
        self.look();
    }

    /// Drops what has waited too long. None of it may be under way.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let horizon = now - self.max_age;
        if self.oldest.is_none_or(|oldest| oldest >= horizon) {
            return;
        }
        // A little more, so that this is not done with each batch.
        let horizon = horizon + event::Duration::from_micros(self.max_age.micros() / 64);
        let (lost, mut position) = (self.lines_lost(), self.spool.cursor());
        while let Ok(Some(batch)) = self.spool.after(position)
            && batch.pushed < horizon
        {
            position = batch.position;
            self.lost += u64::from(batch.n_lines);
        }
        if let Err(error) = self.spool.advance(position) {
            self.broken(&error);
        }
        self.tell_losses(lost);
        self.look();
    }

    /// Finds the time of the oldest.
    fn look(&mut self) {
        self.oldest = self.spool.peek().ok().flatten().map(|batch| batch.pushed);
        if self.oldest.is_none() {
            self.is_losing = false;
        }
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

    /// Keeps the spool from growing while the disk is nearly full: it drops its oldest for what is new.
    pub(crate) fn set_low(&mut self, is_low: bool) {
        self.spool.stop_growing(is_low);
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

    /// When the oldest that waits was kept.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    /// Lines lost so far: the oldest of a full spool, what waited too long, and what could not be written.
    pub(crate) fn lines_lost(&self) -> u64 {
        self.spool.dropped().lines + self.lost
    }

    /// Says once that the oldest are being lost, until nothing waits any more.
    fn tell_losses(&mut self, before: u64) {
        if self.lines_lost() > before && !std::mem::replace(&mut self.is_losing, true) {
            tracing::error!(
                "the spool is full, or what it holds too old: its oldest points are dropped, which `influx_lines_dropped` counts"
            );
        }
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
