//! `events:` of a test: rows of events, each with any fields.

use event::{Duration, Event, Metric};

use super::super::reader;
use super::super::report::Report;
use super::super::source::Place;
use super::super::values;
use super::super::yaml::Node;
use super::{list, samples};
use crate::rule_tests::{Row, Sample};

/// What holds where a row says nothing.
const EVERY: Duration = Duration::from_secs(10);
const TTL: Duration = Duration::from_secs(60);

/// Reads the rows.
pub(super) fn read(node: &Node, report: &mut Report) -> Vec<Row> {
    let nodes = list("events", node, report).unwrap_or_default();
    nodes.iter().filter_map(|node| row(node, report)).collect()
}

fn row(node: &Node, report: &mut Report) -> Option<Row> {
    let fields = reader::entries(node, "an entry of `events`", twice, report)?;
    let mut row = Row { every: EVERY, samples: vec![Sample::Event(Some(Metric::Int(1)))], ..Row::default() };
    let mut ttl = TTL;
    for (key, place, node) in fields.iter() {
        match key {
            "metric" if node.is_null() => row.samples = vec![Sample::Event(None)],
            _ if node.is_null() => {}
            "metric" => row.samples = samples::read(node, report).unwrap_or_default(),
            "every" => row.every = values::duration_of(key, Duration::from_micros(1), node, report).unwrap_or(EVERY),
            "from" => row.from = values::duration(key, node, report).unwrap_or_default(),
            "ttl" => ttl = values::duration(key, node, report).unwrap_or(TTL),
            "tags" => row.event.marks = values::texts(key, node, report).unwrap_or_default(),
            "time" => {
                let problem = report.error(place, "the time of an event follows from `from` and `every`");
                problem.help("write `from: 30s` for one that comes 30 s after the start");
            }
            _ => field(key, node, &mut row.event, report),
        }
    }
    row.event.ttl = Some(ttl.as_secs_f64() as f32);
    Some(row)
}

fn field(key: &str, node: &Node, event: &mut Event, report: &mut Report) {
    let Some(text) = values::filled(key, node, report) else { return };
    match key {
        "host" => event.host = Some(text),
        "service" => event.service = Some(text),
        "state" => event.state = Some(text),
        "description" => event.description = Some(text),
        other => event.attributes.push((other.to_owned(), text)),
    }
}

fn twice(name: &str, second: &Place, first: &Place, report: &mut Report) {
    report.error(second, format!("`{name}` stands twice in one entry of `events`")).second(first, "first here");
}
