//! `join` of alerts: arithmetic over the latest events of a few queries.

use crate::timeline::{Timeline, check};

const SHORT: &str = "by: stack
    join: desired service = \"desired\"
    join: running service = \"running\"
    value: desired - running
    warn: metric > 0
    crit: metric > 1";

#[test]
fn the_lab_s_service_that_lacks_a_replica() {
    let rows = ["m1 desired stack=web: 3x20", "m1 running stack=web: 3x3 2x7 1x7 3x3"];
    let mut timeline = Timeline::new(&[&format!("{SHORT}\n for: 1m\n message: {{{{stack}}}} runs {{{{running}}}} of {{{{desired}}}}")]);
    timeline.rows(&rows);
    assert_eq!(timeline.out.transitions, ["1m30s a web warning 1", "2m40s a web critical 2", "2m50s a web ok 0"]);
    assert_eq!(timeline.out.messages[1], "2m40s a web Rose web runs 1 of 3");
}

#[test]
fn nothing_is_said_before_all_inputs_came() {
    check(SHORT, &["m1 desired stack=web: 3x3", "m1 running stack=web from 15s: 3"], "");
    check(SHORT, &["m1 desired stack=web ttl 5m: 3", "m2 running stack=web ttl 5m from 15s: 1"], "15s web critical 2\n 5m web expired -");
}

#[test]
fn an_input_that_expires_ends_it_and_its_return_begins_anew() {
    let rows = ["m1 desired stack=web ttl 5m: 3", "m1 running stack=web ttl 15s: 1 _x4 1"];
    check(SHORT, &rows, "0s web critical 2\n 15s web expired -\n 50s web critical 2\n 1m5s web expired -");
    check(&format!("{SHORT}\n expired: hold"), &rows, "0s web critical 2");
}

#[test]
fn without_a_value_the_state_stays() {
    let ratio = "by: host\n join: bad service = \"bad\"\n join: all service = \"all\"\n value: bad / all\n crit: metric > 0.5";
    let rows = ["n1 all ttl 5m: 10 0 10", "n1 bad ttl 5m: 9 9 1"];
    check(ratio, &rows, "0s n1 critical 0.9\n 20s n1 ok 0.1");
    check(ratio, &["n1 bad ttl 5m: 9 text", "n1 all ttl 5m: 10 10"], "0s n1 critical 0.9\n 5m10s n1 expired -");
}

#[test]
fn an_event_may_be_several_inputs() {
    let rule = "by: host\n join: a service =~ \"x%\"\n join: b service = \"xy\"\n value: a + 2 * b\n crit: metric >= 9";
    check(rule, &["n1 xy: 3 1"], "0s n1 critical 9\n 10s n1 ok 3");
}

#[test]
fn instances_that_are_ok_and_have_no_input_left_are_dropped() {
    let mut timeline = Timeline::new(&[SHORT]);
    timeline.rows(&["m1 desired stack=web ttl 20s: 3", "m1 running stack=web ttl 40s: 3"]).run("30s");
    assert_eq!(timeline.engine.alerts().count(), 1);
    timeline.run("1m");
    assert_eq!(timeline.engine.alerts().count(), 0);
}
