//! A rule that has as many instances as it may have: further ones are counted, and an alert of the engine's own says so.

use event::{Duration, LabelsBuf, Metric, Timestamp, View};

use super::{Alerts, Arrival, Out};
use crate::Effects;
use crate::rules::naming;

/// The alert stays open for so long after the last event that found no room.
const HOLDS: Duration = Duration::from_secs(60);

/// It is told anew no more often than this: a flood of events is not to cost twice.
const PACE: Duration = Duration::from_secs(1);

impl Alerts {
    /// Whether a rule may have one instance more; where not, that is counted and told.
    pub(super) fn has_room<F: Effects>(&mut self, rule: u32, now: Timestamp, out: &mut Out<'_, F>) -> bool {
        let Some(known) = out.plan.rule(rule) else { return false };
        let n = self.n_of_rule.get(rule as usize).copied().unwrap_or(0);
        if known.is_own() || n < known.alert.max_instances.unwrap_or(out.max_instances) {
            return true;
        }
        out.counters.instances_over += 1;
        self.tell_full(&known.alert.name, n, now, out);
        false
    }

    #[cold]
    fn tell_full<F: Effects>(&mut self, name: &str, n: usize, now: Timestamp, out: &mut Out<'_, F>) {
        let own = out.plan.own().instances_limit;
        let Some(limit) = out.plan.rule(own) else { return };
        let mut labels = LabelsBuf::new();
        labels.attribute(b"rule", name.as_bytes());
        let event = View { time: Some(now), metric: Some(Metric::Int(n as i64)), labels: labels.view(), ..View::default() };
        let mut text = String::new();
        naming::write_instance(&mut text, &limit.alert, &event);
        let told = self.find(limit.definition, &text).and_then(|id| self.instances.get(id));
        if told.is_some_and(|told| told.state.is_open() && told.deadline > now + HOLDS - PACE) {
            return;
        }
        self.on_event(own, None, &event, Arrival { now, deadline: now + HOLDS, depth: 0 }, out);
    }
}
