//! Windows: `window: {over: 5s}`, `{tumble: 5s}`, `{tumble: 60s, align: true}`, `{last: 10}`, `{events: 10}`.

use event::{Duration, Metric, Timestamp, View};

use super::events::Events;
use super::fold::Fold;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State};
use super::take::{Running, Take, Takes};
use super::timers::Timer;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// After a gap at most so many empty windows are given; the rest say nothing more.
const MAX_EMPTY: i64 = 10_000;

/// All events later than the newest one less `over`, given with each event, or each `every`.
#[derive(Clone, Debug)]
pub struct Sliding {
    /// How long the window is.
    pub over: Duration,
    /// How often it is given, if not with each event.
    pub every: Option<Duration>,
    /// What is taken of it.
    pub takes: Takes,
    /// Events in it; further ones push out the oldest.
    pub max: usize,
}

/// The events of a sliding window, and their sum.
#[derive(Debug, Default)]
pub(super) struct Slide {
    cutoff: Timestamp,
    events: Events,
    newest: Timestamp,
    /// Not in the order of time, so that what is too old may stand anywhere.
    is_mixed: bool,
    n_metrics: u64,
    sum: f64,
    /// Events taken out since the sum was made anew.
    n_popped: usize,
    timer: Timer,
}

impl Slide {
    fn push(&mut self, event: &View<'_>) {
        match event.time {
            Some(time) if time >= self.newest => self.newest = time,
            _ => self.is_mixed = true,
        }
        if let Some(metric) = event.metric {
            self.n_metrics += 1;
            self.sum += metric.as_f64();
        }
        self.events.push(event);
    }

    fn pop(&mut self) {
        let metric = self.events.iter().next().flatten().and_then(|event| event.metric).map(Metric::as_f64);
        self.events.pop();
        self.n_popped += 1;
        let Some(metric) = metric else { return };
        self.n_metrics -= 1;
        self.sum -= metric;
        // What is small must not drown in what a large number left behind.
        if self.n_popped >= self.events.len() || metric.abs() > 4096.0 * self.sum.abs() {
            self.add_up();
        }
    }

    fn add_up(&mut self) {
        let metrics = || self.events.iter().flatten().filter_map(|event| event.metric);
        self.n_metrics = metrics().count() as u64;
        self.sum = metrics().map(Metric::as_f64).sum();
        self.n_popped = 0;
    }

    fn forget_old(&mut self) {
        if self.is_mixed {
            let cutoff = self.cutoff;
            let n = self.events.len();
            self.events.retain_after(cutoff);
            if self.events.len() != n {
                self.add_up();
            }
            self.is_mixed = !is_in_order(&self.events);
            return;
        }
        while self.events.first_time().is_some_and(|time| time <= self.cutoff) {
            self.pop();
        }
    }
}

fn is_in_order(events: &Events) -> bool {
    events.iter().flatten().map(|event| event.time).is_sorted() && events.iter().flatten().all(|event| event.time.is_some())
}

impl Sliding {
    fn give(&self, state: &Slide, run: &mut Run<'_>) -> Done {
        if let [(_, take)] = self.takes.0.as_slice()
            && let Take::Fold(fold @ (Fold::Sum | Fold::Mean | Fold::Count)) = take
            && let Some(first) = state.events.get(0)
        {
            let metric = match fold {
                Fold::Count => Some(Metric::Int(state.events.len() as i64)),
                Fold::Mean if state.n_metrics == 0 => return Ok(()),
                Fold::Mean => Metric::float(state.sum / state.n_metrics as f64),
                _ => Metric::float(state.sum),
            };
            return run.emit_one(&View { metric, ..first });
        }
        self.takes.emit(&state.events, run)
    }
}

impl Remembering for Sliding {
    type State = Slide;

    fn begin(&self, _: &mut Run<'_>) -> Slide {
        Slide { newest: Timestamp::from_micros(i64::MIN), ..Slide::default() }
    }

    fn on(&self, state: &mut Slide, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if let Some(time) = event.time {
            state.cutoff = state.cutoff.max(time - self.over);
            if time <= state.cutoff {
                return Ok(());
            }
        }
        if state.events.len() >= self.max {
            run.out.counters.samples_over += 1;
            state.pop();
        }
        state.push(&event);
        state.forget_old();
        match self.every {
            None => self.give(state, run),
            Some(every) => {
                if !state.timer.is_running() {
                    run.start(&mut state.timer, run.now + every);
                }
                Ok(())
            }
        }
    }

    fn due(&self, state: &mut Slide, run: &mut Run<'_>) -> Done {
        // By the clock, but never behind the events: theirs may be ahead of it.
        state.cutoff = state.cutoff.max(run.now - self.over);
        state.forget_old();
        if state.events.is_empty() {
            return Ok(());
        }
        if let Some(every) = self.every {
            run.move_to(&mut state.timer, run.now + every);
        }
        self.give(state, run)
    }
}

impl State for Slide {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.timer)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.cutoff);
        self.events.write(writer);
        writer.time(self.newest);
        writer.bool(self.is_mixed);
        writer.u64(self.sum.to_bits());
        writer.u64(self.n_popped as u64);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (cutoff, events, newest) = (reader.time()?, Events::read(reader)?, reader.time()?);
        let (is_mixed, sum, n_popped) = (reader.bool()?, f64::from_bits(reader.u64()?), reader.u64()? as usize);
        let n_metrics = events.iter().flatten().filter(|event| event.metric.is_some()).count() as u64;
        Ok(Self { cutoff, events, newest, is_mixed, n_metrics, sum, n_popped, timer: Timer::read(reader)? })
    }
}

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
    events: Events,
    running: Running,
    timer: Timer,
}

impl Fixed {
    fn add(&self, state: &mut Present, event: &View<'_>, run: &mut Run<'_>) {
        if self.takes.are_running() {
            state.running.push(event, &self.takes);
        } else if state.events.len() < self.max {
            state.events.push(event);
        } else {
            run.out.counters.samples_over += 1;
        }
    }

    /// Gives the window and begins an empty one.
    fn give(&self, state: &mut Present, run: &mut Run<'_>) -> Done {
        if self.takes.are_running() {
            let done = self.takes.emit_running(&state.running, run);
            state.running.clear();
            return done;
        }
        let done = self.takes.emit(&state.events, run);
        state.events.clear();
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
        let event = signal.one()?;
        let Some(time) = event.time else {
            self.add(state, &event, run);
            return Ok(());
        };
        let every = self.every.micros().max(1);
        let Some(start) = state.start else {
            let offset = if self.is_aligned { time.micros().rem_euclid(every) } else { 0 };
            state.start = Some(time - Duration::from_micros(offset));
            // What came before any time was known belongs nowhere.
            state.events.clear();
            state.running.clear();
            self.add(state, &event, run);
            self.watch(state, time, run);
            return Ok(());
        };
        if time < start {
            return Ok(());
        }
        let n_over = (time - start).micros().div_euclid(every);
        if n_over == 0 {
            self.add(state, &event, run);
            self.watch(state, time, run);
            return Ok(());
        }
        state.timer.stop();
        state.start = Some(start + Duration::from_micros(n_over.saturating_mul(every)));
        self.give(state, run)?;
        for _ in 1..n_over.min(MAX_EMPTY) {
            self.give(state, run)?;
        }
        self.add(state, &event, run);
        self.watch(state, time, run);
        Ok(())
    }

    fn due(&self, state: &mut Present, run: &mut Run<'_>) -> Done {
        let Some(start) = state.start else { return Ok(()) };
        state.start = Some(start + self.every);
        if state.events.is_empty() && state.running.is_empty() {
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
        self.events.write(writer);
        self.running.write(writer);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (start, events) = (reader.option(Reader::time)?, Events::read(reader)?);
        Ok(Self { start, events, running: Running::read(reader)?, timer: Timer::read(reader)? })
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
