//! Behaviours of Riemann itself as data: every case is put into a rule file of ours, loaded as `skep process` does, and run on simulated time;
//! those of the wire are sent to a real `skep process`.
//!
//! With `SKEP_CONFORMANCE_DIR` set, the files of that folder are run instead of those beside this file. `differences.toml` holds the cases in
//! which we differ on purpose, with the number of the difference and our own result.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

#[path = "../common/mod.rs"]
mod common;
mod differences;
mod engine_run;
mod events;
mod folds;
mod hex;
mod lines;
#[allow(dead_code, reason = "its oracle is for the tests of `event`")]
#[path = "../../crates/event/tests/proto/mod.rs"]
mod proto;
mod query;
mod replies;
mod same;
mod streams;
mod translate;
mod wire;
mod yaml;

use std::path::PathBuf;

use serde_json::{Value, json};

/// A runner that says what came out, or why nothing could be made of the case.
fn check(file: &str, run: fn(&Value) -> Result<Value, String>) {
    check_with(file, |case, expected| same::check(expected, &run(case)?));
}

/// Runs and compares every case; `compare` gets the case, and what is expected: the case's own, or ours where we differ.
fn check_with(file: &str, compare: impl Fn(&Value, &Value) -> Result<(), String>) {
    let Some(text) = text(file) else { return println!("{file}: not there") };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let differences = differences::read();
    let mut failures = Vec::new();
    let cases = cases["cases"].as_array().unwrap();
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let expected = differences.iter().find(|difference| difference.id == id).map_or(case, |difference| &difference.expected);
        if let Err(why) = compare(case, expected) {
            failures.push(format!("{id}: {}: {why}", case["name"].as_str().unwrap_or_default()));
        }
    }
    println!("{file}: {} passed, {} failed", cases.len() - failures.len(), failures.len());
    assert!(failures.is_empty(), "{file}:\n{}", failures.join("\n"));
}

fn text(file: &str) -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let folder = std::env::var_os("SKEP_CONFORMANCE_DIR").map_or(beside, PathBuf::from);
    std::fs::read_to_string(folder.join(file)).ok()
}

#[test]
fn queries() {
    check("query.json", query::run);
}

#[test]
fn streams() {
    check("streams.json", streams::run);
}

#[test]
fn streams_that_are_restored_from_a_snapshot_before_every_step() {
    check("streams.json", streams::run_with_restarts);
}

#[test]
fn lines() {
    check("lines.json", lines::run);
}

#[test]
fn folds() {
    check("folds.json", folds::run);
}

#[test]
fn the_wire() {
    check_with("wire.json", wire::run);
}

#[test]
fn a_stream_that_fails_is_counted_and_fails_no_message() {
    wire::run_failing_streams();
}

#[test]
fn a_case_of_an_unknown_kind_is_not_passed_over() {
    for (case, why) in [
        (json!({"id": "x", "send_hex": [], "then_wait": 3}), "`then_wait` is no key"),
        (json!({"id": "x"}), "either send_hex, a list of chunks, or udp_hex"),
        (json!({"id": "x", "send_hex": ["0"], "replies": []}), "`0` is not an even number of hexadecimal digits"),
        (json!({"id": "x", "send_hex": ["00"], "replies": [], "connection": "ajar"}), "`ajar` is no end of a connection"),
    ] {
        let said = wire::run(&case, &case).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}
