//! What becomes of the rules and streams of a plan when another one takes its place.

use super::Plan;

/// What the next plan makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is not in it.
    Removed,
    /// It has this number, and its instances go on; levels, times or texts may be others.
    Changed(u32),
    /// It has this number, and nothing else is new.
    Same(u32),
}

impl Fate {
    /// Its number in the next plan.
    pub(crate) fn id(self) -> Option<u32> {
        match self {
            Self::Removed => None,
            Self::Changed(id) | Self::Same(id) => Some(id),
        }
    }
}

/// What the next plan makes of a whole plan.
#[derive(Debug)]
pub(crate) struct Kept {
    /// By rule of the old plan.
    pub(crate) rules: Vec<Fate>,
    /// By stream of the old plan: its number in the new one.
    pub(crate) streams: Vec<Option<u32>>,
    /// Every rule and stream has the number it had, and there are no others: what is known of their queries stays true.
    pub(crate) has_same_queries: bool,
    /// As that, for the streams alone.
    pub(crate) has_same_streams: bool,
}

impl Kept {
    pub(crate) fn between(old: &Plan, new: &Plan) -> Self {
        let rules: Vec<Fate> = old.rules().iter().map(|rule| new.fate(&rule.alert.name, rule.definition, Some(rule.content))).collect();
        let streams: Vec<Option<u32>> =
            old.programs().iter().map(|program| new.stream_position(&program.name, program.definition)).collect();
        let has_same_streams = is_identity(streams.iter().copied(), new.programs().len());
        let has_same_queries = has_same_streams && is_identity(rules.iter().map(|fate| fate.id()), new.rules().len());
        Self { rules, streams, has_same_queries, has_same_streams }
    }
}

fn is_identity(ids: impl ExactSizeIterator<Item = Option<u32>>, n_new: usize) -> bool {
    ids.len() == n_new && ids.enumerate().all(|(old, new)| new == Some(old as u32))
}
