//! Which rule holds down which: the order in which rules are asked, so that those that others wait for come first.

use super::plan::Rule;

/// What holds an instance down.
#[derive(Clone, Debug)]
pub(crate) struct Muting {
    /// The other rule, of the plan.
    pub(crate) target: u32,
    /// Places in its own `by` and in the other's whose values must be the same.
    pub(crate) same: Vec<(usize, usize)>,
    /// Where `same` says the whole of the other's `by`: the place of each of its values in the own `by`. There is at most one then.
    pub(crate) whole: Option<Vec<usize>>,
}

/// Puts rules that others wait for before these, otherwise in their order, and finds for each what holds it down.
/// An `unless` that is in a circle, or names what is not there, says nothing.
pub(super) fn resolve(rules: &mut Vec<Rule>) {
    let depths: Vec<Option<usize>> = rules.iter().map(|rule| depth(rule, rules)).collect();
    let mut ordered: Vec<(Option<usize>, Rule)> = depths.into_iter().zip(rules.drain(..)).collect();
    ordered.sort_by_key(|(depth, _)| *depth);
    rules.extend(ordered.into_iter().map(|(depth, mut rule)| {
        if depth.is_none() {
            rule.alert.unless = None;
        }
        rule
    }));
    let muting: Vec<Option<Muting>> = rules.iter().map(|rule| muting(rule, rules)).collect();
    for (rule, muting) in rules.iter_mut().zip(muting) {
        rule.unless = muting;
    }
    for at in 0..rules.len() {
        let mut next = target(rules, at);
        while let Some(above) = next {
            if let Some(rule) = rules.get_mut(above) {
                rule.wakes.push(at as u32);
            }
            next = target(rules, above);
        }
    }
}

fn target(rules: &[Rule], at: usize) -> Option<usize> {
    Some(rules.get(at)?.unless.as_ref()?.target as usize)
}

/// How many rules come before this one; `None`: it is in a circle, or waits for one that is.
fn depth(rule: &Rule, rules: &[Rule]) -> Option<usize> {
    let (mut depth, mut at) = (0, rule);
    while let Some(unless) = &at.alert.unless {
        let Some(next) = rules.iter().find(|other| other.alert.name == unless.alert) else { break };
        (depth, at) = (depth + 1, next);
        if depth > rules.len() {
            return None;
        }
    }
    Some(depth)
}

fn muting(rule: &Rule, rules: &[Rule]) -> Option<Muting> {
    let unless = rule.alert.unless.as_ref()?;
    let target = rules.iter().position(|other| other.alert.name == unless.alert)?;
    let its = &rules.get(target)?.alert.by;
    let place = |by: &[String], field: &String| by.iter().position(|other| other == field);
    let same: Option<Vec<_>> = unless.same.iter().map(|(own, other)| Some((place(&rule.alert.by, own)?, place(its, other)?))).collect();
    let same = same?;
    let own_place = |at: usize| same.iter().find(|(_, other)| *other == at).map(|(own, _)| *own);
    let whole = (0..its.len()).map(own_place).collect();
    Some(Muting { target: target as u32, same, whole })
}
