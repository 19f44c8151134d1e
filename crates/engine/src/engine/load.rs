//! Another rule set for a running engine.

use std::sync::Arc;

use event::Timestamp;

use super::Engine;
use crate::Effects;
use crate::live::LiveRules;
use crate::rules::Plan;
use crate::rules::kept::{Fate, Kept};

/// What is left of the rules that ran before. With many rules it takes a while to drop, so do that where nobody waits.
#[derive(Debug)]
pub struct Leftover {
    plan: Arc<Plan>,
    _live: LiveRules,
}

impl Leftover {
    /// The rules that ran before.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl Engine {
    /// Runs another rule set from now on. Rules whose definition stays the same keep their instances, and what changed of their levels counts
    /// for these at once; the instances of others end as "rule removed", without a message.
    ///
    /// What it costs besides a look at every rule is a pass over the instances where a rule has changed, and over the series where a query has.
    pub fn load(&mut self, plan: Arc<Plan>, now: Timestamp, fx: &mut impl Effects) -> Leftover {
        let now = now.max(self.now);
        self.begin(now, fx);
        self.run_before(now, fx);
        let kept = Kept::between(&self.plan, &plan);
        let (alerts, mut out) = self.alerts_and_out(fx);
        alerts.end_removed(&kept.rules, &plan, now, &mut out);
        if !kept.has_same_streams {
            self.streams = std::mem::take(&mut self.streams).adopt(plan.programs(), &kept.streams);
        }
        let live = if kept.has_same_queries { LiveRules::default() } else { self.forget_live() };
        let plan = self.adopt(plan, &kept.rules);
        self.begin(now, fx);
        self.apply_made(fx);
        self.run_until(now, fx);
        self.send_messages(fx);
        Leftover { plan, _live: live }
    }

    /// Every series looks its rules up anew, when its next event comes.
    fn forget_live(&mut self) -> LiveRules {
        self.table.forget_live();
        std::mem::take(&mut self.live)
    }

    /// Goes over to another plan with the instances of the rules that are kept; gives back the old one.
    pub(crate) fn adopt(&mut self, plan: Arc<Plan>, kept: &[Fate]) -> Arc<Plan> {
        let old = std::mem::replace(&mut self.plan, plan);
        self.alerts.renumber(kept, self.now, &self.plan);
        old
    }
}
