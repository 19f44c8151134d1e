//! What a reload leaves alone.

use engine::Limits;
use event::Duration;

use crate::timeline::{Timeline, at, plan};

const CPU: &str = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 80";
const CPU_HIGHER: &str = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 90";
const MEM: &str = "name: mem\n where: service = \"mem\"\n by: host\n warn: metric > 80";
const ABSENT: &str = "name: absent\n where: service = \"cpu\"\n by: host\n absent: 20s";

#[track_caller]
fn load(timeline: &mut Timeline, alerts: &[&str], time: &str) {
    timeline.engine.load(plan(alerts), at(time), &mut timeline.out);
}

#[test]
fn a_rule_with_another_number_goes_on_with_its_instances() {
    let mut timeline = Timeline::new(&[CPU]);
    timeline.rows(&["n1 cpu: 85"]);
    load(&mut timeline, &[MEM, CPU], "5s");
    timeline.rows(&["n1 cpu from 10s: 70", "n1 mem from 10s: 85"]);
    assert_eq!(timeline.out.transitions, ["0s cpu n1 warning 85", "10s cpu n1 ok 70", "10s mem n1 warning 85"]);
    assert_eq!(timeline.engine.alerts().count(), 2);
}

#[test]
fn a_new_level_counts_for_series_whose_rules_are_not_looked_up_anew() {
    let mut timeline = Timeline::new(&[MEM, CPU]);
    timeline.rows(&["n1 cpu: 70", "n1 mem: 70"]);
    load(&mut timeline, &[MEM, CPU_HIGHER], "5s");
    timeline.rows(&["n1 cpu from 10s: 85 95", "n1 mem from 10s: 85"]);
    assert_eq!(timeline.out.transitions, ["10s mem n1 warning 85", "20s cpu n1 warning 95"]);
}

#[test]
fn a_gap_that_absent_was_given_stays_when_another_rule_changes() {
    let mut timeline = Timeline::new(&[ABSENT, CPU]);
    timeline.rows(&["n1 cpu: 70"]);
    timeline.engine.on_gap(Duration::from_secs(10), Duration::from_secs(30));
    load(&mut timeline, &[ABSENT, CPU_HIGHER], "11s");
    timeline.run("59s");
    assert_eq!(timeline.out.transitions, [""; 0]);
    timeline.run("60s");
    assert_eq!(timeline.out.transitions.len(), 1, "{:?}", timeline.out.transitions);
}

#[test]
fn instances_are_counted_on_under_the_rules_new_number() {
    let mut timeline = Timeline::with_limits(&[CPU, MEM], Limits { max_instances: 2, ..Limits::default() });
    timeline.rows(&["n1 mem: 85", "n2 mem: 85", "n1 cpu: 85"]);
    load(&mut timeline, &[MEM], "5s");
    timeline.rows(&["n3 mem from 10s: 85"]);
    let of_rule = timeline.engine.alerts().filter(|alert| alert.rule == "mem").count();
    assert_eq!((of_rule, timeline.engine.counters().instances_over), (2, 1));
}

#[test]
fn a_rule_that_asks_for_other_events_begins_anew() {
    let mut timeline = Timeline::new(&[CPU]);
    timeline.rows(&["n1 cpu: 85"]);
    load(&mut timeline, &["name: cpu\n where: service = \"cpu\" and host = \"n2\"\n by: host\n warn: metric > 80"], "5s");
    timeline.rows(&["n1 cpu from 10s: 85", "n2 cpu from 10s: 85"]);
    assert_eq!(timeline.out.transitions, ["0s cpu n1 warning 85", "5s cpu n1 expired -", "10s cpu n2 warning 85"]);
}
