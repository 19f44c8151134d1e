//! `expect:` and `sent:` of a test: what alerts do, and which messages go out.

use engine::State;

use super::super::reader::{self, describe};
use super::super::report::Report;
use super::super::schema;
use super::super::section::Section;
use super::super::source::Place;
use super::super::values;
use super::super::yaml::Node;
use super::{Names, at, list, shown};
use crate::rule_tests::{Line, SentLine};

const STATES: [(&str, State); 5] =
    [("ok", State::Ok), ("info", State::Info), ("warning", State::Warning), ("critical", State::Critical), ("expired", State::Expired)];

/// Reads the lines of `expect:`.
pub(super) fn expect(node: &Node, names: &mut Names, report: &mut Report) -> Vec<Line> {
    let nodes = list("expect", node, report).unwrap_or_default();
    nodes.iter().filter_map(|node| line(node, names, report)).collect()
}

fn line(node: &Node, names: &mut Names, report: &mut Report) -> Option<Line> {
    let fields = reader::entries(node, "an entry of `expect`", twice, report)?;
    let mut line = Line { text: shown(&node.place, report), ..Line::default() };
    let alert = fields.get("alert").and_then(Node::scalar).map(str::to_owned);
    for (key, place, node) in fields.iter() {
        match key {
            "at" => line.at = at(key, names, node, report),
            "alert" => {
                line.alert = values::filled(key, node, report);
                names.alerts.extend(line.alert.clone().map(|name| (name, node.place.clone())));
            }
            "state" => line.state = values::choice(key, &STATES, node, report),
            "value" => line.value = optional_number(key, node, report),
            "message" => line.message = values::text(key, node, report),
            _ => {
                names.fields.push((key.to_owned(), place.clone(), alert.clone()));
                line.fields.extend(optional_text(key, node, report).map(|text| (key.to_owned(), text)));
            }
        }
    }
    Some(line)
}

/// A text, or `null` for none.
pub(super) fn optional_text(key: &str, node: &Node, report: &mut Report) -> Option<Option<String>> {
    if node.is_null() { Some(None) } else { values::text(key, node, report).map(Some) }
}

/// A number, or `null` for none.
pub(super) fn optional_number(key: &str, node: &Node, report: &mut Report) -> Option<Option<f64>> {
    if node.is_null() {
        return Some(None);
    }
    let number = node.scalar().and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
    if number.is_none() {
        report.error(&node.place, format!("`{key}` takes a number, or `null` for none, not {}", describe(node)));
    }
    number.map(Some)
}

/// Reads the lines of `sent:`.
pub(super) fn sent(node: &Node, names: &mut Names, report: &mut Report) -> Vec<SentLine> {
    let nodes = list("sent", node, report).unwrap_or_default();
    nodes.iter().filter_map(|node| sent_line(node, names, report)).collect()
}

fn sent_line(node: &Node, names: &mut Names, report: &mut Report) -> Option<SentLine> {
    let text = shown(&node.place, report);
    let mut section = Section::open(node, "an entry of `sent`", &schema::names(&schema::SENT_LINE), &[], report)?;
    let notify = section.read("notify", values::filled);
    let place = section.node("notify").map(|node| node.place.clone());
    names.notifiers.extend(notify.clone().zip(place));
    Some(SentLine {
        at: section.read("at", |key, node, report| at(key, names, node, report)),
        notify,
        count: section.read("count", |key, node, report| values::count(key, 1, node, report)),
        digest: section.read("digest", values::flag),
        reminder: section.read("reminder", values::flag),
        text,
    })
}

pub(super) fn twice(name: &str, second: &Place, first: &Place, report: &mut Report) {
    report.error(second, format!("`{name}` stands twice in one line")).second(first, "first here");
}
