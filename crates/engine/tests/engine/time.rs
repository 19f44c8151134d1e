//! Gaps, reloads, and time that must not go backwards.

use event::Duration;

use crate::timeline::{Timeline, at, duration, plan};

fn with_gap(rule: &str, before: &str, gap: &str, grace: &str, after: &str) -> Vec<String> {
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&[before]);
    timeline.engine.on_gap(duration(gap), duration(grace));
    timeline.rows(&[after]).run("1h");
    timeline.out.transitions
}

#[test]
fn a_gap_does_not_count_for_for() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s\n expired: hold";
    let seen = with_gap(rule, "n1 cpu: 95x2", "5m", "0s", "n1 cpu from 5m15s: 95x2");
    assert_eq!(seen, ["5m30s a n1 critical 95"]);
}

#[test]
fn a_gap_does_not_count_for_clear_for_and_since_stays() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n clear_for: 30s";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu: 95 50"]);
    timeline.engine.on_gap(duration("5m"), Duration::ZERO);
    timeline.run("5m30s");
    assert_eq!(timeline.engine.alerts().next().unwrap().since, Some(at("0s")));
    timeline.run("10m");
    assert_eq!(timeline.out.transitions, ["0s a n1 critical 95", "5m40s a n1 ok 50"]);
}

#[test]
fn a_gap_and_its_grace_do_not_count_for_ttl() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu ttl 20s: 95"]);
    timeline.engine.on_gap(duration("5m"), duration("30s"));
    timeline.run("1h");
    assert_eq!(timeline.out.transitions, ["0s a n1 critical 95", "5m50s a n1 expired -"]);
    // The first to leave is the alert's own event.
    assert_eq!(timeline.out.expired[1], "5m51s n1 cpu");
}

#[test]
fn a_gap_and_its_grace_do_not_count_for_absent() {
    let rule = "where: service = \"cpu\"\n by: host\n absent: 20s";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu: 1"]);
    timeline.engine.on_gap(duration("5m"), duration("30s"));
    timeline.run("10m");
    assert_eq!(timeline.out.transitions, ["5m50s a n1 critical 350"]);
}

#[test]
fn now_never_goes_back() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"]);
    timeline.run("1m").rows(&["n1 cpu: 95"]);
    assert_eq!(timeline.engine.now(), at("1m"));
    assert_eq!(timeline.out.transitions, [""; 0]);
}

#[test]
fn timers_due_before_a_batch_fire_before_it_at_their_own_time() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s"]);
    let sample = |secs: &str, metric| event::Event {
        time: Some(at(secs)),
        host: Some("n1".to_owned()),
        service: Some("cpu".to_owned()),
        metric: event::Metric::float(metric),
        ..event::Event::default()
    };
    // No tick comes between the two.
    timeline.batch(at("0s"), &[sample("0s", 95.0)]);
    timeline.batch(at("40s"), &[sample("40s", 50.0)]);
    assert_eq!(timeline.out.transitions, ["30s a n1 critical 95", "40s a n1 ok 50"]);
}

const WARM: &str = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 80";

#[test]
fn a_reload_keeps_the_instances_of_a_rule_whose_where_and_by_stay() {
    let mut timeline = Timeline::new(&["where: service = \"mem\"\n by: host\n warn: true", WARM]);
    timeline.rows(&["n1 cpu: 85"]);
    timeline.engine.load(plan(&[&format!("{WARM}\n crit: metric > 90")]), at("5s"), &mut timeline.out);
    timeline.rows(&["n1 cpu from 10s: 95"]);
    assert_eq!(timeline.out.transitions, ["0s cpu n1 warning 85", "10s cpu n1 critical 95"]);
}

#[test]
fn a_reload_ends_the_instances_of_removed_rules_without_a_message() {
    let mut timeline = Timeline::new(&[WARM]);
    timeline.rows(&["n1 cpu: 85"]);
    timeline.engine.load(plan(&[]), at("5s"), &mut timeline.out);
    assert_eq!(timeline.out.transitions, ["0s cpu n1 warning 85", "5s cpu n1 expired -"]);
    assert_eq!((timeline.out.messages.len(), timeline.engine.alerts().count()), (1, 0));
    assert_eq!(timeline.index("service =~ \"alert/%\""), [""; 0]);
}

#[test]
fn new_levels_count_for_the_events_that_a_for_waits_on() {
    let rule = |level: &str| format!("where: service = \"cpu\"\n by: host\n for: 30s\n warn: metric > {level}");
    let mut timeline = Timeline::new(&[&rule("80")]);
    timeline.rows(&["n1 cpu: 85"]);
    timeline.engine.load(plan(&[&rule("90")]), at("5s"), &mut timeline.out);
    timeline.run("40s");
    assert_eq!(timeline.out.transitions, [""; 0]);
}

#[test]
fn new_rules_see_series_that_are_known() {
    let mut timeline = Timeline::new(&[]);
    timeline.rows(&["n1 cpu: 85"]);
    timeline.engine.load(plan(&[WARM]), at("5s"), &mut timeline.out);
    timeline.rows(&["n1 cpu from 10s: 85"]);
    assert_eq!(timeline.out.transitions, ["10s cpu n1 warning 85"]);
}
