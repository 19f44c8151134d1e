//! The section `collector:`.

use std::path::PathBuf;

use event::{Duration, Pattern};

use super::ways;
use crate::config::report::Report;
use crate::config::section::{Section, one_or_more, path};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Backlog, Collector, Lists, Samplers};

mod processes;

use processes::processes;

const KNOWN: [&str; 21] = [
    "interval",
    "host",
    "host_root",
    "docker",
    "spread",
    "samplers",
    "processes",
    "budget",
    "metrics",
    "containers",
    "container_sizes",
    "labels",
    "to",
    "data_dir",
    "backlog",
    "http",
    "statsd",
    "collectd",
    "scrape",
    "scrape_containers",
    "exec",
];

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
    section.set(&mut into.budget, "budget", budget);
    section.set(&mut into.metrics, "metrics", |key, node, report| lists(key, node, report, check_metric));
    section.set(&mut into.containers, "containers", |key, node, report| lists(key, node, report, check_nothing));
    section.set(&mut into.container_sizes, "container_sizes", container_sizes);
    section.set(&mut into.labels, "labels", labels);
    section.set_some(&mut into.data_dir, "data_dir", path);
    section.set_or_off(&mut into.backlog, "backlog", backlog);
    section.set_some(&mut into.http, "http", values::address);
    section.set(&mut into.processes, "processes", processes);
    ways::read(&mut section, &mut into.ways);
    section.set(&mut into.samplers, "samplers", samplers);
}

/// A socket's path, or `off`.
fn docker(key: &str, node: &Node, report: &mut Report) -> Option<Option<PathBuf>> {
    match node.scalar() {
        Some("off" | "false") => Some(None),
        _ => path(key, node, report).map(Some),
    }
}

/// Whether a text is HOST:PORT.
pub fn is_target(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

pub(super) fn targets(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let targets = one_or_more(key, node, report)?;
    for target in &targets {
        if !is_target(target) {
            report.error(&node.place, format!("`{target}` is not an address to send to; write HOST:PORT, as in processor:5555"));
            return None;
        }
    }
    Some(targets)
}

/// Percent of one core, or `off`. Less than a tenth of a percent is no budget to sample with.
fn budget(key: &str, node: &Node, report: &mut Report) -> Option<Option<f64>> {
    let text = node.scalar().unwrap_or_default();
    if matches!(text, "off" | "false") {
        return Some(None);
    }
    let percent = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
    match percent.filter(|percent| (0.1..=100.0).contains(percent)) {
        Some(percent) => Some(Some(percent / 100.0)),
        None => {
            report.error(&node.place, format!("`{key}` takes a part of one core, from 0.1% to 100%, as in 2%, or off"));
            None
        }
    }
}

/// Docker walks through all files of all containers for it.
const LEAST_BETWEEN_SIZES: Duration = Duration::from_secs(10);

/// A time, or `off`.
fn container_sizes(key: &str, node: &Node, report: &mut Report) -> Option<Option<Duration>> {
    match node.scalar() {
        Some("off" | "false") => Some(None),
        _ => values::duration_of(key, LEAST_BETWEEN_SIZES, node, report).map(Some),
    }
}

/// Lists of patterns, each looked at by `check`.
fn lists(of: &str, node: &Node, report: &mut Report, check: fn(&str, &Node, &mut Report)) -> Option<Lists> {
    let mut lists = Lists::default();
    let mut section = Section::open(node, &format!("`{of}`"), &["allow", "deny"], &[], report)?;
    for (key, list) in [("allow", &mut lists.allow), ("deny", &mut lists.deny)] {
        let node = section.node(key);
        section
            .set(list, key, |key, node, report| one_or_more(key, node, report).map(|texts| texts.into_iter().map(Pattern::new).collect()));
        if let Some(node) = node {
            list.iter().for_each(|pattern| check(pattern.as_str(), node, section.report));
        }
    }
    Some(lists)
}

/// A pattern that no metric matches is probably misspelt; metrics that are not in the catalogue cannot be denied here.
fn check_metric(pattern: &str, node: &Node, report: &mut Report) {
    let (measurement, field) = pattern.split_once('/').unwrap_or((pattern, "*"));
    let (of_measurement, of_field) = (Pattern::new(measurement), Pattern::new(field));
    if catalogue::metrics().any(|metric| of_measurement.matches(metric.measurement) && of_field.matches(metric.field)) {
        return;
    }
    let message = format!("no metric of skep's is `{pattern}`; patterns are of measurement/field, as in disk/inodes_*");
    let problem = report.warning(&node.place, message);
    if let Some(nearest) = catalogue::nearest_measurement(measurement) {
        problem.help(format!("did you mean `{nearest}/{}`?", catalogue::nearest_field(nearest, field).unwrap_or(field)));
    }
}

/// Containers may have any name.
fn check_nothing(_: &str, _: &Node, _: &mut Report) {}

/// The most labels that become attributes: each makes every series of a container longer.
const MAX_LABELS: usize = 16;

/// Attributes that skep gives itself, beside those of every container.
const OWN_ATTRIBUTES: [&str; 7] = ["action", "device", "exit_code", "interface", "network", "resource", "signal"];

fn labels(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let labels = one_or_more(key, node, report)?;
    if labels.len() > MAX_LABELS {
        report.error(&node.place, format!("`labels` takes {MAX_LABELS} at the most, not {}", labels.len()));
        return None;
    }
    let is_taken = |label: &&String| {
        let mut taken = catalogue::RESERVED.iter().chain(&catalogue::CONTAINER_ATTRIBUTES).chain(&OWN_ATTRIBUTES);
        taken.any(|name| name == label)
    };
    if let Some(label) = labels.iter().find(is_taken) {
        let message = format!("the label `{label}` cannot become an attribute: skep uses that name itself");
        report.error(&node.place, message);
        return None;
    }
    Some(labels)
}

pub(super) fn backlog(_: &str, node: &Node, report: &mut Report) -> Option<Backlog> {
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
