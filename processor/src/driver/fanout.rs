//! All ways out of one processor: the InfluxDB sinks, the store, the notifier.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::{Effects, Kind, Message, Series, SeriesId, Transition};
use event::{Timestamp, View};
use transport::log::Position;

use super::notifier::Notifier;
use super::outlets::Outlets;
use crate::{sink, store};

/// The outlets, each with its own thread behind it.
#[derive(Debug)]
pub struct Fanout {
    influx: Vec<sink::influx::Outlet>,
    store: Option<store::Outlet>,
    notifier: Notifier,
    safe: Vec<Arc<AtomicU64>>,
    now: Timestamp,
}

impl Fanout {
    /// Drives these.
    pub fn new(influx: Vec<sink::influx::Outlet>, store: Option<store::Outlet>, notifier: Notifier) -> Self {
        let safe = influx.iter().map(sink::influx::Outlet::safe).chain(store.as_ref().map(store::Outlet::safe)).collect();
        Self { influx, store, notifier, safe, now: Timestamp::default() }
    }

    /// Hands over what is left to each, waiting for room, and lets their threads end; those of sinks and store are
    /// waited for by whoever holds them.
    pub fn finish(&mut self, position: Position) {
        for outlet in self.influx.drain(..) {
            outlet.close();
        }
        if let Some(outlet) = self.store.take() {
            outlet.close();
        }
        self.notifier.finish(position);
    }
}

impl Effects for Fanout {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind) {
        for outlet in &mut self.influx {
            outlet.event(series, event, kind);
        }
        if let Some(store) = &mut self.store {
            store.event(series, event, kind);
        }
    }

    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}

    fn forgotten(&mut self, id: SeriesId) {
        for outlet in &mut self.influx {
            outlet.forgotten(id);
        }
        if let Some(store) = &mut self.store {
            store.forgotten(id);
        }
    }

    fn transition(&mut self, transition: &Transition<'_>) {
        if let Some(store) = &mut self.store {
            store.transition(transition);
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        self.notifier.message(message, self.now);
    }
}

impl Outlets for Fanout {
    fn begin(&mut self, _: Position, now: Timestamp) {
        self.now = now;
    }

    fn flush(&mut self, position: Position, now: Timestamp) {
        // What is full keeps its batch; `has_room` tells.
        for outlet in &mut self.influx {
            outlet.flush(position, now);
        }
        if let Some(store) = &mut self.store {
            store.flush(position, now);
        }
        self.notifier.flush(position);
    }

    fn has_room(&self) -> bool {
        self.influx.iter().all(sink::influx::Outlet::has_room)
            && self.store.as_ref().is_none_or(store::Outlet::has_room)
            && self.notifier.has_room()
    }

    fn safe(&self) -> Position {
        let others = self.safe.iter().map(|safe| Position::from_u64(safe.load(Ordering::Acquire)));
        others.min().map_or(self.notifier.safe(), |least| least.min(self.notifier.safe()))
    }
}
