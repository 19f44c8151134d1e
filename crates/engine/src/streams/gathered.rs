//! Numbers of one moment side by side, folded to one: what `across` of an alert takes.

use event::{Metric, Timestamp, View};

use super::events::Events;
use super::measure::Scratch;
use super::take::Take;

/// Kept for its memory.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    events: Events,
    pub(crate) scratch: Scratch,
}

impl Gathered {
    /// What is taken of these numbers; the places of those that are missing count where events are counted.
    pub(crate) fn take(&mut self, take: &Take, metrics: impl Iterator<Item = Option<Metric>>, now: Timestamp) -> Option<f64> {
        self.events.clear();
        metrics.for_each(|metric| self.events.push(&View { metric, ..View::default() }));
        take.of(&self.events, now, &mut self.scratch).ok()??.metric.map(Metric::as_f64)
    }
}
