//! `skep test` as a person or a build server meets it: what it prints, what it writes, how it exits.

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

use common::{project, run};
use event::msg::Encoder;
use event::{Event, Metric, Timestamp};
use processor::driver::recorder::Kind;
use processor::driver::recording;

/// The path of a file beside this test.
fn file(name: &str) -> String {
    project("tests/rule_tests").join(name).to_str().unwrap().to_owned()
}

/// What `skep test` prints and its exit code, paths without the folder.
#[track_caller]
fn check(arguments: &[&str], expected_code: i32, expected: &str) {
    let line: Vec<&str> = [&["test"], arguments].concat();
    let (code, out, error) = run(&line);
    let folder = format!("{}/", project("tests/rule_tests").display());
    let out = out.replace(&folder, "");
    assert_eq!(out, expected, "\n{out}\n{error}");
    assert_eq!((code, error.as_str()), (expected_code, ""));
}

#[test]
fn tests_that_pass() {
    let expected = "\
ok    a peak is nothing, a minute is a warning, two are critical  (passing.yaml:23)
ok    two hosts at one instant, in any order  (passing.yaml:33)
ok    a backup is missed after a day, until the next comes  (passing.yaml:42)
ok    errors are told as a rate  (passing.yaml:50)
4 passed, 0 failed
";
    check(&[&file("passing.yaml")], 0, expected);
    let expected = "ok    errors are told as a rate  (passing.yaml:50)\n1 passed, 0 failed\n";
    check(&[&file("passing.yaml"), "--filter", "errors"], 0, expected);
}

#[test]
fn what_is_told_of_an_alert_that_another_mutes() {
    let expected = "\
ok    nobody is reminded while it is muted  (muted.yaml:19)
ok    the end is not told either, and is not reminded of  (muted.yaml:28)
ok    what opened just before waits until it is muted no more  (muted.yaml:35)
ok    what opened in the same instant too  (muted.yaml:42)
ok    what opened just before and ended meanwhile was never there  (muted.yaml:53)
5 passed, 0 failed
";
    check(&[&file("muted.yaml")], 0, expected);
}

#[test]
fn silences_of_the_files_hold_back_what_is_sent() {
    let expected = "ok    what is open when the silence ends is told then  (silenced.yaml:17)\n1 passed, 0 failed\n";
    check(&[&file("silenced.yaml")], 0, expected);
}

#[test]
fn what_an_alert_says_besides_its_bound_and_the_swarms_nodes() {
    let expected = "\
ok    details, runbook, team, labels and links stand in the alert's event  (keys.yaml:30)
ok    notifiers ask for labels and group by them  (keys.yaml:49)
ok    the third session is not watched, and that is told  (keys.yaml:58)
ok    nodes of the swarm must be heard of, as long as the swarm has them  (keys.yaml:72)
4 passed, 0 failed
";
    check(&[&file("keys.yaml")], 0, expected);
}

#[test]
fn tests_that_fail_show_what_happened_beside_what_was_expected() {
    check(&[&file("failing.yaml")], 1, include_str!("rule_tests/failing.txt"));
}

#[test]
fn where_only_streams_fill_the_index_alerts_are_about_what_they_send_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    let text = "\
index: {events: streams}
streams:
  load: {where: service = \"app/load\", steps: [{to: [index]}]}
alerts:
  load-of-app: {where: service = \"app/load\", by: [host], crit: metric > 9}
  app-bad: {where: service = \"app/up\" and state = \"bad\", by: [host], crit: 'true'}
  app-gone: {where: service = \"app/beat\", by: [host], absent: 30s, expect: {from: swarm.nodes}}
tests:
  - name: what passes by neither opens nor ends an alert
    events:
      - {host: n1, service: app/load, metric: 10x4 5, every: 10s}
      - {host: n1, service: app/up, state: bad, metric: 1x5, every: 10s}
      - {host: swarm, node: n2, service: docker_node/n2/ready, metric: 1x5, every: 10s}
    run: 40s
    expect:
      - {at: 0s, alert: load-of-app, state: critical}
      - {at: 30s, alert: app-gone, host: n2, state: critical}
      - {at: 40s, alert: load-of-app, state: ok}
";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let expected = format!("ok    what passes by neither opens nor ends an alert  ({path}:9)\n1 passed, 0 failed\n");
    check(&[path, "--no-stock"], 0, &expected);
}

#[test]
fn what_comes_out_of_a_tap_is_shown_beside_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    let text = "\
streams:
  errors: {where: service = \"app/errors\", steps: [{tap: before}, {scale: 10}, {tap: errors}]}
tests:
  - name: ten times as many
    events: [{host: n1, service: app/errors, metric: 1 2, every: 10s}]
    run: 10s
    taps: [{at: 0s, tap: errors, metric: 10}, {at: 10s, tap: errors, metric: 21}]
";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let expected = format!(
        "\
FAIL  ten times as many  ({path}:4)
  taps:   - is missing, + was not expected
      {{at: 0s, tap: errors, host: n1, service: app/errors, metric: 10}}
    - {{at: 10s, tap: errors, metric: 21}}
    + {{at: 10s, tap: errors, host: n1, service: app/errors, metric: 20}}
0 passed, 1 failed
"
    );
    check(&[path, "--no-stock"], 1, &expected);
    fs::write(path, text.replace("21", "20")).unwrap();
    check(&[path, "--no-stock"], 0, &format!("ok    ten times as many  ({path}:4)\n1 passed, 0 failed\n"));
}

#[test]
fn a_build_server_gets_its_xml() {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("report.xml");
    let (code, ..) = run(&["test", &file("failing.yaml"), "--junit", xml.to_str().unwrap()]);
    assert_eq!(code, 1);
    let xml = fs::read_to_string(xml).unwrap();
    let heads: Vec<&str> = xml.lines().filter(|line| line.contains("<test")).map(|line| line.split(" classname").next().unwrap()).collect();
    let name = file("failing.yaml");
    let suite = format!("  <testsuite name=\"{name}\" tests=\"3\" failures=\"2\">");
    let expected = [
        "<testsuites name=\"skep test\" tests=\"3\" failures=\"2\">",
        &suite,
        "    <testcase name=\"what happens otherwise is shown beside what was expected\"",
        "    <testcase name=\"nothing comes of a recording that is not there\"",
        "    <testcase name=\"and this passes\"",
    ];
    assert_eq!(heads, expected);
}

#[test]
fn the_stock_rules_pass_and_their_tests_notice_every_change() {
    let (code, out, error) = run(&["test", "--mutate"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    let (tests, changes) = out.split_once(" passed, 0 failed\n").expect(&out);
    assert!(tests.starts_with("ok    five busy minutes") && tests.contains("(<stock>/clock.yaml:"), "{out}");
    let counts: Vec<&str> = changes.trim().split(' ').collect();
    assert_eq!((counts[0], *counts.last().unwrap()), (counts[2], "%"), "{out}");
    assert!(counts[0].parse::<u32>().unwrap() > 300, "{out}");
}

#[test]
fn a_change_that_no_test_notices_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    let text = "\
alerts:
  load-tall: {where: service = \"system/load1\", by: [host], crit: metric > 8, clear: metric < 6}
  untested: {where: service = \"system/load5\", crit: metric > 8}
tests:
  - name: it opens
    alert: load-tall
    events:
      - {host: n1, service: system/load1, metric: 8 8.5 7 5.5, every: 10s}
      - {host: n1, service: system/load5, metric: 8 8.5 7 9, every: 10s}
      - {host: n2, service: system/load1, metric: 7.5, every: 10s}
    expect: [{at: 10s, host: n1, state: critical}, {at: 30s, state: ok}]
";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let expected = format!(
        "\
ok    it opens  ({path}:5)
1 passed, 0 failed
no test notices  load-tall: `clear: metric < 6` changed to `metric < 7`  ({path}:2:94)
no test that passes is about untested: 3 changes  ({path})
6 of 10 changes of the rules are noticed, 60 %
"
    );
    check(&[path, "--mutate"], 0, &expected);
}

#[test]
fn mistakes_stop_it_with_2_and_no_test_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yaml");
    fs::write(&path, "tests:\n  - {name: x, alert: cpu-hihg, events: [{host: n1}], expect: []}\n").unwrap();
    let (code, out, error) = run(&["test", path.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(error.contains("rules.yaml:2:22") && error.contains("did you mean `cpu-high`?"), "{error}");
    fs::write(&path, "alerts: {}\n").unwrap();
    let (code, out, error) = run(&["test", path.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.starts_with("skep: there is no test in these files"), "{error}");
    let (code, _, error) = run(&["test", "--filter", "no such name"]);
    assert_eq!((code, error.trim()), (1, "skep: no test has a name that contains `no such name`"));
}

#[test]
fn without_a_path_the_rules_of_the_settings_and_the_stock_rules_are_tested() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::copy(file("passing.yaml"), rules.join("mine.yaml")).unwrap();
    let settings = folder.path().join("skep.yaml");
    fs::write(&settings, format!("processor: {{rules: [{}]}}\n", rules.display())).unwrap();
    let (code, out, error) = run(&["test", "--config", settings.to_str().unwrap()]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert!(out.contains("rules/mine.yaml:23)") && out.contains("(<stock>/cpu.yaml:"), "{out}");
}

/// A recording that begins at a real time: a host's load each 10 s, and a gap of an hour that does not count.
fn record(path: &Path) {
    let start = Timestamp::parse("2026-12-01T08:00:00Z").unwrap();
    let mut out = recording::HEAD.to_vec();
    recording::put(&mut out, Kind::Plan, start, &[&0_u64.to_le_bytes()]);
    let load = |at: i64, load: i64| {
        let time = start + event::Duration::from_secs(at);
        let event = Event {
            host: Some("n1".to_owned()),
            service: Some("system/load1".to_owned()),
            metric: Some(Metric::Int(load)),
            time: Some(time),
            ..Event::default()
        };
        let mut encoder = Encoder::new();
        event.with_view(|view| encoder.event(view));
        let mut content = Vec::new();
        transport::frames::put(&mut content, encoder.bytes());
        (time, content)
    };
    for (at, value) in [(10, 9), (20, 9), (30, 9)] {
        let (time, content) = load(at, value);
        recording::put(&mut out, Kind::Batch, time, &[&content]);
    }
    let gap = [3_600_000_000_i64.to_le_bytes(), 0_i64.to_le_bytes()].concat();
    recording::put(&mut out, Kind::Gap, start + event::Duration::from_secs(3630), &[&gap]);
    let (time, content) = load(3640, 9);
    recording::put(&mut out, Kind::Batch, time, &[&content]);
    fs::write(path, out).unwrap();
}

#[test]
fn a_recording_comes_too() {
    let folder = tempfile::tempdir().unwrap();
    record(&folder.path().join("load.skeprec"));
    let path = folder.path().join("rules.yaml");
    let text = "\
alerts:
  load-tall: {where: service = \"system/load1\", by: [host], crit: metric > 8, for: 1m}
tests:
  - name: the hour away does not count
    replay: load.skeprec
    run: 3690s
    events: [{host: n2, service: system/load1, metric: 9x7, from: 3630s}]
    expect: [{at: 3670s, host: n1, state: critical}, {at: 3690s, host: n2, state: critical}]
";
    fs::write(&path, text).unwrap();
    let (code, out, error) = run(&["test", path.to_str().unwrap()]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    fs::write(folder.path().join("load.skeprec"), "no recording").unwrap();
    let (code, out, _) = run(&["test", path.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(out.contains("load.skeprec: it is no recording; `skep record --out FILE` makes one"), "{out}");
}

#[track_caller]
fn check_lab(arguments: &[&str]) {
    let (code, out, error) = run(&[&["test"], arguments].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("\n15 passed, 0 failed\n"), "{out}");
}

#[test]
fn what_ends_while_another_alert_mutes_it_is_reminded_of_no_more() {
    let (code, out, error) = run(&["test", "--no-stock", project("rules/tests/muted.yaml").to_str().unwrap()]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("\n1 passed, 0 failed\n"), "{out}");
}

/// They have the names of stock rules, and change them all at once.
#[test]
fn the_rules_of_the_lab_pass_by_themselves_and_over_the_stock_rules() {
    check_lab(&[&file("lab.yaml")]);
    check_lab(&[&file("lab.yaml"), "--no-stock"]);
    check_lab(&[project("rules/tests/lab-rules.yaml").to_str().unwrap()]);
    check_lab(&[project("rules/tests/lab-rules.yaml").to_str().unwrap(), "--no-stock"]);
}

#[test]
fn the_examples_of_the_documentation_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(project("docs/rules.md")).unwrap();
    let section = page.split("\n## Test your rules\n").nth(1).unwrap();
    let blocks: Vec<&str> = section.split("```").collect();
    let path = folder.path().join("queue.yaml");
    let try_it = |example: &str, arguments: &[&str]| {
        fs::write(&path, example.strip_prefix("yaml\n").unwrap()).unwrap();
        let line = [&["test", path.to_str().unwrap()], arguments].concat();
        run(&line).1.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(try_it(blocks[1], &[]), blocks[3].trim_start());
    let right = blocks[1].replace("      - {at: 220s, queue: print, state: ok}\n", "");
    let mutated = try_it(&right, &["--mutate"]);
    assert!(mutated.contains(blocks[5].trim()), "{mutated}");
    let notifiers = section.split("## Notifiers").nth(1).unwrap().split("```").nth(1).unwrap();
    assert!(try_it(notifiers, &[]).ends_with("1 passed, 0 failed\n"));
}
