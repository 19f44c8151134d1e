//! The engine: batches, ticks and gaps in, effects out.

use std::sync::Arc;

use event::{Duration, Timestamp};

use crate::query::Query;
use crate::rules::Plan;
use crate::{AlertInstance, Counters, Effects, Indexed, SnapshotError};

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
    plan: Arc<Plan>,
    limits: Limits,
    now: Timestamp,
    counters: Counters,
}

impl Engine {
    /// An engine that has seen nothing.
    pub fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        Self { plan, limits, now: Timestamp::default(), counters: Counters::default() }
    }

    /// Applies the events of one `Msg`, which [`event::msg::Msg::decode`] has checked.
    pub fn on_batch(&mut self, now: Timestamp, msg: &[u8], fx: &mut impl Effects) {
        let _ = (msg, fx);
        self.now = self.now.max(now);
    }

    /// Lets time pass.
    pub fn on_tick(&mut self, now: Timestamp, fx: &mut impl Effects) {
        let _ = fx;
        self.now = self.now.max(now);
    }

    /// A stretch of time that does not count: moves every deadline of ttl, `absent`, `for` and `clear_for` by `gap`, those of ttl
    /// and `absent` by `grace` more.
    pub fn on_gap(&mut self, gap: Duration, grace: Duration) {
        let _ = (gap, grace);
    }

    /// When [`Engine::on_tick`] is wanted at the latest; it may be asked for once too often, never too late.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        None
    }

    /// Runs another rule set from now on; rules whose `where` and `by` stay the same keep their instances.
    pub fn load(&mut self, plan: Arc<Plan>, now: Timestamp, fx: &mut impl Effects) {
        let _ = fx;
        self.now = self.now.max(now);
        self.plan = plan;
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
        0
    }

    /// Gives every event of the index that matches, in the order of their series' ids.
    pub fn query(&self, query: &Query, found: impl FnMut(Indexed<'_>)) {
        let _ = (query, found, self.limits);
    }

    /// Every alert instance, in a fixed order.
    pub fn alerts(&self) -> impl Iterator<Item = AlertInstance<'_>> {
        std::iter::empty()
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Appends the whole state.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&crate::snapshot::VERSION.to_le_bytes());
    }

    /// An engine with the state of a snapshot. With another plan, rules whose `where` and `by` are the same keep their instances.
    ///
    /// # Errors
    /// [`SnapshotError`] when the bytes are not a whole snapshot of this version.
    pub fn restore(bytes: &[u8], plan: Arc<Plan>, limits: Limits) -> Result<Self, SnapshotError> {
        if bytes.is_empty() {
            return Err(SnapshotError::Magic);
        }
        Ok(Self::new(plan, limits))
    }
}
