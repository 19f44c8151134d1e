//! A processor in this process, on free ports, and a client for it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::query::Query;
use engine::rules::{self, Alert, Level, Plan};
use event::msg::{Encoder, Msg};
use event::{Event, Metric};
use processor::reload::Read;
use processor::run::{self, Handle, Settings};
use serde_json::Value;
use testbed::{http, wait_until};
use transport::request::Connection;

/// How long anything on this machine may take before the test says so.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Settings with free ports and all files in `folder`.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings { http: "127.0.0.1:0".into(), riemann: Some("127.0.0.1:0".into()), host: "node".into(), ..Settings::new(folder) }
}

/// `high`: critical as soon as a metric of the service `level` is over 5, ok once it is not.
pub(crate) fn plan() -> Plan {
    let where_ = query("service = \"level\"");
    let by = vec!["host".to_owned()];
    let high = Alert { by, crit: Some(Level::new(query("metric > 5"))), ..Alert::new("high", where_) };
    Plan::new(vec![high], rules::Settings::default())
}

pub(crate) fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

/// A processor that reads the same rules again when it is told to.
#[track_caller]
pub(crate) fn start(folder: &Path) -> Handle {
    start_with(settings(folder), plan(), Arc::new(|| Ok(plan().into())))
}

#[track_caller]
pub(crate) fn start_with(settings: Settings, plan: Plan, read: Read) -> Handle {
    run::start(settings, plan, read).unwrap()
}

/// An event that stays for an hour.
pub(crate) fn event(host: &str, service: &str, metric: i64) -> Event {
    Event {
        host: Some(host.to_owned()),
        service: Some(service.to_owned()),
        metric: Some(Metric::Int(metric)),
        ttl: Some(3600.0),
        ..Event::default()
    }
}

pub(crate) fn message(events: &[Event]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    for event in events {
        event.with_view(|view| encoder.event(view));
    }
    encoder.bytes().to_vec()
}

/// Sends events as one message and wants an ack.
#[track_caller]
pub(crate) fn send(address: Option<SocketAddr>, events: &[Event]) {
    let mut connection = Connection::open(address.unwrap(), PATIENCE).unwrap();
    let reply = connection.ask(&message(events)).unwrap();
    assert_eq!(Msg::decode(&reply).unwrap().ok, Some(true));
}

/// What the index finds, over HTTP.
#[track_caller]
pub(crate) fn index(address: SocketAddr, query: &str) -> Vec<Value> {
    json(address, &format!("/api/v1/index?query={}", http::encode(query))).as_array().unwrap().clone()
}

#[track_caller]
pub(crate) fn json(address: SocketAddr, path: &str) -> Value {
    let answer = http::get(address, path).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Waits until the query finds `n` events, and gives them.
#[track_caller]
pub(crate) fn wait_for(address: SocketAddr, query: &str, n: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let seen = wait_until(PATIENCE, || {
        found = index(address, query);
        found.len() == n
    });
    assert!(seen, "`{query}` found {found:?}, not {n} events");
    found
}
