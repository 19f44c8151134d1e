//! `unless`: which instances are held down because another alert is open.

use std::collections::BTreeSet;

use event::Timestamp;

use super::{Alerts, Out};
use crate::rules::instance::Instance;
use crate::rules::{Plan, naming};
use crate::{Effects, State};

/// A value of `by`.
fn value(instance: &Instance, at: usize) -> Option<&str> {
    instance.texts.values.get(at)?.as_deref()
}

impl Alerts {
    /// Whether an instance is held down now.
    pub(super) fn is_muted(&self, instance: &Instance, plan: &Plan) -> bool {
        self.muting(instance, plan).is_some()
    }

    /// What holds an instance down now. One that is held down itself holds down nobody; the plan has no circles.
    pub(super) fn muting(&self, instance: &Instance, plan: &Plan) -> Option<&Instance> {
        let unless = plan.rule(instance.rule)?.unless.as_ref()?;
        let holds_down = |other: &&Instance| {
            let is_same = unless.same.iter().all(|&(own, its)| value(instance, own) == value(other, its));
            other.state.is_open() && is_same && !self.is_muted(other, plan)
        };
        if let Some(places) = &unless.whole {
            let values: Vec<_> = places.iter().map(|&own| value(instance, own).map(str::to_owned)).collect();
            let found = self.find(plan.rule(unless.target)?.definition, &naming::instance_of(&values))?;
            return self.instances.get(found).filter(holds_down);
        }
        let open = self.open_of_rule.get(unless.target as usize).into_iter().flatten();
        open.filter_map(|&id| self.instances.get(id)).find(holds_down)
    }

    /// As [`Alerts::is_muted`] of an open instance, by its name within its rule.
    pub(crate) fn is_muted_by_name(&self, rule: &str, instance: &str, plan: &Plan) -> bool {
        let found = plan.muted_rule(rule).and_then(|rule| self.instances.get(self.find(rule.definition, instance)?));
        found.is_some_and(|instance| instance.state.is_open() && self.is_muted(instance, plan))
    }

    /// The state that an instance may take: no higher one while it is held down.
    pub(super) fn hold_down(&self, id: u32, next: State, plan: &Plan) -> State {
        match self.instances.get(id) {
            Some(instance) if next > instance.state.max(State::Ok) && self.is_muted(instance, plan) => instance.state,
            _ => next,
        }
    }

    /// As [`Alerts::is_muted`], of the instance that had this place and number.
    pub(crate) fn is_muted_now(&self, id: u32, serial: u32, plan: &Plan) -> bool {
        self.instances.get(id).is_some_and(|instance| instance.serial == serial && self.is_muted(instance, plan))
    }

    /// Takes note of a change between open and not open; those that wait for it are looked at now.
    pub(super) fn note_open<F: Effects>(&mut self, id: u32, from: State, to: State, now: Timestamp, out: &mut Out<'_, F>) {
        if from.is_open() == to.is_open() {
            return;
        }
        let Some(rule) = self.instances.get(id).map(|instance| instance.rule) else { return };
        self.file_open(id, rule, to.is_open());
        if let Some(known) = out.plan.rule(rule).filter(|known| !known.wakes.is_empty()) {
            self.wake(&known.wakes, now);
            out.fx.muting_changed();
        }
    }

    /// The open instances of a rule.
    pub(super) fn open_of(&mut self, rule: u32) -> &mut BTreeSet<u32> {
        let n_rules = self.open_of_rule.len().max(rule as usize + 1);
        self.open_of_rule.resize_with(n_rules, BTreeSet::new);
        self.open_of_rule.get_mut(rule as usize).expect("it was made just now")
    }

    pub(super) fn file_open(&mut self, id: u32, rule: u32, is_open: bool) {
        let open = self.open_of(rule);
        if is_open {
            open.insert(id);
        } else {
            open.remove(&id);
        }
    }

    /// Has the instances of these rules that may want to open or rise looked at.
    fn wake(&mut self, rules: &[u32], now: Timestamp) {
        for (id, instance) in self.instances.iter_mut() {
            if rules.contains(&instance.rule) && instance.may_rise(now) {
                instance.is_woken = true;
                if now < instance.look_at {
                    instance.look_at = now;
                    self.timers.push(now, instance.rule, id);
                }
            }
        }
    }
}
