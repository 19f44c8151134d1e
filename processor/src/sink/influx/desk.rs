//! What waits, what is under way and what may go next: the sink's mind, which asks no clock and sends nothing itself.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use event::Timestamp;
use tokio::time::Instant;
use transport::log::Position;

use super::Counters;
use super::backlog::{Backlog, Old};
use super::batch::Batch;
use super::courier::{Ending, Work};
use super::disk::Disk;
use super::health::Health;
use super::ledger::{Ledger, Ticket};
use super::piece::Piece;
use super::queue::{Queue, Waiting};

/// Live requests under way while the server is well: a 3 answers after up to a second, and four batches a second are 20,000 lines.
const LIVE: usize = 4;

/// The state of a sink.
#[derive(Debug)]
pub(crate) struct Desk {
    backlog: Backlog,
    disk: Disk,
    queue: Queue,
    ledger: Ledger,
    health: Health,
    /// Since when the server takes nothing, whatever the reason.
    failing_since: Option<Instant>,
    /// Live batches under way as they were when they went, should there be no time to wait for their end.
    live: BTreeMap<Ticket, Waiting>,
    /// One of the backlog is under way.
    is_old_under_way: bool,
    /// Lines written to the spool.
    lines_spooled: u64,
    /// The engine's time of the last batch.
    now: Timestamp,
}

impl Desk {
    /// A sink that has not begun.
    pub(crate) fn new(backlog: Backlog, disk: Disk) -> Self {
        Self {
            backlog,
            disk,
            queue: Queue::default(),
            ledger: Ledger::default(),
            health: Health::Unknown,
            failing_since: None,
            live: BTreeMap::new(),
            is_old_under_way: false,
            lines_spooled: 0,
            now: Timestamp::default(),
        }
    }

    /// A batch comes.
    pub(crate) fn take(&mut self, batch: Batch, now: Instant) {
        self.now = self.now.max(batch.now);
        let ticket = self.ledger.begin(batch.position);
        let work = Work::new(Piece::pack(batch.body, batch.n_lines));
        self.queue.push(Waiting { work, ticket, since: now });
    }

    /// The next live batch that may go. A server that fails is asked with one request at a time.
    pub(crate) fn next_live(&mut self, now: Instant) -> Option<Waiting> {
        let may_go = match self.health.is_up() {
            true => self.live.len() < LIVE,
            false => self.may_ask(now),
        };
        let waiting = if may_go { self.queue.pop()? } else { return None };
        self.live.insert(waiting.ticket, waiting.clone());
        Some(waiting)
    }

    /// The next batches of the backlog that may go: one request at a time, and none while a live one asks how the server is.
    pub(crate) fn next_old(&mut self, now: Instant) -> Option<Old> {
        let may_go = match self.health.is_up() {
            true => !self.is_old_under_way && self.backlog.next <= now,
            false => self.may_ask(now),
        };
        if !may_go || self.backlog.is_empty() {
            return None;
        }
        let old = self.backlog.first()?;
        self.is_old_under_way = true;
        Some(old)
    }

    fn may_ask(&self, now: Instant) -> bool {
        self.live.is_empty() && !self.is_old_under_way && self.health.next().is_none_or(|next| next <= now)
    }

    /// A live batch that went at `begun` has ended.
    pub(crate) fn live_ended(&mut self, waiting: Waiting, ending: &Ending, begun: Instant, now: Instant, address: &str) {
        self.live.remove(&waiting.ticket);
        self.health = self.health.after(ending, begun, now, address);
        match ending {
            Ending::Done => self.ledger.end(waiting.ticket),
            Ending::Away { .. } | Ending::Paused { .. } => self.queue.put_back(waiting),
        }
    }

    /// Batches of the backlog that went at `begun` have ended.
    pub(crate) fn old_ended(&mut self, old: Old, ending: &Ending, begun: Instant, now: Instant, address: &str) {
        self.is_old_under_way = false;
        self.health = self.health.after(ending, begun, now, address);
        match ending {
            Ending::Done => self.backlog.sent(&old, now.duration_since(begun), now),
            Ending::Away { .. } | Ending::Paused { .. } => self.backlog.put_back(old),
        }
    }

    /// Moves the oldest batches to the spool when they must leave, and drops what is too old.
    pub(crate) fn tidy(&mut self, now: Instant) {
        while let Some(waiting) = self.queue.pop_for_disk(self.health.is_failing(), now) {
            self.keep(&waiting, now);
        }
        if !self.is_old_under_way {
            self.backlog.expire(self.now);
        }
    }

    /// Brings the spool to the disk, when it is time.
    pub(crate) fn sync(&mut self, now: Instant) {
        self.backlog.sync(now);
    }

    fn keep(&mut self, waiting: &Waiting, now: Instant) {
        let is_low = self.disk.look(now);
        self.backlog.set_low(is_low);
        self.lines_spooled += waiting.work.n_lines();
        self.backlog.keep(&waiting.work, self.now, now);
        self.ledger.end(waiting.ticket);
    }

    /// When something may go or has to be looked at, from `at` on.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let is_backlogs_turn = self.health.is_up() && !self.is_old_under_way && !self.backlog.is_empty();
        let backlog = is_backlogs_turn.then_some(self.backlog.next);
        [self.health.next().filter(|next| *next > now), backlog].into_iter().flatten().min()
    }

    /// Whether closing has to wait for nothing: all live batches are sent, or the server fails and will hardly come back now.
    pub(crate) fn is_sent(&self) -> bool {
        (self.queue.is_empty() && self.live.is_empty()) || self.health.is_failing()
    }

    /// What is left goes to the disk, the batches under way too: to send them again changes nothing.
    pub(crate) fn stow(&mut self, now: Instant) {
        for (_, waiting) in std::mem::take(&mut self.live) {
            self.keep(&waiting, now);
        }
        while let Some(waiting) = self.queue.pop() {
            self.keep(&waiting, now);
        }
        self.backlog.sync_now();
    }

    /// Up to where everything is at the server, on disk or given up.
    pub(crate) fn safe(&self) -> Position {
        self.ledger.safe()
    }

    /// Brings the counters up to date.
    pub(crate) fn count(&mut self, counters: &Counters, now: Instant) {
        self.failing_since = self.health.is_failing().then(|| self.failing_since.unwrap_or(now));
        let failing_secs = self.failing_since.map_or(0, |since| now.duration_since(since).as_secs());
        let age = self.backlog.oldest().map_or(0, |oldest| (self.now - oldest).to_std().as_secs());
        for (counter, value) in [
            (&counters.queue_lines, self.queue.lines()),
            (&counters.queue_bytes, self.queue.bytes() as u64),
            (&counters.spool_bytes, self.backlog.bytes()),
            (&counters.spool_age_secs, age),
            (&counters.spool_disk_low, self.disk.is_low().into()),
            (&counters.lines_spooled, self.lines_spooled),
            (&counters.lines_dropped, self.backlog.lines_lost()),
            (&counters.failing_secs, failing_secs),
            (&counters.paused, self.health.is_paused().into()),
        ] {
            counter.store(value, Ordering::Relaxed);
        }
    }

    /// One sentence for the status page.
    pub(crate) fn line(&self, address: &str) -> String {
        let line = self.health.line(address, self.queue.lines() + self.backlog.lines());
        if self.disk.is_low() { format!("{line}; less than 5 % of the spool's disk is free") } else { line }
    }
}
