//! Alerts in plain words, and why an instance is open or not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop anywhere")]

use std::sync::Arc;

use engine::rules::{Plan, Settings};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::msg::Encoder;
use event::{Event, Metric, Timestamp, View};
use processor::config::{Report, Rules, read_rules};
use processor::explain;

fn rules(yaml: &str) -> Rules {
    let mut report = Report::default();
    read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report).unwrap_or_else(|| panic!("{}", report.text(false)))
}

/// The words about the alert `a`.
#[track_caller]
fn check_words(yaml: &str, expected: &str) {
    let rules = rules(&format!("alerts:\n{yaml}"));
    let alert = rules.alerts.iter().find(|alert| alert.name == "a").unwrap();
    let lines: Vec<String> = explain::words(alert, None).into_iter().map(|(about, text)| format!("{about}: {text}")).collect();
    assert_eq!(lines.join("\n"), expected.trim());
}

#[test]
fn an_alert_with_levels() {
    check_words(
        r#"
  a:
    where: service = "cpu/usage_active"
    by: [host]
    warn: {when: metric > 90, for: 1m, clear: metric < 85}
    crit: metric > 95
    for: 15s
    clear: metric < 80
    clear_for: 5s
    unless: {alert: b, same: [host]}
    message: "{{host}}: {{metric | percent}}"
    details: "first\nsecond"
    runbook: https://r/{{alert}}
    team: ops
    labels: {severity: page}
    links: {Chart: "https://g/{{host}}"}
    max_instances: 50
  b: {where: service = "up", by: [host], absent: 30s}
"#,
        r#"
picks: events where service = "cpu/usage_active"
instances: one for each host, at most 50
number: the event's own
warning: when metric > 90 has held for 1m; then until metric < 85
critical: when metric > 95 has held for 15s
closes: when no level holds and metric < 80 has held for 5s
expires: when its last event expires, it ends as "gone"
muted: while b is open for the same host: it neither opens nor rises nor says anything
message: {{host}}: {{metric | percent}}
details: first
second
runbook: https://r/{{alert}}
team: ops
label: severity: page
link: Chart: https://g/{{host}}
"#,
    );
}

#[test]
fn an_alert_for_want_of_events() {
    check_words(
        "  a: {where: service = \"up\", by: [host], absent: 30s, expect: [n1, n2, n3]}",
        r#"
picks: events where service = "up"
instances: one for each host
expected: n1, n2 and n3, even if nothing was ever heard of them
critical: when no event came for 30s
closes: when an event comes again
"#,
    );
    check_words(
        "  a: {where: service = \"up\", by: [host], absent: 30s, expect: {from: swarm.nodes}, enabled: false}",
        r#"
off: `enabled: false`: it does nothing of what follows
picks: events where service = "up"
instances: one for each host
expected: each node that the swarm's leader lists, even if nothing was ever heard of it
critical: when no event came for 30s
closes: when an event comes again
"#,
    );
}

#[test]
fn alerts_over_time_and_side_by_side() {
    check_words(
        "  a: {where: service = \"l\", by: [swarm_service], over: 1m, take: p99.9, warn: metric > 1, expired: hold}",
        r#"
picks: events where service = "l"
instances: one for each swarm_service
number: the 99.9 % point of the samples of the last 1m, looked at with every event and each 10s
warning: when metric > 1 holds
closes: when no level holds
expires: when its window is empty, it stays as it is
"#,
    );
    check_words(
        "  a: {where: service = \"c\", by: [], across: [host, container_name], take: sum, warn: metric > 1, clear_for: 5m}",
        r#"
picks: events where service = "c"
instances: one for all events
number: the sum of the latest event of each host and container_name
warning: when metric > 1 holds
closes: when no level has held for 5m
expires: when all of its events have expired, it ends as "gone"
"#,
    );
    check_words(
        "  a: {join: {d: service = \"d\", r: service = \"r\"}, value: d - r, by: [host, path], info: metric > 1, expired: crit}",
        r#"
picks: as d, events where service = "d"
picks: as r, events where service = "r"
instances: one for each combination of host and path
number: d - r, of the latest event of each
info: when metric > 1 holds
closes: when no level holds
expires: when one of its events expires, it goes to critical
"#,
    );
}

struct Nothing;

impl Effects for Nothing {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}
}

/// Lets time pass up to `to`, each timer at its moment.
fn pass(engine: &mut Engine, to: Timestamp) {
    while let Some(due) = engine.next_deadline().filter(|due| *due < to) {
        engine.on_tick(due, &mut Nothing);
    }
    engine.on_tick(to, &mut Nothing);
}

/// Rules, events as `SECOND SERVICE METRIC`, the second at which to look; `INSTANCE STATE: WHY; …` of each of the alert `a`.
#[track_caller]
fn check_why(yaml: &str, events: &[(i64, &str, f64)], at: i64, expected: &[&str]) {
    let rules = rules(&format!("alerts:\n{yaml}"));
    let mut engine = Engine::new(Arc::new(Plan::new(rules.alerts, Settings::default())), Limits::default());
    engine.on_tick(Timestamp::from_secs(0), &mut Nothing);
    for (second, service, metric) in events {
        let now = Timestamp::from_secs(*second);
        pass(&mut engine, now);
        let event = Event {
            host: Some("n1".to_owned()),
            service: Some((*service).to_owned()),
            metric: Metric::float(*metric),
            time: Some(now),
            ..Event::default()
        };
        let mut encoder = Encoder::new();
        event.with_view(|view| encoder.event(view));
        engine.on_batch(now, encoder.bytes(), &mut Nothing);
    }
    let now = Timestamp::from_secs(at);
    pass(&mut engine, now);
    let plan = Arc::clone(engine.plan());
    let alert = plan.alerts().find(|alert| alert.name == "a").unwrap();
    let told: Vec<String> = engine
        .facts("a", |_| true)
        .iter()
        .map(|facts| format!("{} {}: {}", facts.instance, facts.state, explain::why(alert, facts, now).join("; ")))
        .collect();
    assert_eq!(told, expected);
    assert_eq!(engine.facts("a", |_| false), []);
}

const CPU: &str =
    "  a: {where: service = \"cpu\", by: [host], warn: metric > 0.8, crit: metric > 0.9, for: 30s, clear: metric < 0.7, clear_for: 1m}";

#[test]
fn what_is_missing_to_open() {
    check_why(CPU, &[(0, "cpu", 0.5)], 5, &["n1 ok: critical needs metric > 0.9 for 30s; warning needs metric > 0.8 for 30s"]);
    let holds = "n1 ok: critical needs metric > 0.9 for 30s; `warn: metric > 0.8` holds since 12s, opens in 18s";
    check_why(CPU, &[(0, "cpu", 0.5), (10, "cpu", 0.86)], 22, &[holds]);
}

#[test]
fn what_is_missing_to_rise_and_to_close() {
    let open = [(0, "cpu", 0.86), (30, "cpu", 0.95)];
    let rises = "n1 warning: `crit: metric > 0.9` holds since 5s, opens in 25s; `warn: metric > 0.8` holds since 35s; its last event expires in 55s";
    check_why(CPU, &open, 35, &[rises]);
    let held = "n1 warning: critical needs metric > 0.9 for 30s; held: clear needs metric < 0.7; its last event expires in 55s";
    check_why(CPU, &[(0, "cpu", 0.86), (40, "cpu", 0.75)], 45, &[held]);
    let clears = "n1 warning: critical needs metric > 0.9 for 30s; clear since 15s, closes in 45s; its last event expires in 45s";
    check_why(CPU, &[(0, "cpu", 0.86), (40, "cpu", 0.5)], 55, &[clears]);
    let own = "  a: {where: service = \"cpu\", by: [host], warn: metric > 80, crit: {when: metric > 90, clear: metric < 85}}";
    let kept =
        "n1 critical: held at critical: its clear needs metric < 85; `warn: metric > 80` holds since 10s; its last event expires in 55s";
    check_why(own, &[(0, "cpu", 95.0), (5, "cpu", 87.0)], 10, &[kept]);
}

#[test]
fn an_instance_that_is_muted_or_gone() {
    let rules = "  a: {where: service = \"cpu\", by: [host], crit: metric > 9, for: 10s, unless: {alert: b, same: [host]}}\n  \
                   b: {where: service = \"up\", by: [host], crit: metric = 0}";
    let muted = "n1 ok: `crit: metric > 9` holds since 25s, would open now; muted by b n1";
    check_why(rules, &[(0, "up", 0.0), (5, "cpu", 10.0)], 30, &[muted]);
    check_why(rules, &[(5, "cpu", 1.0)], 66, &["n1 ok: its events have expired"]);
}

#[test]
fn an_instance_that_waits_for_events() {
    let up = "  a: {where: service = \"up\", by: [host], absent: 30s, expect: [n1, n2]}";
    let expected = ["n1 ok: last heard of 12s ago, opens in 18s without an event", "n2 ok: never heard of, opens in 8s without an event"];
    check_why(up, &[(10, "up", 1.0)], 22, &expected);
    let expected =
        ["n1 critical: last heard of 35s ago, closes with the next event", "n2 critical: never heard of, closes with the next event"];
    check_why(up, &[(10, "up", 1.0)], 45, &expected);
}

#[test]
fn a_window_that_says_nothing_yet() {
    let disk = "  a: {where: service = \"disk\", by: [host], over: 1h, take: predict, ahead: 4h, crit: metric > 90}";
    let nothing = "n1 ok: nothing can be said of 2 samples; critical needs metric > 90";
    check_why(disk, &[(0, "disk", 1.0), (10, "disk", 2.0)], 12, &[nothing]);
}
