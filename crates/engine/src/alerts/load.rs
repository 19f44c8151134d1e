//! What becomes of alert instances when their rules change.

use event::Timestamp;

use super::{Alerts, Out};
use crate::rules::Plan;
use crate::rules::instance::{Instance, NEVER};
use crate::rules::kept::Fate;
use crate::rules::message;
use crate::{Cause, Effects, State};

impl Alerts {
    /// Ends the instances of rules that the next plan does not have.
    pub(crate) fn end_removed<F: Effects>(&mut self, kept: &[Fate], next: &Plan, now: Timestamp, out: &mut Out<'_, F>) {
        for id in self.removed(kept, next) {
            if self.instances.get(id).is_some_and(|instance| instance.state.is_open()) {
                self.change(id, State::Expired, Cause::RuleRemoved, now, out);
            }
        }
    }

    /// Those whose rule goes, and those of which nothing was ever heard and that are no more expected.
    fn removed(&self, kept: &[Fate], next: &Plan) -> Vec<u32> {
        let has_instances = |rule: usize| self.n_of_rule.get(rule).is_some_and(|&n| n > 0);
        if kept.iter().enumerate().all(|(rule, fate)| matches!(fate, Fate::Same(_)) || !has_instances(rule)) {
            return Vec::new();
        }
        let is_removed = |instance: &Instance| match fate(kept, instance.rule) {
            Fate::Removed => true,
            Fate::Changed(id) => !instance.was_seen && !next.rule(id).is_some_and(|rule| self.is_expected(&rule.alert, instance)),
            Fate::Same(_) => false,
        };
        self.instances.iter().filter(|(_, instance)| is_removed(instance)).map(|(id, _)| id).collect()
    }

    /// Forgets the instances of removed rules, gives the others their rules' new numbers, and asks new levels about the events they had.
    pub(crate) fn renumber(&mut self, kept: &[Fate], now: Timestamp, plan: &Plan) {
        for id in self.removed(kept, plan) {
            self.remove(id);
        }
        let is_as_before = kept.len() == plan.rules().len() && kept.iter().enumerate().all(|(rule, fate)| *fate == Fate::Same(rule as u32));
        if is_as_before {
            return;
        }
        self.has_begun = false;
        self.renumber_rules(kept);
        for (_, instance) in self.instances.iter_mut() {
            let fate = fate(kept, instance.rule);
            instance.rule = fate.id().unwrap_or(instance.rule);
            if let (Fate::Changed(_), Some(rule)) = (fate, plan.rule(instance.rule)) {
                instance.absent_at = rule.alert.absent.map_or(NEVER, |absent| instance.seen + absent);
                if !instance.is_idle() && !instance.gone {
                    instance.ask_again(&rule.alert);
                }
                instance.plan_look(&rule.alert, now);
                if instance.state.is_open() {
                    message::render_words(&rule.alert, instance);
                }
            }
            // What held it down may not do so any more.
            instance.is_woken = instance.may_rise(now) && instance.state != State::Critical;
        }
        self.reschedule(now, plan);
    }

    /// Puts what is kept by rule under the new numbers.
    fn renumber_rules(&mut self, kept: &[Fate]) {
        let (counts, open) = (std::mem::take(&mut self.n_of_rule), std::mem::take(&mut self.open_of_rule));
        for (fate, n) in kept.iter().zip(counts) {
            if let Some(rule) = fate.id() {
                self.count(rule as usize, n as isize);
            }
        }
        for (fate, open) in kept.iter().zip(open) {
            if let Some(rule) = fate.id() {
                *self.open_of(rule) = open;
            }
        }
    }

    /// Fills the look-up of instances and their counts from the instances themselves.
    pub(crate) fn file_all(&mut self) {
        let instances: Vec<(u32, u32)> = self.instances.iter().map(|(id, instance)| (id, instance.rule)).collect();
        for (id, rule) in instances {
            self.count(rule as usize, 1);
            self.file(id);
            if self.instances.get(id).is_some_and(|instance| instance.state.is_open()) {
                self.file_open(id, rule, true);
            }
        }
    }
}

fn fate(kept: &[Fate], rule: u32) -> Fate {
    kept.get(rule as usize).copied().unwrap_or(Fate::Removed)
}
