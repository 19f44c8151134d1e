//! Windows that do not slide by time: `window: {tumble: 5s}`, `{tumble: 60s, align: true}`, `{last: 10}`, `{events: 10}`.

use event::{Duration, Timestamp, View};

use super::events::Events;
use super::machine::Run;
use super::running::Running;
use super::samples::Samples;
use super::step::{Done, Remembering, Signal, State};
use super::take::Takes;
use super::timers::Timer;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// After a gap at most so many empty windows are given; the rest say nothing more.
const MAX_EMPTY: i64 = 10_000;

/// One window after the other by event time, from the first event on or aligned to the clock; closed by a later event, or by the clock.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// How long a window is.
    pub every: Duration,
    /// Windows begin at multiples of `every` since 1970.
    pub is_aligned: bool,
    /// How long after a window's end the clock waits for its last events.
    pub wait: Duration,
    /// What is taken of it.
    pub takes: Takes,
    /// Events in it; further ones are dropped and counted.
    pub max: usize,
}

/// The present window.
#[derive(Debug, Default)]
pub(super) struct Present {
    start: Option<Timestamp>,
    samples: Samples,
    running: Running,
    timer: Timer,
}

impl Fixed {
    fn add(&self, state: &mut Present, event: &View<'_>, run: &mut Run<'_>) {
        if self.takes.are_running() {
            state.running.push(event, &self.takes);
        } else {
            // What comes before any time is known goes nowhere in the end.
            let time = event.time.or(state.start).unwrap_or_default();
            let has_room = state.samples.push(event, time, self.every, &self.takes, self.max);
            run.out.counters.samples_over += u64::from(!has_room);
        }
    }

    /// Gives the window and begins an empty one.
    fn give(&self, state: &mut Present, run: &mut Run<'_>) -> Done {
        if self.takes.are_running() {
            let done = self.takes.emit_running(&state.running, run);
            state.running.clear();
            return done;
        }
        let done = state.samples.emit(&self.takes, run);
        state.samples.clear();
        done
    }

    /// Lets the clock close the window, as long after this event as its end is.
    fn watch(&self, state: &mut Present, time: Timestamp, run: &mut Run<'_>) {
        if let Some(start) = state.start
            && !state.timer.is_running()
        {
            run.start(&mut state.timer, run.now + (start + self.every - time) + self.wait);
        }
    }
}

impl Remembering for Fixed {
    type State = Present;

    fn begin(&self, _: &mut Run<'_>) -> Present {
        Present::default()
    }

    fn on(&self, state: &mut Present, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.borrowed()?;
        let Some(time) = event.time else {
            self.add(state, event, run);
            return Ok(());
        };
        let every = self.every.micros().max(1);
        let Some(start) = state.start else {
            let offset = if self.is_aligned { time.micros().rem_euclid(every) } else { 0 };
            state.start = Some(time - Duration::from_micros(offset));
            // What came before any time was known belongs nowhere.
            state.samples.clear();
            state.running.clear();
            self.add(state, event, run);
            self.watch(state, time, run);
            return Ok(());
        };
        if time < start {
            return Ok(());
        }
        let n_over = (time - start).micros().div_euclid(every);
        if n_over == 0 {
            self.add(state, event, run);
            self.watch(state, time, run);
            return Ok(());
        }
        state.timer.stop();
        state.start = Some(start + Duration::from_micros(n_over.saturating_mul(every)));
        let mut done = self.give(state, run);
        for _ in 1..n_over.min(MAX_EMPTY) {
            done = done.and(self.give(state, run));
        }
        // Also when nothing could be made of the window before.
        self.add(state, event, run);
        self.watch(state, time, run);
        done
    }

    fn due(&self, state: &mut Present, run: &mut Run<'_>) -> Done {
        let Some(start) = state.start else { return Ok(()) };
        state.start = Some(start + self.every);
        if state.samples.is_empty() && state.running.is_empty() {
            return Ok(());
        }
        self.give(state, run)
    }
}

impl State for Present {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.timer)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.option(self.start, Writer::time);
        self.samples.write(writer);
        self.running.write(writer);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (start, samples) = (reader.option(Reader::time)?, Samples::read(reader)?);
        Ok(Self { start, samples, running: Running::read(reader)?, timer: Timer::read(reader)? })
    }
}

/// The last n events, given with each event.
#[derive(Clone, Debug)]
pub struct LastEvents {
    /// How many.
    pub n: usize,
    /// What is taken of them.
    pub takes: Takes,
}

/// Rows of n events.
#[derive(Clone, Debug)]
pub struct EveryEvents {
    /// How many.
    pub n: usize,
    /// What is taken of them.
    pub takes: Takes,
}

/// A row that grows.
#[derive(Debug, Default)]
pub(super) struct Row(Events);

impl State for Row {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(Events::read(reader)?))
    }
}

impl Remembering for LastEvents {
    type State = Row;

    fn begin(&self, _: &mut Run<'_>) -> Row {
        Row::default()
    }

    fn on(&self, state: &mut Row, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if state.0.len() >= self.n {
            state.0.pop();
        }
        state.0.push(&event);
        self.takes.emit(&state.0, run)
    }
}

impl Remembering for EveryEvents {
    type State = Row;

    fn begin(&self, _: &mut Run<'_>) -> Row {
        Row::default()
    }

    fn on(&self, state: &mut Row, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.0.push(&event);
        if state.0.len() < self.n {
            return Ok(());
        }
        let done = self.takes.emit(&state.0, run);
        state.0.clear();
        done
    }
}
