//! The state of all streams, and the way of a signal through the steps.

use std::collections::VecDeque;

use event::msg::Encoder;
use event::{Duration, LabelsBuf, Timestamp, View};

use super::branch::{Branch, Branches};
use super::measure::Scratch;
use super::plan::{NO_SLOT, Program};
use super::step::{Cell, Done, Signal, Step};
use super::timers::{Timer, Timers};
use crate::alerts::{Arrival, Made, Target};
use crate::live::Memo;
use crate::{Counters, Effects};

/// How often branches are looked at whether they fell silent.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// An event that went through so many `reinject` and alerts goes no further, or two streams could feed each other for ever.
const MAX_DEPTH: u8 = 4;

/// The state of all streams.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    pub(super) branches: Branches,
    pub(super) timers: Timers,
    /// By stream: the branch outside of every `by`; empty before the first `now`.
    pub(super) roots: Vec<u32>,
    /// Every stream of the plan has its root.
    pub(super) has_begun: bool,
    pub(super) sweep_at: Timestamp,
    /// Buffers that steps borrow.
    pub(super) labels: Vec<LabelsBuf>,
    pub(super) texts: Vec<String>,
    pub(super) key: Vec<u8>,
    pub(super) scratch: Scratch,
    pub(super) encoder: Encoder,
}

/// Where things go to.
pub(crate) struct Out<'a> {
    pub(crate) fx: &'a mut (dyn Effects + 'a),
    pub(crate) made: &'a mut VecDeque<Made>,
    pub(crate) counters: &'a mut Counters,
}

/// One signal on its way through one stream: what steps may use.
pub(crate) struct Run<'a> {
    pub(super) streams: &'a mut Streams,
    pub(super) program: &'a Program,
    pub(super) out: Out<'a>,
    pub(super) now: Timestamp,
    pub(super) depth: u8,
    pub(super) stream: u32,
    pub(super) branch: u32,
    pub(super) node: u32,
    pub(super) memo: Option<Memo>,
}

impl<'a> Run<'a> {
    /// Hands a signal to the children.
    #[inline]
    pub(super) fn emit(&mut self, signal: Signal<'_>) -> Done {
        let program = self.program;
        let node = self.node;
        if let Some(known) = program.nodes.get(node as usize) {
            for &child in &known.then {
                self.deliver(child, signal);
            }
        }
        self.node = node;
        Ok(())
    }

    #[inline]
    pub(super) fn emit_one(&mut self, event: &View<'_>) -> Done {
        self.emit(Signal::One(event))
    }

    /// Hands a signal to one of the further ways.
    pub(super) fn emit_way(&mut self, way: usize, signal: Signal<'_>) -> Done {
        let program = self.program;
        let node = self.node;
        let children = program.nodes.get(node as usize).and_then(|known| known.ways.get(way));
        for &child in children.into_iter().flatten() {
            self.deliver(child, signal);
        }
        self.node = node;
        Ok(())
    }

    /// Hands a signal to a step.
    #[inline]
    pub(super) fn deliver(&mut self, id: u32, signal: Signal<'_>) {
        let program = self.program;
        let Some(node) = program.nodes.get(id as usize) else { return };
        self.node = id;
        let done = if let Step::By(by) = &node.step {
            by.on(node.slot, node.inner, signal, self)
        } else if node.slot == NO_SLOT {
            node.step.pass(signal, self)
        } else {
            let branch = self.branch;
            let mut cell = self.streams.branches.take(branch, node.slot);
            let done = node.step.take(&mut cell, signal, self);
            self.streams.branches.put(branch, node.slot, cell);
            done
        };
        if done.is_err() {
            self.out.counters.unfit += 1;
        }
    }

    fn slot(&self) -> u32 {
        self.program.nodes.get(self.node as usize).map_or(NO_SLOT, |node| node.slot)
    }

    /// Starts a timer of the step at work.
    pub(super) fn start(&mut self, timer: &mut Timer, due: Timestamp) {
        let slot = self.slot();
        self.streams.timers.start(timer, due, self.branch, slot);
    }

    /// Moves a timer of the step at work.
    pub(super) fn move_to(&mut self, timer: &mut Timer, due: Timestamp) {
        let slot = self.slot();
        self.streams.timers.set(timer, due, self.branch, slot);
    }

    /// Whether the event is past its time: Riemann's `expired?`.
    #[inline]
    pub(super) fn is_expired(&self, event: &View<'_>) -> bool {
        event.state == Some(b"expired") || event.time.is_some_and(|time| self.now - time > ttl(event))
    }

    /// The copy of an event that says it is past its time: Riemann's `expire`.
    pub(super) fn expired<'v>(&self, event: &View<'v>) -> View<'v> {
        View { host: event.host, service: event.service, time: Some(self.now), state: Some(b"expired"), ..View::default() }
    }

    /// An event for index and alerts, or for all streams too.
    pub(super) fn make(&mut self, event: &View<'_>, target: Target) {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            self.out.counters.too_deep += 1;
            return;
        }
        self.streams.encoder.clear();
        self.streams.encoder.event(event);
        self.out.made.push_back(Made { msg: self.streams.encoder.bytes().to_vec(), depth, target });
    }

    /// Makes a branch of the stream, with the state of every step in its scope.
    pub(super) fn branch(&mut self, scope: u32, parent: Option<(u32, u32)>, key: &[u8]) -> u32 {
        let slots = self.program.scopes.get(scope as usize).map_or(&[][..], Vec::as_slice);
        let id = self.streams.branches.insert(Branch::new(self.stream, scope, parent, key, self.now));
        let (branch, node) = (self.branch, self.node);
        self.branch = id;
        let mut cells = Vec::with_capacity(slots.len());
        for &slot in slots {
            self.node = slot;
            cells.push(self.program.nodes.get(slot as usize).map_or(Cell::Taken, |node| node.step.begin(self)));
        }
        self.streams.branches.fill(id, cells);
        (self.branch, self.node) = (branch, node);
        id
    }
}

/// How long an event holds; none and what is no time count as Riemann's default.
pub(super) fn ttl(event: &View<'_>) -> Duration {
    match event.ttl {
        Some(ttl) if ttl >= 0.0 => Duration::from_secs_f64(f64::from(ttl)),
        _ => Duration::from_secs(60),
    }
}

impl Streams {
    /// Makes what has to be there before any event.
    fn prepare(&mut self, programs: &[Program], now: Timestamp, out: &mut Out<'_>) {
        self.roots.resize(programs.len(), u32::MAX);
        for stream in 0..programs.len() as u32 {
            if self.branches.get(self.root(stream)).is_some() {
                continue;
            }
            let Some(mut run) = self.run(programs, stream, now, 0, out) else { return };
            let root = run.branch(0, None, &[]);
            if let Some(place) = self.roots.get_mut(stream as usize) {
                *place = root;
            }
        }
    }

    fn run<'a>(&'a mut self, programs: &'a [Program], stream: u32, now: Timestamp, depth: u8, out: &'a mut Out<'_>) -> Option<Run<'a>> {
        let program = programs.get(stream as usize)?;
        let branch = self.root(stream);
        let out = Out { fx: &mut *out.fx, made: &mut *out.made, counters: &mut *out.counters };
        Some(Run { streams: self, program, out, now, depth, stream, branch, node: 0, memo: None })
    }

    fn root(&self, stream: u32) -> u32 {
        self.roots.get(stream as usize).copied().unwrap_or(u32::MAX)
    }

    /// Offers an event to one stream whose `where` it matches.
    #[inline]
    pub(crate) fn on_event(
        &mut self,
        programs: &[Program],
        stream: u32,
        memo: Option<&mut Memo>,
        event: &View<'_>,
        arrival: Arrival,
        out: &mut Out<'_>,
    ) {
        let known = memo.as_deref().copied();
        let Some(mut run) = self.run(programs, stream, arrival.now, arrival.depth, out) else { return };
        run.memo = known;
        let program = run.program;
        for &first in &program.first {
            run.deliver(first, Signal::One(event));
        }
        if let (Some(memo), Some(found)) = (memo, run.memo) {
            *memo = found;
        }
    }

    /// Something is to be done at that time.
    pub(crate) fn next_due(&self, programs: &[Program]) -> Option<Timestamp> {
        if programs.is_empty() {
            return None;
        }
        let sweep = (!self.branches.are_only_roots(self.roots.len())).then_some(self.sweep_at);
        [self.timers.next(), sweep].into_iter().flatten().min()
    }

    /// Lets the first timer run if it is due by `now`; `false`: none is.
    pub(crate) fn tick(&mut self, programs: &[Program], now: Timestamp, out: &mut Out<'_>) {
        if self.sweep_at <= now {
            self.sweep(programs, now);
            return;
        }
        let Some(filed) = self.timers.pop() else { return };
        let Some(branch) = self.branches.get(filed.branch) else { return };
        let (stream, scope) = (branch.stream, branch.scope);
        let mut cell = self.branches.take(filed.branch, filed.slot);
        let is_due = cell.timer().is_some_and(|timer| self.timers.is_due(timer, filed));
        if is_due
            && let Some(mut run) = self.run(programs, stream, now, 0, out)
            && let Some(&node) = run.program.scopes.get(scope as usize).and_then(|slots| slots.get(filed.slot as usize))
        {
            (run.branch, run.node) = (filed.branch, node);
            let program = run.program;
            if let Some(node) = program.nodes.get(node as usize)
                && node.step.due(&mut cell, &mut run).is_err()
            {
                run.out.counters.unfit += 1;
            }
        }
        self.branches.put(filed.branch, filed.slot, cell);
    }

    /// Makes the state of streams that have none yet, so that windows which begin with the rule set do.
    pub(crate) fn begin(&mut self, programs: &[Program], now: Timestamp, out: &mut Out<'_>) {
        if !self.has_begun {
            self.has_begun = true;
            self.sweep_at = self.sweep_at.max(now + SWEEP_EVERY);
            self.prepare(programs, now, out);
        }
    }

    fn sweep(&mut self, programs: &[Program], now: Timestamp) {
        self.sweep_at = now + SWEEP_EVERY;
        self.branches.forget_silent(programs, now);
    }

    /// Time stood still for `gap`.
    pub(crate) fn on_gap(&mut self, gap: Duration) {
        self.timers.clear();
        let timers = &mut self.timers;
        self.branches.shift(gap, timers);
        self.sweep_at = self.sweep_at + gap;
    }

    /// Every stream of the plan has its state.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// How many keys the streams hold.
    pub(crate) fn n_branches(&self) -> usize {
        self.branches.len()
    }
}
