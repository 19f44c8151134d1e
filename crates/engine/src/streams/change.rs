//! Steps that watch a field for changes: `changed`, `runs`, `stable`.

use event::{Duration, Timestamp};

use super::by::write_value;
use super::events::Events;
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State, Unfit};
use super::timers::Timer;
use crate::query::Field;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `changed: {field: state, init: ok}`: events whose field differs from the event's before.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What is watched.
    pub field: Field,
    /// What it is taken for before the first event.
    pub init: Option<Init>,
    /// Gives rows of the event before and the event now; the one before may be missing.
    pub pairs: bool,
}

/// A value that a field is taken for.
#[derive(Clone, Debug)]
pub enum Init {
    /// Of a text.
    Text(String),
    /// Of a number.
    Number(f64),
}

impl Init {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                out.push(1);
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            Self::Number(number) => {
                out.push(2);
                out.extend_from_slice(&(number + 0.0).to_bits().to_le_bytes());
            }
        }
    }
}

/// The value of the last event, and that event where pairs are wanted.
#[derive(Debug, Default)]
pub(super) struct Last {
    value: Vec<u8>,
    event: Option<Kept>,
    new: Vec<u8>,
}

impl Remembering for Changed {
    type State = Last;

    fn begin(&self, _: &mut Run<'_>) -> Last {
        let mut last = Last::default();
        match &self.init {
            Some(init) => init.write(&mut last.value),
            None => last.value.push(0),
        }
        last
    }

    fn on(&self, state: &mut Last, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.new.clear();
        write_value(&mut state.new, &self.field, &event);
        let is_new = state.new != state.value;
        std::mem::swap(&mut state.new, &mut state.value);
        if !self.pairs {
            return if is_new { run.emit(signal) } else { Ok(()) };
        }
        let before = state.event.replace(Kept::of(&event));
        if !is_new {
            return Ok(());
        }
        let mut pair = Events::default();
        match &before {
            Some(before) => pair.push(&before.view()),
            None => pair.push_none(),
        }
        pair.push(&event);
        run.emit(Signal::Many(&pair))
    }
}

impl State for Last {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.value);
        writer.option(self.event.as_ref(), |writer, event| event.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { value: reader.bytes()?.to_vec(), event: reader.option(Kept::read)?, new: Vec::new() })
    }
}

/// `runs: {n: 3, field: state}`: the event with which the last n agree.
#[derive(Clone, Debug)]
pub struct Runs {
    /// How many must agree.
    pub n: u32,
    /// In what.
    pub field: Field,
}

/// The last value, and how many in a row had it.
#[derive(Debug, Default)]
pub(super) struct InARow {
    value: Vec<u8>,
    new: Vec<u8>,
    n: u32,
}

impl Remembering for Runs {
    type State = InARow;

    fn begin(&self, _: &mut Run<'_>) -> InARow {
        InARow::default()
    }

    fn on(&self, state: &mut InARow, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.new.clear();
        write_value(&mut state.new, &self.field, &event);
        state.n = if state.n > 0 && state.new == state.value { state.n.saturating_add(1) } else { 1 };
        std::mem::swap(&mut state.new, &mut state.value);
        if state.n >= self.n { run.emit(signal) } else { Ok(()) }
    }
}

impl State for InARow {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.value);
        writer.u32(self.n);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { value: reader.bytes()?.to_vec(), new: Vec::new(), n: reader.u32()? })
    }
}

/// `stable: {for: 10s, field: state}`: events are held back after a change until the value has held for so long.
#[derive(Clone, Debug)]
pub struct Stable {
    /// How long.
    pub hold: Duration,
    /// What is watched.
    pub field: Field,
    /// How many events are held back; further ones push out the oldest.
    pub max: usize,
}

/// The value, and the events that wait for it to have held.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Empty before the first event: no value is written so.
    value: Vec<u8>,
    new: Vec<u8>,
    held: Events,
    since: Timestamp,
    timer: Timer,
}

impl Waiting {
    fn release(&mut self, run: &mut Run<'_>) -> Done {
        let held = std::mem::take(&mut self.held);
        let done = held.iter().flatten().try_for_each(|event| run.emit_one(&event));
        self.held = held;
        self.held.clear();
        done
    }
}

impl Remembering for Stable {
    type State = Waiting;

    fn begin(&self, _: &mut Run<'_>) -> Waiting {
        Waiting::default()
    }

    fn on(&self, state: &mut Waiting, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let time = event.time.ok_or(Unfit)?;
        state.new.clear();
        write_value(&mut state.new, &self.field, &event);
        let is_new = state.new != state.value;
        std::mem::swap(&mut state.new, &mut state.value);
        if is_new {
            state.held.clear();
            state.held.push(&event);
            state.since = time;
            state.timer.stop();
            run.start(&mut state.timer, time + self.hold);
            return Ok(());
        }
        if state.held.is_empty() {
            return run.emit(signal);
        }
        if state.held.len() >= self.max {
            state.held.pop();
            run.out.counters.samples_over += 1;
        }
        state.held.push(&event);
        if time - state.since >= self.hold {
            state.timer.stop();
            return state.release(run);
        }
        Ok(())
    }

    fn due(&self, state: &mut Waiting, run: &mut Run<'_>) -> Done {
        state.release(run)
    }
}

impl State for Waiting {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.timer)
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.value);
        self.held.write(writer);
        writer.time(self.since);
        self.timer.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let value = reader.bytes()?.to_vec();
        let (held, since) = (Events::read(reader)?, reader.time()?);
        Ok(Self { value, new: Vec::new(), held, since, timer: Timer::read(reader)? })
    }
}
