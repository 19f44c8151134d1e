//! All ways out of one processor: the InfluxDB sinks, the store, the notifier.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::streams::{Outgoing, Signal, Way};
use engine::{Effects, Engine, Kind, Message, Series, SeriesId, Transition};
use event::printable;
use event::{Event, Timestamp, View, mark};
use transport::log::Position;

use super::notifier::Notifier;
use super::outlets::Outlets;
use super::taken::Later;
use crate::notify::Peace;
use crate::quiet::Quiet;
use crate::{notify, send, sink, store};

/// The outlets, each with its own thread behind it.
#[derive(Debug)]
pub struct Fanout {
    influx: Vec<sink::influx::Outlet>,
    store: Option<store::Outlet>,
    forward: Vec<sink::forward::Outlet>,
    notifier: Notifier,
    send: send::Outlet,
    safe: Vec<Arc<AtomicU64>>,
    now: Timestamp,
}

impl Fanout {
    /// Drives these.
    pub fn new(
        influx: Vec<sink::influx::Outlet>,
        store: Option<store::Outlet>,
        forward: Vec<sink::forward::Outlet>,
        notifier: Notifier,
        send: send::Outlet,
    ) -> Self {
        let safe = influx.iter().map(sink::influx::Outlet::safe).chain(store.as_ref().map(store::Outlet::safe)).collect();
        Self { influx, store, forward, notifier, send, safe, now: Timestamp::default() }
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
        for outlet in self.forward.drain(..) {
            outlet.finish();
        }
        self.notifier.finish(position);
        self.send.finish(position);
    }

    /// Goes on with what the notifiers had gathered and told, less what is no more open in the `engine`: its rule is another now. Ends that
    /// silences hold back are still to be told.
    pub fn restore(&mut self, notices: &[u8], engine: &Engine, quiet: &Quiet) {
        let open = engine.alerts().filter(|alert| alert.state.is_open());
        let open: HashSet<(&str, &str)> = open.map(|alert| (alert.rule, alert.instance)).collect();
        let is_open = |rule: &str, instance: &str| open.contains(&(rule, instance)) || quiet.holds_end(rule, instance);
        self.send.restore(notices, &is_open, engine.now());
    }
}

impl Fanout {
    /// An event of a stream for the InfluxDB sinks; its series is not in the table.
    fn point(&mut self, event: &View<'_>, now: Timestamp) {
        let event = &View { time: Some(event.time.unwrap_or(now)), ..*event };
        let series = Series {
            id: None,
            host: event.host.and_then(text),
            service: event.service.and_then(text),
            labels: event.labels,
            sample: event.labels.has_mark(mark::SKEP),
        };
        for outlet in &mut self.influx {
            outlet.event(series, event, Kind::Live);
        }
    }
}

impl Fanout {
    /// Events of a stream for another skep or Riemann; a name that the settings lack was a mistake of the rules.
    fn forward(&mut self, name: &str, signal: Signal<'_>, now: Timestamp) {
        let Some(outlet) = self.forward.iter_mut().find(|outlet| outlet.name() == name) else { return };
        match signal {
            Signal::One(event) => outlet.event(event, now),
            Signal::Many(events) => events.iter().flatten().for_each(|event| outlet.event(&event, now)),
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// An event as a log line has it.
fn line(event: &View<'_>) -> String {
    let event = Event::from(event);
    let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let metric = event.metric.map_or_else(|| "-".to_owned(), |metric| metric.to_string());
    printable(&format!("{} {} {} {metric}", text(event.host), text(event.service), text(event.state))).into_owned()
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

    fn ended_untold(&mut self, rule: &str, instance: &str) {
        self.send.withdraw(rule, instance, self.now);
    }

    fn muted(&mut self, message: &Message<'_>) {
        self.notifier.muted(message, self.now);
        self.send.muted(message, self.now);
    }

    fn muting_changed(&mut self) {
        self.send.look_again(self.now);
    }

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        match (out.way, out.signal) {
            (Way::Influx, Signal::One(event)) => self.point(event, out.now),
            (Way::Influx, Signal::Many(events)) => events.iter().flatten().for_each(|event| self.point(&event, out.now)),
            (Way::Log, Signal::One(event)) => tracing::info!(stream = out.stream, "{}", line(event)),
            (Way::Log, Signal::Many(events)) => {
                let lines: Vec<String> = events.iter().flatten().map(|event| line(&event)).collect();
                tracing::info!(stream = out.stream, "{} events: {}", events.len(), lines.join("; "));
            }
            (Way::Forward(name), signal) => self.forward(name, signal, out.now),
            // Who listens to a tap does so elsewhere; the rest is the engine's own.
            (Way::Tap(_) | Way::Index | Way::Reinject, _) => {}
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        self.notifier.message(message, self.now);
        self.send.message(message, self.now);
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
        self.forward.iter_mut().for_each(|outlet| outlet.flush(position));
        self.notifier.flush(position);
        self.send.flush(position);
    }

    fn has_room(&self) -> bool {
        self.influx.iter().all(sink::influx::Outlet::has_room)
            && self.store.as_ref().is_none_or(store::Outlet::has_room)
            && self.notifier.has_room()
            && self.send.has_room()
    }

    fn safe(&self) -> Position {
        let others = self.safe.iter().map(|safe| Position::from_u64(safe.load(Ordering::Acquire)));
        let forwards = self.forward.iter().map(sink::forward::Outlet::safe);
        others.chain(forwards).fold(self.notifier.safe().min(self.send.safe()), Position::min)
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.send.next_due()
    }

    fn told_of(&self, alert: &str) -> Option<Vec<String>> {
        Some(self.send.plan().told_of(alert))
    }

    fn tick(&mut self, now: Timestamp, peace: Peace<'_>) {
        self.send.tick(now, peace);
    }

    fn save(&self) -> Later {
        self.send.save()
    }

    fn load(&mut self, notify: &Arc<notify::Plan>) {
        self.send.load(notify);
    }
}
