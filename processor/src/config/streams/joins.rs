//! `join`, as a rule file has it: a list of queries, or queries with names and what becomes of their metrics.

use engine::expression::Expression;
use engine::query::{Field, Query};
use engine::streams::{Join, Step, Takes, Value};

use super::memories::needed;
use super::steps::{Flow, Item, Read, some_nodes};
use super::takes;
use crate::config::reader;
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::source::Place;
use crate::config::values;
use crate::config::yaml::{Kind, Node};

/// Queries, and their names where they have some.
struct Queries {
    queries: Vec<Query>,
    names: Vec<String>,
}

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    if !matches!(item.node.kind, Kind::Map(_)) {
        let queries = queries(item.node, report)?.queries;
        return Read::rows(Step::Join(Join { queries, takes: Takes::default() }), false);
    }
    let mut section = Section::open(item.node, "`join`", &names(&schema::JOIN), &[], report)?;
    let queries = needed(item, &mut section, "queries", |_, node, report| queries(node, report));
    let takes = takes::read(&mut section);
    let Some(node) = section.node("value") else {
        let are_taken = section.node("take").is_some();
        return Read::rows(Step::Join(Join { queries: queries?.queries, takes: takes? }), are_taken);
    };
    if let Some(take) = section.node("take") {
        section.report.error(&take.place, "`join` has `value` or `take`, not both");
        return None;
    }
    let expression = values::expression("value", node, section.report);
    let Queries { queries, names } = queries?;
    let expression = expression.filter(|expression| are_inputs(expression, &names, node, section.report))?;
    let steps = vec![Step::Join(Join { queries, takes: Takes::default() }), Step::Value(Value { names, expression })];
    Some(Read { steps, ways: Vec::new(), takes: Flow::One, gives: Flow::One, ends: false })
}

fn queries(node: &Node, report: &mut Report) -> Option<Queries> {
    match &node.kind {
        Kind::Map(_) => named(node, report),
        Kind::List(_) | Kind::Null | Kind::Scalar(_) => {
            let help = "write `join: ['service = \"a\"', 'service = \"b\"']`";
            let nodes = some_nodes("join", "queries", help, node, report)?;
            let queries: Vec<_> = nodes.iter().map(|node| values::query("join", None, node, report)).collect();
            Some(Queries { queries: queries.into_iter().collect::<Option<_>>()?, names: Vec::new() })
        }
    }
}

fn named(node: &Node, report: &mut Report) -> Option<Queries> {
    let (names, queries) = named_queries("`queries`", node, report)?.into_iter().unzip();
    Some(Queries { queries, names })
}

/// `{desired: Q1, running: Q2}`
pub(in crate::config) fn named_queries(of: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, Query)>> {
    let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
        report.error(second, format!("`{name}` stands twice in {of}")).second(first, "first here");
    };
    let entries = reader::entries(node, of, twice, report)?;
    let mut read = Vec::new();
    for (name, place, node) in entries.iter() {
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !is_name || !matches!(Field::named(name), Field::Attribute(_)) {
            let message = format!("`{name}` is no name for a query of `join`");
            report.error(place, message).help("a name holds letters, digits and `_`, and is not that of a field");
            read.push(None);
            continue;
        }
        read.push(values::query(name, None, node, report).map(|query| (name.to_owned(), query)));
    }
    read.into_iter().collect()
}

/// Tells of every field of the expression that is no name of a query.
fn are_inputs(expression: &Expression, names: &[String], node: &Node, report: &mut Report) -> bool {
    let mut are_known = true;
    for (field, span) in expression.fields().filter(|(field, _)| !names.iter().any(|name| name == field.name())) {
        no_input(field.name(), &node.part(&span), names, report);
        are_known = false;
    }
    are_known
}

/// Tells of a name that no query has.
pub(in crate::config) fn no_input(name: &str, place: &Place, names: &[String], report: &mut Report) {
    let problem = report.error(place, format!("`{name}` is no query of this `join`"));
    match catalogue::nearest(name, names.iter().map(String::as_str)) {
        _ if names.is_empty() => problem.help("give the queries names: `queries: {desired: …, running: …}`"),
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem.help(format!("there are {}", names.join(", "))),
    };
}
