//! `skep replay --against`: what two rule sets make differently of one recording.

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
use std::path::Path;

use common::run;
use common::sender::event;
use event::Timestamp;
use event::msg::Encoder;
use processor::driver::recorder::Kind;
use processor::driver::recording;
use serde_json::Value;

/// Load of one host each 10 s.
fn record(path: &Path, loads: &[f64]) {
    let mut out = recording::HEAD.to_vec();
    recording::put(&mut out, Kind::Plan, Timestamp::from_secs(0), &[&0_u64.to_le_bytes()]);
    for (at, load) in loads.iter().enumerate() {
        let second = 10 * at as i64;
        let mut encoder = Encoder::new();
        event("n1", "app/load", second, *load, 60.0).with_view(|view| encoder.event(view));
        let mut content = Vec::new();
        transport::frames::put(&mut content, encoder.bytes());
        recording::put(&mut out, Kind::Batch, Timestamp::from_secs(second), &[&content]);
    }
    fs::write(path, out).unwrap();
}

fn rules(folder: &Path, name: &str, crit: &str) -> String {
    let folder = folder.join(name);
    fs::create_dir(&folder).unwrap();
    let rules = format!(
        "alerts:\n  load: {{where: service = \"app/load\", by: [host], warn: metric > 8, crit: {crit}, message: \"{name} {{{{metric}}}}\"}}\n"
    );
    fs::write(folder.join("rules.yaml"), rules).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn what_only_one_rule_set_makes_is_printed_in_the_order_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("load.skeprec");
    record(&file, &[1.0, 9.0, 13.0, 13.0, 13.0, 9.0, 1.0]);
    let file = file.to_str().unwrap();
    let old = rules(folder.path(), "old", "metric > 12");
    let new = rules(folder.path(), "new", "{when: metric > 12, for: 15s}");
    let (code, out, error) = run(&["replay", file, "--rules", &old, "--against", &new]);
    assert_eq!((code, error.as_str()), (0, ""));
    let expected = "\
- 1970-01-01T00:00:20Z  load n1: warning -> critical  old 13
+ 1970-01-01T00:00:35Z  load n1: warning -> critical  new 13
3 changes in both, 1 only here (-), 1 only with --against (+)
";
    assert_eq!(out, expected);
    let (code, out, _) = run(&["replay", file, "--rules", &old, "--against", &old]);
    assert_eq!((code, out.as_str()), (0, "4 changes in both, 0 only here (-), 0 only with --against (+)\n"));
    let (_, out, _) = run(&["replay", file, "--rules", &old, "--against", &new, "--json"]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["only"].as_str().unwrap()).collect::<Vec<_>>(), ["here", "against"]);
}

#[test]
fn mistakes_of_either_stop_it_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("load.skeprec");
    record(&file, &[1.0]);
    let bad = rules(folder.path(), "bad", "metric >");
    let (code, out, error) = run(&["replay", file.to_str().unwrap(), "--against", &bad]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(error.contains("bad/rules.yaml:2:"), "{error}");
}
