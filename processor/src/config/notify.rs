//! `notify:` of a rule file: who is told of alerts, and how often.

mod ways;
mod webhook;

use event::Duration;

use super::reader;
use super::report::Report;
use super::rules::is_name;
use super::schema::{self, names};
use super::section::Section;
use super::source::Place;
use super::values;
use super::yaml::Node;
use crate::notify::{AtMost, Notifier, Way};

const KNOWN: [&str; 12] = names(&schema::NOTIFIER);

/// An Alertmanager hears of what is open so often: it would think it over otherwise.
const REFRESH: Duration = Duration::from_secs(60);

/// Reads the notifiers of one file; one of a name that is there takes its place.
pub(super) fn read(node: &Node, notifiers: &mut Vec<Notifier>, report: &mut Report) {
    let Some(entries) = reader::entries(node, "`notify`", twice, report) else { return };
    for (name, place, node) in entries.iter() {
        if !is_name(name) {
            report.error(place, format!("`{name}` is no name for a notifier")).help("a name holds letters, digits, `-`, `_` and `.`");
            continue;
        }
        let Some(notifier) = notifier(name, place, node, report) else { continue };
        match notifiers.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = notifier,
            None => notifiers.push(notifier),
        }
    }
}

fn notifier(name: &str, place: &Place, node: &Node, report: &mut Report) -> Option<Notifier> {
    let mut section = Section::open(node, &format!("notifier `{name}`"), &KNOWN, &[], report)?;
    let has_way = !ways::NAMES.iter().all(|way| section.lacks(way));
    let ways = ways::read(&mut section);
    if !has_way {
        let problem = section.report.error(place, format!("notifier `{name}` tells nobody: it has none of {}", ways::NAMES.join(", ")));
        problem.help("write whom to tell: `mail: {to: ops@example.org}`");
    }
    let mut notifier = Notifier::new(name, ways);
    if notifier.ways.iter().any(|way| matches!(way, Way::Alertmanager(_))) {
        notifier.repeat = Some(REFRESH);
    }
    section.set(&mut notifier.group, "group", values::texts);
    section.set(&mut notifier.wait, "wait", values::duration);
    section.set_some(&mut notifier.at_most, "at_most", at_most);
    section.set_some(&mut notifier.repeat, "repeat", |key, node, report| values::duration_of(key, Duration::from_secs(1), node, report));
    section.set_some(&mut notifier.only, "only", |key, node, report| values::query(key, None, node, report));
    section.set(&mut notifier.resolved, "resolved", values::flag);
    // One that tells nobody is told above; it stays, so that those who name it are not told to be wrong too.
    Some(notifier)
}

fn at_most(key: &str, node: &Node, report: &mut Report) -> Option<AtMost> {
    let (count, per) = values::so_many_per(key, node, report)?;
    if count == 0 {
        report.error(&node.place, format!("`{key}` is at least 1 per some time"));
        return None;
    }
    Some(AtMost { count, per })
}

fn twice(name: &str, second: &Place, first: &Place, report: &mut Report) {
    let (line, _) = report.sources.line_and_column(first);
    let message = format!("notifier `{name}` is defined twice here; first at {}:{line}", report.sources.file(first));
    report.error(second, message).second(first, "first here");
}
