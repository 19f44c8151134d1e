//! `index:` of a test: what a query finds at a time.

use event::Duration;

use super::super::reader;
use super::super::report::Report;
use super::super::schema;
use super::super::section::Section;
use super::super::values;
use super::super::yaml::Node;
use super::lines::{optional_number, optional_text, twice};
use super::{Names, at, list, shown};
use crate::rule_tests::{Found, IndexLine};

/// Reads the lines, and puts them in the order of time.
pub(super) fn read(node: &Node, names: &Names, report: &mut Report) -> Vec<IndexLine> {
    let nodes = list("index", node, report).unwrap_or_default();
    let mut lines: Vec<_> = nodes.iter().filter_map(|node| line(node, names, report)).collect();
    lines.sort_by_key(|line| line.at);
    lines
}

fn line(node: &Node, names: &Names, report: &mut Report) -> Option<IndexLine> {
    let (place, text) = (node.place.clone(), shown(&node.place, report));
    let mut section = Section::open(node, "an entry of `index`", &schema::names(&schema::INDEX_LINE), &[], report)?;
    for key in ["at", "where"] {
        if section.node(key).is_none() {
            let help = "write `{at: 30s, where: 'service = \"app/rate\"', count: 1}`";
            section.report.error(&place, format!("an entry of `index` has no `{key}`")).help(help);
        }
    }
    if section.node("count").is_none() && section.node("events").is_none() {
        section.report.error(&place, "an entry of `index` expects nothing").help("write `count: 2`, or the `events` that it finds");
    }
    let at: Option<Duration> = section.read("at", |key, node, report| at(key, names, node, report));
    let where_ = section.read("where", |key, node, report| values::query(key, None, node, report));
    let count = section.read("count", |key, node, report| values::count(key, 0, node, report));
    let events =
        section.read("events", |key, node, report| Some(list(key, node, report)?.iter().filter_map(|node| found(node, report)).collect()));
    Some(IndexLine { at: at?, where_: where_?, count, events, text })
}

fn found(node: &Node, report: &mut Report) -> Option<Found> {
    let fields = reader::entries(node, "an event of `index`", twice, report)?;
    let mut found = Found { text: shown(&node.place, report), ..Found::default() };
    for (key, _, node) in fields.iter() {
        match key {
            "metric" => found.metric = optional_number(key, node, report),
            _ => found.fields.extend(optional_text(key, node, report).map(|text| (key.to_owned(), text))),
        }
    }
    Some(found)
}
