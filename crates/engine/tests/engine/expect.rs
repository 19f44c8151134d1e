//! `expect` of alerts: instances that must exist even if nothing was ever heard of them.

use std::sync::Arc;

use engine::rules::{Plan, Settings};
use engine::{Engine, Limits};

use crate::timeline::{Timeline, alert, at, check, duration, plan};

const NODES: &str = "where: service = \"heartbeat\"\n by: host\n absent: 30s\n expect: n1 n2";

#[test]
fn one_that_never_came_opens_as_long_after_the_rules_began() {
    check(NODES, &["n1 heartbeat: 1x5"], "30s n2 critical -\n 1m10s n1 critical 30");
}

#[test]
fn it_closes_with_its_first_event_and_is_then_like_any_other() {
    check(
        NODES,
        &["n1 heartbeat: 1x12", "n2 heartbeat from 50s: 1x7"],
        "30s n2 critical -\n 50s n2 ok 1\n 2m20s n1 critical 30\n 2m20s n2 critical 30",
    );
}

#[test]
fn one_that_comes_in_time_is_one_instance_not_two() {
    let mut timeline = Timeline::new(&[NODES]);
    timeline.rows(&["n1 heartbeat from 20s: 1", "n2 heartbeat from 20s: 1", "n3 heartbeat from 20s: 1"]);
    assert_eq!(timeline.engine.alerts().map(|alert| alert.instance).collect::<Vec<_>>(), ["n1", "n2", "n3"]);
}

#[test]
fn who_is_expected_is_never_given_up() {
    let mut timeline = Timeline::new(&[NODES]);
    timeline.rows(&["n3 heartbeat: 1"]).run("30h");
    let last: Vec<&str> = timeline.out.transitions.iter().map(String::as_str).collect();
    assert_eq!(last, ["30s a n1 critical -", "30s a n2 critical -", "30s a n3 critical 30", "1d30s a n3 expired -"]);
    assert_eq!(timeline.engine.alerts().count(), 2);
}

#[test]
fn several_fields_make_an_instance_too() {
    let rule = "where: service =~ \"beat/%\"\n by: host service\n absent: 30s\n expect: n1/beat n2/beat";
    check(rule, &[], "30s n1/beat critical -\n 30s n2/beat critical -");
}

#[test]
fn messages_have_the_fields_that_are_known() {
    let mut timeline = Timeline::new(&[&format!("{NODES}\n message: {{{{host}}}} {{{{metric}}}} {{{{service}}}}")]);
    timeline.run("1m");
    assert_eq!(timeline.out.messages, ["30s a n1 Opened n1 - -", "30s a n2 Opened n2 - -"]);
    assert_eq!(timeline.index("service =~ \"alert/%\""), ["n1 alert/a critical -", "n2 alert/a critical -"]);
}

#[test]
fn the_first_deadline_has_a_grace_and_no_other() {
    let settings = Settings { start_grace: duration("20s"), ..Settings::default() };
    let mut timeline = Timeline::new(&[]);
    timeline.engine = Engine::new(Arc::new(Plan::new(vec![alert(NODES)], settings)), Limits::default());
    timeline.run("0s").rows(&["n1 heartbeat from 40s: 1"]).run("5m");
    assert_eq!(timeline.out.transitions, ["50s a n2 critical -", "1m10s a n1 critical 30"]);
}

#[test]
fn a_reload_makes_those_that_are_new_and_ends_those_that_nobody_expects_any_more() {
    let mut timeline = Timeline::new(&[NODES]);
    timeline.run("1m");
    let next = plan(&["where: service = \"heartbeat\"\n by: host\n absent: 30s\n expect: n2 n3"]);
    timeline.engine.load(next, at("1m"), &mut timeline.out);
    timeline.run("2m");
    let expected = ["30s a n1 critical -", "30s a n2 critical -", "1m a n1 expired -", "1m30s a n3 critical -"];
    assert_eq!(timeline.out.transitions, expected);
    assert_eq!(timeline.out.messages.len(), 3, "the end of a rule is no message");
}

#[test]
fn a_snapshot_keeps_since_when_they_are_waited_for() {
    let mut timeline = Timeline::new(&[NODES]);
    timeline.run("20s");
    let mut bytes = Vec::new();
    timeline.engine.snapshot(&mut bytes);
    timeline.engine = Engine::restore(&bytes, plan(&[NODES]), Limits::default()).unwrap();
    timeline.run("1m");
    assert_eq!(timeline.out.transitions, ["30s a n1 critical -", "30s a n2 critical -"]);
}

#[test]
fn there_are_no_more_of_them_than_instances_may_be() {
    let mut timeline = Timeline::with_limits(&[NODES], Limits { max_instances: 1, ..Limits::default() });
    timeline.run("1m");
    let of_rule = timeline.engine.alerts().filter(|alert| alert.rule == "a").count();
    assert_eq!((of_rule, timeline.engine.counters().instances_over), (1, 1));
}

const OF_SWARM: &str = "where: service = \"heartbeat\"\n by: host\n absent: 30s\n expect: swarm.nodes";

#[test]
fn the_swarm_s_nodes_are_expected_from_when_its_leader_lists_them() {
    let rows = [
        "swarm docker_node/n1/ready node=n1 skep: 1x10",
        "swarm docker_node/n2/ready node=n2 skep: 1x10",
        "swarm docker_node/n3/ready node=n3 skep from 40s: 1x6",
        "swarm docker_node/n2~ab12/ready node=n2~ab12 skep: 0x10",
        "n1 heartbeat: 1x10",
    ];
    let mut timeline = Timeline::new(&[OF_SWARM]);
    timeline.rows(&rows);
    assert_eq!(timeline.out.transitions, ["30s a n2 critical -", "1m10s a n3 critical -"]);
}

#[test]
fn a_node_that_is_taken_off_the_list_is_not_expected_any_more() {
    let mut timeline = Timeline::new(&[OF_SWARM]);
    timeline.rows(&[
        "swarm docker_node/n1/ready node=n1: 1x7 expired",
        "swarm docker_node/n2/ready node=n2: 1 expired",
        "swarm docker_node/n3/ready node=n3: 1x20",
        "n1 heartbeat: 1x2",
        "n3 heartbeat: 1x20",
    ]);
    // n1 was heard of and is absent when it is taken off; n2 was never heard of.
    assert_eq!(timeline.out.transitions, ["40s a n1 critical 30", "1m10s a n1 expired -"]);
    assert_eq!(timeline.engine.alerts().map(|alert| alert.instance).collect::<Vec<_>>(), ["n3"]);
}

#[test]
fn a_node_that_the_list_is_told_without_is_off_it_but_not_while_nobody_tells_it() {
    let mut timeline = Timeline::new(&[OF_SWARM]);
    timeline.rows(&["swarm docker_node/n1/ready node=n1: 1x3", "swarm docker_node/n2/ready node=n2: 1x3"]);
    timeline.run("10m");
    assert_eq!(timeline.out.transitions, ["30s a n1 critical -", "30s a n2 critical -"]);
    timeline.rows(&["swarm docker_node/n1/ready node=n1 from 10m: 1x10"]);
    assert_eq!(timeline.out.transitions[2..], ["11m a n2 expired -"]);
}

#[test]
fn a_snapshot_keeps_who_is_on_the_list_and_a_reload_asks_for_them() {
    let mut timeline = Timeline::new(&[OF_SWARM]);
    timeline.rows(&["swarm docker_node/n1/ready node=n1: 1"]);
    let mut bytes = Vec::new();
    timeline.engine.snapshot(&mut bytes);
    let next = plan(&[&format!("name: b\n {OF_SWARM}"), OF_SWARM]);
    timeline.engine = Engine::restore(&bytes, next, Limits::default()).unwrap();
    timeline.run("1s").run("1m");
    assert_eq!(timeline.out.transitions, ["30s a n1 critical -", "31s b n1 critical -"]);
}
