//! The key `collector.processes`: which processes are measured.

use regex::bytes::RegexBuilder;

use crate::config::reader::describe;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::{Kind, Node};
use crate::settings::ProcessMatch;

/// As many as the collector can tell apart.
const MAX: usize = 32;
/// Bytes of a compiled expression, as in the collector.
const REGEX_BYTES: usize = 1 << 20;

pub(super) fn processes(key: &str, node: &Node, report: &mut Report) -> Option<Vec<ProcessMatch>> {
    let Kind::List(nodes) = &node.kind else {
        let message =
            format!("`{key}` takes a list, as in [{{name: nginx}}, {{match: 'java .*app.jar', as: app}}], not {}", describe(node));
        report.error(&node.place, message);
        return None;
    };
    if nodes.len() > MAX {
        report.error(&node.place, format!("`{key}` takes {MAX} choices at the most, not {}", nodes.len()));
        return None;
    }
    let mut chosen: Vec<ProcessMatch> = Vec::new();
    for node in nodes {
        let choice = choice(node, report)?;
        if chosen.iter().any(|other| other.name == choice.name) {
            report.error(&node.place, format!("`{}` is there twice; give one of them another name with `as`", choice.name));
            return None;
        }
        chosen.push(choice);
    }
    Some(chosen)
}

fn choice(node: &Node, report: &mut Report) -> Option<ProcessMatch> {
    let mut section = Section::open(node, "`processes`", &["name", "match", "as"], &[], report)?;
    let (has_name, has_match) = (section.node("name").is_some(), section.node("match").is_some());
    let name = section.read("name", values::filled);
    let command = section.read("match", expression);
    let shown_as = section.read("as", values::filled);
    match (has_name, has_match) {
        (true, false) if shown_as.is_none() => Some(ProcessMatch { name: name?, command: None }),
        (false, true) if shown_as.is_some() => Some(ProcessMatch { name: shown_as?, command: Some(command?) }),
        _ => {
            let message = "a choice of processes is a `name`, or a `match` and the name to show it `as`";
            section.report.error(&node.place, message.to_owned());
            None
        }
    }
}

fn expression(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = values::filled(key, node, report)?;
    match RegexBuilder::new(&text).size_limit(REGEX_BYTES).build() {
        Ok(_) => Some(text),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            report.error(&node.place, format!("`{key}` is no regular expression that skep can use: {why}"));
            None
        }
    }
}
