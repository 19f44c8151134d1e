//! `GET /api/v1/status`: which build runs, by which files, what its queues hold beside what they may, and who listens.

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
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use common::Skep;
use serde_json::{Value, json};
use testbed::wait_until;

#[test]
fn the_status_tells_the_build_its_files_its_bounds_and_who_listens() {
    let dir = tempfile::tempdir().unwrap();
    let (settings, rules) = (dir.path().join("own.yaml"), dir.path().join("rules"));
    fs::create_dir(&rules).unwrap();
    fs::write(&settings, "processor: {max_series: 5000}\n").unwrap();
    fs::write(rules.join("app.yaml"), "alerts: {busy: {where: service = \"app/load\", crit: metric > 50}}\n").unwrap();
    let skep = Skep::start("run", dir.path(), &["--config", settings.to_str().unwrap(), "--rules", rules.to_str().unwrap()]);
    let status = || skep.json("/api/v1/status");
    let told = status();
    assert!(told["commit"].as_str().is_none_or(|commit| commit.len() >= 9), "{told}");
    assert_eq!(told["commit"].as_str().unwrap_or_default(), env!("SKEP_COMMIT"));
    assert_eq!(told["config"], json!({ "settings": settings, "rules": [rules.join("app.yaml")] }));
    assert_eq!(told["index"]["bound"], 5000);
    let queues: Vec<(&Value, bool)> = told["queues"].as_array().unwrap().iter().map(|queue| (&queue["name"], bounded(queue))).collect();
    assert_eq!(queues, [(&json!("ingest"), true), (&json!("requests to the engine"), true), (&json!("questions to the store"), true)]);
    let before = time_now();
    assert!(wait_until(common::PATIENCE, || status()["store"]["oldest"].is_string()), "{}", status()["store"]);
    let oldest = status()["store"]["oldest"].as_str().unwrap().to_owned();
    let oldest = event::Timestamp::parse(&oldest).unwrap().micros() / 1_000_000;
    assert!((before - 300..=time_now()).contains(&oldest), "the first window is of today: {oldest}");
    assert_eq!(status()["web"]["live"]["clients"], 0);
    let mut stream = TcpStream::connect(skep.http).unwrap();
    write!(stream, "GET /api/v1/live?s=a:true HTTP/1.1\r\nHost: {}\r\n\r\n", skep.http).unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.any(|line| line.unwrap() == "event: snapshot"));
    let live = status()["web"]["live"].clone();
    assert_eq!((&live["clients"], &live["lost"]), (&json!(1), &json!(0)), "{live}");
    drop(lines);
    assert!(wait_until(common::PATIENCE, || status()["web"]["live"]["clients"] == 0), "who has gone is counted no more");
    skep.stop();
}

fn time_now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

/// A bound, and no more than that waits.
fn bounded(queue: &Value) -> bool {
    let number = |key: &str| queue[key].as_u64();
    let (waiting, bound) = number("waiting").zip(number("bound")).or_else(|| number("waiting_bytes").zip(number("bound_bytes"))).unwrap();
    waiting <= bound && bound > 0
}
