//! What a window holds: its events, and of many samples only sums where these are enough.

use event::{Duration, Timestamp, View};

use super::events::Events;
use super::machine::Run;
use super::panes::Panes;
use super::quantiles::EXACT;
use super::step::Done;
use super::take::{Needs, Takes};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// The events of a window one by one, or panes of many.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) events: Events,
    /// Empty: the events are kept one by one.
    panes: Option<Box<Panes>>,
}

impl Samples {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.panes().is_none()
    }

    /// The sums, where the events are no more kept one by one.
    pub(super) fn panes(&self) -> Option<&Panes> {
        self.panes.as_deref().filter(|panes| !panes.is_empty())
    }

    pub(super) fn panes_mut(&mut self) -> Option<&mut Panes> {
        self.panes.as_deref_mut().filter(|panes| !panes.is_empty())
    }

    /// Room for no further event.
    pub(super) fn is_full(&self, max: usize) -> bool {
        self.events.len() >= max
    }

    /// So many events call for panes.
    pub(super) fn is_at_bound(&self, takes: &Takes, max: usize) -> bool {
        self.events.len() >= EXACT && max > EXACT && takes.are_summed()
    }

    /// Adds an event, which counts as of `time` where it is one of many; `false`: there is no room for it.
    pub(super) fn push(&mut self, event: &View<'_>, time: Timestamp, over: Duration, takes: &Takes, max: usize) -> bool {
        if self.is_at_bound(takes, max) {
            self.sum_up(over, time, takes.needs());
            self.events.clear();
        }
        if let Some(panes) = self.panes_mut() {
            panes.push(event, time, takes.needs());
        } else if self.is_full(max) {
            return false;
        } else {
            self.events.push(event);
        }
        true
    }

    /// Adds all events to panes, which from then on stand for them; `time` counts for events that have none.
    pub(super) fn sum_up(&mut self, over: Duration, time: Timestamp, needs: &Needs) {
        let panes = self.panes.get_or_insert_with(|| Box::new(Panes::new(over)));
        panes.push_all(&self.events, time, needs);
    }

    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.panes.iter_mut().for_each(|panes| panes.clear());
    }

    pub(super) fn emit(&self, takes: &Takes, run: &mut Run<'_>) -> Done {
        match self.panes() {
            Some(panes) => takes.emit_each(run, |take, now, _| Ok(panes.take(take, now))),
            None => takes.emit(&self.events, run),
        }
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        self.events.write(writer);
        writer.option(self.panes(), |writer, panes| panes.write(writer));
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let events = Events::read(reader)?;
        Ok(Self { events, panes: reader.option(Panes::read)?.map(Box::new) })
    }
}
