//! Behaviours of Riemann itself as data: every case is put into a rule file of ours, loaded as `skep process` does, and run on simulated time.
//!
//! With `SKEP_CONFORMANCE_DIR` set, the files of that folder are run instead of those beside this file. `differences.toml` holds the cases in
//! which we differ on purpose, with the number of the difference and our own result.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::panic, reason = "a test may stop anywhere")]

mod differences;
mod engine_run;
mod events;
mod folds;
mod lines;
mod query;
mod same;
mod streams;
mod translate;
mod yaml;

use std::path::PathBuf;

use serde_json::Value;

/// Runs one case: what came out, or why none could be made.
type Run = fn(&Value) -> Result<Value, String>;

fn check(file: &str, run: Run) {
    let Some(text) = text(file) else { return println!("{file}: not there") };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let differences = differences::read();
    let mut failures = Vec::new();
    let cases = cases["cases"].as_array().unwrap();
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let expected = differences.iter().find(|difference| difference.id == id).map_or(case, |difference| &difference.expected);
        let found = run(case);
        if let Err(why) = found.and_then(|found| same::check(expected, &found)) {
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
