//! The same points in the embedded store and in a real InfluxDB 1: the same InfluxQL gives the same JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::sender::{Sender, event};
use common::{PATIENCE, Skep};
use event::Event;
use serde_json::Value;
use testbed::influx::Influxd;
use testbed::{http, require, wait_until};

/// One a line; `$FROM` and `$TO` are the bounds of what was sent.
const QUERIES: &str = include_str!("influxql_queries.txt");

/// Seconds of samples, some time ago, so that no step is still filling.
const SPAN: i64 = 120;

fn sample(host: &str, service: &str, attributes: &[(&str, &str)], second: i64, metric: f64) -> Event {
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Event { marks: vec!["skep".to_owned()], attributes, ..event(host, service, second, metric, 600.0) }
}

/// Of two hosts, with gaps, counters that begin anew and a core that only one has.
fn samples(second: i64, at: i64) -> Vec<Event> {
    let mut events = Vec::new();
    for (n, host) in ["n1", "n2"].into_iter().enumerate() {
        let n = n as i64;
        let wave = ((at * 7 + n * 13) % 50) as f64 + 0.125 * n as f64;
        if at % 30 < 22 {
            events.push(sample(host, "mem/used_percent", &[], second, 30.0 + wave));
        }
        events.push(sample(host, "cpu/usage_active", &[("cpu", "cpu-total")], second, wave));
        for core in 0..=n {
            let name = format!("cpu{core}");
            events.push(sample(host, &format!("cpu/{name}/usage_active"), &[("cpu", &name)], second, wave / (core + 1) as f64));
        }
        for interface in ["eth0", "eth1"] {
            let count = (at % 70) * 1_000 * (n + 1) + i64::from(interface == "eth1");
            events.push(sample(host, &format!("net/{interface}/bytes_recv"), &[("interface", interface)], second, count as f64));
        }
    }
    events
}

/// Numbers are equal when they differ by rounding alone.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b))),
        _ => a == b,
    }
}

fn ask(skep: &Skep, query: &str) -> Value {
    let answer = http::get(skep.http, &format!("/query?db=any&q={}", http::encode(query))).unwrap();
    serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body))
}

/// As Grafana sends it by default.
fn post(skep: &Skep, query: &str) -> Value {
    let form = format!("db=any&q={}", http::encode(query));
    let answer =
        http::request(skep.http, "POST", "/query", &[("Content-Type", "application/x-www-form-urlencoded")], form.as_bytes()).unwrap();
    serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body))
}

#[test]
fn the_store_answers_as_a_real_influxdb_does() {
    let Some(program) = require("influxd", "influxdb") else { return };
    let influxd = Influxd::start(&program, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::before_influx(&influxd, "metrics", folder.path());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    // A whole minute, so that the steps of all queries begin there.
    let from = (now - 2 * SPAN).div_euclid(60) * 60;
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    (0..SPAN).for_each(|at| sender.send(&samples(from + at, at)).unwrap());
    let whole = format!("SELECT count(usage_active) FROM cpu WHERE time >= {from}s AND time < {}s", from + SPAN);
    let count = |value: Value| value["results"][0]["series"][0]["values"][0][1].as_i64();
    let expected = Some(SPAN * 5);
    assert!(wait_until(PATIENCE, || count(influxd.query("metrics", &whole).unwrap()) == expected), "InfluxDB has not all points");
    assert!(wait_until(PATIENCE, || count(ask(&skep, &whole)) == expected), "the store has not all points: {}", ask(&skep, &whole));
    let (mut differing, mut n_with_rows) = (Vec::new(), 0);
    for query in QUERIES.lines() {
        let query = query.replace("$FROM", &format!("{from}s")).replace("$TO", &format!("{}s", from + SPAN));
        let (theirs, ours) = (influxd.query("metrics", &query).unwrap(), ask(&skep, &query));
        assert_eq!(ours, post(&skep, &query), "by POST: {query}");
        n_with_rows += usize::from(theirs["results"][0]["series"].is_array());
        if !same(&theirs, &ours) {
            differing.push(format!("{query}\n  InfluxDB: {theirs}\n  skep:     {ours}"));
        }
    }
    let n = QUERIES.lines().count();
    println!("{n} queries compared, {n_with_rows} with rows");
    assert!(n - n_with_rows < 10, "InfluxDB has rows for {n_with_rows} of {n} queries alone");
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    skep.stop();
}
