//! What a test names, looked up: rules, fields of their instances, notifiers.

use super::super::alert::RawAlert;
use super::super::report::Report;
use super::super::source::Place;
use super::RawTest;
use crate::notify::Notifier;
use crate::rule_tests::RuleTest;

/// The test with the rules that it is about; `own` are those that its file names.
pub(in super::super) fn resolve(
    raw: &RawTest,
    raws: &[RawAlert],
    notifiers: &[Notifier],
    named: &[(usize, String)],
    report: &mut Report,
) -> RuleTest {
    let own = || named.iter().filter(|(file, _)| *file == raw.place.file).map(|(_, name)| name.clone()).collect();
    let alerts: Vec<String> = match &raw.alerts {
        Some(alerts) => alerts.iter().map(|(name, _)| name.clone()).collect(),
        None => own(),
    };
    for (name, place) in raw.alerts.iter().flatten() {
        match raws.iter().find(|known| known.name == *name) {
            None => no_such(name, place, raws, report),
            Some(known) if known.enabled.value() == Some(&false) => {
                let message = format!("alert `{name}` is off, so that a test finds nothing of it");
                report.error(place, message).second(&known.place, "`enabled: false`");
            }
            Some(_) => {}
        }
    }
    for (name, place) in &raw.names.alerts {
        if !alerts.contains(name) && !is_own(name) {
            let message = format!("alert `{name}` is not under test; this test is about {}", listed(&alerts));
            report.error(place, message).help("name it in `alerts`");
        }
    }
    for (name, place) in &raw.names.notifiers {
        if !notifiers.iter().any(|known| known.name == *name) {
            super::super::rules::no_notifier(name, place, notifiers, report);
        }
    }
    let known: Vec<&RawAlert> = raws.iter().filter(|known| alerts.contains(&known.name)).collect();
    for (field, place, alert) in &raw.names.fields {
        check_field(field, place, alert.as_deref(), &known, report);
    }
    RuleTest { alerts, ..raw.test.clone() }
}

fn no_such(name: &str, place: &Place, raws: &[RawAlert], report: &mut Report) {
    let problem = report.error(place, format!("there is no alert `{name}`"));
    if let Some(nearest) = catalogue::nearest(name, raws.iter().map(|raw| raw.name.as_str())) {
        problem.help(format!("did you mean `{nearest}`?"));
    }
}

/// The engine's own alerts are there in every test.
fn is_own(alert: &str) -> bool {
    engine::rules::OWN.iter().any(|(own, _)| *own == alert)
}

/// A field of a line must be one of `by`, or no line ever matches.
fn check_field(field: &str, place: &Place, alert: Option<&str>, known: &[&RawAlert], report: &mut Report) {
    if alert.is_some_and(is_own) {
        return;
    }
    let known: Vec<_> = known.iter().filter(|raw| alert.is_none_or(|alert| raw.name == alert)).collect();
    let mut by: Vec<&str> = Vec::new();
    for raw in &known {
        match raw.by.value() {
            Some(fields) => by.extend(fields.iter().map(String::as_str)),
            None => by.extend(["host", "service"]),
        }
    }
    by.sort_unstable();
    by.dedup();
    if known.is_empty() || by.contains(&field) {
        return;
    }
    let message = format!("`{field}` is not in the alert's `by`, so that no instance has it; it has {}", listed(&by));
    let problem = report.error(place, message);
    let keys = by.iter().copied().chain(["at", "alert", "state", "value", "message"]);
    match catalogue::nearest(field, keys) {
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem.help("besides, a line has at, alert, state, value, message"),
    };
}

fn listed<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ") }
}
