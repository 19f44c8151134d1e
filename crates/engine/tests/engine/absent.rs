//! `absent` of alerts.

use crate::timeline::{self, check};

const RULE: &str = "where: service = \"heartbeat\"\n by: host\n absent: 30s";

#[test]
fn it_opens_when_no_event_came_for_so_long_and_closes_with_the_next() {
    check(RULE, &["n1 heartbeat: 1x3 _x5 1"], "50s n1 critical 30\n 1m20s n1 ok 1\n 1m50s n1 critical 30");
}

#[test]
fn an_event_at_exactly_its_end_prevents_it() {
    check(RULE, &["n1 heartbeat every 30s: 1x3"], "1m30s n1 critical 30");
}

#[test]
fn ttl_means_nothing_to_it() {
    check(RULE, &["n1 heartbeat ttl 1s: 1"], "30s n1 critical 30");
}

#[test]
fn it_needs_one_event_first() {
    check(RULE, &["n1 cpu: 1x9"], "");
}

#[test]
fn it_stands_beside_levels_and_the_higher_counts() {
    let rule = "where: service = \"heartbeat\"\n by: host\n warn: metric > 5\n absent: 30s";
    check(
        rule,
        &["n1 heartbeat: 9 _x4 9 1"],
        "0s n1 warning 9\n 30s n1 critical 30\n 50s n1 warning 9\n 1m n1 ok 1\n 1m30s n1 critical 30",
    );
}

#[test]
fn for_does_not_apply_to_it_but_clear_for_does() {
    let rule = "where: service = \"heartbeat\"\n by: host\n absent: 30s\n for: 1m\n clear_for: 25s";
    check(rule, &["n1 heartbeat: 1 _x4 1x4"], "30s n1 critical 30\n 1m15s n1 ok 1\n 1m50s n1 critical 30");
}

#[test]
fn the_end_of_the_index_entry_is_no_sign_of_life() {
    let mut timeline = timeline::Timeline::new(&[RULE]);
    timeline.rows(&["n1 heartbeat ttl 5s: 1"]).run("2m");
    assert_eq!(timeline.out.expired, ["6s n1 heartbeat"]);
    assert_eq!(timeline.out.transitions, ["30s a n1 critical 30"]);
}

#[test]
fn who_never_comes_back_is_given_up_after_a_day() {
    let mut timeline = timeline::Timeline::new(&[RULE]);
    timeline.rows(&["n1 heartbeat: 1"]).run("24h1m");
    assert_eq!(timeline.out.transitions, ["30s a n1 critical 30", "1d30s a n1 expired -"]);
    assert_eq!(timeline.engine.alerts().count(), 0);
}
