//! Batches in memory, oldest first, and when they have to leave it for the disk.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::courier::Work;
use super::ledger::Ticket;

/// Bytes of bodies, packed, at most. Beyond half of it, the oldest go to the disk: ten minutes of a swarm of a hundred containers.
const MAX_BYTES: usize = 32 << 20;

/// How long a batch waits in memory for a server that fails. What waits here goes before what comes later, so that it must be little when
/// the server is back; and the journal keeps what is not safe, and it is bounded.
const MAX_AGE: Duration = Duration::from_secs(2);

/// A batch that waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) work: Work,
    pub(crate) ticket: Ticket,
    /// When it came.
    pub(crate) since: Instant,
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    batches: VecDeque<Waiting>,
    bytes: usize,
    lines: u64,
}

impl Queue {
    /// A new batch.
    pub(crate) fn push(&mut self, waiting: Waiting) {
        self.add(&waiting);
        self.batches.push_back(waiting);
    }

    /// A batch that could not be sent, at its place.
    pub(crate) fn put_back(&mut self, waiting: Waiting) {
        self.add(&waiting);
        let at = self.batches.partition_point(|other| other.ticket < waiting.ticket);
        self.batches.insert(at, waiting);
    }

    /// The oldest.
    pub(crate) fn pop(&mut self) -> Option<Waiting> {
        let waiting = self.batches.pop_front()?;
        self.bytes -= waiting.work.n_bytes();
        self.lines -= waiting.work.n_lines();
        Some(waiting)
    }

    /// The oldest, if it must leave for the disk: the queue is half full, or the server fails and the batch has waited long.
    pub(crate) fn pop_for_disk(&mut self, is_failing: bool, now: Instant) -> Option<Waiting> {
        let oldest = self.batches.front()?;
        let is_old = is_failing && now.duration_since(oldest.since) >= MAX_AGE;
        if is_old || self.bytes > MAX_BYTES / 2 { self.pop() } else { None }
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lines that wait.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    fn add(&mut self, waiting: &Waiting) {
        self.bytes += waiting.work.n_bytes();
        self.lines += waiting.work.n_lines();
    }
}
