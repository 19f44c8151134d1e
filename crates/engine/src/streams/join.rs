//! `join`: the latest event of each of a few queries, side by side.

use super::events::Events;
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State};
use super::take::Takes;
use crate::query::Query;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `join: [Q1, Q2]`: a row with one place for each query whenever an event matches one; an event past its time is given once as expired.
#[derive(Clone, Debug)]
pub struct Join {
    /// What stands in each place.
    pub queries: Vec<Query>,
    /// What is taken of the row.
    pub takes: Takes,
}

/// The places.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Option<Kept>>, Events);

impl Remembering for Join {
    type State = Places;

    fn begin(&self, _: &mut Run<'_>) -> Places {
        Places(vec![None; self.queries.len()], Events::default())
    }

    fn on(&self, state: &mut Places, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let mut matches = false;
        for (query, place) in self.queries.iter().zip(&mut state.0) {
            if query.matches(&event) {
                matches = true;
                match place {
                    Some(kept) => kept.set(&event),
                    None => *place = Some(Kept::of(&event)),
                }
            }
        }
        if !matches {
            return Ok(());
        }
        state.1.clear();
        for place in &mut state.0 {
            match place {
                Some(kept) if run.is_expired(&kept.view()) => {
                    state.1.push(&run.expired(&kept.view()));
                    *place = None;
                }
                Some(kept) => state.1.push(&kept.view()),
                None => state.1.push_none(),
            }
        }
        self.takes.emit(&state.1, run)
    }
}

impl State for Places {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.0.len() as u32);
        for place in &self.0 {
            writer.option(place.as_ref(), |writer, event| event.write(writer));
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n = reader.count()?;
        let places = (0..n).map(|_| reader.option(Kept::read)).collect::<Result<_, _>>()?;
        Ok(Self(places, Events::default()))
    }
}
