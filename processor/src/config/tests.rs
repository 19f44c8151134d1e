//! `tests:` of a rule file to tests, every mistake at its place. Production passes the section over.

mod events;
mod index;
mod lines;
mod resolve;
mod samples;
mod taps;

use std::path::{Path, PathBuf};

use event::Duration;

use super::reader::{self, Keys, describe};
use super::report::Report;
use super::schema::{self, names};
use super::source::Place;
use super::values;
use super::yaml::{Kind, Node};
use crate::rule_tests::RuleTest;

pub(super) use resolve::resolve;

const KNOWN: [&str; 11] = names(&schema::TEST);

/// A test as it stands in its file: the rules that it names are not looked up yet.
#[derive(Clone, Debug)]
pub(super) struct RawTest {
    /// Its `alerts` are empty.
    test: RuleTest,
    /// Of its name.
    place: Place,
    /// `None`: all that its file names.
    alerts: Option<Vec<(String, Place)>>,
    names: Names,
}

/// Names within its lines that must mean something, with their places.
#[derive(Clone, Debug, Default)]
struct Names {
    alerts: Vec<(String, Place)>,
    notifiers: Vec<(String, Place)>,
    /// Fields of an instance, and the line's alert if it names one.
    fields: Vec<(String, Place, Option<String>)>,
    /// When the test ends, if it says so: nothing can be expected after it.
    run: Option<Duration>,
}

/// Appends the tests of one file.
pub(super) fn read(node: &Node, tests: &mut Vec<RawTest>, report: &mut Report) {
    let Some(nodes) = list("tests", node, report) else { return };
    tests.extend(nodes.iter().filter_map(|node| test(node, report)));
}

fn test(node: &Node, report: &mut Report) -> Option<RawTest> {
    let fields = reader::fields(node, &Keys { of: "a test", known: &KNOWN, quiet: &[] }, report)?;
    let get = |key: &str| fields.get(key).filter(|node| !node.is_null());
    let run = get("run").and_then(|node| values::duration("run", node, report));
    let mut names = Names { run, ..Names::default() };
    let name = match get("name") {
        Some(node) => values::filled("name", node, report)?,
        None => {
            report.error(&node.place, "a test has no `name`").help("write what it shows: `name: a short peak opens nothing`");
            return None;
        }
    };
    if let Some(node) = get("about") {
        values::text("about", node, report);
    }
    let place = get("name").map_or_else(|| node.place.clone(), |node| node.place.clone());
    let file = report.sources.file(&place).to_owned();
    let alerts = get("alerts").map(|node| ("alerts", node)).or_else(|| get("alert").map(|node| ("alert", node)));
    let alerts = alerts.map(|(key, node)| values::named(key, node, report).unwrap_or_default());
    let test = RuleTest {
        line: report.sources.line_and_column(&place).0,
        alerts: Vec::new(),
        rows: get("events").map(|node| events::read(node, report)).unwrap_or_default(),
        replay: get("replay").and_then(|node| beside(&file, node, report)),
        run,
        expect: fields.get("expect").map(|node| lines::expect(node, &mut names, report)),
        sent: fields.get("sent").map(|node| lines::sent(node, &mut names, report)),
        taps: fields.get("taps").map(|node| taps::read(node, &names, report)),
        index: get("index").map(|node| index::read(node, &names, report)).unwrap_or_default(),
        name,
        file,
    };
    if test.rows.is_empty() && get("events").is_none() && get("replay").is_none() {
        let help = "write what comes: `events: [{host: n1, service: app/errors, metric: 0 5x3}]`";
        report.error(&place, format!("nothing comes in test `{}`: it has neither `events` nor `replay`", test.name)).help(help);
    }
    if test.expect.is_none() && test.sent.is_none() && test.taps.is_none() && get("index").is_none() {
        let message = format!("test `{}` expects nothing: it has neither `expect`, `sent`, `taps` nor `index`", test.name);
        report.error(&place, message).help("if no alert may open, write `expect: []`");
    }
    Some(RawTest { test, place, alerts, names })
}

/// A time of the test, which must not be after its end.
fn at(key: &str, names: &Names, node: &Node, report: &mut Report) -> Option<Duration> {
    let at = values::duration(key, node, report)?;
    if let Some(run) = names.run.filter(|run| at > *run) {
        let problem = report.error(&node.place, format!("the test is over by then: `run: {run}`"));
        problem.help(format!("write `run: {at}`, or more"));
    }
    Some(at)
}

/// A path, as it is seen from the folder of the rule file.
fn beside(file: &str, node: &Node, report: &mut Report) -> Option<PathBuf> {
    let path = values::filled("replay", node, report)?;
    Some(Path::new(file).parent().map_or_else(|| PathBuf::from(&path), |folder| folder.join(&path)))
}

/// The entries of a list.
fn list<'n>(key: &str, node: &'n Node, report: &mut Report) -> Option<&'n [Node]> {
    match &node.kind {
        Kind::Null => Some(&[]),
        Kind::List(nodes) => Some(nodes),
        Kind::Scalar(_) | Kind::Map(_) => {
            report.error(&node.place, format!("`{key}` takes a list, not {}", describe(node)));
            None
        }
    }
}

/// The text of a place in one line, as it is shown beside what happened.
fn shown(place: &Place, report: &Report) -> String {
    report.sources.text(place).split_whitespace().collect::<Vec<_>>().join(" ")
}
