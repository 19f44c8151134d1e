//! Steps over stretches of the clock, counted from when the branch began: `throttle`, `rollup`, `batch`, `apdex`.

use event::{Duration, Metric, Timestamp, View};

use super::events::Events;
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State, Unfit};
use super::timers::Timer;
use crate::query::Query;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// Where the present stretch lies.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    anchor: Timestamp,
    timer: Timer,
}

impl Stretch {
    fn new(run: &Run<'_>) -> Self {
        Self { anchor: run.now, timer: Timer::default() }
    }

    /// The stretch ends at the next multiple of `every` after the anchor, unless one runs already.
    fn enter(&mut self, every: Duration, run: &mut Run<'_>) {
        if !self.timer.is_running() {
            let since = (run.now - self.anchor).micros();
            let left = every.micros() - since.rem_euclid(every.micros().max(1));
            run.start(&mut self.timer, run.now + Duration::from_micros(left));
        }
    }

    fn shift(&mut self, by: Duration) {
        self.anchor = self.anchor + by;
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.anchor);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { anchor: reader.time()?, timer: Timer::read(reader)? })
    }
}

/// `throttle: 5 per 1h`: the first so many of every stretch; the rest is dropped. A row counts as one.
#[derive(Clone, Debug)]
pub struct Throttle {
    /// How many.
    pub max: u64,
    /// How long a stretch is.
    pub per: Duration,
}

/// How many came in this stretch.
#[derive(Debug, Default)]
pub(super) struct Sent {
    n: u64,
    stretch: Stretch,
}

impl Remembering for Throttle {
    type State = Sent;

    fn begin(&self, run: &mut Run<'_>) -> Sent {
        Sent { n: 0, stretch: Stretch::new(run) }
    }

    fn on(&self, state: &mut Sent, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        state.stretch.enter(self.per, run);
        state.n += 1;
        if state.n > self.max {
            run.out.counters.throttled += 1;
            return Ok(());
        }
        run.emit(signal)
    }

    fn due(&self, state: &mut Sent, _: &mut Run<'_>) -> Done {
        state.n = 0;
        Ok(())
    }
}

impl State for Sent {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.stretch.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.stretch.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.n);
        self.stretch.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { n: reader.u64()?, stretch: Stretch::read(reader)? })
    }
}

/// `rollup: 5 per 1h`: the first so many of every stretch at once, each as a row of one; the rest as one row at its end, which counts as one
/// of the next stretch.
#[derive(Clone, Debug)]
pub struct Rollup {
    /// How many.
    pub max: u64,
    /// How long a stretch is.
    pub per: Duration,
    /// How many events are held back; further ones are dropped and counted.
    pub max_held: usize,
}

/// What waits for the end of the stretch.
#[derive(Debug, Default)]
pub(super) struct Held {
    n: u64,
    held: Events,
    one: Events,
    stretch: Stretch,
}

impl Remembering for Rollup {
    type State = Held;

    fn begin(&self, run: &mut Run<'_>) -> Held {
        Held { stretch: Stretch::new(run), ..Held::default() }
    }

    fn on(&self, state: &mut Held, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.stretch.enter(self.per, run);
        state.n += 1;
        if state.n <= self.max {
            state.one.clear();
            state.one.push(&event);
            return run.emit(Signal::Many(&state.one));
        }
        if state.held.len() >= self.max_held {
            run.out.counters.samples_over += 1;
            return Ok(());
        }
        state.held.push(&event);
        Ok(())
    }

    fn due(&self, state: &mut Held, run: &mut Run<'_>) -> Done {
        state.n = u64::from(!state.held.is_empty());
        if state.held.is_empty() {
            return Ok(());
        }
        let done = run.emit(Signal::Many(&state.held));
        state.held.clear();
        done
    }
}

impl State for Held {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.stretch.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.stretch.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.n);
        self.held.write(writer);
        self.stretch.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { n: reader.u64()?, held: Events::read(reader)?, one: Events::default(), stretch: Stretch::read(reader)? })
    }
}

/// `batch: {size: 1000, every: 1s}`: rows of so many events, or of what is there at the end of a stretch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// How many events make a row.
    pub size: usize,
    /// How long a stretch is.
    pub every: Duration,
}

impl Remembering for Batch {
    type State = Held;

    fn begin(&self, run: &mut Run<'_>) -> Held {
        Held { stretch: Stretch::new(run), ..Held::default() }
    }

    fn on(&self, state: &mut Held, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.stretch.enter(self.every, run);
        state.held.push(&event);
        if state.held.len() < self.size {
            return Ok(());
        }
        let done = run.emit(Signal::Many(&state.held));
        state.held.clear();
        done
    }

    fn due(&self, state: &mut Held, run: &mut Run<'_>) -> Done {
        if state.held.is_empty() {
            return Ok(());
        }
        let done = run.emit(Signal::Many(&state.held));
        state.held.clear();
        done
    }
}

/// `apdex: {every: 60s, satisfied: Q, tolerated: Q}`: (satisfied + tolerated / 2) / all of every stretch, in its last event. Events past their
/// time do not count.
#[derive(Clone, Debug)]
pub struct Apdex {
    /// How long a stretch is.
    pub every: Duration,
    /// What counts whole.
    pub satisfied: Query,
    /// What counts half.
    pub tolerated: Query,
}

/// What was counted in this stretch.
#[derive(Debug, Default)]
pub(super) struct Counted {
    satisfied: u64,
    tolerated: u64,
    all: u64,
    last: Kept,
    stretch: Stretch,
}

impl Remembering for Apdex {
    type State = Counted;

    fn begin(&self, run: &mut Run<'_>) -> Counted {
        Counted { stretch: Stretch::new(run), ..Counted::default() }
    }

    fn on(&self, state: &mut Counted, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.stretch.enter(self.every, run);
        if run.is_expired(&event) {
            return Ok(());
        }
        state.last.set(&event);
        state.all += 1;
        if self.satisfied.matches(&event) {
            state.satisfied += 1;
        } else if self.tolerated.matches(&event) {
            state.tolerated += 1;
        }
        Ok(())
    }

    fn due(&self, state: &mut Counted, run: &mut Run<'_>) -> Done {
        if state.all == 0 {
            return Ok(());
        }
        let score = (state.satisfied as f64 + state.tolerated as f64 / 2.0) / state.all as f64;
        (state.satisfied, state.tolerated, state.all) = (0, 0, 0);
        let metric = Some(Metric::float(score).ok_or(Unfit)?);
        run.emit_one(&View { metric, ..state.last.view() })
    }
}

impl State for Counted {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.stretch.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.stretch.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        [self.satisfied, self.tolerated, self.all].into_iter().for_each(|n| writer.u64(n));
        self.last.write(writer);
        self.stretch.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (satisfied, tolerated, all) = (reader.u64()?, reader.u64()?, reader.u64()?);
        Ok(Self { satisfied, tolerated, all, last: Kept::read(reader)?, stretch: Stretch::read(reader)? })
    }
}
