//! `across`: the latest event of every host and service, all together at intervals.

use std::collections::BTreeMap;

use event::Duration;

use super::events::Events;
use super::kept::Kept;
use super::machine::Run;
use super::periodic::Pulse;
use super::step::{Done, Remembering, Signal, State};
use super::take::Takes;
use super::timers::Timer;
use crate::query::Field;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `across: {every: 5s}`: events past their time are given once more and then left out.
#[derive(Clone, Debug)]
pub struct Across {
    /// How often.
    pub every: Duration,
    /// Whose values tell one event from another: host and service.
    pub by: Vec<Field>,
    /// What is taken of them.
    pub takes: Takes,
    /// How many are remembered; further ones are dropped and counted.
    pub max: usize,
}

/// The latest events, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Latest {
    events: BTreeMap<Vec<u8>, Kept>,
    pulse: Pulse,
    row: Events,
    key: Vec<u8>,
}

impl Remembering for Across {
    type State = Latest;

    fn begin(&self, _: &mut Run<'_>) -> Latest {
        Latest::default()
    }

    fn on(&self, state: &mut Latest, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        state.key.clear();
        self.by.iter().for_each(|field| super::by::write_value(&mut state.key, field, &event));
        if let Some(known) = state.events.get_mut(&state.key) {
            known.set(&event);
        } else if state.events.len() < self.max {
            state.events.insert(state.key.clone(), Kept::of(&event));
        } else {
            run.out.counters.samples_over += 1;
        }
        state.pulse.on(&event, Duration::ZERO, run);
        Ok(())
    }

    fn due(&self, state: &mut Latest, run: &mut Run<'_>) -> Done {
        if !state.pulse.beats(self.every, run) {
            return Ok(());
        }
        state.row.clear();
        state.events.retain(|_, kept| {
            state.row.push(&kept.view());
            !run.is_expired(&kept.view())
        });
        self.takes.emit(&state.row, run)
    }
}

impl State for Latest {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.events.len() as u32);
        for (key, event) in &self.events {
            writer.bytes(key);
            event.write(writer);
        }
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n = reader.count()?;
        let events = (0..n).map(|_| Ok((reader.bytes()?.to_vec(), Kept::read(reader)?))).collect::<Result<_, _>>()?;
        Ok(Self { events, pulse: Pulse::read(reader)?, row: Events::default(), key: Vec::new() })
    }
}
