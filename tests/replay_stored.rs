//! `skep replay --from --to`: rules over what the store, or an InfluxDB 1, holds.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use common::sender::{Sender, event};
use common::{PATIENCE, Skep, run};
use event::{Event, Timestamp};
use testbed::influx::{ADMIN, Influxd};
use testbed::{require, wait_until};

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A minute of a host's memory and of a program of somebody else's, both high from the 20th second to the 39th.
fn events(from: i64) -> Vec<Event> {
    let of = |at: i64| {
        let high = if (20..40).contains(&at) { 95.0 } else { 50.0 };
        let mem = Event { marks: vec!["skep".to_owned()], ..event("n1", "mem/used_percent", from + at, high, 600.0) };
        [mem, event("n1", "app/load", from + at, high / 10.0, 600.0)]
    };
    (0..60).flat_map(of).collect()
}

fn rules(folder: &Path, name: &str, crit: &str) -> String {
    let folder = folder.join(name);
    fs::create_dir(&folder).unwrap();
    let rules = format!(
        "alerts:\n  load: {{where: service = \"app/load\", by: [host], crit: metric > 9, message: busy}}\n  full: {{where: service = \"mem/used_percent\", by: [host], crit: {crit}, message: full}}\n"
    );
    fs::write(folder.join("rules.yaml"), rules).unwrap();
    folder.to_str().unwrap().to_owned()
}

fn of_ours(out: &str) -> Vec<&str> {
    out.lines().filter(|line| line.contains(" full n1:") || line.contains(" load n1:")).collect()
}

#[test]
fn rules_run_over_what_was_kept() {
    let Some(program) = require("influxd", "influxdb") else { return };
    let influxd = Influxd::start(&program, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::before_influx(&influxd, "metrics", folder.path());
    let from = now() - 300;
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    sender.send(&events(from)).unwrap();
    let count = |value: serde_json::Value| value["results"][0]["series"][0]["values"][0][1].as_i64();
    let whole = "SELECT count(used_percent) FROM mem";
    assert!(wait_until(PATIENCE, || count(influxd.query("metrics", whole).unwrap()) == Some(60)), "InfluxDB has not all points");
    let stored = || skep.json(&format!("/query?q={}", testbed::http::encode(whole)));
    assert!(wait_until(PATIENCE, || count(stored()) == Some(60)), "the store has not all points");

    let old = rules(folder.path(), "old", "metric > 90");
    let new = rules(folder.path(), "new", "{when: metric > 90, for: 10s}");
    let at = |second: i64| Timestamp::from_secs(from + second).to_string();
    let (begin, end) = (at(0), at(60));
    let url = format!("http://{}", skep.http);
    let (code, out, error) = run(&["replay", "--url", &url, "--from", &begin, "--to", &end, &old]);
    assert_eq!(code, 0, "{error}");
    let expected = [
        format!("{}  full n1: ok -> critical  full", at(20)),
        format!("{}  load n1: ok -> critical  busy", at(20)),
        format!("{}  full n1: critical -> ok  full", at(40)),
        format!("{}  load n1: critical -> ok  busy", at(40)),
    ];
    let mut told = of_ours(&out);
    told.sort_by_key(|line| line.split_once(' ').unwrap().0.to_owned());
    let mut sorted = told.clone();
    sorted.sort_unstable();
    let mut wanted: Vec<&str> = expected.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{out}");

    let influx = format!("http://{}:{}@{}?db=metrics", ADMIN.0, ADMIN.1, influxd.address);
    let (code, of_influx, error) = run(&["replay", "--influx", &influx, "--from", &begin, "--to", &end, &old]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(of_ours(&of_influx), of_ours(&out), "the same of an InfluxDB");

    let (code, out, error) = run(&["replay", "--url", &url, "--from", &begin, "--to", &end, &old, "--against", &new]);
    assert_eq!(code, 0, "{error}");
    let expected = [format!("- {}  full n1: ok -> critical  full", at(20)), format!("+ {}  full n1: ok -> critical  full", at(30))];
    assert_eq!(of_ours(&out), expected, "{out}");
    skep.stop();
}

#[test]
fn a_measurement_of_more_series_than_one_answer_holds_is_read_host_by_host() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let from = now() - 60;
    let of = |host: &str, n: usize| {
        let name = format!("c{n}");
        let service = format!("docker_container_cpu/{name}/usage_percent");
        let attributes = vec![("container_name".to_owned(), name)];
        let busy = if n == 599 { 95.0 } else { 5.0 };
        Event { marks: vec!["skep".to_owned()], attributes, ..event(host, &service, from, busy, 600.0) }
    };
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    for host in ["n1", "n2"] {
        sender.send(&(0..600).map(|n| of(host, n)).collect::<Vec<_>>()).unwrap();
    }
    let count = format!("/query?q={}", testbed::http::encode("SHOW SERIES CARDINALITY FROM docker_container_cpu"));
    let stored = || skep.json(&count)["results"][0]["series"][0]["values"][0][0].as_i64();
    assert!(wait_until(PATIENCE, || stored() == Some(1200)), "the store has {:?}", stored());
    let rules = folder.path().join("rules.yaml");
    fs::write(
        &rules,
        "alerts:\n  full: {where: service =~ \"docker_container_cpu/%\", by: [host, container_name], crit: metric > 90, message: busy}\n",
    )
    .unwrap();
    let at = |second: i64| Timestamp::from_secs(from + second).to_string();
    let url = format!("http://{}", skep.http);
    let (code, out, error) = run(&["replay", "--url", &url, "--from", &at(-10), "--to", &at(10), rules.to_str().unwrap()]);
    assert_eq!(code, 0, "{error}");
    let told: Vec<&str> = out.lines().filter(|line| line.contains("  full n")).map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(told, ["full n1/c599: ok -> critical  busy", "full n2/c599: ok -> critical  busy"], "{out}");
    skep.stop();
}

#[test]
fn an_influxdb_is_told_no_token_of_skeps() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}?db=x", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 8192];
        let n = stream.read(&mut request).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 14\r\nconnection: close\r\n\r\n{{\"results\":[]}}").unwrap();
        String::from_utf8_lossy(&request[..n]).to_lowercase()
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
    command.args(["replay", "--influx", &url, "--from", "2026-12-01T08:00:00Z", "--to", "2026-12-01T08:00:10Z"]);
    let output = command.env("SKEP_TOKEN", "s3cret").output().unwrap();
    let asked = asked.join().unwrap();
    assert!(asked.contains("show%20measurements") && !asked.contains("s3cret") && !asked.contains("authorization"), "{asked}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_cannot_be_asked_is_told() {
    let refused = |arguments: &[&str]| {
        let (code, out, error) = run(arguments);
        assert!(code != 0 && out.is_empty(), "{arguments:?}: {out}");
        error
    };
    assert!(refused(&["replay", "--from", "noon"]).contains("`noon` is no time"));
    let of_no_database =
        refused(&["replay", "--from", "2026-12-01T08:00:00Z", "--to", "2026-12-01T09:00:00Z", "--influx", "http://db:8086"]);
    assert!(of_no_database.contains("names no database"), "{of_no_database}");
    assert!(refused(&["replay", "--from", "2026-12-01T08:00:00Z", "--to", "2026-12-01T08:00:00Z"]).contains("not before"));
    assert!(refused(&["replay"]).contains("FILE"));
}
