//! Instances that must exist even if nothing was ever heard of them.

use event::Timestamp;

use super::{Alerts, Out};
use crate::rules::instance::Instance;
use crate::rules::plan::Rule;
use crate::rules::{Alert, naming};

impl Alerts {
    /// Makes the instances that the rules expect and that are not there yet: once for each rule set, when its time begins.
    pub(crate) fn begin<F>(&mut self, now: Timestamp, out: &mut Out<'_, F>) {
        if std::mem::replace(&mut self.has_begun, true) {
            return;
        }
        for (rule, known) in (0..).zip(out.plan.rules()) {
            for values in &known.alert.expect {
                self.expect(rule, known, values, now, out);
            }
        }
    }

    fn expect<F>(&mut self, rule: u32, known: &Rule, values: &[String], now: Timestamp, out: &mut Out<'_, F>) {
        let Rule { alert, definition, .. } = known;
        let Some(absent) = alert.absent else { return };
        let values: Vec<Option<String>> = values.iter().cloned().map(Some).collect();
        let text = naming::instance_of(&values);
        if self.find(*definition, &text).is_some() {
            return;
        }
        if self.is_full(rule, out) {
            out.counters.instances_over += 1;
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
}

impl Alert {
    /// Whether an instance of these values must exist.
    pub(crate) fn expects(&self, values: &[Option<String>]) -> bool {
        let is_it = |expected: &Vec<String>| expected.iter().map(Some).eq(values.iter().map(Option::as_ref));
        self.expect.iter().any(is_it)
    }
}
