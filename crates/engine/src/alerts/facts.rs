//! What there is to know of alert instances at a moment, for who asks why one is open, or not.

use event::Timestamp;

use super::Alerts;
use crate::State;
use crate::rules::Plan;
use crate::rules::conditions::LEVELS;
use crate::rules::instance::{Instance, NEVER};

/// One instance of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// As in [`crate::Transition::instance`].
    pub instance: String,
    /// The values of the rule's `by`, in its order.
    pub values: Vec<Option<String>>,
    /// Its state.
    pub state: State,
    /// Since when; `None` for one that never changed.
    pub since: Option<Timestamp>,
    /// The number that the levels see; `None`: there is none (yet).
    pub value: Option<f64>,
    /// The rule's levels, lowest first.
    pub levels: Vec<LevelFacts>,
    /// While it is open, whether the rule's `clear` holds; of a rule without one `None`.
    pub clear: Option<bool>,
    /// Since when `clear_for` runs.
    pub clear_since: Option<Timestamp>,
    /// When the last event came; `None`: none ever did.
    pub seen: Option<Timestamp>,
    /// When it opens for want of events.
    pub absent_at: Option<Timestamp>,
    /// When its last event expires, where that ends it.
    pub expires_at: Option<Timestamp>,
    /// Its events expired.
    pub is_gone: bool,
    /// Samples or members that the number is made of.
    pub n_samples: Option<usize>,
    /// Name and instance of the alert that holds it down.
    pub muted_by: Option<(String, String)>,
}

/// A level of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelFacts {
    /// Which.
    pub state: State,
    /// Its condition holds.
    pub holds: bool,
    /// Since when it does, or is kept by its own `clear`.
    pub since: Option<Timestamp>,
    /// It has a `clear` of its own, which does not hold yet; asked while it is open only.
    pub is_unclear: bool,
}

impl Alerts {
    /// The instances of a rule whose values of `by` are `wanted`, in a fixed order.
    pub(crate) fn facts(&self, plan: &Plan, name: &str, wanted: impl Fn(&[Option<String>]) -> bool) -> Vec<Facts> {
        let Some(rule) = plan.rules().iter().position(|rule| rule.alert.name == name) else { return Vec::new() };
        let is_its = |instance: &&Instance| instance.rule as usize == rule && wanted(&instance.texts.values);
        let mut facts: Vec<Facts> = self.iter().filter(is_its).filter_map(|instance| self.facts_of(instance, plan)).collect();
        facts.sort_by(|a, b| a.instance.cmp(&b.instance));
        facts
    }

    /// The same of one instance.
    pub(crate) fn fact(&self, plan: &Plan, name: &str, instance: &str) -> Option<Facts> {
        let rule = plan.rules().iter().find(|rule| rule.alert.name == name)?;
        self.facts_of(self.instances.get(self.find(rule.definition, instance)?)?, plan)
    }

    fn facts_of(&self, instance: &Instance, plan: &Plan) -> Option<Facts> {
        let alert = &plan.rule(instance.rule)?.alert;
        let is_open = instance.state.is_open();
        let time = |at: Timestamp| (at != NEVER).then_some(at);
        let level = |(at, state): (usize, State)| {
            alert.level(state)?;
            Some(LevelFacts {
                state,
                holds: instance.conditions.holds(at),
                since: instance.holds.get(at).copied().and_then(time),
                is_unclear: is_open && instance.conditions.level_unclear(at),
            })
        };
        let muting = self.muting(instance, plan).and_then(|other| Some((plan.rule(other.rule)?.alert.name.clone(), other)));
        Some(Facts {
            instance: instance.texts.instance.clone(),
            values: instance.texts.values.clone(),
            state: instance.state,
            since: instance.since,
            value: instance.value,
            levels: LEVELS.into_iter().enumerate().filter_map(level).collect(),
            clear: alert.clear.as_ref().filter(|_| is_open).map(|_| !instance.conditions.unclear()),
            clear_since: instance.clear_since,
            seen: instance.was_seen.then_some(instance.seen),
            absent_at: time(instance.absent_at),
            expires_at: time(instance.deadline).filter(|_| alert.absent.is_none() && instance.measured.is_event()),
            is_gone: instance.gone,
            n_samples: instance.measured.count(),
            muted_by: muting.map(|(name, other)| (name, other.texts.instance.clone())),
        })
    }
}
