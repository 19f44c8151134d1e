//! The processor's logic without threads, sockets and clocks: inputs are written down, applied in order, and answered.
//!
//! Whatever the engine is given is a frame of the journal first, so that the same frames give the same state again.

use std::collections::VecDeque;

use engine::Engine;
use engine::query::Query;
use event::{Duration, Timestamp, msg};
use transport::log::Position;
use transport::{Delivery, Item, frames};

use super::answers::{self, Answers};
use super::beats::Beats;
use super::fan::Fan;
use super::outlets::{Keeper, Outlets};
use super::peace;
use super::recorder::{Full, Journal, Kind, Recorder};
use super::request::Request;
use super::taken::Taken;
use crate::live::Hub;
use crate::quiet::{Hush, Quiet};

/// A snapshot is due after this much of journal even when [`SNAPSHOT_EVERY`] has not passed: it bounds a restart's work.
const SNAPSHOT_BYTES: u64 = 256 << 20;

/// A snapshot is due after this long.
pub const SNAPSHOT_EVERY: Duration = Duration::from_secs(10);

/// Where effects go at this moment: the fields apart from the engine, which a method could not borrow beside it.
macro_rules! fan {
    ($machine:ident, $now:expr) => {
        Fan {
            outlets: Hush { quiet: &mut $machine.quiet, effects: &mut $machine.outlets, now: $now },
            hub: &mut $machine.hub,
            beats: &mut $machine.beats,
        }
    };
}

/// What one run of the processor holds together.
pub struct Machine<J, O, K> {
    engine: Engine,
    recorder: Recorder<J>,
    outlets: O,
    keeper: K,
    hub: Hub,
    beats: Beats,
    quiet: Quiet,
    snapshot_every: Duration,
    snapshot_at: Timestamp,
    snapshot_bytes: u64,
    snapshot_position: Position,
    /// The journal has no room: only a snapshot makes some.
    full: bool,
    counted: Counted,
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Messages applied.
    pub messages: u64,
    /// Queries answered, by Riemann's protocol and by HTTP.
    pub queries: u64,
    /// Requests that failed: bad queries, answers too large.
    pub refused: u64,
    /// Ticks given.
    pub ticks: u64,
    /// Turns that had something to do.
    pub turns: u64,
    /// Snapshots begun.
    pub snapshots: u64,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There may be more.
    Go,
    /// The journal is full: what is left waits until a segment is released.
    Full,
    /// Apply what waits and end in order.
    Stop,
    /// End at once.
    Abandon,
}

impl<J: Journal, O: Outlets, K: Keeper> Machine<J, O, K> {
    /// Goes on from an engine's state; `recorder` stands at the last frame that was applied to it.
    pub fn new(engine: Engine, recorder: Recorder<J>, outlets: O, keeper: K) -> Self {
        let (snapshot_at, snapshot_position) = (engine.now() + SNAPSHOT_EVERY, recorder.last());
        Self {
            engine,
            recorder,
            outlets,
            keeper,
            hub: Hub::default(),
            beats: Beats::new(),
            quiet: Quiet::default(),
            snapshot_every: SNAPSHOT_EVERY,
            snapshot_at,
            snapshot_bytes: 0,
            snapshot_position,
            full: false,
            counted: Counted::default(),
        }
    }

    /// The same with silences and acknowledgements from before.
    #[must_use]
    pub fn with_quiet(self, quiet: Quiet) -> Self {
        Self { quiet, ..self }
    }

    /// Writes down, applies and answers what waits, as much of it as the journal takes; the rest stays.
    pub fn turn(&mut self, now: Timestamp, waiting: &mut VecDeque<Item<Request>>) -> Next {
        let mut taken = Vec::with_capacity(waiting.len());
        let mut next = Next::Go;
        while let Some(item) = waiting.pop_front() {
            match self.record(now, &item) {
                Ok(position) => taken.push((position, item)),
                Err(Full) => {
                    waiting.push_front(item);
                    next = Next::Full;
                    break;
                }
            }
        }
        self.full = next == Next::Full;
        if taken.is_empty() {
            return next;
        }
        self.counted.turns += 1;
        self.recorder.commit();
        let mut replies = Vec::with_capacity(taken.len());
        for (position, item) in taken {
            match item {
                Item::Delivery(delivery) => replies.push(self.deliver(position, now, delivery)),
                Item::Request(request) => next = self.request(position, now, request).unwrap_or(next),
            }
        }
        for (delivery, bytes) in replies {
            delivery.reply(bytes);
        }
        next
    }

    /// An input that changes state gets a frame; what only asks needs none.
    fn record(&mut self, now: Timestamp, item: &Item<Request>) -> Result<Position, Full> {
        match item {
            Item::Delivery(delivery) => self.recorder.record(Kind::Batch, now, &[&delivery.frames]),
            Item::Request(Request::Load { plan, .. }) => self.recorder.record(Kind::Plan, now, &[&plan.hash().to_le_bytes()]),
            Item::Request(Request::Quiet { command, .. }) => self.recorder.record(Kind::Quiet, now, &[&peace::frame(command)]),
            Item::Request(_) => Ok(self.recorder.last()),
        }
    }

    fn deliver(&mut self, position: Position, now: Timestamp, delivery: Delivery) -> (Delivery, bytes::Bytes) {
        let mut replies = Answers::new(delivery.wants_reply());
        self.outlets.begin(position, now);
        for msg in delivery.messages() {
            self.counted.messages += 1;
            self.apply(now, msg);
            match msg::query(msg).filter(|_| delivery.wants_reply()) {
                None => replies.ack(),
                Some(text) => replies.message(&self.answer(text)),
            }
        }
        self.outlets.flush(position, now);
        (delivery, replies.finish())
    }

    /// Applies a message, and behind it what its heartbeats tell of clocks.
    fn apply(&mut self, now: Timestamp, msg: &[u8]) {
        self.beats.begin(now);
        self.engine.on_batch(now, msg, &mut fan!(self, now));
        if let Some(offsets) = self.beats.take() {
            self.engine.on_batch(now, offsets.bytes(), &mut fan!(self, now));
            self.beats.reuse(offsets);
        }
    }

    /// The reply to a message's query: its events, or why not.
    fn answer(&mut self, text: &[u8]) -> Vec<u8> {
        let answer = match std::str::from_utf8(text).map(Query::parse) {
            Ok(Ok(query)) => answers::index(&self.engine, &self.quiet, &query),
            Ok(Err(mistakes)) => answers::mistakes(&mistakes),
            Err(_) => answers::failure("the query is not UTF-8"),
        };
        self.counted.queries += 1;
        if answer.len() > msg::MAX_BYTES {
            self.counted.refused += 1;
            return answers::failure("the answer is larger than 16 MiB; ask for less");
        }
        answer
    }

    /// Lets time pass: a tick if one is due, whatever outlets and live clients are due, a snapshot if it is time.
    pub fn pass(&mut self, now: Timestamp) {
        if self.timers().is_some_and(|deadline| deadline <= now)
            && let Ok(position) = self.recorder.record(Kind::Tick, now, &[])
        {
            self.recorder.commit();
            self.counted.ticks += 1;
            self.outlets.begin(position, now);
            self.tick(now);
        }
        self.outlets.flush(self.recorder.last(), now);
        if self.hub.next_due().is_some_and(|due| due <= now) {
            self.hub.flush(now);
        }
        self.release();
    }

    /// Timers first, then silences that end, then messages.
    fn tick(&mut self, now: Timestamp) {
        self.engine.on_tick(now, &mut fan!(self, now));
        if fan!(self, now).outlets.tick() {
            answers::show_alerts(&self.engine, &self.quiet, &mut self.hub);
        }
        self.outlets.tick(now, &|entry| self.quiet.say(&self.engine, entry));
    }

    /// When a tick is wanted, by the engine, for a silence or for a message.
    fn timers(&self) -> Option<Timestamp> {
        [self.engine.next_deadline(), self.quiet.next_due(), self.outlets.next_due()].into_iter().flatten().min()
    }

    /// A stretch of time that does not count ended at `now`.
    pub fn gap(&mut self, now: Timestamp, gap: Duration, grace: Duration) {
        let parts: [&[u8]; 2] = [&gap.micros().to_le_bytes(), &grace.micros().to_le_bytes()];
        // Full at this moment: the gap is not written and a replay would count it. Better than not to skip it now.
        if self.recorder.record(Kind::Gap, now, &parts).is_ok() {
            self.recorder.commit();
        }
        self.engine.on_gap(gap, grace);
    }

    /// Says which rules run, so that the journal tells it.
    pub fn note_plan(&mut self, now: Timestamp) {
        let hash = self.engine.plan().hash().to_le_bytes();
        if self.recorder.record(Kind::Plan, now, &[&hash]).is_ok() {
            self.recorder.commit();
        }
    }

    /// Applies a frame of the journal once more, after a restart.
    pub fn replay(&mut self, position: Position, kind: Kind, now: Timestamp, content: &[u8]) {
        self.outlets.begin(position, now);
        match kind {
            Kind::Batch => frames::messages(content).for_each(|msg| self.apply(now, msg)),
            Kind::Tick => self.tick(now),
            Kind::Gap => {
                let (gap, grace) = content.split_at_checked(8).unwrap_or_default();
                self.engine.on_gap(duration(gap), duration(grace));
            }
            // The rules of then are gone; those of now run from the start.
            Kind::Plan => {}
            Kind::Quiet => peace::replay(&self.engine, &mut self.quiet, content, now),
        }
        self.outlets.flush(position, now);
    }

    /// Whether a snapshot is due at `now`.
    pub fn wants_snapshot(&self, now: Timestamp) -> bool {
        let grown = self.recorder.n_bytes() - self.snapshot_bytes;
        let moved = self.recorder.last() > self.snapshot_position;
        self.keeper.is_idle() && moved && (self.full || now >= self.snapshot_at || grown >= SNAPSHOT_BYTES)
    }

    /// Encodes the state between two inputs and has it written.
    pub fn snapshot(&mut self, now: Timestamp) {
        let snapshot = self.encode();
        let position = snapshot.position;
        self.counted.snapshots += 1;
        self.keeper.write(snapshot);
        (self.snapshot_at, self.snapshot_bytes, self.snapshot_position) = (now + self.snapshot_every, self.recorder.n_bytes(), position);
    }

    /// The whole state at this position.
    pub fn encode(&self) -> Taken {
        let mut engine = Vec::new();
        self.engine.snapshot(&mut engine);
        let (position, now) = (self.recorder.last(), self.engine.now());
        Taken { position, now, engine, notices: self.outlets.save(), quiet: self.quiet.save() }
    }

    /// Spaces snapshots out where the last one took long.
    pub fn set_snapshot_every(&mut self, every: Duration) {
        self.snapshot_every = every.max(SNAPSHOT_EVERY);
    }

    /// Gives back the part of the journal that nobody needs any more.
    pub fn release(&mut self) {
        let safe = self.outlets.safe();
        if let Some(snapshot) = self.keeper.advance(safe) {
            self.recorder.release(snapshot.min(safe));
        }
    }

    /// When [`Machine::pass`] is wanted at the latest.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.timers().into_iter().chain(self.hub.next_due()).min()
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The journal, to look at.
    pub fn recorder(&self) -> &Recorder<J> {
        &self.recorder
    }

    /// The outlets.
    pub fn outlets(&self) -> &O {
        &self.outlets
    }

    /// The outlets, to end them.
    pub fn outlets_mut(&mut self) -> &mut O {
        &mut self.outlets
    }

    /// Who writes snapshots, to end it.
    pub fn keeper(&self) -> &K {
        &self.keeper
    }

    /// The same, to end it.
    pub fn keeper_mut(&mut self) -> &mut K {
        &mut self.keeper
    }

    /// The live clients, to look at.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Totals.
    pub fn counted(&self) -> Counted {
        self.counted
    }
}

fn duration(bytes: &[u8]) -> Duration {
    Duration::from_micros(bytes.try_into().map_or(0, i64::from_le_bytes))
}

mod requests;

#[cfg(test)]
mod model;
