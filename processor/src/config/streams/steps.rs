//! A list of steps: each step hands its events to the next of the list.

use engine::streams::{Node as Built, Step};

use super::{edits, memories, outs, periods, routes, windows};
use crate::config::reader::{self, Fields, Keys, describe};
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::one_or_more;
use crate::config::source::Place;
use crate::config::yaml::{Kind, Node};

/// Every step, and `else`, which stands beside some.
const KNOWN: [&str; 43] = names(&schema::STEPS);

/// What a step takes or gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Single events.
    One,
    /// Rows of events.
    Rows,
    /// Whatever comes.
    Same,
}

/// A step as it stands in a list.
#[derive(Debug)]
pub(super) struct Read {
    /// Mostly one; a step that is short for two is both.
    pub(super) steps: Vec<Step>,
    pub(super) ways: Vec<Vec<Built>>,
    pub(super) takes: Flow,
    pub(super) gives: Flow,
    /// Nothing can stand behind it.
    pub(super) ends: bool,
}

impl Read {
    /// A step for single events that gives single events.
    pub(super) fn one(step: Step) -> Option<Self> {
        Some(Self { steps: vec![step], ways: Vec::new(), takes: Flow::One, gives: Flow::One, ends: false })
    }

    /// A step for whatever comes.
    pub(super) fn any(step: Step) -> Option<Self> {
        Some(Self { takes: Flow::Same, gives: Flow::Same, ..Self::one(step)? })
    }

    /// A step for single events that gives rows, unless something is taken of them.
    pub(super) fn rows(step: Step, are_taken: bool) -> Option<Self> {
        Some(Self { gives: if are_taken { Flow::One } else { Flow::Rows }, ..Self::one(step)? })
    }
}

/// A step being read.
pub(super) struct Item<'n> {
    pub(super) key: &'n str,
    pub(super) place: &'n Place,
    pub(super) node: &'n Node,
    pub(super) otherwise: Option<&'n Node>,
    /// What comes in.
    pub(super) flow: Flow,
}

/// Reads a list of steps that single events come to.
pub(super) fn read(node: &Node, report: &mut Report) -> Option<Vec<Built>> {
    list(node, Flow::One, report)
}

/// Reads a list of steps.
pub(super) fn list(node: &Node, mut flow: Flow, report: &mut Report) -> Option<Vec<Built>> {
    let nodes = some_nodes("steps", "steps", "begin each step with `- `, as in `- to: [index]`", node, report)?;
    let mut reads = Vec::new();
    let mut ended: Option<&str> = None;
    let mut is_good = true;
    for node in nodes {
        let mut found = None;
        let read = step(node, flow, &mut found, report);
        if let Some(end) = ended {
            let message = format!("no event comes here: `{end}` sends all of them its own ways");
            report.error(&node.place, message).help("put the step into the ways, or before");
            is_good = false;
        }
        match read {
            Some(read) => {
                ended = ended.or(found.filter(|_| read.ends));
                if read.gives != Flow::Same {
                    flow = read.gives;
                }
                reads.push(read);
            }
            None => is_good = false,
        }
    }
    is_good.then(|| chain(reads))
}

/// Makes each step the child of the one before.
fn chain(reads: Vec<Read>) -> Vec<Built> {
    let mut then: Vec<Built> = Vec::new();
    for read in reads.into_iter().rev() {
        let mut ways = read.ways;
        for mut step in read.steps.into_iter().rev() {
            if let Some(behind) = then.first().filter(|_| windows::fuse(&mut step, then.first())) {
                then = behind.then.clone();
            }
            then = vec![Built { step, then, ways: std::mem::take(&mut ways) }];
        }
    }
    then
}

fn step<'n>(node: &'n Node, flow: Flow, found: &mut Option<&'n str>, report: &mut Report) -> Option<Read> {
    let empty = Node { place: node.place.clone(), kind: Kind::Null };
    if let Some(key) = node.scalar().filter(|key| KNOWN.contains(key) && *key != "else") {
        *found = Some(key);
        return one(&Item { key, place: &node.place, node: &empty, otherwise: None, flow }, report);
    }
    if let Some(written) = node.scalar() {
        unknown(written, node, &KNOWN, report);
        return None;
    }
    let fields = reader::fields(node, &Keys { of: "a step", known: &KNOWN, quiet: &[] }, report)?;
    let (key, place, value) = only(node, &fields, report)?;
    *found = Some(key);
    let otherwise = fields.get("else");
    if let Some(otherwise) = otherwise.filter(|_| !matches!(key, "where" | "expired" | "top")) {
        report.error(&otherwise.place, format!("`{key}` has no `else`")).help("`where`, `expired` and `top` have one");
        return None;
    }
    one(&Item { key, place, node: value, otherwise, flow }, report)
}

fn unknown(written: &str, node: &Node, known: &[&str], report: &mut Report) {
    let message = format!("there is no step {}", describe(node));
    let name = written.split(':').next().unwrap_or_default();
    let help = match catalogue::nearest(name, known.iter().copied().filter(|key| *key != "else")) {
        Some(key) if name.len() < written.len() => format!("write `{key}: …`, with a space behind the `:`"),
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", known.iter().copied().filter(|key| *key != "else").collect::<Vec<_>>().join(", ")),
    };
    report.error(&node.place, message).help(help);
}

/// One text or a list of at least one, each with its place; `such` a text as it takes.
pub(super) fn some_texts(key: &str, such: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, Place)>> {
    if node.is_null() || matches!(&node.kind, Kind::List(nodes) if nodes.is_empty()) {
        report.error(&node.place, format!("`{key}` is empty")).help(format!("write `{key}: [{such}]`"));
        return None;
    }
    let texts = one_or_more(key, node, report)?;
    let places: Vec<Place> = match &node.kind {
        Kind::List(nodes) => nodes.iter().map(|node| node.place.clone()).collect(),
        Kind::Null | Kind::Scalar(_) | Kind::Map(_) => vec![node.place.clone()],
    };
    Some(texts.into_iter().zip(places).collect())
}

/// As [`some_texts`], without the places.
pub(super) fn some_names(key: &str, such: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    Some(some_texts(key, such, node, report)?.into_iter().map(|(name, _)| name).collect())
}

/// The nodes of a list of at least one; `what` the list holds, `help` how to write it.
pub(super) fn some_nodes<'n>(key: &str, what: &str, help: &str, node: &'n Node, report: &mut Report) -> Option<&'n [Node]> {
    let message = match &node.kind {
        Kind::List(nodes) if !nodes.is_empty() => return Some(nodes),
        Kind::List(_) => format!("`{key}` is empty"),
        Kind::Null | Kind::Scalar(_) | Kind::Map(_) => format!("`{key}` takes a list of {what}, not {}", describe(node)),
    };
    report.error(&node.place, message).help(help);
    None
}

/// The one key of a step besides `else`.
fn only<'n>(node: &'n Node, fields: &Fields<'n>, report: &mut Report) -> Option<(&'n str, &'n Place, &'n Node)> {
    let mut steps = fields.iter().filter(|(key, ..)| *key != "else");
    let first = steps.next();
    if let (Some((first, ..)), Some((second, place, _))) = (first, steps.next()) {
        let message = format!("a step does one thing: `{first}` and `{second}` are two");
        report.error(place, message).help(format!("write `- {second}: …` on a line of its own"));
        return None;
    }
    let is_empty = matches!(&node.kind, Kind::Map(map) if map.is_empty()) || node.is_null();
    if first.is_none() && (is_empty || fields.get("else").is_some()) {
        report.error(&node.place, "a step is missing here").help("write what becomes of the events, such as `where: metric > 1`");
    }
    first
}

fn one(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let read = match item.key {
        "where" | "expired" | "split" | "branches" | "by" | "top" => routes::read(item, report),
        "set" | "default" | "append" | "scale" | "tag" | "untag" => edits::read(item, report),
        "changed" | "changed_state" | "runs" | "stable" | "count" | "reduce" | "smooth" | "derive" | "predict" | "clock_skew" => {
            memories::read(item, report)
        }
        "throttle" | "rollup" | "batch" | "apdex" | "rate" | "percentiles" | "fill" | "interpolate" => periods::read(item, report),
        "window" | "fold" | "flatten" | "sort" | "across" | "join" => windows::read(item, report),
        _ => outs::read(item, report),
    }?;
    let is_fit = match (read.takes, item.flow) {
        (Flow::One, Flow::Rows) => {
            let message = format!("`{}` takes single events, and rows of events come here", item.key);
            report.error(item.place, message).help("put `fold: mean`, or `flatten`, before it");
            false
        }
        (Flow::Rows, Flow::One) => {
            let message = format!("`{}` takes rows of events, and single events come here", item.key);
            report.error(item.place, message).help("`window`, `batch`, `rollup`, `across` and `join` give rows");
            false
        }
        _ => true,
    };
    is_fit.then_some(read)
}
