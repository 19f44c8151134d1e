//! The engine: batches, ticks and gaps in, effects out.

mod apply;
mod clean;
mod load;
mod time;

pub(crate) use apply::Origin;
pub use load::Leftover;

use std::collections::VecDeque;
use std::sync::Arc;

use event::{Timestamp, msg};

use crate::alerts::{Alerts, Made, Out, PendingMessage};
use crate::live::LiveRules;
use crate::query::Query;
use crate::rules::{AlertInstance, Plan};
use crate::streams::{StreamOut, Streams};
use crate::table::Table;
use crate::{Counters, Effects, Facts, Indexed};

/// Bounds of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Keys in the index; events of further ones go to the sinks only.
    pub max_series: usize,
    /// Instances of one rule.
    pub max_instances: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_series: 1_000_000, max_instances: 10_000 }
    }
}

/// All state of one partition of hosts; nothing in it assumes that it is the only one.
#[derive(Debug)]
pub struct Engine {
    pub(crate) plan: Arc<Plan>,
    limits: Limits,
    pub(crate) now: Timestamp,
    pub(crate) table: Table,
    live: LiveRules,
    pub(crate) alerts: Alerts,
    pub(crate) streams: Streams,
    /// When expired entries next leave the index, where the settings say how often they do.
    pub(crate) reap_at: Timestamp,
    pub(crate) counters: Counters,
    /// Events that rules made and that have not been applied yet; empty between calls.
    made: VecDeque<Made>,
    /// Messages of this call; empty between calls.
    messages: Vec<PendingMessage>,
    /// Kept for its memory.
    due: Vec<u32>,
    /// Kept for its memory.
    candidates: Vec<u32>,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        Self {
            plan,
            limits,
            now: Timestamp::default(),
            table: Table::default(),
            live: LiveRules::default(),
            alerts: Alerts::default(),
            streams: Streams::default(),
            reap_at: Timestamp::default(),
            counters: Counters::default(),
            made: VecDeque::new(),
            messages: Vec::new(),
            due: Vec::new(),
            candidates: Vec::new(),
        }
    }

    /// Applies the events of one `Msg`, which [`msg::Msg::decode`] has checked.
    ///
    /// What is due before `now` happens before them, each thing at its own time; alert timers that are due at `now` after them; then messages go out.
    pub fn on_batch(&mut self, now: Timestamp, msg: &[u8], fx: &mut impl Effects) {
        let now = now.max(self.now);
        self.begin(now, fx);
        self.run_before(now, fx);
        for event in msg::events(msg) {
            self.apply(&event, Origin::OUTSIDE, fx);
            self.apply_made(fx);
        }
        self.run_until(now, fx);
        self.send_messages(fx);
    }

    /// Lets time pass: whatever is due happens.
    pub fn on_tick(&mut self, now: Timestamp, fx: &mut impl Effects) {
        let now = now.max(self.now);
        self.begin(now, fx);
        self.run_before(now, fx);
        self.run_until(now, fx);
        self.send_messages(fx);
    }

    fn send_messages(&mut self, fx: &mut impl Effects) {
        for message in self.messages.drain(..) {
            // What was held down since the change that it tells of, is not told.
            if message.is_muted || self.alerts.is_muted_now(message.id, message.serial, &self.plan) {
                message.hold_back(fx);
            } else {
                self.counters.messages += 1;
                fx.message(&message.as_message());
            }
        }
    }

    /// The alert instances, with all that happens to them has to reach.
    fn alerts_and_out<'a, F>(&'a mut self, fx: &'a mut F) -> (&'a mut Alerts, Out<'a, F>) {
        let out = Out {
            plan: &self.plan,
            max_instances: self.limits.max_instances,
            fx,
            made: &mut self.made,
            messages: &mut self.messages,
            counters: &mut self.counters,
        };
        (&mut self.alerts, out)
    }

    /// The streams, with all that what happens to them has to reach.
    fn streams_and_out<'a, F: Effects>(&'a mut self, fx: &'a mut F) -> (&'a mut Streams, StreamOut<'a>) {
        let out = StreamOut { fx, made: &mut self.made, counters: &mut self.counters };
        (&mut self.streams, out)
    }

    /// Whether another alert mutes an open instance now, as `unless` of its rule says.
    pub fn is_muted(&self, rule: &str, instance: &str) -> bool {
        self.alerts.is_muted_by_name(rule, instance, &self.plan)
    }

    /// How many keys the streams hold.
    pub fn n_branches(&self) -> usize {
        self.streams.n_branches()
    }

    /// The rule set that runs.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The latest `now` that came in.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How many keys the index holds.
    pub fn n_series(&self) -> usize {
        self.table.n_keys()
    }

    /// Gives every event of the index that matches, in the order of their series' ids. Where the query names one host and one service that is one look-up.
    pub fn query(&self, query: &Query, mut found: impl FnMut(Indexed<'_>)) {
        if let (Some(host), Some(service)) = (query.host_literal(), query.service_literal()) {
            let entry = self.table.current(host.as_bytes(), service.as_bytes()).and_then(|id| self.table.indexed(id));
            if let Some(entry) = entry.filter(|entry| query.matches(&entry.event)) {
                found(entry);
            }
            return;
        }
        self.table.entries().filter(|entry| query.matches(&entry.event)).for_each(found);
    }

    /// Every alert instance, in a fixed order.
    pub fn alerts(&self) -> impl Iterator<Item = AlertInstance<'_>> {
        self.alerts.iter().filter_map(|instance| Some(AlertInstance::new(&self.plan.rule(instance.rule)?.alert, instance)))
    }

    /// What there is to know of the instances of a rule whose values of `by` are `wanted`, in a fixed order.
    pub fn facts(&self, rule: &str, wanted: impl Fn(&[Option<String>]) -> bool) -> Vec<Facts> {
        self.alerts.facts(&self.plan, rule, wanted)
    }

    /// The same of one instance; `None` where there is none.
    pub fn fact(&self, rule: &str, instance: &str) -> Option<Facts> {
        self.alerts.fact(&self.plan, rule, instance)
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
