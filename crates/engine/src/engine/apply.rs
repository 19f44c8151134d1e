//! The way of one event: series, index, effects, rules.

use event::{Duration, Metric, View, mark};

use super::clean::Clean;
use super::{Engine, Out};
use crate::alerts::{Arrival, Target};
use crate::live::{NONE, UNRESOLVED};
use crate::streams::StreamOut;
use crate::table::Found;
use crate::{Effects, Kind};

/// The state that ends a series.
const EXPIRED: &[u8] = b"expired";

/// Riemann's, for events without one.
const DEFAULT_TTL: Duration = Duration::from_secs(60);

/// The alert `series-limit` stays open for so long after the last event that found no room.
const LIMIT_HOLDS: Duration = Duration::from_secs(60);

/// Where an event comes from, and whom it is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// How many rules it went through.
    depth: u8,
    target: Target,
    /// A stream sent it to the index.
    by_stream: bool,
}

impl Origin {
    /// A sender, or an expiry.
    pub(crate) const OUTSIDE: Self = Self { depth: 0, target: Target::All, by_stream: false };
}

impl Engine {
    /// Applies one event.
    #[inline]
    pub(super) fn apply<F: Effects>(&mut self, event: &View<'_>, from: Origin, fx: &mut F) {
        if event.state == Some(EXPIRED) && (from.by_stream || !self.plan.settings().index.only_streams) {
            return self.apply_expired(event, from, fx);
        }
        if self.plan.settings().index.only_streams && !from.by_stream {
            return self.apply_passing(event, from, fx);
        }
        let (host, service) = (event.host.unwrap_or_default(), event.service.unwrap_or_default());
        match self.table.locate(host, service, event.labels.as_bytes()) {
            Found::Series(id) => self.store(id, event, from, fx),
            other => self.apply_new(other, event, from, fx),
        }
    }

    /// Applies the events that rules made, and what these make.
    #[inline]
    pub(super) fn apply_made<F: Effects>(&mut self, fx: &mut F) {
        while let Some(made) = self.made.pop_front() {
            for event in event::msg::events(&made.msg) {
                let from = Origin { depth: made.depth, target: made.target, by_stream: made.target == Target::Index };
                self.apply(&event, from, fx);
            }
        }
    }

    #[inline]
    fn store<F: Effects>(&mut self, id: u32, event: &View<'_>, from: Origin, fx: &mut F) {
        self.counters.events += 1;
        let time = event.time.unwrap_or(self.now);
        let start = if self.table.is_sample(id) { self.now } else { time.min(self.now) };
        let deadline = start + ttl(event);
        self.table.update(id, event, time, deadline);
        let dated;
        let timed = match event.time {
            Some(_) => event,
            None => {
                dated = View { time: Some(time), ..*event };
                &dated
            }
        };
        if let Some(series) = self.table.series(id) {
            fx.event(series, timed, Kind::Live);
        }
        // What a stream made without time has none for the streams either, as in Riemann.
        let event = if from.depth > 0 { event } else { timed };
        let arrival = Arrival { now: self.now, deadline, depth: from.depth };
        self.offer(id, event, arrival, from.target, fx);
    }

    /// Offers an event to the rules that can still match its series.
    #[inline]
    fn offer<F: Effects>(&mut self, id: u32, event: &View<'_>, arrival: Arrival, target: Target, fx: &mut F) {
        let mut live = self.table.get(id).map_or(UNRESOLVED, |slot| slot.live);
        if live == NONE {
            return;
        }
        if live == UNRESOLVED {
            live = self.resolve(id);
        }
        for (rule, residue, memo) in self.live.rules(live) {
            if !residue.matches(event) {
                continue;
            }
            if let Some(stream) = self.plan.stream_of(rule) {
                if target == Target::All {
                    let mut out = StreamOut { fx: &mut *fx, made: &mut self.made, counters: &mut self.counters };
                    self.streams.on_event(self.plan.programs(), stream, Some(memo), event, arrival, &mut out);
                }
                continue;
            }
            let mut out = Out {
                plan: &self.plan,
                max_instances: self.limits.max_instances,
                fx: &mut *fx,
                made: &mut self.made,
                messages: &mut self.messages,
                counters: &mut self.counters,
            };
            self.alerts.on_event(rule, Some(memo), event, arrival, &mut out);
        }
    }

    #[cold]
    fn resolve(&mut self, id: u32) -> u32 {
        let Some(slot) = self.table.get(id) else { return UNRESOLVED };
        let live = self.live.resolve(&self.plan, slot.host(), slot.service(), self.table.labels_of(id));
        if let Some(slot) = self.table.get_mut(id) {
            slot.live = live;
        }
        live
    }

    /// Applies an event whose series is not in the table.
    #[cold]
    fn apply_new<F: Effects>(&mut self, found: Found, event: &View<'_>, from: Origin, fx: &mut F) {
        let clean = Clean::new(event);
        if clean.has_changed() {
            self.counters.rebuilt += u64::from(clean.is_rebuilt(event));
            return clean.with_view(event, |event| self.apply(event, from, fx));
        }
        let time = event.time.unwrap_or(self.now);
        if event.labels.has_mark(mark::LATE) {
            self.counters.late += 1;
            return fx.event(clean.series(), &View { time: Some(time), ..*event }, Kind::Late);
        }
        let id = match found {
            Found::Series(id) => id,
            Found::NewLabels(key) => self.add_variant(key, event, fx),
            // The events of alerts have a bound of their own, and must be seen just then.
            Found::NewKey if from.depth == 0 && self.table.n_keys() >= self.limits.max_series => {
                self.counters.overflow += 1;
                fx.event(clean.series(), &View { time: Some(time), ..*event }, Kind::Overflow);
                return self.open_series_limit(fx);
            }
            Found::NewKey => self.table.add_key(clean.host(), clean.service(), event.labels.as_bytes()),
        };
        self.store(id, event, from, fx);
    }

    fn add_variant<F: Effects>(&mut self, key: u32, event: &View<'_>, fx: &mut F) -> u32 {
        let added = self.table.add_variant(key, event.labels.as_bytes());
        if let Some(live) = added.replaced {
            self.live.give_back(live);
            self.counters.variants_replaced += 1;
            fx.forgotten(crate::SeriesId(added.id));
        }
        added.id
    }

    fn open_series_limit<F: Effects>(&mut self, fx: &mut F) {
        let event = View { time: Some(self.now), metric: Some(Metric::Int(self.table.n_keys() as i64)), ..View::default() };
        let arrival = Arrival { now: self.now, deadline: self.now + LIMIT_HOLDS, depth: 0 };
        let rule = self.plan.own().series_limit;
        let (alerts, mut out) = self.alerts_and_out(fx);
        alerts.on_event(rule, None, &event, arrival, &mut out);
    }

    /// An event with state `expired`: sinks and rules see it, the key leaves the index.
    #[cold]
    fn apply_expired<F: Effects>(&mut self, event: &View<'_>, from: Origin, fx: &mut F) {
        let clean = Clean::new(event);
        if clean.has_changed() {
            self.counters.rebuilt += u64::from(clean.is_rebuilt(event));
            return clean.with_view(event, |event| self.apply_expired(event, from, fx));
        }
        let event = View { time: Some(event.time.unwrap_or(self.now)), ..*event };
        if event.labels.has_mark(mark::LATE) {
            self.counters.late += 1;
            return fx.event(clean.series(), &event, Kind::Late);
        }
        self.counters.events += 1;
        fx.event(clean.series(), &event, Kind::Live);
        self.node_left(&event, fx);
        self.offer_expired(&event, from, fx);
        if let Some(id) = self.table.current(clean.host().as_bytes(), clean.service().as_bytes()) {
            self.leave(id, fx);
        }
    }

    /// Offers an event with state `expired` to the rules. Where its state is what they ask for it is an event like any other;
    /// elsewhere it says that the instance's events ended: a rule on a number must not take the end of its samples for one.
    pub(super) fn offer_expired<F: Effects>(&mut self, event: &View<'_>, from: Origin, fx: &mut F) {
        let mut candidates = std::mem::take(&mut self.candidates);
        self.plan.candidates(text(event.host), text(event.service), &mut candidates);
        let now = self.now;
        let arrival = Arrival { now, deadline: now + ttl(event), depth: from.depth };
        let without = View { state: None, ..*event };
        let plan = std::sync::Arc::clone(&self.plan);
        for &rule in &candidates {
            if let Some(stream) = plan.stream_of(rule) {
                if from.target == Target::All && plan.where_of(rule).is_some_and(|where_| where_.matches(event)) {
                    let (streams, mut out) = self.streams_and_out(fx);
                    streams.on_event(plan.programs(), stream, None, event, arrival, &mut out);
                }
                continue;
            }
            let (alerts, mut out) = self.alerts_and_out(fx);
            let Some(known) = out.plan.rule(rule) else { continue };
            // That a node's series expired does not say that the node left.
            if out.plan.own().swarm_nodes == Some(rule) || !known.alert.where_.matches(event) {
                continue;
            }
            if known.alert.asks_whether(event, &without) {
                alerts.on_event(rule, None, event, arrival, &mut out);
            } else {
                alerts.on_end(rule, event, now, &mut out);
            }
        }
        self.candidates = candidates;
    }

    /// An event that only rules and streams see: the index holds what streams send to it.
    #[cold]
    fn apply_passing<F: Effects>(&mut self, event: &View<'_>, from: Origin, fx: &mut F) {
        let clean = Clean::new(event);
        if clean.has_changed() {
            self.counters.rebuilt += u64::from(clean.is_rebuilt(event));
            return clean.with_view(event, |event| self.apply_passing(event, from, fx));
        }
        let timed = View { time: Some(event.time.unwrap_or(self.now)), ..*event };
        if event.labels.has_mark(mark::LATE) {
            self.counters.late += 1;
            return fx.event(clean.series(), &timed, Kind::Late);
        }
        self.counters.events += 1;
        fx.event(clean.series(), &timed, Kind::Passing);
        let event = if from.depth > 0 { event } else { &timed };
        if event.state == Some(EXPIRED) {
            self.node_left(event, fx);
        }
        self.offer_passing(event, from, fx);
    }

    /// Offers an event that the index does not hold to the streams; alerts are about what the index holds. The list of the swarm's nodes is
    /// heard all the same.
    fn offer_passing<F: Effects>(&mut self, event: &View<'_>, from: Origin, fx: &mut F) {
        let mut candidates = std::mem::take(&mut self.candidates);
        self.plan.candidates(text(event.host), text(event.service), &mut candidates);
        let now = self.now;
        let arrival = Arrival { now, deadline: now + ttl(event), depth: from.depth };
        let plan = std::sync::Arc::clone(&self.plan);
        for &rule in candidates.iter().filter(|&&rule| plan.where_of(rule).is_some_and(|where_| where_.matches(event))) {
            if let Some(stream) = plan.stream_of(rule) {
                if from.target == Target::All {
                    let (streams, mut out) = self.streams_and_out(fx);
                    streams.on_event(plan.programs(), stream, None, event, arrival, &mut out);
                }
            } else if plan.own().swarm_nodes == Some(rule) && event.state != Some(EXPIRED) {
                let (alerts, mut out) = self.alerts_and_out(fx);
                alerts.on_event(rule, None, event, arrival, &mut out);
            }
        }
        self.candidates = candidates;
    }

    /// Who sends the end of a node's series says that it left the swarm; that its ttl ran out does not.
    fn node_left<F: Effects>(&mut self, event: &View<'_>, fx: &mut F) {
        let rule = self.plan.own().swarm_nodes.and_then(|rule| self.plan.where_of(rule));
        if rule.is_some_and(|where_| where_.matches(event)) {
            let now = self.now;
            let (alerts, mut out) = self.alerts_and_out(fx);
            alerts.node_left(event, now, &mut out);
        }
    }

    /// Takes a key out of the index.
    pub(super) fn leave<F: Effects>(&mut self, id: u32, fx: &mut F) {
        if let Some(series) = self.table.series(id) {
            fx.expired(series, self.now);
        }
        for (id, live) in self.table.remove_key(id) {
            self.live.give_back(live);
            fx.forgotten(crate::SeriesId(id));
        }
    }
}

/// A text that has been checked.
fn text(bytes: Option<&[u8]>) -> &str {
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// How long an event holds; none and what is no time count as Riemann's default.
#[inline]
fn ttl(event: &View<'_>) -> Duration {
    match event.ttl {
        Some(ttl) if ttl >= 0.0 => Duration::from_secs_f64(f64::from(ttl)),
        _ => DEFAULT_TTL,
    }
}
