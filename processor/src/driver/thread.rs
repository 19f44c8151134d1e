//! The loop of the engine's thread: reads the clock, takes what waits, drives the machine.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{RecvTimeoutError, TryRecvError};
use event::{Duration, Timestamp};
use transport::Item;
use transport::ingest::Inbox;

use super::clock::{Clock, Source, Step};
use super::keeper::KeeperThread;
use super::machine::{Machine, Next};
use super::outlets::{Keeper as _, Outlets};
use super::recorder::Journal;
use super::request::Request;
use super::stats::{Stats, set};

/// Deliveries of one turn: all their acks wait for the last of them.
const MAX_ITEMS: usize = 512;

/// Bytes of one turn, as for [`MAX_ITEMS`]; about 10,000 events, 2 ms of work.
const MAX_BYTES: usize = 1 << 20;

/// The longest wait: outlets hand over by time, and the clock is looked at.
const MAX_WAIT: Duration = Duration::from_micros(500_000);

/// How long to wait before a look whether a slow disk has made room.
const HELD_WAIT: Duration = Duration::from_micros(5_000);

/// How long an end in order waits for a slow disk before it gives up on what has not been taken yet.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A snapshot may keep the engine for this part of the time.
const SNAPSHOT_SHARE: i64 = 200;

/// What the thread owns.
pub struct Driver<J, O> {
    machine: Machine<J, O, KeeperThread>,
    inbox: Inbox<Request>,
    source: Source,
    clock: Clock,
    stats: Arc<Stats>,
    waiting: VecDeque<Item<Request>>,
    held: bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All that came in was applied.
    InOrder,
    /// As in a crash.
    Abandoned,
}

impl<J: Journal, O: Outlets> Driver<J, O> {
    /// Ready to run.
    pub fn new(machine: Machine<J, O, KeeperThread>, inbox: Inbox<Request>, source: Source, clock: Clock, stats: Arc<Stats>) -> Self {
        Self { machine, inbox, source, clock, stats, waiting: VecDeque::new(), held: false }
    }

    /// Runs until it is told to stop, or every sender is gone. Gives the machine back, to be ended.
    pub fn run(mut self) -> (Machine<J, O, KeeperThread>, End) {
        loop {
            let more = self.fill();
            let now = self.present();
            let next = self.machine.turn(now, &mut self.waiting);
            self.pass(now);
            self.hold(next == Next::Full);
            match next {
                Next::Abandon => return (self.machine, End::Abandoned),
                Next::Stop => return self.drain(),
                Next::Go | Next::Full if !more => return self.drain(),
                Next::Go | Next::Full => {}
            }
        }
    }

    /// Applies what still waits.
    fn drain(mut self) -> (Machine<J, O, KeeperThread>, End) {
        let until = self.source.read().counted + STOP_WITHIN;
        while self.source.read().counted < until {
            if self.machine.outlets().has_room() {
                self.take_waiting();
                if self.waiting.is_empty() {
                    break;
                }
            }
            let now = self.present();
            if self.machine.turn(now, &mut self.waiting) == Next::Full || !self.machine.outlets().has_room() {
                wait(HELD_WAIT);
            }
            self.pass(now);
        }
        (self.machine, End::InOrder)
    }

    /// Waits for something to do and takes what is there; `false` when nothing can come any more.
    fn fill(&mut self) -> bool {
        if self.held {
            match self.inbox.request_timeout(HELD_WAIT.to_std()) {
                Ok(request) => self.waiting.push_front(Item::Request(request)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            return true;
        }
        match self.inbox.recv_timeout(self.wait().to_std()) {
            Ok(item) => self.waiting.push_back(item),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        self.take_waiting()
    }

    /// Takes what is there, up to a turn's worth; `false` when nothing can come any more.
    fn take_waiting(&mut self) -> bool {
        let mut n_bytes = self.waiting.iter().map(n_bytes).sum::<usize>();
        while self.waiting.len() < MAX_ITEMS && n_bytes < MAX_BYTES {
            match self.inbox.try_recv() {
                Ok(item) => {
                    n_bytes += self::n_bytes(&item);
                    self.waiting.push_back(item);
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        true
    }

    fn wait(&self) -> Duration {
        let due = self.machine.next_deadline().map(|deadline| deadline - self.clock.now());
        due.unwrap_or(MAX_WAIT).clamp(Duration::ZERO, MAX_WAIT)
    }

    /// The engine's present; a step of the wall clock is told to the engine, so that nothing runs out for it.
    fn present(&mut self) -> Timestamp {
        let (now, step) = self.clock.advance(self.source.read());
        match step {
            Step::None => {}
            Step::On(by) => {
                tracing::warn!("the clock was set on by {by}, or the machine slept: no deadline runs out for it");
                self.machine.gap(now, by, Duration::ZERO);
            }
            Step::Back(by) => tracing::warn!("the clock was set back by {by}: time runs at half speed until it has caught up"),
        }
        now
    }

    fn pass(&mut self, now: Timestamp) {
        self.machine.pass(now);
        if self.machine.wants_snapshot(now) {
            let before = self.source.read().counted;
            self.machine.snapshot(now);
            let took = self.source.read().counted - before;
            self.machine.set_snapshot_every(took * SNAPSHOT_SHARE);
            set(&self.stats.snapshot_micros, took.micros().unsigned_abs());
        }
        self.publish(now);
    }

    /// No further delivery is taken while a disk is too slow.
    fn hold(&mut self, journal_full: bool) {
        let held = journal_full || !self.machine.outlets().has_room();
        if held && !self.held {
            let count = &self.stats.held_up;
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        self.held = held;
    }

    fn publish(&self, now: Timestamp) {
        let stats = &*self.stats;
        let (engine, counted) = (self.machine.engine(), self.machine.counted());
        let counters = engine.counters();
        stats.set_now(now);
        set(&stats.events, counters.events);
        set(&stats.late, counters.late);
        set(&stats.overflow, counters.overflow);
        set(&stats.rebuilt, counters.rebuilt);
        set(&stats.expired, counters.expired);
        set(&stats.too_deep, counters.too_deep);
        set(&stats.instances_over, counters.instances_over);
        set(&stats.unfit, counters.unfit);
        set(&stats.samples_over, counters.samples_over);
        set(&stats.throttled, counters.throttled);
        set(&stats.stream_keys, engine.n_branches() as u64);
        set(&stats.transitions, counters.transitions);
        set(&stats.notifications, counters.messages);
        set(&stats.series, engine.n_series() as u64);
        set(&stats.messages, counted.messages);
        set(&stats.ticks, counted.ticks);
        set(&stats.turns, counted.turns);
        set(&stats.queries, counted.queries);
        set(&stats.refused, counted.refused);
        set(&stats.snapshots, counted.snapshots);
        set(&stats.snapshot_bytes, self.machine.keeper().n_bytes());
        set(&stats.variants_replaced, counters.variants_replaced);
        set(&stats.live_queries, self.machine.hub().n_queries() as u64);
        set(&stats.live_behind, self.machine.hub().n_behind() as u64);
        set(&stats.live_lost, self.machine.hub().n_lost());
        set(&stats.journal_bytes, self.machine.recorder().n_bytes());
        set(&stats.journal_failed, u64::from(self.machine.recorder().failed()));
    }
}

fn n_bytes(item: &Item<Request>) -> usize {
    match item {
        Item::Delivery(delivery) => delivery.frames.len(),
        Item::Request(_) => 0,
    }
}

/// Waits for a disk.
#[expect(clippy::disallowed_methods, reason = "the driver waits here for a slow disk, which gives no sign")]
pub fn wait(span: Duration) {
    std::thread::sleep(span.to_std());
}
