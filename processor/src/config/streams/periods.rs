//! Steps that go by the clock, as a rule file has them.

use engine::streams::{Apdex, Batch, Fill, FillLast, Interpolate, Percentiles, Rate, Rollup, Step, Throttle};
use event::Duration;

use super::edits::{number, set};
use super::memories::{every, needed};
use super::steps::{Item, Read};
use super::windows::MAX_EVENTS;
use crate::config::reader::{self, describe};
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::{Kind, Node};

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    match item.key {
        "throttle" => {
            let (max, per) = so_many_per(item, report)?;
            Read::any(Step::Throttle(Throttle { max, per }))
        }
        "rollup" => {
            let (max, per) = so_many_per(item, report)?;
            Read::rows(Step::Rollup(Rollup { max, per, max_held: MAX_EVENTS as usize }), false)
        }
        "batch" => {
            let mut section = Section::open(item.node, "`batch`", &names(&schema::BATCH), &[], report)?;
            let size = needed(item, &mut section, "size", |key, node, report| values::count(key, 1, node, report));
            let every = needed(item, &mut section, "every", every);
            Read::rows(Step::Batch(Batch { size: size?.min(MAX_EVENTS) as usize, every: every? }), false)
        }
        "apdex" => {
            let mut section = Section::open(item.node, "`apdex`", &names(&schema::APDEX), &[], report)?;
            let every = needed(item, &mut section, "every", every);
            let query = |key: &str, node: &Node, report: &mut Report| values::query(key, None, node, report);
            let satisfied = needed(item, &mut section, "satisfied", query);
            let tolerated = needed(item, &mut section, "tolerated", query);
            Read::one(Step::Apdex(Apdex { every: every?, satisfied: satisfied?, tolerated: tolerated? }))
        }
        "rate" => Read::one(Step::Rate(Rate { every: interval(item, report)? })),
        "percentiles" => percentiles(item, report),
        "fill" => fill(item, report),
        _ => Read::one(Step::Interpolate(Interpolate { every: interval(item, report)? })),
    }
}

/// `5s` or `{every: 5s}`.
fn interval(item: &Item<'_>, report: &mut Report) -> Option<Duration> {
    if item.node.scalar().is_some() {
        return every(item.key, item.node, report);
    }
    let mut section = Section::open(item.node, &format!("`{}`", item.key), &names(&schema::INTERVAL), &[], report)?;
    needed(item, &mut section, "every", every)
}

/// `5 per 1h` or `{max: 5, per: 1h}`.
fn so_many_per(item: &Item<'_>, report: &mut Report) -> Option<(u64, Duration)> {
    let key = item.key;
    if item.node.scalar().is_some() {
        return values::so_many_per(key, item.node, report);
    }
    let mut section = Section::open(item.node, &format!("`{key}`"), &names(&schema::MAX_PER), &[], report)?;
    let max = needed(item, &mut section, "max", |key, node, report| values::count(key, 0, node, report));
    let per = needed(item, &mut section, "per", every);
    Some((max?, per?))
}

fn percentiles(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`percentiles`", &names(&schema::PERCENTILES), &[], report)?;
    let every = needed(item, &mut section, "every", every);
    let points = needed(item, &mut section, "points", |_, node, report| points(node, report));
    Read::one(Step::Percentiles(Percentiles { every: every?, points: points? }))
}

/// `[0.5, 0.99]` or `{0.5: " median"}`.
fn points(node: &Node, report: &mut Report) -> Option<Vec<(f64, String)>> {
    let found: Vec<Option<_>> = match &node.kind {
        Kind::List(nodes) => nodes.iter().map(|node| Some((point(node, report)?, format!(" {}", node.scalar()?)))).collect(),
        Kind::Map(_) => {
            let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
                let message = format!("point `{name}` stands twice");
                report.error(second, message).second(first, "first here");
            };
            let Kind::Map(map) = &node.kind else { return None };
            let entries = reader::entries(node, "`points`", twice, report)?;
            let names = entries.iter().map(|(.., value)| values::text("points", value, report)).collect::<Vec<_>>();
            map.iter().zip(names).map(|((key, _), name)| Some((point(key, report)?, name?))).collect()
        }
        Kind::Null | Kind::Scalar(_) => {
            let message = format!("`points` takes a list of numbers from 0 to 1, not {}", describe(node));
            report.error(&node.place, message).help("write `points: [0.5, 0.95, 0.99]`");
            return None;
        }
    };
    found.into_iter().collect()
}

fn point(node: &Node, report: &mut Report) -> Option<f64> {
    let point = number("points", node, report)?;
    if !(0.0..=1.0).contains(&point) {
        let message = format!("a point is a number from 0 to 1, not {}", describe(node));
        report.error(&node.place, message).help("0.5 is the median, 1 the maximum");
        return None;
    }
    Some(point)
}

fn fill(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`fill`", &names(&schema::FILL), &[], report)?;
    let every = needed(item, &mut section, "every", every);
    let (with, last) = (section.read("with", set), section.read("last", set));
    match (section.node("with").is_some(), section.node("last").is_some()) {
        (true, false) => Read::one(Step::Fill(Fill { every: every?, with: with? })),
        (false, true) => Read::one(Step::FillLast(FillLast { every: every?, set: last? })),
        _ => {
            let help = "an event of its own: `with: {service: x, metric: 0}`; the last one with some fields set: `last: {metric: 0}`";
            section.report.error(item.place, "`fill` takes `with` or `last`").help(help);
            None
        }
    }
}
