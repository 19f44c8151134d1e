//! `taps:` of a test: what comes out of streams.

use super::super::reader;
use super::super::report::Report;
use super::super::values;
use super::super::yaml::Node;
use super::lines::{optional_number, optional_text, twice};
use super::{Names, at, list, shown};
use crate::rule_tests::{Found, TapLine};

/// Reads the lines.
pub(super) fn read(node: &Node, names: &Names, report: &mut Report) -> Vec<TapLine> {
    let nodes = list("taps", node, report).unwrap_or_default();
    nodes.iter().filter_map(|node| line(node, names, report)).collect()
}

fn line(node: &Node, names: &Names, report: &mut Report) -> Option<TapLine> {
    let fields = reader::entries(node, "an entry of `taps`", twice, report)?;
    let mut line = TapLine { found: Found { text: shown(&node.place, report), ..Found::default() }, ..TapLine::default() };
    if fields.get("tap").is_none() {
        report.error(&node.place, "an entry of `taps` has no `tap`").help("write `{at: 10s, tap: errors, metric: 5}`");
    }
    for (key, _, node) in fields.iter() {
        match key {
            "tap" => line.tap = values::filled(key, node, report).unwrap_or_default(),
            "at" => line.at = at(key, names, node, report),
            "metric" => line.found.metric = optional_number(key, node, report),
            _ => line.found.fields.extend(optional_text(key, node, report).map(|text| (key.to_owned(), text))),
        }
    }
    Some(line)
}
