//! Steps that fill gaps: `fill`, with an event or with the last one, and `interpolate`.

use event::{Duration, View};

use super::edit::Set;
use super::kept::Kept;
use super::machine::Run;
use super::periodic::Pulse;
use super::step::{Done, Remembering, Signal, State};
use super::timers::Timer;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `fill: {every: 5s, with: {service: x, metric: 0}}`: this event whenever nothing came for so long, from the beginning on; an event past its
/// time stops it until the next.
#[derive(Clone, Debug)]
pub struct Fill {
    /// How long a gap is.
    pub every: Duration,
    /// The event that fills it; its time is the clock's.
    pub with: Set,
}

/// `fill: {every: 5s, last: {metric: 0}}`: as `fill`, with the last event and some fields set.
#[derive(Clone, Debug)]
pub struct FillLast {
    /// How long a gap is.
    pub every: Duration,
    /// What is set in it.
    pub set: Set,
}

/// `interpolate: 1s`: the last event every so often, from the first event on until one comes that is past its time, which is given too.
#[derive(Clone, Debug)]
pub struct Interpolate {
    /// How often.
    pub every: Duration,
}

/// When a gap ends.
#[derive(Debug, Default)]
pub(super) struct Gap {
    timer: Timer,
    last: Option<Kept>,
}

impl Gap {
    /// An event came: the gap begins anew.
    fn on(&mut self, event: &View<'_>, every: Duration, run: &mut Run<'_>) {
        if run.is_expired(event) {
            self.timer.stop();
        } else if self.timer.is_running() {
            run.move_to(&mut self.timer, run.now + every);
        } else {
            run.start(&mut self.timer, run.now + every);
        }
    }

    fn give(&mut self, event: &View<'_>, set: &Set, every: Duration, run: &mut Run<'_>) -> Done {
        run.move_to(&mut self.timer, run.now + every);
        set.apply(event, run, &mut |event, run| _ = run.emit_one(&View { time: Some(run.now), ..*event }))
    }
}

impl State for Gap {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.timer)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.timer.write(writer);
        writer.option(self.last.as_ref(), |writer, last| last.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { timer: Timer::read(reader)?, last: reader.option(Kept::read)? })
    }
}

impl Remembering for Fill {
    type State = Gap;

    fn begin(&self, run: &mut Run<'_>) -> Gap {
        let mut gap = Gap::default();
        run.start(&mut gap.timer, run.now + self.every);
        gap
    }

    fn on(&self, state: &mut Gap, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        state.on(&signal.one()?, self.every, run);
        run.emit(signal)
    }

    fn due(&self, state: &mut Gap, run: &mut Run<'_>) -> Done {
        state.give(&View::default(), &self.with, self.every, run)
    }
}

impl Remembering for FillLast {
    type State = Gap;

    fn begin(&self, _: &mut Run<'_>) -> Gap {
        Gap::default()
    }

    fn on(&self, state: &mut Gap, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        match &mut state.last {
            Some(last) => last.set(&event),
            None => state.last = Some(Kept::of(&event)),
        }
        state.on(&event, self.every, run);
        run.emit(signal)
    }

    fn due(&self, state: &mut Gap, run: &mut Run<'_>) -> Done {
        let Some(last) = state.last.take() else { return Ok(()) };
        let done = state.give(&last.view(), &self.set, self.every, run);
        state.last = Some(last);
        done
    }
}

/// The event that is repeated.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    event: Option<Kept>,
    pulse: Pulse,
}

impl Remembering for Interpolate {
    type State = Repeated;

    fn begin(&self, _: &mut Run<'_>) -> Repeated {
        Repeated::default()
    }

    fn on(&self, state: &mut Repeated, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        match &mut state.event {
            Some(kept) => kept.set(&event),
            None => state.event = Some(Kept::of(&event)),
        }
        if state.pulse.on(&event, Duration::ZERO, run) {
            return Ok(());
        }
        state.event = None;
        run.emit(signal)
    }

    fn due(&self, state: &mut Repeated, run: &mut Run<'_>) -> Done {
        if !state.pulse.beats(self.every, run) {
            return Ok(());
        }
        let Some(event) = &state.event else { return Ok(()) };
        run.emit_one(&View { time: Some(run.now), ..event.view() })
    }
}

impl State for Repeated {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.option(self.event.as_ref(), |writer, event| event.write(writer));
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { event: reader.option(Kept::read)?, pulse: Pulse::read(reader)? })
    }
}
