//! What was expected beside what happened.

use event::{Event, Metric};

use super::{Found, IndexLine, IndexSeen, Line, Seen, SentLine, SentSeen, TapLine, TapSeen};
use crate::notify::Kind;

/// Numbers that differ by less than this part of them are the same.
const NEAR: f64 = 1e-6;

/// One line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Expected, and it happened: places in both lists.
    Both(usize, usize),
    /// Expected, and it did not happen.
    Missing(usize),
    /// It happened, and was not expected.
    Surplus(usize),
}

/// Whether all is as expected; what happened at one instant may be expected in any order.
pub(super) fn agrees<T>(n_expected: usize, seen: &[T], same_instant: impl Fn(&T, &T) -> bool, matches: impl Fn(usize, &T) -> bool) -> bool {
    let mut first = 0;
    for instant in seen.chunk_by(|a, b| same_instant(a, b)) {
        let fits = first + instant.len() <= n_expected && pairs(first, instant, &matches);
        if !fits {
            return false;
        }
        first += instant.len();
    }
    first == n_expected
}

/// Whether each of what happened at one instant has a line of its own.
fn pairs<T>(first: usize, instant: &[T], matches: &impl Fn(usize, &T) -> bool) -> bool {
    let mut taken: Vec<Option<usize>> = vec![None; instant.len()];
    (0..instant.len()).all(|line| {
        let mut tried = vec![false; instant.len()];
        pair(line, first, instant, matches, &mut taken, &mut tried)
    })
}

/// Gives a line one of the events, moving other lines to others where that helps.
fn pair<T>(
    line: usize,
    first: usize,
    instant: &[T],
    matches: &impl Fn(usize, &T) -> bool,
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (at, one) in instant.iter().enumerate() {
        let is_new = tried.get_mut(at).is_some_and(|tried| !std::mem::replace(tried, true));
        if !is_new || !matches(first + line, one) {
            continue;
        }
        let free = match taken.get(at).copied().flatten() {
            None => true,
            Some(other) => pair(other, first, instant, matches, taken, tried),
        };
        if free && let Some(taken) = taken.get_mut(at) {
            *taken = Some(line);
            return true;
        }
    }
    false
}

/// Both lists beside each other, as far as they can be brought together in their order.
pub(super) fn side_by_side<T>(n_expected: usize, seen: &[T], matches: impl Fn(usize, &T) -> bool) -> Vec<Row> {
    let mut is_used = vec![false; seen.len()];
    let mut partners = Vec::with_capacity(n_expected);
    for line in 0..n_expected {
        let found = seen.iter().enumerate().find(|(at, one)| !is_used.get(*at).copied().unwrap_or(true) && matches(line, one));
        let found = found.map(|(at, _)| at);
        if let Some(used) = found.and_then(|at| is_used.get_mut(at)) {
            *used = true;
        }
        partners.push(found);
    }
    let mut rows = Vec::new();
    let mut told = 0;
    for (line, partner) in partners.iter().enumerate() {
        match partner {
            Some(at) => {
                rows.extend((told..*at).filter(|at| is_used.get(*at) == Some(&false)).map(Row::Surplus));
                told = told.max(*at + 1);
                rows.push(Row::Both(line, *at));
            }
            None => rows.push(Row::Missing(line)),
        }
    }
    rows.extend((told..seen.len()).filter(|at| is_used.get(*at) == Some(&false)).map(Row::Surplus));
    rows
}

fn near(expected: f64, found: f64) -> bool {
    (expected - found).abs() <= NEAR * expected.abs().max(1.0)
}

fn is_number(expected: Option<Option<f64>>, found: Option<f64>) -> bool {
    match expected {
        None => true,
        Some(None) => found.is_none(),
        Some(Some(expected)) => found.is_some_and(|found| near(expected, found)),
    }
}

fn says<T: PartialEq>(expected: Option<&T>, found: &T) -> bool {
    expected.is_none_or(|expected| expected == found)
}

pub(super) fn is_line(line: &Line, seen: &Seen) -> bool {
    let has = |(field, value): &(String, Option<String>)| seen.fields.iter().any(|(known, found)| known == field && found == value);
    says(line.at.as_ref(), &seen.at)
        && says(line.alert.as_ref(), &seen.alert)
        && says(line.state.as_ref(), &seen.to)
        && says(line.message.as_ref(), &seen.message)
        && is_number(line.value, seen.value)
        && line.fields.iter().all(has)
}

pub(super) fn is_sent(line: &SentLine, seen: &SentSeen) -> bool {
    says(line.at.as_ref(), &seen.at)
        && says(line.notify.as_ref(), &seen.notify)
        && says(line.count.as_ref(), &seen.notice.count())
        && says(line.digest.as_ref(), &(seen.notice.kind == Kind::Digest))
        && says(line.reminder.as_ref(), &(seen.notice.kind == Kind::Reminder))
}

pub(super) fn is_tap(line: &TapLine, seen: &TapSeen) -> bool {
    line.tap == seen.tap && says(line.at.as_ref(), &seen.at) && is_found(&line.found, &seen.event)
}

pub(super) fn is_index(line: &IndexLine, seen: &IndexSeen) -> bool {
    let is_count = line.count.is_none_or(|count| count == seen.events.len() as u64);
    let is_events = line.events.as_ref().is_none_or(|found| {
        found.len() == seen.events.len()
            && pairs(0, &seen.events, &|at, event: &Event| found.get(at).is_some_and(|found| is_found(found, event)))
    });
    is_count && is_events
}

pub(super) fn is_found(found: &Found, event: &Event) -> bool {
    let has = |(field, value): &(String, Option<String>)| field_of(event, field) == value.as_deref();
    is_number(found.metric, event.metric.map(Metric::as_f64)) && found.fields.iter().all(has)
}

fn field_of<'a>(event: &'a Event, field: &str) -> Option<&'a str> {
    match field {
        "host" => event.host.as_deref(),
        "service" => event.service.as_deref(),
        "state" => event.state.as_deref(),
        "description" => event.description.as_deref(),
        other => event.attributes.iter().find(|(key, _)| key == other).map(|(_, value)| value.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected and seen as a letter and the digit of an instant; `.` expects any letter.
    #[track_caller]
    fn check(expected: &str, seen: &str, agrees_: bool, rows: &str) {
        let expected: Vec<char> = expected.chars().collect();
        let seen: Vec<(char, char)> = seen
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| (word.chars().next().unwrap(), word.chars().nth(1).unwrap()))
            .collect();
        let matches = |line: usize, one: &(char, char)| expected[line] == '.' || expected[line] == one.0;
        assert_eq!(agrees(expected.len(), &seen, |a, b| a.1 == b.1, matches), agrees_);
        let told: String = side_by_side(expected.len(), &seen, matches)
            .into_iter()
            .map(|row| match row {
                Row::Both(line, _) => format!("={}", expected[line]),
                Row::Missing(line) => format!("-{}", expected[line]),
                Row::Surplus(at) => format!("+{}", seen[at].0),
            })
            .collect();
        assert_eq!(told, rows);
    }

    #[test]
    fn the_order_counts_but_not_within_an_instant() {
        check("ab", "a1 b2", true, "=a=b");
        check("ba", "a1 b2", false, "=b=a");
        check("ba", "a1 b1", true, "=b=a");
        check(".a", "a1 b1", true, "=.-a+b");
        check("", "", true, "");
    }

    #[test]
    fn what_is_missing_and_what_is_too_much() {
        check("abc", "a1 c3", false, "=a-b=c");
        check("ac", "a1 b2 c3", false, "=a+b=c");
        check("", "a1", false, "+a");
        check("a", "", false, "-a");
        check("aa", "a1", false, "=a-a");
    }

    #[test]
    fn numbers_are_near_each_other() {
        assert!(is_number(Some(Some(2.7)), Some(0.9 + 0.9 + 0.9)));
        assert!(!is_number(Some(Some(2.7)), Some(2.701)));
        assert!(is_number(Some(None), None) && !is_number(Some(None), Some(0.0)) && !is_number(Some(Some(0.0)), None));
    }
}
