//! `notify:` of a rule file: who is told of alerts, and how often.

use event::Duration;

use super::reader;
use super::report::Report;
use super::rules::is_name;
use super::schema::{self, names};
use super::section::{Section, one_or_more};
use super::source::Place;
use super::values;
use super::yaml::Node;
use crate::notify::{AtMost, Notifier, Way};

const KNOWN: [&str; 8] = names(&schema::NOTIFIER);

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
    let has_way = section.node("mail").is_some() || section.node("webhook").is_some();
    let ways = [section.read("mail", mail), section.read("webhook", webhook)];
    if !has_way {
        let problem = section.report.error(place, format!("notifier `{name}` tells nobody: it has neither `mail` nor `webhook`"));
        problem.help("write whom to tell: `mail: {to: ops@example.org}`");
    }
    let mut notifier = Notifier::new(name, ways.into_iter().flatten().collect());
    section.set(&mut notifier.group, "group", values::texts);
    section.set(&mut notifier.wait, "wait", values::duration);
    section.set_some(&mut notifier.at_most, "at_most", at_most);
    section.set_some(&mut notifier.repeat, "repeat", |key, node, report| values::duration_of(key, Duration::from_secs(1), node, report));
    section.set_some(&mut notifier.only, "only", |key, node, report| values::query(key, None, node, report));
    section.set(&mut notifier.resolved, "resolved", values::flag);
    // One that tells nobody is told above; it stays, so that those who name it are not told to be wrong too.
    Some(notifier)
}

fn mail(key: &str, node: &Node, report: &mut Report) -> Option<Way> {
    let place = node.place.clone();
    let mut section = Section::open(node, &format!("`{key}`"), &names(&schema::MAIL), &[], report)?;
    if section.node("to").is_none() {
        section.report.error(&place, "`mail` has no `to`").help("write `mail: {to: ops@example.org}`");
    }
    let (from, smtp) = (section.read("from", values::filled), section.read("smtp", values::filled));
    Some(Way::Mail { to: section.read("to", one_or_more)?, from, smtp })
}

fn webhook(key: &str, node: &Node, report: &mut Report) -> Option<Way> {
    let place = node.place.clone();
    let mut section = Section::open(node, &format!("`{key}`"), &names(&schema::WEBHOOK), &[], report)?;
    if section.node("url").is_none() {
        section.report.error(&place, "`webhook` has no `url`").help("write `webhook: {url: https://chat.example.org/hook}`");
    }
    let template = section.read("template", values::filled);
    Some(Way::Webhook { url: section.read("url", values::filled)?, template })
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
