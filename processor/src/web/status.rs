//! `GET /api/v1/status`: what skep itself is doing, of the numbers that `/metrics` has too.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use engine::query::Query;
use event::{Metric, Name, Timestamp, msg};
use hyper::{Response, StatusCode};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::body::Body;
use super::params::Params;
use super::site::Site;
use super::{answer, live};
use crate::driver::request::Request;
use crate::own::Sample;

/// Measurements with the most series that an answer lists.
const MOST: usize = 20;

/// Numbers of one thing: key here, name among the samples.
type Keys = &'static [(&'static str, &'static str)];

/// Each way in, and its numbers.
const INPUTS: [(&str, Keys); 5] = [
    (
        "riemann, tcp",
        &[
            ("connections", "connections"),
            ("refused", "connections_refused"),
            ("garbage", "connections_garbage"),
            ("stalled", "connections_stalled"),
        ],
    ),
    ("riemann, udp", &[("dropped", "udp_dropped"), ("dropped_by_kernel", "udp_kernel_drops"), ("garbage", "udp_undecodable")]),
    ("lines (graphite, opentsdb)", &[("events", "line_events"), ("refused", "lines_refused")]),
    ("own collector", &[("dropped", "collector_dropped")]),
    ("http", &[("refused", "http_refused"), ("unauthorized", "http_unauthorized")]),
];

/// Numbers of what goes out, where there are several of a kind: what it is, and what its samples begin with.
const OUTPUTS: [(&str, &str, Keys); 3] = [
    (
        "influxdb",
        "influx_",
        &[
            ("delivered", "influx_lines_written"),
            ("queue", "influx_queue_lines"),
            ("spool_bytes", "influx_spool_bytes"),
            ("spool_used_percent", "influx_spool_used_percent"),
            ("rejected", "influx_lines_rejected"),
            ("dropped", "influx_lines_dropped"),
            ("retries", "influx_retries"),
            ("failing_s", "influx_failing_seconds"),
        ],
    ),
    (
        "forward",
        "forward_",
        &[
            ("delivered", "forward_acked"),
            ("waiting_bytes", "forward_waiting_bytes"),
            ("rejected", "forward_refused"),
            ("dropped", "forward_dropped"),
        ],
    ),
    (
        "notifier",
        "notify_",
        &[
            ("delivered", "notify_sent"),
            ("queue", "notify_waiting"),
            ("dropped", "notify_dropped"),
            ("given_up", "notify_given_up"),
            ("retries", "notify_failed"),
        ],
    ),
];

/// Inputs, outputs, queues, index, store, journal; with `cardinality=true` the measurements with the most series, which takes a look at the whole index.
pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let is_counted = match params.flag("cardinality") {
        Ok(is_counted) => is_counted,
        Err(text) => return answer::refusal(StatusCode::BAD_REQUEST, &text),
    };
    let samples = site.own.samples();
    let number = |name: &str| samples.iter().find(|sample| sample.name == name && sample.of.is_none()).map(|sample| value(sample.value));
    let started = site.started();
    let oldest = oldest(site).await.map(|oldest| oldest.to_string());
    let mut told = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": site.about.commit,
        "config": config(site),
        "started_at": started.map(|started| started.to_string()),
        "uptime_s": started.map(|started| (site.own.now() - started).as_secs_f64().round()),
        "inputs": INPUTS.iter().map(|(name, keys)| group(name, keys, number)).collect::<Vec<_>>(),
        "outputs": outputs(&samples),
        "queues": queues(site, number("ingest_waiting_bytes"), number("held_up")),
        "index": { "series": number("series"), "bound": site.max_series, "overflow": number("events_overflow"), "expired": number("events_expired") },
        "store": site.store.as_ref().map(|_| json!({
            "oldest": oldest,
            "bytes": number("store_file_bytes"),
            "series": number("store_series"),
            "values": number("store_values"),
            "refused": number("store_refused"),
            "dropped": number("store_dropped"),
            "failures": number("store_failures"),
        })),
        "journal": { "bytes": number("journal_bytes"), "snapshots": number("snapshots"), "snapshot_bytes": number("snapshot_bytes"), "failed": number("journal_failed") },
        "web": web(site, number("live_queries"), number("live_lost")),
    });
    if is_counted {
        match cardinality(site).await {
            Ok(found) => _ = told.as_object_mut().map(|told| told.insert("cardinality".to_owned(), found)),
            Err(refusal) => return refusal,
        }
    }
    answer::json(told.to_string().into_bytes())
}

/// The files that say what runs.
fn config(site: &Site) -> Value {
    json!({ "settings": site.about.settings, "rules": site.reloader.running().written.files() })
}

/// What waits between threads, beside what may.
fn queues(site: &Site, waiting_bytes: Option<Value>, held_up: Option<Value>) -> Vec<Value> {
    let ingest = json!({ "name": "ingest", "waiting_bytes": waiting_bytes, "bound_bytes": site.ingest.bytes_bound(), "held_up": held_up });
    let requests = json!({ "name": "requests to the engine", "waiting": site.requests.n_waiting(), "bound": site.requests.bound() });
    let questions = site.store.as_ref().map(|store| {
        let (waiting, bound) = store.waiting();
        json!({ "name": "questions to the store", "waiting": waiting, "bound": bound })
    });
    [ingest, requests].into_iter().chain(questions).collect()
}

/// When the store's oldest window begins; nothing where it holds none, is off, or is too busy to say.
async fn oldest(site: &Site) -> Option<Timestamp> {
    site.store.as_ref()?.oldest().await.ok().flatten()
}

/// What the pages may do, and who looks at them.
fn web(site: &Site, live_queries: Option<Value>, live_lost: Option<Value>) -> Value {
    let (clients, bound) = live::clients(&site.live_slots);
    let behind = site.own.driver.live_behind.load(Ordering::Relaxed);
    json!({
        "live": { "clients": clients, "bound": bound, "behind": behind, "lost": live_lost },
        "read_only": site.web.read_only,
        "grafana": site.web.grafana,
        "auth": site.guard.ways(),
        "unauthorized": site.own.http.unauthorized(),
        "live_queries": live_queries,
    })
}

fn value(metric: Metric) -> Value {
    match metric {
        Metric::Int(number) => Value::from(number),
        Metric::Float(number) => Value::from(number),
    }
}

fn group(name: &str, keys: Keys, number: impl Fn(&str) -> Option<Value>) -> Map<String, Value> {
    let mut told = Map::from_iter([("name".to_owned(), Value::from(name))]);
    told.extend(keys.iter().filter_map(|(key, of)| Some(((*key).to_owned(), number(of)?))));
    told
}

fn outputs(samples: &[Sample]) -> Vec<Value> {
    let mut all = Vec::new();
    for (kind, beginning, keys) in OUTPUTS {
        let own = samples.iter().filter(|sample| sample.name.starts_with(beginning));
        let mut names: Vec<&str> = own.filter_map(|sample| Some(sample.of.as_ref()?.1.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let is_its = |sample: &&Sample| sample.of.as_ref().is_some_and(|(_, of)| of == name);
            let number =
                |wanted: &str| samples.iter().filter(is_its).find(|sample| sample.name == wanted).map(|sample| value(sample.value));
            let mut told = group(name, keys, number);
            told.insert("kind".to_owned(), Value::from(kind));
            all.push(Value::Object(told));
        }
    }
    all
}

async fn cardinality(site: &Site) -> Result<Value, Response<Body>> {
    let (answer, answered) = oneshot::channel();
    let found = site.ask(Request::Index { query: Query::ALL, answer }, answered).await?;
    let count = move || {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for event in msg::events(&found) {
            let Some(service) = event.service.and_then(|service| std::str::from_utf8(service).ok()) else { continue };
            let measurement = Name::split(service).map_or(service, |name| name.measurement);
            match counts.get_mut(measurement) {
                Some(n) => *n += 1,
                None => _ = counts.insert(measurement.to_owned(), 1),
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.truncate(MOST);
        counts.into_iter().map(|(measurement, series)| json!({ "measurement": measurement, "series": series })).collect::<Vec<_>>()
    };
    let counted = tokio::task::spawn_blocking(count).await;
    counted.map(Value::from).map_err(|_| answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the series could not be counted; see the log"))
}
