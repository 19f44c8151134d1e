//! `expect`: instances that must exist, as a rule file names them.

use engine::rules::Expect;

use super::alert::{RawAlert, Slot};
use super::reader::{self, Keys, describe};
use super::report::Report;
use super::schema::{self, names};
use super::source::Place;
use super::values;
use super::yaml::{Kind, Node};

/// What stands there.
#[derive(Clone, Debug)]
pub(super) enum RawExpect {
    /// A list of instances.
    Listed(Vec<RawInstance>),
    /// `{from: swarm.nodes}`.
    SwarmNodes,
}

const KNOWN: [&str; 1] = names(&schema::EXPECT);

/// What `from` takes.
const SOURCES: [(&str, ()); 1] = [("swarm.nodes", ())];

/// One instance as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct RawInstance {
    place: Place,
    values: RawValues,
}

#[derive(Clone, Debug)]
enum RawValues {
    /// Of a rule with one field.
    One(String),
    /// Fields and their values.
    Map(Vec<(String, String)>),
}

/// Reads the list, or where it is to be found.
pub(super) fn read(node: &Node, report: &mut Report) -> Option<RawExpect> {
    match &node.kind {
        Kind::List(nodes) => {
            let read: Vec<_> = nodes.iter().map(|node| instance(node, report)).collect();
            read.into_iter().collect::<Option<_>>().map(RawExpect::Listed)
        }
        Kind::Map(_) => found(node, report),
        Kind::Null | Kind::Scalar(_) => {
            let one = node.scalar().unwrap_or("web1");
            report.error(&node.place, format!("`expect` takes a list: write `expect: [{one}]`"));
            None
        }
    }
}

fn found(node: &Node, report: &mut Report) -> Option<RawExpect> {
    let n_told = report.problems().len();
    let fields = reader::fields(node, &Keys { of: "`expect`", known: &KNOWN, quiet: &[] }, report)?;
    let Some(from) = fields.get("from") else {
        if report.problems().len() > n_told {
            return None;
        }
        let help = "write `expect: {from: swarm.nodes}`, or a list: `expect: [web1, web2]`";
        report.error(&node.place, "`expect` has no `from`").help(help);
        return None;
    };
    values::choice("from", &SOURCES, from, report).map(|()| RawExpect::SwarmNodes)
}

fn instance(node: &Node, report: &mut Report) -> Option<RawInstance> {
    let values = match &node.kind {
        Kind::Scalar(_) => RawValues::One(values::filled("expect", node, report)?),
        Kind::Map(_) => {
            let twice = |name: &str, second: &Place, _: &Place, report: &mut Report| {
                report.error(second, format!("`{name}` stands twice in one instance of `expect`"));
            };
            let fields = reader::entries(node, "`expect`", twice, report)?;
            let read: Vec<_> = fields.iter().map(|(name, _, node)| Some((name.to_owned(), values::filled(name, node, report)?))).collect();
            RawValues::Map(read.into_iter().collect::<Option<_>>()?)
        }
        Kind::Null | Kind::List(_) => {
            report.error(&node.place, format!("`expect` takes names or maps of fields, not {}", describe(node)));
            return None;
        }
    };
    Some(RawInstance { place: node.place.clone(), values })
}

/// Who must exist, each with the values of `by` in its order; `None` where a mistake leaves none.
pub(super) fn checked(raw: &RawAlert, by: &[String], report: &mut Report) -> Option<Expect> {
    let expect = match &raw.expect {
        Slot::Unsaid | Slot::Removed => return Some(Expect::default()),
        Slot::Bad => return None,
        Slot::Is(expect, _) => expect,
    };
    let place = raw.expect.place()?;
    if raw.absent.is_missing() {
        let help = "write how long nothing may be heard of them: `absent: 30s`";
        report.error(place, "`expect` needs `absent`").help(help);
        return None;
    }
    match expect {
        RawExpect::Listed(instances) => {
            let values: Vec<_> = instances.iter().map(|instance| in_order(instance, by, report)).collect();
            values.into_iter().collect::<Option<_>>().map(Expect::Listed)
        }
        RawExpect::SwarmNodes if by.len() == 1 => Some(Expect::SwarmNodes),
        RawExpect::SwarmNodes => {
            let message = format!("`swarm.nodes` gives one name for each instance, but `by` has {} fields", by.len());
            report.error(place, message).help("write `by: [host]`");
            None
        }
    }
}

fn in_order(instance: &RawInstance, by: &[String], report: &mut Report) -> Option<Vec<String>> {
    let example = by.iter().map(|field| format!("{field}: …")).collect::<Vec<_>>().join(", ");
    let map = match &instance.values {
        RawValues::One(value) if by.len() == 1 => return Some(vec![value.clone()]),
        RawValues::One(value) => {
            let message = format!("`{value}` is one value, but `by` has {} fields", by.len());
            report.error(&instance.place, message).help(format!("write `{{{example}}}`"));
            return None;
        }
        RawValues::Map(map) => map,
    };
    if let Some((field, _)) = map.iter().find(|(field, _)| !by.contains(field)) {
        let message = format!("`{field}` is not in `by`, which has {}", by.join(", "));
        report.error(&instance.place, message).help(format!("write `{{{example}}}`"));
        return None;
    }
    let value = |field: &String| map.iter().find(|(known, _)| known == field).map(|(_, value)| value.clone());
    let values: Option<Vec<String>> = by.iter().map(value).collect();
    if values.is_none() {
        report.error(&instance.place, "an instance of `expect` has each field of `by`").help(format!("write `{{{example}}}`"));
    }
    values
}
