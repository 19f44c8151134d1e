//! The section `collector:`.

use std::path::PathBuf;

use event::Duration;

use crate::config::report::Report;
use crate::config::section::{Section, one_or_more, path};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Backlog, Collector, Samplers};

const KNOWN: [&str; 10] = ["interval", "host", "host_root", "docker", "spread", "samplers", "to", "data_dir", "backlog", "http"];

/// A backlog smaller than that holds hardly anything.
const LEAST_BACKLOG: u64 = 1 << 20;
/// Slower than that it might never be sent.
const LEAST_RATE: u64 = 16 << 10;

pub(super) fn read(node: &Node, into: &mut Collector, report: &mut Report) {
    let Some(mut section) = Section::open(node, "`collector`", &KNOWN, &[], report) else { return };
    section.set(&mut into.interval, "interval", |key, node, report| values::duration_of(key, Duration::from_micros(100_000), node, report));
    section.set_some(&mut into.host, "host", values::filled);
    section.set_some(&mut into.host_root, "host_root", path);
    section.set(&mut into.docker, "docker", docker);
    section.set(&mut into.spread, "spread", values::duration);
    section.set(&mut into.to, "to", targets);
    section.set_some(&mut into.data_dir, "data_dir", path);
    section.set_or_off(&mut into.backlog, "backlog", backlog);
    section.set_some(&mut into.http, "http", values::address);
    section.set(&mut into.samplers, "samplers", samplers);
}

/// A socket's path, or `off`.
fn docker(key: &str, node: &Node, report: &mut Report) -> Option<Option<PathBuf>> {
    match node.scalar() {
        Some("off" | "false") => Some(None),
        _ => path(key, node, report).map(Some),
    }
}

fn targets(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let targets = one_or_more(key, node, report)?;
    for target in &targets {
        let port = target.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none() {
            report.error(&node.place, format!("`{target}` is not an address to send to; write HOST:PORT, as in processor:5555"));
            return None;
        }
    }
    Some(targets)
}

fn backlog(_: &str, node: &Node, report: &mut Report) -> Option<Backlog> {
    let mut backlog = Backlog::default();
    let mut section = Section::open(node, "`backlog`", &["max", "age", "rate"], &[], report)?;
    section.set(&mut backlog.max, "max", |key, node, report| values::size(key, LEAST_BACKLOG, node, report));
    section.set(&mut backlog.age, "age", |key, node, report| values::duration_of(key, Duration::from_secs(60), node, report));
    section.set(&mut backlog.rate, "rate", |key, node, report| values::size(key, LEAST_RATE, node, report));
    Some(backlog)
}

fn samplers(_: &str, node: &Node, report: &mut Report) -> Option<Samplers> {
    let mut samplers = Samplers::default();
    let known = samplers.by_name().map(|(name, _)| name);
    let mut section = Section::open(node, "`samplers`", &known, &[], report)?;
    for (name, switch) in samplers.by_name() {
        section.set(switch, name, values::flag);
    }
    Some(samplers)
}
