//! The commands as a person or a script meets them: words, exit codes, formats.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use common::{Skep, run};
use serde_json::Value;

#[test]
fn help_teaches_every_command() {
    let (code, text, _) = run(&["--help"]);
    assert_eq!(code, 0);
    for command in [
        "run",
        "process",
        "collect",
        "registrar",
        "query",
        "silence",
        "ack",
        "check",
        "explain",
        "test",
        "export",
        "import",
        "influx",
        "doctor",
        "catalogue",
        "health",
        "completions",
    ] {
        assert!(text.contains(command), "{command} is missing in:\n{text}");
        assert_eq!(run(&[command, "--help"]).0, 0);
    }
}

#[test]
fn the_version_names_the_commit() {
    let (code, text, _) = run(&["--version"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("skep 0.1.0"), "{text}");
}

#[test]
fn the_catalogue_is_json_for_scripts() {
    let (code, text, _) = run(&["catalogue", "--json"]);
    assert_eq!(code, 0);
    let metrics: Vec<Value> = serde_json::from_str(&text).unwrap();
    let found = metrics.iter().find(|metric| metric["measurement"] == "mem" && metric["field"] == "used_percent").unwrap();
    assert_eq!(found["unit"], "percent");
}

#[test]
fn check_reports_all_eight_mistakes_each_at_its_place_and_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("eight.yaml");
    let text = "\
alerts:
  one:
    wher: service = \"a\"
    where: service = \"a\"
    crit: metric > 90%
  two:
    where: service = cpu/active
    by: [host]
    crit: {when: metric && 5}
    for: 30 sec
  three:
    where: service = 'x'
    enabled: perhaps
    clear_for: 30
    warn: metric > 1
";
    std::fs::write(&file, text).unwrap();
    let (code, out, _) = run(&["check", "--format", "json", file.to_str().unwrap()]);
    assert_eq!(code, 2);
    let found: Vec<Value> = serde_json::from_str(&out).unwrap();
    let lines: Vec<_> = found.iter().filter(|one| one["level"] == "error").map(|one| one["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [3, 5, 7, 9, 10, 12, 13, 14], "{out}");
    let (code, out, error) = run(&["check", file.to_str().unwrap()]);
    assert_eq!(code, 2);
    let words = out + &error;
    assert!(words.contains("eight.yaml:3:5") && words.contains("did you mean `where`") && words.contains('^'), "{words}");
}

#[test]
fn the_stock_rules_pass_the_check() {
    let (code, out, error) = run(&["check", "--strict", common::project("rules").to_str().unwrap()]);
    assert_eq!(code, 0, "{out}{error}");
}

#[test]
fn a_bad_rule_folder_stops_the_start_with_2() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.yaml"), "alerts:\n  x:\n    where: metric >\n").unwrap();
    let data = tempfile::tempdir().unwrap();
    let paths = [folder.path().to_str().unwrap(), data.path().to_str().unwrap()];
    let (code, _, error) =
        run(&["process", "--http", "127.0.0.1:0", "--riemann", "127.0.0.1:0", "--rules", paths[0], "--data-dir", paths[1]]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("bad.yaml:3:"), "{error}");
}

#[test]
fn a_host_root_without_the_hosts_files_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, error) = run(&["collect", "--host-root", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(error.contains("proc/stat") && error.contains(folder.path().to_str().unwrap()), "{error}");
}

#[test]
fn query_prints_one_json_event_a_line_and_a_caret_for_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    skep.wait_for("service =~ \"mem/%\"", 5);
    let url = format!("http://{}", skep.http);
    let (code, text, _) = run(&["query", "service =~ \"mem/%\"", "--url", &url, "--json"]);
    assert_eq!(code, 0);
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() >= 5 && events.iter().all(|event| event["service"].as_str().unwrap().starts_with("mem/")));
    let (code, _, error) = run(&["query", "metric > 90%", "--url", &url]);
    assert_eq!(code, 2);
    assert!(error.contains('^'), "{error}");
    assert_eq!(run(&["health", "--url", &url]).0, 0);
    skep.stop();
    assert_eq!(run(&["health", "--url", &url]).0, 1);
    let (code, _, error) = run(&["query", "true", "--url", &url]);
    assert_eq!(code, 2);
    assert!(error.contains(&url), "{error}");
}
