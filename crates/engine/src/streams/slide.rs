//! Windows that slide: `window: {over: 5s}`, `window: {over: 1m, every: 10s}`.

use event::{Duration, Timestamp, View};

use super::machine::Run;
use super::samples::Samples;
use super::step::{Done, Remembering, Signal, State};
use super::sums::Sums;
use super::take::Takes;
use super::timers::Timer;
use crate::snapshot::{Reader, SnapshotError, Writer};

mod watched;

pub(crate) use watched::Watched;

const LONG_AGO: Timestamp = Timestamp::from_micros(i64::MIN);
const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// All events later than the newest one less `over`, given with each event, or each `every`.
#[derive(Clone, Debug)]
pub struct Sliding {
    /// How long the window is.
    pub over: Duration,
    /// How often it is given, if not with each event.
    pub every: Option<Duration>,
    /// What is taken of it.
    pub takes: Takes,
    /// Events in it where each is kept; further ones push out the oldest.
    pub max: usize,
}

/// The events of a sliding window, and their sums.
#[derive(Debug)]
pub(super) struct Slide {
    cutoff: Timestamp,
    samples: Samples,
    sums: Sums,
    newest: Timestamp,
    /// Not in the order of time, so that what is too old may stand anywhere.
    is_mixed: bool,
    /// No event that is out of order is older.
    oldest: Timestamp,
    timer: Timer,
}

impl Sliding {
    fn push(&self, state: &mut Slide, event: &View<'_>, now: Timestamp, n_over: &mut u64) {
        let needs = self.takes.needs();
        match event.time {
            Some(time) if time >= state.newest => state.newest = time,
            time => {
                if !state.is_mixed {
                    (state.is_mixed, state.oldest) = (true, state.samples.events.first_time().unwrap_or(NEVER));
                }
                state.oldest = state.oldest.min(time.unwrap_or(NEVER));
            }
        }
        let time = event.time.unwrap_or(if state.newest == LONG_AGO { now } else { state.newest });
        if state.samples.is_at_bound(&self.takes, self.max) {
            state.samples.sum_up(self.over, time, needs);
            // Not to be needed soon.
            state.samples.events.free();
            state.sums.clear();
        }
        if let Some(panes) = state.samples.panes_mut() {
            panes.push(event, time, needs);
            return;
        }
        if state.samples.is_full(self.max) {
            *n_over += 1;
            self.pop(state);
        }
        if self.takes.are_summed() {
            state.sums.push(event, &state.samples.events, needs);
        }
        state.samples.events.push(event);
    }

    fn pop(&self, state: &mut Slide) {
        if self.takes.are_summed() {
            state.sums.pop(&mut state.samples.events, self.takes.needs());
        } else {
            state.samples.events.pop();
        }
    }

    /// Gives up what is not later than the cutoff.
    fn forget_old(&self, state: &mut Slide) {
        let cutoff = state.cutoff;
        if let Some(panes) = state.samples.panes_mut() {
            panes.forget(cutoff, self.takes.needs());
            state.is_mixed &= !panes.is_empty();
        } else if state.is_mixed {
            if state.oldest <= cutoff {
                self.forget_mixed(state);
            }
        } else {
            while state.samples.events.first_time().is_some_and(|time| time <= cutoff) {
                self.pop(state);
            }
        }
    }

    fn forget_mixed(&self, state: &mut Slide) {
        let events = &mut state.samples.events;
        events.retain_after(state.cutoff);
        if self.takes.are_summed() {
            state.sums.renew(events, self.takes.needs());
        }
        state.is_mixed = !events.samples().map(|sample| sample.time).is_sorted() || events.samples().any(|sample| sample.time.is_none());
        state.oldest = events.samples().filter_map(|sample| sample.time).min().unwrap_or(NEVER);
    }

    fn give(&self, state: &mut Slide, run: &mut Run<'_>) -> Done {
        if !self.takes.are_summed() {
            return state.samples.emit(&self.takes, run);
        }
        // Of a single sum or mean the event is made where it is read: copying what was just written waits for the cache.
        let only = self.takes.only();
        if let Some(panes) = state.samples.panes() {
            return match only.and_then(|take| panes.number(take)) {
                Some(number) => run.emit_one(&panes.oldest_with(number)),
                None => state.samples.emit(&self.takes, run),
            };
        }
        let events = &state.samples.events;
        state.sums.settle(events, self.takes.needs());
        let sums = &state.sums;
        if let Some(number) = only.and_then(|take| sums.number(take)) {
            return events.first_with(number).map_or(Ok(()), |event| run.emit_one(&event));
        }
        self.takes.emit_each(run, |take, now, scratch| match sums.take(take, events) {
            Some(taken) => Ok(taken),
            None => take.of(events, now, scratch),
        })
    }
}

impl Remembering for Sliding {
    type State = Slide;

    fn begin(&self, _: &mut Run<'_>) -> Slide {
        let (samples, sums) = (Samples::default(), Sums::default());
        Slide { cutoff: Timestamp::default(), samples, sums, newest: LONG_AGO, is_mixed: false, oldest: NEVER, timer: Timer::default() }
    }

    fn on(&self, state: &mut Slide, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.borrowed()?;
        if let Some(time) = event.time {
            state.cutoff = state.cutoff.max(time - self.over);
            if time <= state.cutoff {
                return Ok(());
            }
        }
        self.forget_old(state);
        self.push(state, event, run.now, &mut run.out.counters.samples_over);
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
        self.forget_old(state);
        if state.samples.is_empty() {
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
        self.samples.write(writer);
        self.sums.write(writer);
        writer.time(self.newest);
        writer.bool(self.is_mixed);
        writer.time(self.oldest);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (cutoff, samples) = (reader.time()?, Samples::read(reader)?);
        let sums = Sums::read(reader, &samples.events)?;
        let (newest, is_mixed, oldest) = (reader.time()?, reader.bool()?, reader.time()?);
        Ok(Self { cutoff, samples, sums, newest, is_mixed, oldest, timer: Timer::read(reader)? })
    }
}
