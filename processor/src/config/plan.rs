//! Raw alerts to checked ones: what is missing, what cannot be.

use engine::query::Query;
use engine::rules::{Alert, Level};
use event::Duration;

use super::alert::{RawAlert, RawLevel, Slot};
use super::report::Report;
use super::source::Place;
use super::{expect, lint, message};

/// The checked alert; `None` where a mistake, told here or before, leaves none. `stock` are the names of the stock rules; `turn` is how often
/// the collector samples, where that is known.
pub(super) fn alert(raw: &RawAlert, stock: &[&str], turn: Option<Duration>, report: &mut Report) -> Option<Alert> {
    let enabled = raw.enabled.value().copied().unwrap_or(true);
    let levels = [("info", &raw.info), ("warn", &raw.warn), ("crit", &raw.crit)];
    let [info, warn, crit] = levels.map(|(key, slot)| level(key, slot, report));
    let is_whole = enabled && !raw.is_damaged;
    if let (Some(place), Some(join)) = (raw.where_.place(), raw.measure.join_place()) {
        report
            .error(place, "`where` and `join` do not go together")
            .second(join, "picks the events")
            .help("each query of `join` picks its events");
    }
    let is_joined = raw.measure.is_joined();
    let has_where = !raw.where_.is_missing() || raw.misspelt.where_;
    if !has_where && is_whole && !is_joined {
        no_where(raw, stock, report);
    }
    let opens = levels.iter().any(|(_, slot)| !slot.is_missing()) || !raw.absent.is_missing() || raw.misspelt.level;
    if !opens && is_whole && (is_joined || has_where) {
        let message = format!("alert `{}` never opens: it has neither `info`, `warn`, `crit` nor `absent`", raw.name);
        report.error(&raw.place, message).help("write what is bad: `crit: metric > 90`");
    }
    let measure = raw.measure.checked(report);
    lint::levels(raw, report);
    lint::measure(raw, turn, report);
    message::fields(raw, report);
    let where_ = match raw.measure.inputs() {
        [] => raw.where_.value()?.clone(),
        inputs => Query::any(inputs.iter().map(|(_, query)| query)),
    };
    let mut alert = Alert::new(raw.name.as_str(), where_);
    if let Some(by) = raw.by.value() {
        alert.by.clone_from(by);
    }
    let expect = expect::checked(raw, &alert.by, report);
    let words = raw.texts.checked(&alert.by, report);
    alert.measure = measure?;
    alert.expect = expect?;
    alert.unless = raw.unless.value().map(|said| said.unless.clone());
    (alert.info, alert.warn, alert.crit) = (info, warn, crit);
    alert.clear = raw.clear.value().cloned();
    alert.for_ = raw.for_.value().copied().unwrap_or(Duration::ZERO);
    alert.clear_for = raw.clear_for.value().copied().unwrap_or(Duration::ZERO);
    alert.absent = raw.absent.value().copied();
    alert.expired = raw.expired.value().copied().unwrap_or_default();
    alert.message = raw.texts.message.value().map(|said| said.template.clone());
    alert.words = words;
    alert.max_instances = raw.max_instances.value().map(|max| usize::try_from(*max).unwrap_or(usize::MAX));
    alert.enabled = enabled;
    Some(alert)
}

fn level(key: &str, slot: &Slot<RawLevel>, report: &mut Report) -> Option<Level> {
    let Slot::Is(raw, place) = slot else { return None };
    if raw.when.is_missing() {
        no_when(key, place, report);
    }
    let when: Query = raw.when.value()?.clone();
    Some(Level { when, clear: raw.clear.value().cloned(), for_: raw.for_.value().copied() })
}

fn no_when(key: &str, place: &Place, report: &mut Report) {
    let help = format!("write `{key}: {{when: metric > 90, for: 30s}}`");
    report.error(place, format!("`{key}` has no `when`")).help(help);
}

fn no_where(raw: &RawAlert, stock: &[&str], report: &mut Report) {
    let nearest = catalogue::nearest(&raw.name, stock.iter().copied());
    let problem = report.error(&raw.place, format!("alert `{}` has no `where`", raw.name));
    match nearest {
        Some(nearest) => problem.help(format!("to change the stock rule `{nearest}`, write its name")),
        None => problem.help("write which events it is about: `where: service = \"cpu/usage_active\"`"),
    };
}
