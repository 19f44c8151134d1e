//! Where an alert's number comes from.

use std::fmt::Write;

use event::{Duration, Timestamp};

use crate::expression::Expression;
use crate::query::Query;
use crate::streams::{Fold, Sliding, Take};

/// What the levels of an alert see as `metric`.
#[derive(Clone, Debug, Default)]
pub enum Measure {
    /// The event's own number.
    #[default]
    Event,
    /// What is taken of the samples of a time.
    Over(Over),
    /// What is taken of the latest events of its members.
    Across(Across),
    /// Arithmetic over the latest events of some queries.
    Join(Join),
}

/// `over: 5m`, `take: mean`: a sliding window for each instance.
#[derive(Clone, Debug)]
pub struct Over {
    pub(crate) window: Sliding,
    pub(crate) every: Every,
}

impl Over {
    /// A window of so long, from which `take` makes the number; it is looked at with each event and each `every` on the clock.
    pub fn new(over: Duration, take: Take, every: Duration) -> Self {
        Self { window: Sliding::watched(over, take), every: Every(every) }
    }

    /// How long the window is.
    pub fn length(&self) -> Duration {
        self.window.over
    }

    /// What is taken of it.
    pub fn take(&self) -> Option<&Take> {
        self.window.taken()
    }

    /// How often it is looked at without an event.
    pub fn every(&self) -> Duration {
        self.every.0
    }
}

/// `across: [host, container]`, `take: sum`: the latest event of each combination of these fields, as long as its ttl lasts.
#[derive(Clone, Debug)]
pub struct Across {
    pub(crate) fields: Vec<String>,
    pub(crate) take: Take,
    pub(crate) every: Every,
}

impl Across {
    /// Members by these fields; those whose time is up leave with an event of the instance, or at a multiple of `every` on the clock.
    pub fn new(fields: Vec<String>, take: Take, every: Duration) -> Self {
        Self { fields, take, every: Every(every) }
    }

    /// What tells its members apart.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// What is taken of their numbers.
    pub fn take(&self) -> &Take {
        &self.take
    }
}

/// `join: {desired: …, running: …}`, `value: desired - running`.
#[derive(Clone, Debug)]
pub struct Join {
    /// Names and what they stand for.
    pub inputs: Vec<(String, Query)>,
    /// Over the names.
    pub value: Expression,
}

/// How often something is looked at that no event came for: at whole multiples on the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Every(pub(crate) Duration);

impl Every {
    /// The first look that is later than `now` and not before `at`.
    pub(crate) fn look(self, at: Timestamp, now: Timestamp) -> Timestamp {
        let every = self.0.micros().max(1);
        let from = at.max(now + Duration::from_micros(1)).micros();
        Timestamp::from_micros(from.saturating_add(every - 1).div_euclid(every).saturating_mul(every))
    }
}

/// Whether the number changes while time passes and samples stay.
pub(crate) fn moves(take: &Take) -> bool {
    matches!(take, Take::Predict { .. } | Take::TimeTo { .. })
}

/// What a take is of no samples, where that is a number.
pub(crate) fn of_nothing(take: &Take) -> Option<f64> {
    matches!(take, Take::Fold(Fold::Count | Fold::Sum) | Take::Rate | Take::Increase).then_some(0.0)
}

/// Whether a number is of the same kind as the samples it was taken of, so that percents stay percents.
fn keeps_unit(take: &Take) -> bool {
    match take {
        Take::Fold(fold) => !matches!(fold, Fold::Count | Fold::Product | Fold::Quotient | Fold::QuotientSloppy),
        Take::Point(_) | Take::First | Take::Last | Take::Range | Take::Delta | Take::Ewma { .. } | Take::Predict { .. } => true,
        Take::Increase | Take::Rate | Take::Distinct | Take::TimeTo { .. } | Take::ZScore | Take::Mad => false,
    }
}

impl Measure {
    /// Whether the number is of the same kind as those of the events.
    pub(crate) fn keeps_unit(&self) -> bool {
        match self {
            Self::Event => true,
            Self::Over(over) => over.window.taken().is_some_and(keeps_unit),
            Self::Across(across) => keeps_unit(&across.take),
            Self::Join(_) => false,
        }
    }

    /// What must stay the same for the state to outlive a reload: thresholds, and where a line is asked for, may change.
    pub(crate) fn write_definition(&self, out: &mut String) {
        match self {
            Self::Event => {}
            Self::Across(Across { fields, take, .. }) => _ = write!(out, "across {fields:?} {take:?}"),
            Self::Join(Join { inputs, .. }) => _ = write!(out, "join {inputs:?}"),
            Self::Over(Over { window, .. }) => {
                let _ = write!(out, "over {} ", window.over);
                match window.taken() {
                    Some(Take::Predict { .. }) => out.push_str("predict"),
                    Some(Take::TimeTo { .. }) => out.push_str("time_to"),
                    take => _ = write!(out, "{take:?}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_at_whole_multiples_on_the_clock() {
        let look = |at, now| Every(Duration::from_secs(10)).look(Timestamp::from_secs(at), Timestamp::from_secs(now));
        assert_eq!(look(0, 5), Timestamp::from_secs(10));
        assert_eq!(look(0, 10), Timestamp::from_secs(20));
        assert_eq!(look(30, 10), Timestamp::from_secs(30));
        assert_eq!(look(31, 10), Timestamp::from_secs(40));
        let never = Timestamp::from_micros(i64::MAX);
        assert!(Every(Duration::from_secs(10)).look(never, never) > Timestamp::from_secs(1 << 40));
    }
}
