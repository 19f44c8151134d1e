//! `streams:` of a rule file to checked streams.

mod edits;
mod joins;
mod memories;
mod outs;
mod periods;
mod routes;
mod steps;
mod takes;
mod windows;

pub(super) use edits::number;
use engine::query::Query;
use engine::streams::{FORGET, MAX_INSTANCES, Stream};
use event::Duration;
pub(super) use joins::{named_queries, no_input};
pub(super) use takes::{DETAILS, MIN_POINTS, point, unknown as unknown_take};

use super::reader::{self, Keys};
use super::report::Report;
use super::schema::{self, names};
use super::source::Place;
use super::yaml::Node;
use super::{services, values};

const KNOWN: [&str; 6] = names(&schema::STREAM);

/// A stream as one file has it, checked.
#[derive(Clone, Debug)]
pub(super) struct RawStream {
    pub(super) stream: Stream,
    pub(super) is_on: bool,
    /// From its name to its end.
    pub(super) place: Place,
    /// Of its `where`.
    pub(super) where_place: Option<Place>,
}

/// Reads the streams of one file into `streams`; one of a name that is there takes its place.
pub(super) fn read(node: &Node, streams: &mut Vec<RawStream>, report: &mut Report) {
    let Some(entries) = reader::entries(node, "`streams`", twice, report) else {
        if let Some(problem) = report.last_mut() {
            problem.help("a stream has a name: `streams: {errors: {steps: [{to: [index]}]}}`");
        }
        return;
    };
    for (name, place, node) in entries.iter() {
        if !super::rules::is_name(name) {
            let message = format!("`{name}` is no name for a stream");
            report.error(place, message).help("a name holds letters, digits, `-`, `_` and `.`");
            continue;
        }
        let Some(stream) = stream(name, place, node, report) else { continue };
        match streams.iter_mut().find(|known| known.stream.name == name) {
            Some(known) => *known = stream,
            None => streams.push(stream),
        }
    }
}

fn stream(name: &str, place: &Place, node: &Node, report: &mut Report) -> Option<RawStream> {
    let of = format!("stream `{name}`");
    let fields = reader::fields(node, &Keys { of: &of, known: &KNOWN, quiet: &[] }, report)?;
    let get = |key: &str| fields.get(key).filter(|node| !node.is_null());
    let where_ = match get("where") {
        None => Some(Query::ALL),
        Some(node) => {
            let query = values::query("where", None, node, report);
            if let Some(query) = &query {
                services::known(query, node, report);
            }
            query
        }
    };
    let max = get("max_instances").map_or(Some(MAX_INSTANCES as u64), |node| values::count("max_instances", 1, node, report));
    let forget = get("forget").map_or(Some(FORGET), |node| values::duration_of("forget", Duration::from_secs(1), node, report));
    let enabled = get("enabled").map_or(Some(true), |node| values::flag("enabled", node, report));
    if let Some(node) = get("about") {
        values::text("about", node, report);
    }
    let steps = match get("steps") {
        Some(node) => steps::read(node, report),
        None => {
            let help = "write what becomes of the events: `steps: [{to: [index]}]`";
            report.error(place, format!("stream `{name}` has no `steps`")).help(help);
            None
        }
    };
    let stream = Stream { name: name.to_owned(), where_: where_?, steps: steps?, max_instances: max? as usize, forget: forget? };
    let place = place.until(&node.place);
    Some(RawStream { stream, is_on: enabled?, place, where_place: get("where").map(|node| node.place.clone()) })
}

fn twice(name: &str, second: &Place, first: &Place, report: &mut Report) {
    let (line, _) = report.sources.line_and_column(first);
    let message = format!("stream `{name}` is defined twice here; first at {}:{line}", report.sources.file(first));
    let help = "give one of them another name, or put the steps of both into one as `branches`";
    report.error(second, message).second(first, "first here").help(help);
}
