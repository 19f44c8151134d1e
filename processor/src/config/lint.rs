//! Warnings about rules that work and can hardly be meant: levels that are never seen, a `clear` that holds at once, windows of one sample,
//! rates of what is no counter.

use catalogue::{Kind, Pace};
use engine::query::{Order, Query};
use event::Duration;

use super::alert::{RawAlert, RawLevel, Slot};
use super::report::Report;
use super::services;
use super::source::Place;

/// A level and its condition.
struct Stated<'a> {
    key: &'a str,
    query: &'a Query,
    place: &'a Place,
    for_: Duration,
    own_clear: Option<(&'a Query, &'a Place)>,
}

/// Looks at the conditions of an alert's levels.
pub(super) fn levels(raw: &RawAlert, report: &mut Report) {
    let for_ = raw.for_.value().copied().unwrap_or(Duration::ZERO);
    let levels = [("info", &raw.info), ("warn", &raw.warn), ("crit", &raw.crit)];
    let levels: Vec<_> = levels.into_iter().filter_map(|(key, slot)| stated(key, slot, for_)).collect();
    for (at, lower) in levels.iter().enumerate() {
        let hides = |higher: &&Stated<'_>| higher.for_ <= lower.for_ && covers(higher.query, lower.query);
        if let Some(higher) = levels.iter().skip(at + 1).find(hides) {
            unreachable_level(lower, higher, report);
        }
    }
    if let Slot::Is(clear, place) = &raw.clear
        && let Some(level) = levels.iter().find(|level| holds_at_once(level.query, clear))
    {
        dead_clear(clear, place, level, report);
    }
    for level in &levels {
        if let Some((clear, place)) = level.own_clear.filter(|(clear, _)| holds_at_once(level.query, clear)) {
            dead_clear(clear, place, level, report);
        }
    }
}

fn stated<'a>(key: &'a str, slot: &'a Slot<RawLevel>, for_: Duration) -> Option<Stated<'a>> {
    let level = slot.value()?;
    Some(Stated {
        key,
        query: level.when.value()?,
        place: level.when.place()?,
        for_: level.for_.value().copied().unwrap_or(for_),
        own_clear: level.clear.value().zip(level.clear.place()),
    })
}

fn is_upward(order: Order) -> bool {
    matches!(order, Order::Greater | Order::GreaterOrEqual)
}

fn is_strict(order: Order) -> bool {
    matches!(order, Order::Greater | Order::Less)
}

/// How much lower a threshold is than another of the same direction, in that direction.
fn beyond(from: (Order, f64), to: (Order, f64)) -> Option<f64> {
    (is_upward(from.0) == is_upward(to.0)).then_some(if is_upward(from.0) { to.1 - from.1 } else { from.1 - to.1 })
}

/// Whether the higher level's condition holds wherever the lower one's does.
fn covers(higher: &Query, lower: &Query) -> bool {
    let both = higher.threshold().zip(lower.threshold());
    let by_number = both.is_some_and(|(higher, lower)| {
        beyond(higher, lower).is_some_and(|beyond| beyond > 0.0 || (beyond == 0.0 && (!is_strict(higher.0) || is_strict(lower.0))))
    });
    by_number || higher == lower
}

fn unreachable_level(lower: &Stated<'_>, higher: &Stated<'_>, report: &mut Report) {
    let (first, then) = (format!("`{}: {}`", higher.key, higher.query), format!("`{}: {}`", lower.key, lower.query));
    let message = if covers(lower.query, higher.query) {
        format!("{first} is reached together with {then}, which is never seen")
    } else {
        format!("{first} is reached before {then}; swap them?")
    };
    report.warning(higher.place, message).second(lower.place, "never seen");
}

/// Whether `clear` holds for numbers with which the level has just opened.
fn holds_at_once(level: &Query, clear: &Query) -> bool {
    let Some(((order, number), (opens, from))) = clear.threshold().zip(level.threshold()) else { return clear == level };
    if is_upward(order) == is_upward(opens) {
        return true;
    }
    let beyond = if is_upward(opens) { number - from } else { from - number };
    beyond > 0.0 || (beyond == 0.0 && !is_strict(order) && !is_strict(opens))
}

fn dead_clear(clear: &Query, place: &Place, level: &Stated<'_>, report: &mut Report) {
    let message = format!("`clear: {clear}` already holds when `{}: {}` opens: it would flap", level.key, level.query);
    report.warning(place, message).second(level.place, "opens here");
}

/// Looks at what an alert takes of its samples; `turn` is how often the collector samples, where the settings say so.
pub(super) fn measure(raw: &RawAlert, turn: Option<Duration>, report: &mut Report) {
    let Some((where_, (take, place))) = raw.where_.value().zip(raw.measure.take()) else { return };
    let about = services::metrics(where_);
    if matches!(take, "rate" | "increase")
        && let Some((service, _)) = about.iter().find(|(_, metric)| metric.kind == Kind::Gauge)
    {
        let message = format!("`take: {take}` on {service}, which the collector declares a gauge");
        report.warning(place, message).help("of a gauge take `delta`, or `mean`; what only grows is a counter");
    }
    let Some((over, at)) = raw.measure.window() else { return };
    let interval = about.iter().filter_map(|(_, metric)| interval(metric.pace, turn)).max();
    if let Some(interval) = interval.filter(|interval| over <= *interval) {
        let than = if over < interval { "shorter than" } else { "no longer than" };
        let message = format!("`over: {over}` is {than} the samples' interval ({interval}): `{take}` would be of one sample");
        report.warning(at, message).help(format!("write `over: {}`, or more", interval * 3));
    }
}

/// From one sample to the next.
fn interval(pace: Pace, turn: Option<Duration>) -> Option<Duration> {
    match pace {
        Pace::Turn => turn,
        Pace::Seconds(seconds) => Some(Duration::from_secs(i64::from(seconds)).max(turn.unwrap_or(Duration::ZERO))),
        Pace::Event => None,
    }
}
