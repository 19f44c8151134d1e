//! Why an alert instance is open or not, and what is missing for the other.

use std::borrow::Cow;
use std::collections::BTreeMap;

use engine::rules::{Alert, Level, attribute_of};
use engine::{Facts, LevelFacts, State};
use event::{Duration, Timestamp};

/// The fields of the rule's `by` and their values.
pub fn fields(alert: &Alert, facts: &Facts) -> BTreeMap<String, Option<String>> {
    alert.by.iter().cloned().zip(facts.values.iter().cloned()).collect()
}

/// The query that the event of this instance matches and that of no other, for a silence.
pub fn query(alert: &Alert, facts: &Facts) -> String {
    let mut query = format!("alert = {}", engine::query::quoted(&alert.name));
    for (field, value) in alert.by.iter().zip(&facts.values) {
        // The event's own host is that of the instance; everything else that has the name of a field of an event stands beside it.
        let name = if field == "host" { Cow::Borrowed("host") } else { attribute_of(field) };
        let value = value.as_deref().map_or_else(|| "nil".to_owned(), engine::query::quoted);
        query.push_str(&format!(" and {name} = {value}"));
    }
    query
}

/// Sentences about one instance, as of `now`; the first says what holds, the others what is missing.
pub fn why(alert: &Alert, facts: &Facts, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    if facts.is_gone {
        lines.push("its events have expired".to_owned());
    } else {
        nothing_known(alert, facts, &mut lines);
        for level in facts.levels.iter().rev() {
            lines.extend(of_level(alert, facts, level, now));
        }
        closing(alert, facts, now, &mut lines);
    }
    absence(alert, facts, now, &mut lines);
    if let Some((rule, instance)) = &facts.muted_by {
        let which = if instance.is_empty() { String::new() } else { format!(" {instance}") };
        lines.push(format!("muted by {rule}{which}"));
    }
    lines
}

fn nothing_known(alert: &Alert, facts: &Facts, lines: &mut Vec<String>) {
    if facts.value.is_none() && facts.seen.is_some() && !facts.levels.is_empty() {
        let samples = facts.n_samples.map_or_else(String::new, |n| format!(" of {n} samples"));
        let kind =
            if matches!(alert.measure, engine::rules::Measure::Event) { "its last event has no number" } else { "nothing can be said" };
        lines.push(format!("{kind}{samples}"));
    }
}

/// What a level says; nothing of one that the state has left behind and that does not hold.
fn of_level(alert: &Alert, facts: &Facts, level: &LevelFacts, now: Timestamp) -> Option<String> {
    let rule = level_of(alert, level.state)?;
    let (key, for_) = (key(level.state), rule.for_.unwrap_or(alert.for_));
    let is_at = facts.state >= level.state;
    let condition = format!("`{key}: {}`", rule.when);
    Some(match (level.holds, level.since) {
        (true, Some(since)) if is_at => format!("{condition} holds since {}", span(now - since)),
        (true, Some(since)) if for_ > Duration::ZERO => {
            let left = for_ - (now - since);
            let opens = if facts.muted_by.is_some() { "would open" } else { "opens" };
            let when = if left > Duration::ZERO { format!("{opens} in {}", span(left)) } else { format!("{opens} now") };
            format!("{condition} holds since {}, {when}", span(now - since))
        }
        (true, _) => format!("{condition} holds"),
        (false, _) if is_at && level.is_unclear => {
            let clear = rule.clear.as_ref().map_or_else(String::new, ToString::to_string);
            format!("held at {}: its clear needs {clear}", level.state)
        }
        (false, _) if is_at => return None,
        (false, _) => {
            let held = if for_ > Duration::ZERO { format!(" for {for_}") } else { String::new() };
            format!("{} needs {}{held}", level.state, rule.when)
        }
    })
}

/// What keeps an open instance from closing.
fn closing(alert: &Alert, facts: &Facts, now: Timestamp, lines: &mut Vec<String>) {
    let any_holds = facts.levels.iter().any(|level| level.holds || level.is_unclear);
    if !facts.state.is_open() || any_holds {
        return;
    }
    if let Some(clear) = alert.clear.as_ref().filter(|_| facts.clear == Some(false)) {
        return lines.push(format!("held: clear needs {clear}"));
    }
    if let Some(since) = facts.clear_since {
        let left = alert.clear_for - (now - since);
        lines.push(format!("clear since {}, closes in {}", span(now - since), span(left.max(Duration::ZERO))));
    }
}

fn absence(alert: &Alert, facts: &Facts, now: Timestamp, lines: &mut Vec<String>) {
    if let (Some(_), Some(at)) = (alert.absent, facts.absent_at) {
        let heard = match facts.seen {
            Some(seen) => format!("last heard of {} ago", span(now - seen)),
            None => "never heard of".to_owned(),
        };
        let left = at - now;
        let opens = if left > Duration::ZERO {
            format!("opens in {} without an event", span(left))
        } else {
            "closes with the next event".to_owned()
        };
        lines.push(format!("{heard}, {opens}"));
    } else if let Some(at) = facts.expires_at.filter(|_| facts.state.is_open() && !facts.is_gone) {
        lines.push(format!("its last event expires in {}", span((at - now).max(Duration::ZERO))));
    }
}

fn level_of(alert: &Alert, state: State) -> Option<&Level> {
    match state {
        State::Info => alert.info.as_ref(),
        State::Warning => alert.warn.as_ref(),
        State::Critical => alert.crit.as_ref(),
        State::Ok | State::Expired => None,
    }
}

/// The key of a level in a rule file.
fn key(state: State) -> &'static str {
    match state {
        State::Info => "info",
        State::Warning => "warn",
        State::Critical => "crit",
        State::Ok | State::Expired => "",
    }
}

/// A span of time in whole seconds, or tenths below ten: what a person reads.
fn span(span: Duration) -> String {
    let micros = span.micros();
    let step = if micros.abs() < 10_000_000 { 100_000 } else { 1_000_000 };
    Duration::from_micros((micros + step / 2).div_euclid(step) * step).to_string()
}
