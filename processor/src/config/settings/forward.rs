//! The section `processor.forward`: where streams may send events on, by name.

use super::collector::{backlog, targets};
use crate::config::reader;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::yaml::Node;
use crate::settings::Forward;

const HELP: &str = "write `forward: {central: {to: central:5555}}`";

pub(super) fn read(node: &Node, report: &mut Report) -> Option<Vec<Forward>> {
    let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
        report.error(second, format!("`{name}` stands twice in `forward`")).second(first, "first here");
    };
    let Some(entries) = reader::entries(node, "`forward`", twice, report) else {
        if let Some(problem) = report.last_mut() {
            problem.help(HELP);
        }
        return None;
    };
    let mut read = Vec::new();
    for (name, place, node) in entries.iter() {
        // It is the name of a folder too.
        if name.starts_with('.') || !crate::config::rules::is_name(name) {
            let message = format!("`{name}` is no name for a place to send events to");
            report.error(place, message).help("a name holds letters, digits, `-`, `_` and `.`, and begins with no `.`");
            read.push(None);
            continue;
        }
        read.push(one(name, node, report));
    }
    read.into_iter().collect()
}

/// An address, or a map that names it under `to`.
fn one(name: &str, node: &Node, report: &mut Report) -> Option<Forward> {
    if node.scalar().is_some() {
        return Some(Forward::new(name, targets("forward", node, report)?));
    }
    let of = format!("`forward: {name}`");
    let mut section = Section::open(node, &of, &["to", "backlog"], &[], report)?;
    if section.lacks("to") {
        section.report.error(&node.place, format!("{of} needs `to`")).help(HELP);
        return None;
    }
    let mut forward = Forward::new(name, section.read("to", targets)?);
    section.set(&mut forward.backlog, "backlog", backlog);
    Some(forward)
}
