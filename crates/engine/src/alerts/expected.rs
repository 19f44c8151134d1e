//! Instances that must exist even if nothing was ever heard of them.

use event::Timestamp;

use super::{Alerts, Out};
use crate::Effects;
use crate::rules::instance::Instance;
use crate::rules::plan::Rule;
use crate::rules::{Alert, Expect, naming};

impl Alerts {
    /// Makes the instances that the rules expect and that are not there yet: once for each rule set, when its time begins.
    pub(crate) fn begin<F: Effects>(&mut self, now: Timestamp, out: &mut Out<'_, F>) {
        if std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        let nodes: Vec<Vec<String>> = self.nodes.names().map(|name| vec![name.to_owned()]).collect();
        for (rule, known) in (0..).zip(out.plan.rules()) {
            let all = match &known.alert.expect {
                Expect::Listed(listed) => listed,
                Expect::SwarmNodes => &nodes,
            };
            for values in all {
                self.expect(rule, known, values, now, out);
            }
        }
    }

    pub(super) fn expect<F: Effects>(&mut self, rule: u32, known: &Rule, values: &[String], now: Timestamp, out: &mut Out<'_, F>) {
        let Rule { alert, definition, .. } = known;
        let Some(absent) = alert.absent else { return };
        let values: Vec<Option<String>> = values.iter().cloned().map(Some).collect();
        let text = naming::instance_of(&values);
        if self.find(*definition, &text).is_some() || !self.has_room(rule, now, out) {
            return;
        }
        let settings = out.plan.settings();
        let mut instance = Instance::new(rule, *definition, naming::texts_of(alert, values, &text, &settings.swarm));
        instance.was_seen = false;
        instance.seen = now + settings.start_grace;
        instance.absent_at = instance.seen + absent;
        let id = self.insert(instance);
        self.schedule(id, now, out.plan);
    }

    /// Whether an instance must exist.
    pub(super) fn is_expected(&self, alert: &Alert, instance: &Instance) -> bool {
        let values = &instance.texts.values;
        match &alert.expect {
            Expect::Listed(listed) => listed.iter().any(|expected| expected.iter().map(Some).eq(values.iter().map(Option::as_ref))),
            Expect::SwarmNodes => matches!(values.as_slice(), [Some(name)] if self.nodes.has(name)),
        }
    }
}
