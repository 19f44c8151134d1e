//! All alert instances: found by their values, driven by events and timers.

mod change;
mod expected;
mod facts;
mod full;
mod inputs;
mod load;
mod measured;
mod members;
mod muted;
mod nodes;
mod snapshot;
mod timers;

use std::collections::{BTreeSet, VecDeque};
use std::hash::{BuildHasher, Hasher};

use event::{Duration, Timestamp, View};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::live::Memo;
use crate::rules::conditions::Conditions;
use crate::rules::instance::{Instance, NEVER};
use crate::rules::plan::Rule;
use crate::rules::{Plan, naming};
use crate::streams::Gathered;
use crate::table::Slab;
use crate::{Cause, Counters, Effects, State};
pub(crate) use change::{Made, PendingMessage, Target};
pub use facts::{Facts, LevelFacts};
pub(crate) use measured::Measured;
use nodes::Nodes;
use timers::Timers;

/// All instances of all rules.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    instances: Slab<Instance>,
    /// Of the next instance.
    serial: u32,
    /// By definition of the rule and text of the instance, neither of which changes.
    by_text: HashTable<u32>,
    hasher: RandomState,
    /// Instances by rule.
    n_of_rule: Vec<usize>,
    timers: Timers,
    /// Which instances are open, by rule.
    open_of_rule: Vec<BTreeSet<u32>>,
    /// The instances that the rules expect are there.
    has_begun: bool,
    /// Those that the swarm's leader lists; empty unless a rule expects them.
    nodes: Nodes,
    text: String,
    gathered: Gathered,
}

/// What an event means to the rules that match it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) now: Timestamp,
    /// When it expires.
    pub(crate) deadline: Timestamp,
    /// How many rules it went through.
    pub(crate) depth: u8,
}

/// Where things go to.
pub(crate) struct Out<'a, F> {
    pub(crate) plan: &'a Plan,
    pub(crate) max_instances: usize,
    pub(crate) fx: &'a mut F,
    pub(crate) made: &'a mut VecDeque<Made>,
    pub(crate) messages: &'a mut Vec<PendingMessage>,
    pub(crate) counters: &'a mut Counters,
}

impl Alerts {
    #[inline]
    fn recall(&self, memo: Memo) -> Option<u32> {
        let known = self.instances.get(memo.instance).is_some_and(|instance| instance.serial == memo.serial);
        known.then_some(memo.instance)
    }

    /// The instance that an event belongs to, made when there is none yet and room for it.
    fn instance_of<F: Effects>(&mut self, rule: u32, event: &View<'_>, now: Timestamp, out: &mut Out<'_, F>) -> Option<u32> {
        let Rule { alert, definition, .. } = out.plan.rule(rule)?;
        let mut text = std::mem::take(&mut self.text);
        naming::write_instance(&mut text, alert, event);
        let found = self.find(*definition, &text).or_else(|| {
            if !self.has_room(rule, now, out) {
                return None;
            }
            let mut instance = Instance::new(rule, *definition, naming::texts(alert, event, &text, &out.plan.settings().swarm));
            instance.measured = Measured::new(&alert.measure);
            Some(self.insert(instance))
        });
        self.text = text;
        found
    }

    fn find(&self, definition: u64, text: &str) -> Option<u32> {
        let instances = &self.instances;
        let is_it = |&id: &u32| instances.get(id).is_some_and(|known| known.definition == definition && known.texts.instance == text);
        self.by_text.find(hash(&self.hasher, definition, text), is_it).copied()
    }

    fn insert(&mut self, mut instance: Instance) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        instance.serial = self.serial;
        let rule = instance.rule as usize;
        let id = self.instances.insert(instance);
        self.count(rule, 1);
        self.file(id);
        id
    }

    /// Makes an instance findable.
    fn file(&mut self, id: u32) {
        let (instances, hasher) = (&self.instances, &self.hasher);
        let rehash = |&id: &u32| instances.get(id).map_or(0, |known| hash(hasher, known.definition, &known.texts.instance));
        self.by_text.insert_unique(rehash(&id), id, rehash);
    }

    fn count(&mut self, rule: usize, by: isize) {
        if self.n_of_rule.len() <= rule {
            self.n_of_rule.resize(rule + 1, 0);
        }
        if let Some(n) = self.n_of_rule.get_mut(rule) {
            *n = n.saturating_add_signed(by);
        }
    }

    fn remove(&mut self, id: u32) {
        let Some(instance) = self.instances.remove(id) else { return };
        self.file_open(id, instance.rule, false);
        self.count(instance.rule as usize, -1);
        let hash_value = hash(&self.hasher, instance.definition, &instance.texts.instance);
        if let Ok(entry) = self.by_text.find_entry(hash_value, |&other| other == id) {
            entry.remove();
        }
    }

    /// An event that a rule's `where` picked; `memo` is where its instance was last time.
    #[inline]
    pub(crate) fn on_event<F: Effects>(
        &mut self,
        rule: u32,
        memo: Option<&mut Memo>,
        event: &View<'_>,
        arrival: Arrival,
        out: &mut Out<'_, F>,
    ) {
        let steady = out.plan.rule(rule).is_some_and(|rule| rule.steady);
        let id = match memo {
            Some(memo) if steady => match self.recall(*memo) {
                Some(id) => id,
                None => {
                    let Some(id) = self.instance_of(rule, event, arrival.now, out) else { return };
                    *memo = Memo { instance: id, serial: self.instances.get(id).map_or(0, |instance| instance.serial) };
                    id
                }
            },
            _ if out.plan.own().swarm_nodes == Some(rule) => return self.hear_of_node(event, arrival.now, out),
            _ => {
                let Some(id) = self.instance_of(rule, event, arrival.now, out) else { return };
                id
            }
        };
        self.take_event(id, event, arrival, out);
    }

    #[inline]
    fn take_event<F: Effects>(&mut self, id: u32, event: &View<'_>, arrival: Arrival, out: &mut Out<'_, F>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(rule) = out.plan.rule(instance.rule) else { return };
        let alert = &rule.alert;
        instance.seen = arrival.now;
        instance.was_seen = true;
        instance.depth = arrival.depth;
        if !instance.measured.is_event() {
            instance.absent_at = alert.absent.map_or(NEVER, |absent| arrival.now + absent);
            instance.keep_event(alert, event, arrival, out.counters);
            return self.settle(id, true, arrival.now, out);
        }
        instance.deadline = arrival.deadline;
        instance.gone = false;
        instance.value = event.metric.map(event::Metric::as_f64);
        instance.absent_at = alert.absent.map_or(NEVER, |absent| arrival.now + absent);
        instance.conditions = Conditions::ask(alert, event, instance.state.is_open());
        if instance.is_idle() {
            if instance.look_at == NEVER {
                self.schedule(id, arrival.now, out.plan);
            }
            return;
        }
        instance.texts.last.keep(event);
        self.settle(id, true, arrival.now, out);
    }

    /// Looks at an instance: what its samples, ttl, levels and timers say at `now`; `is_event`: because an event came.
    fn settle<F: Effects>(&mut self, id: u32, is_event: bool, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(rule) = out.plan.rule(instance.rule) else { return };
        let alert = &rule.alert;
        let is_woken = std::mem::take(&mut instance.is_woken);
        let is_told = if instance.measured.is_event() {
            true
        } else if is_event || instance.wants_look(alert, now) {
            instance.measure(alert, now, &mut self.gathered)
        } else {
            now >= instance.absent_at || is_woken
        };
        if !is_told {
            // The state stays.
        } else if instance.expires(alert, now) {
            let next = instance.expire(alert).map(|next| if rule.is_own() { State::Ok } else { next });
            if let Some(next) = next {
                let next = self.hold_down(id, next, out.plan);
                self.change(id, next, Cause::Expired, now, out);
            }
        } else if !instance.gone {
            let absent = now >= instance.absent_at;
            if absent {
                instance.value = instance.was_seen.then(|| (now - instance.seen).as_secs_f64());
            }
            let next = instance.judge(alert, now);
            let next = self.hold_down(id, next, out.plan);
            self.change(id, next, if absent { Cause::Absent } else { Cause::Level }, now, out);
        }
        self.repeat(id, now, out);
        self.end(id, now, out);
        self.schedule(id, now, out.plan);
    }

    /// Forgets an instance whose time is over.
    fn end<F: Effects>(&mut self, id: u32, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(instance) = self.instances.get(id) else { return };
        let Some(rule) = out.plan.rule(instance.rule) else { return };
        let is_expected = |instance: &Instance| self.is_expected(&rule.alert, instance);
        if !instance.is_over(is_expected, now) {
            return;
        }
        if instance.state.is_open() {
            self.change(id, State::Expired, Cause::Expired, now, out);
        }
        self.remove(id);
    }

    /// Files an instance under the time of its next look, unless it is filed under an earlier one: that look will do it.
    #[inline]
    fn schedule(&mut self, id: u32, now: Timestamp, plan: &Plan) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(rule) = plan.rule(instance.rule) else { return };
        let next = instance.next_look(&rule.alert, now);
        if next < instance.look_at {
            instance.look_at = next;
            self.timers.push(next, instance.rule, id);
        }
    }

    /// When the next instance is to be looked at.
    #[inline]
    pub(crate) fn next_look(&self) -> Option<Timestamp> {
        self.timers.next()
    }

    /// Looks at the instance whose look is due first, as of `now`.
    pub(crate) fn look<F: Effects>(&mut self, now: Timestamp, out: &mut Out<'_, F>) {
        let Some((due, id)) = self.timers.pop() else { return };
        let Some(instance) = self.instances.get_mut(id).filter(|instance| instance.look_at == due) else { return };
        instance.look_at = NEVER;
        self.settle(id, false, now, out);
    }

    /// An event with state `expired` matched a rule, but only as the end of what it watches.
    pub(crate) fn on_end<F: Effects>(&mut self, rule: u32, event: &View<'_>, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(known) = out.plan.rule(rule) else { return };
        let mut text = std::mem::take(&mut self.text);
        naming::write_instance(&mut text, &known.alert, event);
        let found = self.find(known.definition, &text);
        self.text = text;
        let Some(id) = found else { return };
        if let Some(instance) = self.instances.get_mut(id)
            && !instance.gone
        {
            if !instance.measured.is_event() {
                if instance.measured.end(&known.alert, event, now) {
                    self.settle(id, true, now, out);
                }
                return;
            }
            instance.deadline = instance.deadline.min(now);
            self.settle(id, false, now, out);
        }
    }

    /// Time stood still for `gap`.
    pub(crate) fn on_gap(&mut self, gap: Duration, grace: Duration, now: Timestamp, plan: &Plan) {
        for (_, instance) in self.instances.iter_mut() {
            instance.on_gap(gap, grace);
        }
        self.reschedule(now, plan);
    }

    /// Files every instance anew.
    fn reschedule(&mut self, now: Timestamp, plan: &Plan) {
        self.timers.clear();
        for (id, instance) in self.instances.iter_mut() {
            let Some(rule) = plan.rule(instance.rule) else { continue };
            instance.look_at = if instance.is_woken { now } else { instance.next_look(&rule.alert, now) };
            if instance.look_at != NEVER {
                self.timers.push(instance.look_at, instance.rule, id);
            }
        }
    }

    /// In the order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.instances.iter().map(|(_, instance)| instance)
    }
}

fn hash(hasher: &RandomState, definition: u64, text: &str) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write_u64(definition);
    hasher.write(text.as_bytes());
    hasher.finish()
}
