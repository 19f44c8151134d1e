//! `skep check` and `skep explain` as a person, an editor or a build server meets them, with and without a running skep.

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

use common::sender::{Sender, event};
use common::{PATIENCE, Skep, run};
use serde_json::{Value, json};
use testbed::wait_until;

/// Long enough that nothing expires while the test runs.
const TTL: f32 = 3600.0;

/// What `skep check` says of a file, and how it exits.
#[track_caller]
fn check(yaml: &str, arguments: &[&str], expected_code: i32, expected: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.yaml");
    fs::write(&file, yaml).unwrap();
    let file = file.to_str().unwrap();
    let (code, out, error) = run(&[&["check", "--format", "json", file], arguments].concat());
    let found: Value = serde_json::from_str(&out.replace(file, "my.yaml")).unwrap();
    assert_eq!((code, error.as_str()), (expected_code, ""), "{out}");
    assert_eq!(found, *expected);
}

#[test]
fn for_editors_every_problem_has_file_line_column_level_message_and_help() {
    let right = "alerts:\n  load: {where: service = \"app/load\", crit: metric > 9}\n";
    check(right, &[], 0, &json!([]));
    check(right, &["--strict"], 0, &json!([]));
    let warned = "alerts:\n  load: {where: service = \"app/load\", warn: metric > 9, crit: metric > 8}\n";
    let warning = json!([{
        "file": "my.yaml", "line": 2, "column": 63, "level": "warning",
        "message": "`crit: metric > 8` is reached before `warn: metric > 9`; swap them?", "help": null,
    }]);
    check(warned, &[], 0, &warning);
    check(warned, &["--strict"], 1, &warning);
    let wrong = "alerts:\n  löad: {where: service = \"app/load\", crit: metric > 9}\n  é: {where: 'é = 1', for: 30, crit: metric > 9}\n";
    let error = json!([{
        "file": "my.yaml", "line": 3, "column": 28, "level": "error", "message": "`30` is not a duration; write 30s", "help": null,
    }]);
    check(wrong, &[], 2, &error);
    check(wrong, &["--strict"], 2, &error);
    let helped = "alerts:\n  load: {where: service = app/a, crit: metric > 9}\n";
    let error = json!([{
        "file": "my.yaml", "line": 2, "column": 27, "level": "error", "message": "`app/a`: text needs double quotes",
        "help": "write `service = \"app/a\"`",
    }]);
    check(helped, &[], 2, &error);
}

#[test]
fn beside_settings_the_windows_of_rules_are_measured_by_the_collectors_interval() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "alerts:\n  busy: {where: service = \"cpu/usage_active\", over: 5s, take: mean, crit: metric > 90}\n";
    fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    let path = folder.path().to_str().unwrap();
    assert_eq!(run(&["check", "--strict", path]).0, 0);
    fs::write(folder.path().join("skep.yaml"), "collector: {interval: 10s}\n").unwrap();
    let (code, out, _) = run(&["check", "--strict", path]);
    assert_eq!(code, 1);
    assert!(out.contains("`over: 5s` is shorter than the samples' interval (10s): `mean` would be of one sample"), "{out}");
}

#[test]
fn the_schema_is_that_of_the_repository() {
    let (code, out, error) = run(&["check", "--schema"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(out, fs::read_to_string(common::project("rules/rules.schema.json")).unwrap());
    assert_eq!(run(&["check"]).0, 2);
}

#[test]
fn a_file_that_is_not_there_is_told_too() {
    let (code, out, _) = run(&["check", "--format", "json", "/nowhere/my.yaml"]);
    assert_eq!(code, 2);
    let found: Value = serde_json::from_str(&out).unwrap();
    let expected = json!([{
        "file": "/nowhere/my.yaml", "line": 1, "column": 1, "level": "error",
        "message": "could not be read: there is no such file or folder", "help": null,
    }]);
    assert_eq!(found, expected);
}

/// A processor whose index holds the load and an alert of two hosts, and nothing that ends soon.
fn processor(folder: &std::path::Path, rules: &str) -> Skep {
    let rules_folder = folder.join("rules");
    fs::create_dir(&rules_folder).unwrap();
    fs::write(rules_folder.join("my.yaml"), rules).unwrap();
    let skep = Skep::start("process", folder, &["--rules", rules_folder.to_str().unwrap()]);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    sender.send(&[event("n1", "app/load", now, 12.0, TTL), event("n2", "app/load", now, 1.5, TTL)]).unwrap();
    skep
}

#[test]
fn a_running_skep_tells_which_rules_match_nothing_and_how_many_instances_the_others_have() {
    let folder = tempfile::tempdir().unwrap();
    let skep = processor(folder.path(), "");
    let file = folder.path().join("mine.yaml");
    let rules = "\
alerts:
  load-peak: {where: service = \"app/load\", by: [host], crit: metric > 9}
  load-odd: {where: service = \"app/laod\", by: [host], crit: metric > 9}
";
    fs::write(&file, rules).unwrap();
    let file = file.to_str().unwrap();
    let url = format!("http://{}", skep.http);
    let (code, out, error) = run(&["check", file, "--live", &url]);
    let expected = "\
warning: `where` matches no event that this processor's index holds now
 --> mine.yaml:3:21
  |
3 |   load-odd: {where: service = \"app/laod\", by: [host], crit: metric > 9}
  |                     ^^^^^^^^^^^^^^^^^^^^
  |
  = help: app/laod: did you mean app/load? 2 hosts

NOW              EVENTS  INSTANCES
alert load-peak       2          2
alert load-odd        0          0

0 errors, 1 warning
";
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert_eq!(out.replace(&format!("{}/", folder.path().display()), ""), expected);
    assert_eq!(run(&["check", file, "--live", &url, "--strict"]).0, 1);
    let (code, out, _) = run(&["check", file, "--live", &url, "--format", "json"]);
    let found: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!((code, found.len(), &found[0]["help"]), (0, 1, &json!("app/laod: did you mean app/load? 2 hosts")));
    skep.stop();
    let (code, out, error) = run(&["check", file, "--live", &url]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(error.contains(&url), "{error}");
}

#[test]
fn scripts_and_queries_get_what_an_open_alert_says() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "\
alerts:
  load-of-app:
    where: service = \"app/load\"
    by: [host]
    crit: metric > 10
    details: \"{{host}} is at {{metric}}\"
    runbook: https://runbooks.example.org/{{alert}}
    team: ops
    labels: {severity: page}
    links: {Chart: \"https://grafana.example.org/d/load?var-host={{host}}\"}
";
    let skep = processor(folder.path(), rules);
    let found = &skep.wait_for("severity = \"page\" and team = \"ops\"", 1)[0];
    assert_eq!((&found["service"], &found["labels"]), (&json!("alert/load-of-app"), &json!("severity")));
    let alert = &skep.json("/api/v1/alerts")[0];
    let said = ["details", "runbook", "team", "labels", "links"].map(|key| alert[key].clone());
    let expected = [
        json!("n1 is at 12"),
        json!("https://runbooks.example.org/load-of-app"),
        json!("ops"),
        json!({"severity": "page"}),
        json!({"Chart": "https://grafana.example.org/d/load?var-host=n1"}),
    ];
    assert_eq!(said, expected);
    skep.stop();
}

#[test]
fn a_running_skep_tells_why_an_instance_is_open_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "\
alerts:
  load-peak:
    where: service = \"app/load\"
    by: [host]
    warn: {when: metric > 9, for: 1h}
    crit: metric > 10
    clear: metric < 5
    to: ops
notify: {ops: {exec: {command: [/bin/true]}}}
";
    let skep = processor(folder.path(), rules);
    let url = format!("http://{}", skep.http);
    let open = wait_until(PATIENCE, || skep.json("/api/v1/alerts").as_array().is_some_and(|alerts| alerts.len() == 1));
    assert!(open);
    let (code, out, error) = run(&["explain", "load-peak", "host=n2", "--url", &url]);
    let expected = "\
load-peak
  picks      events where service = \"app/load\"
  instances  one for each host
  number     the event's own
  warning    when metric > 9 has held for 1h
  critical   when metric > 10 holds
  closes     when no level holds and metric < 5 holds
  expires    when its last event expires, it ends as \"gone\"
  tells      ops

host=n2: ok, 1.5
  critical needs metric > 10
  warning needs metric > 9 for 1h
";
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(out, expected);
    let (_, out, _) = run(&["explain", "load-peak", "--url", &url, "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    let first = &told["instances"][0];
    assert_eq!((&first["instance"], &first["state"], &first["value"]), (&json!("n1"), &json!("critical"), &json!(12.0)));
    assert!(first["why"][0].as_str().unwrap().starts_with("`crit: metric > 10` holds since "), "{out}");
    let (code, _, error) = run(&["explain", "load-paek", "--url", &url]);
    assert_eq!((code, error.trim()), (1, &*format!("skep: {url}: no alert `load-paek` is on; did you mean `load-peak`?")));
    let (code, _, error) = run(&["explain", "load-peak", "hots=n1", "--url", &url]);
    assert_eq!((code, error.trim()), (1, &*format!("skep: {url}: `hots` is not in the `by` of load-peak, which has host")));
    skep.stop();
}

#[test]
fn without_a_running_skep_the_words_come_from_the_rule_files() {
    let (code, out, error) = run(&["explain", "cpu-high"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(
        out.starts_with("cpu-high\n  The processor is busy")
            && out.contains("\n  picks      events where service = \"cpu/usage_active\"\n"),
        "{out}"
    );
    let (code, _, error) = run(&["explain", "cpu-hihg"]);
    assert_eq!((code, error.trim()), (1, "skep: there is no alert `cpu-hihg`; did you mean `cpu-high`?"));
}

#[test]
fn a_folder_without_rules_is_no_folder_where_all_is_well() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yml.off"), "alerts: {}\n").unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, out, _) = run(&["check", path]);
    let expected = format!(
        "warning: {path}: there are no rules in this folder\n |\n = help: rules stand in files that end in .yaml or .yml; `skep explain ALERT` tells of a stock rule\n\n0 errors, 1 warning\n"
    );
    assert_eq!((code, out), (0, expected));
    assert_eq!(run(&["check", "--strict", path]).0, 1);
}

#[test]
fn a_word_without_quotes_behind_an_equals_sign_is_asked_about() {
    let only =
        "notify: {ops: {exec: {command: [/bin/true]}, only: host = n1}}\nalerts: {a: {where: host = n1, crit: metric > 1, to: ops}}\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.yaml");
    fs::write(&file, only).unwrap();
    let (code, out, _) = run(&["check", file.to_str().unwrap()]);
    let help = "= help: if it is a text, write `\"n1\"`";
    assert_eq!(
        (code, out.matches("warning: `n1` without quotes is a field of the event").count(), out.matches(help).count()),
        (0, 2, 2),
        "{out}"
    );
    // Nobody answers there, but what is doubtful is told before.
    let nowhere = ["--url", "http://127.0.0.1:1"];
    for words in [vec!["query", "host = n1"], vec!["silence", "add", "host = n1", "--for", "1h"]] {
        let (code, _, error) = run(&[&words[..], &nowhere].concat());
        assert!(code == 2 && error.contains("warning: `n1` without quotes") && error.contains(help), "{error}");
    }
}
