//! What becomes of alert instances when their rules change.

use event::Timestamp;

use super::{Alerts, Out};
use crate::rules::Plan;
use crate::rules::instance::{Instance, NEVER};
use crate::{Cause, Effects, State};

impl Alerts {
    /// Ends the instances of rules that the next plan does not have.
    pub(crate) fn end_removed<F: Effects>(&mut self, kept: &[Option<u32>], next: &Plan, now: Timestamp, out: &mut Out<'_, F>) {
        for id in self.removed(kept, next) {
            if self.instances.get(id).is_some_and(|instance| instance.state.is_open()) {
                self.change(id, State::Expired, Cause::RuleRemoved, now, out);
            }
        }
    }

    /// Those whose rule goes, and those of which nothing was ever heard and that are no more expected.
    fn removed(&self, kept: &[Option<u32>], next: &Plan) -> Vec<u32> {
        let is_kept = |instance: &Instance| {
            let rule = next.rule(kept.get(instance.rule as usize).copied().flatten()?)?;
            (instance.was_seen || rule.alert.expects(&instance.texts.values)).then_some(())
        };
        self.instances.iter().filter(|(_, instance)| is_kept(instance).is_none()).map(|(id, _)| id).collect()
    }

    /// Forgets the instances of removed rules, gives the others their rules' new numbers, and asks the new levels about the events they had.
    pub(crate) fn renumber(&mut self, kept: &[Option<u32>], now: Timestamp, plan: &Plan) {
        for id in self.removed(kept, plan) {
            self.remove(id);
        }
        self.n_of_rule.clear();
        self.by_text.clear();
        self.open_of_rule.clear();
        self.has_begun = false;
        for (_, instance) in self.instances.iter_mut() {
            if let Some(rule) = kept.get(instance.rule as usize).copied().flatten() {
                instance.rule = rule;
            }
            let Some(rule) = plan.rule(instance.rule) else { continue };
            instance.absent_at = rule.alert.absent.map_or(NEVER, |absent| instance.seen + absent);
            if !instance.is_idle() && !instance.gone {
                instance.ask_again(&rule.alert);
            }
            instance.plan_look(&rule.alert, now);
            // What held it down may not do so any more.
            instance.is_woken = instance.may_rise(now) && instance.state != State::Critical;
        }
        self.refile();
        self.reschedule(now, plan);
    }

    /// Fills the look-up of instances and their counts from the instances themselves.
    pub(crate) fn refile(&mut self) {
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
