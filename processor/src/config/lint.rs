//! Warnings about rules that work and can hardly be meant: levels that are never seen, a `clear` that holds at once.

use engine::query::{Order, Query};

use super::alert::{RawAlert, RawLevel, Slot};
use super::report::Report;
use super::source::Place;

/// A level whose condition is one number: `crit`, and `metric > 90`.
struct Threshold<'a> {
    key: &'a str,
    query: &'a Query,
    place: &'a Place,
    order: Order,
    number: f64,
}

/// Looks at the thresholds of an alert's levels.
pub(super) fn levels(raw: &RawAlert, report: &mut Report) {
    let levels = [("info", &raw.info), ("warn", &raw.warn), ("crit", &raw.crit)];
    let thresholds: Vec<_> = levels.into_iter().filter_map(|(key, slot)| threshold(key, slot)).collect();
    for pair in thresholds.windows(2) {
        if let [lower, higher] = pair {
            unreachable_level(lower, higher, report);
        }
    }
    if let Slot::Is(clear, place) = &raw.clear
        && let Some(level) = thresholds.iter().find(|level| holds_at_once(level, clear))
    {
        dead_clear(clear, place, level, report);
    }
    for (level, (_, slot)) in
        thresholds.iter().flat_map(|level| levels.iter().map(move |slot| (level, slot))).filter(|(level, (key, _))| level.key == *key)
    {
        if let Some(Slot::Is(clear, place)) = slot.value().map(|raw| &raw.clear)
            && holds_at_once(level, clear)
        {
            dead_clear(clear, place, level, report);
        }
    }
}

fn threshold<'a>(key: &'a str, slot: &'a Slot<RawLevel>) -> Option<Threshold<'a>> {
    let when = &slot.value()?.when;
    let query = when.value()?;
    let (order, number) = query.threshold()?;
    Some(Threshold { key, query, place: when.place()?, order, number })
}

fn is_upward(order: Order) -> bool {
    matches!(order, Order::Greater | Order::GreaterOrEqual)
}

/// The higher level must be the harder to reach.
fn unreachable_level(lower: &Threshold<'_>, higher: &Threshold<'_>, report: &mut Report) {
    if is_upward(lower.order) != is_upward(higher.order) {
        return;
    }
    let (low, high) = if is_upward(lower.order) { (lower.number, higher.number) } else { (higher.number, lower.number) };
    let (first, then) = (format!("`{}: {}`", higher.key, higher.query), format!("`{}: {}`", lower.key, lower.query));
    if high < low {
        report.warning(higher.place, format!("{first} is reached before {then}; swap them?")).second(lower.place, "never seen");
    } else if high == low && lower.order == higher.order {
        report
            .warning(higher.place, format!("{first} is reached together with {then}, which is never seen"))
            .second(lower.place, "never seen");
    }
}

/// Whether `clear` holds for numbers with which the level has just opened.
fn holds_at_once(level: &Threshold<'_>, clear: &Query) -> bool {
    let Some((order, number)) = clear.threshold() else { return false };
    if is_upward(order) == is_upward(level.order) {
        return false;
    }
    let beyond = if is_upward(level.order) { number - level.number } else { level.number - number };
    let touch =
        matches!(order, Order::LessOrEqual | Order::GreaterOrEqual) && matches!(level.order, Order::LessOrEqual | Order::GreaterOrEqual);
    beyond > 0.0 || (beyond == 0.0 && touch)
}

fn dead_clear(clear: &Query, place: &Place, level: &Threshold<'_>, report: &mut Report) {
    let message = format!("`clear: {clear}` already holds when `{}: {}` opens: it would flap", level.key, level.query);
    report.warning(place, message).second(level.place, "opens here");
}
