//! The sink's thread: live batches first, the backlog beside them, everything to the disk when the server is away for long.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;
use transport::log::Position;

use super::Counters;
use super::backlog::Backlog;
use super::batch::Batch;
use super::courier::{Courier, Ending, Work};
use super::health::Health;
use super::ledger::Ledger;
use super::piece::Piece;
use super::queue::{Queue, Waiting};

/// How long the worker sleeps at most: counters, the status line and the spool's disk are looked after so often.
const TURN: Duration = Duration::from_secs(1);

/// A batch under way, with what to do when it ends.
type Sending<T> = Pin<Box<dyn Future<Output = (T, Ending)>>>;

/// A batch of the backlog under way.
struct Old {
    work: Work,
    position: Position,
    bytes: usize,
    begun: Instant,
}

/// What came out of waiting.
enum Turn {
    Batch(Batch),
    Closed,
    Live(Waiting, Ending),
    Old(Old, Ending),
    Time,
}

/// All that the sink's thread owns.
pub(crate) struct Worker {
    pub(crate) courier: Rc<Courier>,
    pub(crate) batches: mpsc::Receiver<Batch>,
    pub(crate) backlog: Backlog,
    pub(crate) counters: Arc<Counters>,
    pub(crate) line: Arc<Mutex<String>>,
    /// Up to where everything is at the server, on disk or given up.
    pub(crate) done: Arc<AtomicU64>,
    pub(crate) close_within: Duration,
    queue: Queue,
    ledger: Ledger,
    health: Health,
    /// Since when the server takes nothing, whatever the reason.
    failing_since: Option<Instant>,
    live: Option<Sending<Waiting>>,
    /// The same batch as it was when it went, should there be no time to wait for its end.
    live_copy: Option<Waiting>,
    old: Option<Sending<Old>>,
    /// A batch of the backlog that is partly sent.
    resumed: Option<Old>,
    /// Set when the outlet has closed: when to stop at the latest.
    end: Option<Instant>,
    /// The engine's time of the last batch.
    now: Timestamp,
}

impl Worker {
    /// A worker that has not begun.
    pub(crate) fn new(
        courier: Courier,
        batches: mpsc::Receiver<Batch>,
        backlog: Backlog,
        (counters, line, done): (Arc<Counters>, Arc<Mutex<String>>, Arc<AtomicU64>),
        close_within: Duration,
    ) -> Self {
        Self {
            courier: Rc::new(courier),
            batches,
            backlog,
            counters,
            line,
            done,
            close_within,
            queue: Queue::default(),
            ledger: Ledger::default(),
            health: Health::Unknown,
            failing_since: None,
            live: None,
            live_copy: None,
            old: None,
            resumed: None,
            end: None,
            now: Timestamp::default(),
        }
    }

    /// Works until the outlet is closed and all is sent, or the time for that has passed; then what is left goes to the disk.
    pub(crate) async fn run(mut self) {
        loop {
            self.begin();
            self.publish();
            if self.is_finished() {
                break;
            }
            match self.wait().await {
                Turn::Batch(batch) => self.take(batch),
                Turn::Closed => self.end = Some(clock() + self.close_within),
                Turn::Live(waiting, ending) => self.live_ended(waiting, &ending),
                Turn::Old(old, ending) => self.old_ended(old, &ending),
                Turn::Time => {}
            }
            self.spill();
            self.backlog.sync(clock());
        }
        self.stow();
        self.publish();
    }

    /// Starts what may start: the oldest live batch, and beside it one of the backlog when the server is well.
    fn begin(&mut self) {
        let now = clock();
        if self.health.next().is_some_and(|next| now < next) {
            return;
        }
        let is_up = self.health.is_up();
        if self.live.is_none()
            && (is_up || self.old.is_none())
            && let Some(waiting) = self.queue.pop()
        {
            self.live_copy = Some(waiting.clone());
            self.live = Some(send_live(Rc::clone(&self.courier), waiting));
        }
        let is_backlogs_turn = if is_up { self.backlog.next <= now } else { self.live.is_none() };
        if self.old.is_none()
            && is_backlogs_turn
            && self.end.is_none()
            && let Some(old) = self.next_old(now)
        {
            self.old = Some(send_old(Rc::clone(&self.courier), old));
        }
    }

    fn next_old(&mut self, now: Instant) -> Option<Old> {
        if let Some(old) = self.resumed.take() {
            return Some(Old { begun: now, ..old });
        }
        if self.backlog.is_empty() {
            return None;
        }
        let (position, work) = self.backlog.first()?;
        Some(Old { bytes: work.n_bytes(), work, position, begun: now })
    }

    async fn wait(&mut self) -> Turn {
        let until = self.wake_at();
        let is_open = self.end.is_none();
        tokio::select! {
            biased;
            (waiting, ending) = ended(&mut self.live) => Turn::Live(waiting, ending),
            batch = self.batches.recv(), if is_open => batch.map_or(Turn::Closed, Turn::Batch),
            (old, ending) = ended(&mut self.old) => Turn::Old(old, ending),
            () = tokio::time::sleep_until(until) => Turn::Time,
        }
    }

    fn wake_at(&self) -> Instant {
        let now = clock();
        let backlog = (self.health.is_up() && self.old.is_none() && !self.backlog.is_empty()).then_some(self.backlog.next);
        let next = [self.health.next().filter(|next| *next > now), backlog, self.end];
        next.into_iter().flatten().fold(now + TURN, Instant::min)
    }

    fn take(&mut self, batch: Batch) {
        self.now = self.now.max(batch.now);
        let ticket = self.ledger.begin(batch.position);
        let work = Work::new(Piece::pack(batch.body, batch.n_lines));
        self.queue.push(Waiting { work, ticket, since: clock() });
    }

    fn live_ended(&mut self, waiting: Waiting, ending: &Ending) {
        self.live = None;
        self.live_copy = None;
        self.note(ending);
        match ending {
            Ending::Done => self.ledger.end(waiting.ticket),
            Ending::Away { .. } | Ending::Paused { .. } => self.queue.put_back(waiting),
        }
    }

    fn old_ended(&mut self, old: Old, ending: &Ending) {
        self.old = None;
        self.note(ending);
        let now = clock();
        match ending {
            Ending::Done => self.backlog.sent(old.position, old.bytes, now.duration_since(old.begun), now),
            Ending::Away { .. } | Ending::Paused { .. } => self.resumed = Some(old),
        }
    }

    fn note(&mut self, ending: &Ending) {
        self.health = self.health.after(ending, clock(), self.courier.address());
    }

    /// Moves the oldest batches to the disk, when they must leave.
    fn spill(&mut self) {
        let now = clock();
        while let Some(waiting) = self.queue.pop_for_disk(self.health.is_failing(), now) {
            self.keep(&waiting);
        }
    }

    fn keep(&mut self, waiting: &Waiting) {
        self.counters.lines_spooled.fetch_add(waiting.work.n_lines(), Ordering::Relaxed);
        self.backlog.keep(&waiting.work, self.now, clock());
        self.ledger.end(waiting.ticket);
    }

    fn is_finished(&self) -> bool {
        let Some(end) = self.end else { return false };
        let is_sent = self.queue.is_empty() && self.live.is_none();
        // A server that has failed will hardly come back now; the disk is sure.
        is_sent || self.health.is_failing() || clock() >= end
    }

    /// What is left goes to the disk, the batch under way too: to send it again changes nothing.
    fn stow(&mut self) {
        self.live = None;
        if let Some(waiting) = self.live_copy.take() {
            self.keep(&waiting);
        }
        while let Some(waiting) = self.queue.pop() {
            self.keep(&waiting);
        }
        self.backlog.sync_now();
    }

    fn publish(&mut self) {
        self.done.store(self.ledger.safe().as_u64(), Ordering::Release);
        let now = clock();
        self.failing_since = self.health.is_failing().then(|| self.failing_since.unwrap_or(now));
        let failing_secs = self.failing_since.map_or(0, |since| now.duration_since(since).as_secs());
        let counters = &self.counters;
        counters.queue_lines.store(self.queue.lines(), Ordering::Relaxed);
        counters.queue_bytes.store(self.queue.bytes() as u64, Ordering::Relaxed);
        counters.spool_bytes.store(self.backlog.bytes(), Ordering::Relaxed);
        counters.lines_dropped.store(self.backlog.lines_lost(), Ordering::Relaxed);
        counters.failing_secs.store(failing_secs, Ordering::Relaxed);
        let line = self.health.line(self.courier.address(), self.queue.lines() + self.backlog.lines());
        if let Ok(mut place) = self.line.lock()
            && *place != line
        {
            *place = line;
        }
    }
}

fn send_live(courier: Rc<Courier>, mut waiting: Waiting) -> Sending<Waiting> {
    Box::pin(async move {
        let ending = courier.deliver(&mut waiting.work).await;
        (waiting, ending)
    })
}

fn send_old(courier: Rc<Courier>, mut old: Old) -> Sending<Old> {
    Box::pin(async move {
        let ending = courier.deliver(&mut old.work).await;
        (old, ending)
    })
}

/// Waits for a request that is under way; for ever when there is none.
async fn ended<T>(sending: &mut Option<Sending<T>>) -> (T, Ending) {
    match sending {
        Some(sending) => sending.await,
        None => std::future::pending().await,
    }
}

#[expect(clippy::disallowed_methods, reason = "the sink's driver paces its requests")]
pub(crate) fn clock() -> Instant {
    Instant::now()
}
