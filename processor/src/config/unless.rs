//! `unless`: which alert is held down by which, over all files together.

use engine::rules::{Alert, Unless};

use super::alert::RawAlert;
use super::reader::{self, Keys};
use super::report::Report;
use super::schema::{self, names};
use super::source::Place;
use super::values;
use super::yaml::{Kind, Node};

const KNOWN: [&str; 2] = names(&schema::UNLESS);

/// `unless: {alert: node-down, same: [host]}`, and where its parts stand.
///
/// Where the fields have two names, `same` is a map of its own to the other's: `same: {node: host}`.
#[derive(Clone, Debug)]
pub(super) struct RawUnless {
    pub(super) unless: Unless,
    alert: Place,
    same: Place,
}

pub(super) fn read(node: &Node, report: &mut Report) -> Option<RawUnless> {
    let fields = reader::fields(node, &Keys { of: "`unless`", known: &KNOWN, quiet: &[] }, report)?;
    let get = |key: &str| fields.get(key).filter(|node| !node.is_null());
    let (Some(alert), Some(same)) = (get("alert"), get("same")) else {
        if KNOWN.iter().any(|key| fields.is_misspelt(key)) {
            return None;
        }
        let help = "write `unless: {alert: node-down, same: [host]}`; `same: []` where any open instance counts";
        report.error(&node.place, "`unless` needs `alert` and `same`").help(help);
        return None;
    };
    let (name, fields) = (values::filled("alert", alert, report), pairs(same, report));
    Some(RawUnless { unless: Unless { alert: name?, same: fields? }, alert: alert.place.clone(), same: same.place.clone() })
}

/// Each field of the own `by` with that of the other's.
fn pairs(node: &Node, report: &mut Report) -> Option<Vec<(String, String)>> {
    if !matches!(node.kind, Kind::Map(_)) {
        return Some(values::texts("same", node, report)?.into_iter().map(|field| (field.clone(), field)).collect());
    }
    let twice = |name: &str, second: &Place, first: &Place, report: &mut Report| {
        report.error(second, format!("`{name}` stands twice in `same`")).second(first, "first here");
    };
    let entries = reader::entries(node, "`same`", twice, report)?;
    let read: Vec<_> = entries.iter().map(|(own, _, other)| Some((own.to_owned(), values::filled(own, other, report)?))).collect();
    read.into_iter().collect()
}

/// Tells of names that are not there, fields that one of both lacks, and circles.
pub(super) fn check(raws: &[RawAlert], alerts: &[Alert], report: &mut Report) {
    for raw in raws {
        let Some(said) = raw.unless.value() else { continue };
        let Some(own) = alerts.iter().find(|alert| alert.name == raw.name) else { continue };
        if !raws.iter().any(|raw| raw.name == said.unless.alert) {
            unknown(said, raws, report);
        } else if let Some(other) = alerts.iter().find(|alert| alert.name == said.unless.alert) {
            fields(said, own, other, report);
            circle(said, own, alerts, report);
        }
    }
}

fn unknown(said: &RawUnless, raws: &[RawAlert], report: &mut Report) {
    let names = || raws.iter().map(|raw| raw.name.as_str());
    let problem = report.error(&said.alert, format!("alert `{}` is not defined", said.unless.alert));
    match catalogue::nearest(&said.unless.alert, names()) {
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem.help(format!("defined: {}", names().collect::<Vec<_>>().join(", "))),
    };
}

fn fields(said: &RawUnless, own: &Alert, other: &Alert, report: &mut Report) {
    for (of_own, of_other) in &said.unless.same {
        for (alert, field) in [(own, of_own), (other, of_other)] {
            if !alert.by.contains(field) {
                let message = format!("alert `{}` has no `{field}` in its `by`", alert.name);
                report.error(&said.same, message).help(format!("its `by` has {}", alert.by.join(", ")));
            }
        }
    }
}

fn circle(said: &RawUnless, own: &Alert, alerts: &[Alert], report: &mut Report) {
    let mut names = vec![own.name.as_str()];
    let mut at = own;
    while let Some(unless) = &at.unless {
        let Some(next) = alerts.iter().find(|alert| alert.name == unless.alert) else { return };
        names.push(&next.name);
        if next.name == own.name {
            report.error(&said.alert, format!("`unless` names itself in a circle: {}", names.join(", ")));
            return;
        }
        if names.len() > alerts.len() {
            return;
        }
        at = next;
    }
}
