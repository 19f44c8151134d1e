//! The section `processor:`.

use event::Duration;

use super::secret::{self, SecretFiles};
use super::{forward, influx, inlets, web};
use crate::config::report::Report;
use crate::config::section::{Section, path, paths};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Journal, Processor, Store};
use crate::store::Tier;

const KNOWN: [&str; 19] = [
    "http",
    "riemann",
    "data_dir",
    "rules",
    "token_file",
    "insecure",
    "web",
    "journal",
    "store",
    "influx",
    "forward",
    "max_series",
    "max_instances",
    "ingest",
    "start_grace",
    "riemann_tls",
    "riemann_sse",
    "graphite",
    "opentsdb",
];

/// A journal holds a few segments of 32 MiB at least.
const LEAST_JOURNAL: u64 = 128 << 20;
/// A store smaller than that holds hardly anything.
const LEAST_STORE: u64 = 16 << 20;
/// A message of 16 MiB must fit, beside the buffers of connections.
const LEAST_INGEST: u64 = 64 << 20;

pub(super) fn read(node: &Node, into: &mut Processor, secrets: &SecretFiles<'_>, report: &mut Report) {
    let Some(mut section) = Section::open(node, "`processor`", &KNOWN, &["token"], report) else { return };
    section.set(&mut into.http, "http", values::address);
    section.set(&mut into.riemann, "riemann", values::address);
    section.set_some(&mut into.data_dir, "data_dir", path);
    section.set(&mut into.rules, "rules", paths);
    section.set_some(&mut into.token, "token_file", |key, node, report| secrets.read(key, node, report));
    section.read("token", |key, node, report| secrets.refuse_inline(key, secret::TOKEN, node, report));
    section.set(&mut into.insecure, "insecure", values::flag);
    section.set(&mut into.web, "web", |key, node, report| web::read(key, node, secrets, report));
    section.set_or_off(&mut into.journal, "journal", journal);
    section.set_or_off(&mut into.store, "store", store);
    section.set_some(&mut into.influx, "influx", |_, node, report| influx::read(node, secrets, report));
    section.set(&mut into.forward, "forward", |_, node, report| forward::read(node, report));
    section.set(&mut into.max_series, "max_series", whole);
    section.set(&mut into.max_instances, "max_instances", whole);
    section.set(&mut into.ingest_memory, "ingest", ingest);
    section.set(&mut into.start_grace, "start_grace", values::duration);
    inlets::read(&mut section, &mut into.inlets);
}

fn whole(key: &str, node: &Node, report: &mut Report) -> Option<usize> {
    values::count(key, 1, node, report).and_then(|number| usize::try_from(number).ok())
}

fn journal(_: &str, node: &Node, report: &mut Report) -> Option<Journal> {
    let mut journal = Journal::default();
    let mut section = Section::open(node, "`journal`", &["max"], &[], report)?;
    section.set(&mut journal.max, "max", |key, node, report| values::size(key, LEAST_JOURNAL, node, report));
    Some(journal)
}

fn store(_: &str, node: &Node, report: &mut Report) -> Option<Store> {
    let mut store = Store::default();
    let mut section = Section::open(node, "`store`", &["retention", "tiers", "max", "history"], &[], report)?;
    let ten_minutes = Duration::from_secs(600);
    section.set(&mut store.retention, "retention", |key, node, report| values::duration_of(key, ten_minutes, node, report));
    let retention = store.retention;
    let place = section.node("retention").map(|node| node.place.clone());
    if section.lacks("tiers")
        && let Some((place, why)) = place.zip(Tier::why_not_usual(retention))
    {
        let problem = section.report.warning(&place, format!("no steps coarser than a second are kept: {why}"));
        problem.help("keep the seconds longer, or write `tiers: []` if that is meant");
    }
    store.tiers = section.read("tiers", |key, node, report| tiers(key, retention, node, report));
    section.set(&mut store.max, "max", |key, node, report| values::size(key, LEAST_STORE, node, report));
    section.set(&mut store.history, "history", |key, node, report| values::duration_of(key, ten_minutes, node, report));
    Some(store)
}

/// A list like `[10s for 1d, 60s for 14d]`.
fn tiers(key: &str, retention: Duration, node: &Node, report: &mut Report) -> Option<Vec<Tier>> {
    let mut tiers = Vec::new();
    for (text, place) in values::named(key, node, report)? {
        let parsed = text.split_once(" for ").and_then(|(step, keep)| {
            let [step, keep] = [step, keep].map(|text| Duration::parse(text.trim()).ok());
            Some(Tier { step: step?, keep: keep? })
        });
        let checked = parsed.ok_or_else(|| format!("`{text}` is no tier; write it like 10s for 1d")).and_then(|tier| {
            tiers.push(tier);
            Tier::check(&tiers, retention)
        });
        if let Err(text) = checked {
            report.error(&place, text);
            return None;
        }
    }
    Some(tiers)
}

fn ingest(_: &str, node: &Node, report: &mut Report) -> Option<usize> {
    let mut section = Section::open(node, "`ingest`", &["memory"], &[], report)?;
    let memory = section.read("memory", |key, node, report| values::size(key, LEAST_INGEST, node, report))?;
    usize::try_from(memory).ok()
}
