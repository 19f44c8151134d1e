//! Steps that send events one way or another, as a rule file has them.

use engine::query::{Field, Query};
use engine::streams::{Branches, By, Expired, Split, Step, Top, Where};

use super::steps::{self, Flow, Item, Read, some_names, some_nodes};
use crate::config::reader::{self, Keys};
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::Node;

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    match item.key {
        "where" => {
            let query = values::query("where", None, item.node, report);
            let otherwise = otherwise(item, report)?;
            Some(Read { ways: vec![otherwise], ..Read::one(Step::Where(Where(query?)))? })
        }
        "expired" => {
            let is_expired = if item.node.is_null() { Some(true) } else { values::flag("expired", item.node, report) };
            let otherwise = otherwise(item, report)?;
            Some(Read { ways: vec![otherwise], ..Read::one(Step::Expired(Expired(is_expired?)))? })
        }
        "split" => split(item.node, report),
        "branches" => {
            let ways = ways(item, report)?;
            Some(Read { ways: ways.clone(), ..Read::any(Step::Branches(Branches(ways.len())))? })
        }
        "by" => {
            let fields = some_names("by", "host", item.node, report)?;
            Read::one(Step::By(By { fields: fields.iter().map(|name| Field::named(name)).collect() }))
        }
        _ => top(item, report),
    }
}

type Way = Vec<engine::streams::Node>;

fn otherwise(item: &Item<'_>, report: &mut Report) -> Option<Way> {
    item.otherwise.map_or(Some(Vec::new()), |node| steps::read(node, report))
}

fn ways(item: &Item<'_>, report: &mut Report) -> Option<Vec<Way>> {
    let help = "write each way as a list: `- [{tag: a}, {tap: one}]`";
    let nodes = some_nodes("branches", "lists of steps", help, item.node, report)?;
    let ways: Vec<_> = nodes.iter().map(|node| steps::list(node, item.flow, report)).collect();
    ways.into_iter().collect()
}

fn split(node: &Node, report: &mut Report) -> Option<Read> {
    let help = "write `- when: metric > 1` and its `steps`, and `- else: [steps]` last";
    let nodes = some_nodes("split", "ways", help, node, report)?;
    let (mut queries, mut ways, mut otherwise) = (Vec::new(), Vec::new(), Some(Vec::new()));
    let mut is_good = true;
    for (at, node) in nodes.iter().enumerate() {
        match way(node, at + 1 == nodes.len(), report) {
            Some((Some(query), way)) => {
                queries.push(query);
                ways.push(way);
            }
            Some((None, way)) => otherwise = Some(way),
            None => is_good = false,
        }
    }
    ways.push(otherwise.take()?);
    let read = Read { ways, ends: true, ..Read::one(Step::Split(Split(queries)))? };
    is_good.then_some(read)
}

fn way(node: &Node, is_last: bool, report: &mut Report) -> Option<(Option<Query>, Way)> {
    let keys = Keys { of: "a way of `split`", known: &names(&schema::WAY), quiet: &[] };
    let fields = reader::fields(node, &keys, report)?;
    if let Some(otherwise) = fields.get("else") {
        if !is_last || fields.get("when").is_some() || fields.get("steps").is_some() {
            report
                .error(&otherwise.place, "`else` is the last way, and has its steps behind it")
                .help("write `- else: [{to: [index]}]` behind the ways with `when`");
            return None;
        }
        return Some((None, steps::read(otherwise, report)?));
    }
    let Some(when) = fields.get("when") else {
        report.error(&node.place, "a way needs `when`").help("write `- when: metric > 1`, or `- else: [steps]`");
        return None;
    };
    let query = values::query("when", None, when, report);
    let steps = match fields.get("steps") {
        Some(node) => steps::read(node, report),
        None => {
            report.error(&node.place, "a way needs `steps`").help("write `- {when: metric > 1, steps: [{to: [index]}]}`");
            None
        }
    };
    Some((Some(query?), steps?))
}

fn top(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`top`", &names(&schema::TOP), &[], report)?;
    let n = section.read("n", |key, node, report| values::count(key, 1, node, report));
    let (mut by, mut demote) = (Some("metric".to_owned()), true);
    section.set(&mut by, "by", |key, node, report| values::filled(key, node, report).map(Some));
    section.set(&mut demote, "demote", values::flag);
    if section.node("n").is_none() {
        section.report.error(item.place, "`top` needs `n`").help("write `top: {n: 10, by: metric}`");
    }
    let otherwise = otherwise(item, report)?;
    let top = Top { n: n? as usize, by: Field::named(&by?), demote };
    Some(Read { ways: vec![otherwise], takes: Flow::One, ..Read::one(Step::Top(top))? })
}
