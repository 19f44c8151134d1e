//! Another rule set for a running engine.

use std::sync::Arc;

use event::Timestamp;

use super::Engine;
use crate::Effects;
use crate::rules::Plan;

impl Engine {
    /// Runs another rule set from now on. Rules whose name, `where` and `by` stay the same keep their instances, and what changed of their levels counts
    /// for these at once; the instances of others end as "rule removed", without a message.
    pub fn load(&mut self, plan: Arc<Plan>, now: Timestamp, fx: &mut impl Effects) {
        let now = now.max(self.now);
        self.begin(now, fx);
        self.run_before(now, fx);
        let kept = kept_rules(&self.plan, &plan);
        let (alerts, mut out) = self.alerts_and_out(fx);
        alerts.end_removed(&kept, &plan, now, &mut out);
        let kept_streams = kept_streams(&self.plan, &plan);
        self.adopt(plan, &kept, Some(&kept_streams));
        self.begin(now, fx);
        self.apply_made(fx);
        self.run_until(now, fx);
        self.send_messages(fx);
    }

    /// Goes over to another plan with the instances of the rules that are kept; the streams' state too, unless it fits already.
    pub(crate) fn adopt(&mut self, plan: Arc<Plan>, kept: &[Option<u32>], streams: Option<&[Option<u32>]>) {
        if let Some(kept) = streams {
            self.streams = std::mem::take(&mut self.streams).adopt(plan.programs(), kept);
        }
        self.plan = plan;
        self.live.clear();
        self.table.forget_live();
        self.alerts.renumber(kept, self.now, &self.plan);
    }
}

/// By rule of the old plan: which rule of the new one it is.
pub(crate) fn kept_rules(old: &Plan, new: &Plan) -> Vec<Option<u32>> {
    old.rules().iter().map(|rule| new.position(&rule.alert.name, rule.definition)).collect()
}

/// By stream of the old plan: which stream of the new one it is.
fn kept_streams(old: &Plan, new: &Plan) -> Vec<Option<u32>> {
    old.programs().iter().map(|program| new.stream_position(&program.name, program.definition)).collect()
}
