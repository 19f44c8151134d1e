//! `across` of alerts: the latest events of an instance's members, folded.

use crate::timeline::{Timeline, check};

fn rule(more: &str) -> String {
    format!("where: service = \"cores\"\n by: stack\n across: host container\n {more}")
}

#[test]
fn the_lab_s_service_is_summed_over_nodes_and_a_gone_container_stops_counting() {
    let rows = [
        "n1 cores stack=web container=w.1 ttl 25s: 0.9x12",
        "n2 cores stack=web container=w.2 ttl 25s: 0.9x12",
        "n3 cores stack=web container=w.3 ttl 25s: 0.9x6",
    ];
    let mut timeline =
        Timeline::new(&[&rule("take: sum\n warn: metric > 2.0\n for: 30s\n message: {{metric}} on {{count}}, last {{last}}")]);
    timeline.rows(&rows);
    let values: Vec<&str> = timeline.out.messages.iter().map(String::as_str).collect();
    assert_eq!(values, ["30s a web Opened 2.7 on 3, last 0.9", "1m20s a web Resolved 1.8 on 2, last 0.9"]);
}

#[test]
fn the_latest_event_of_a_member_counts_and_only_that() {
    check(&rule("take: max\n crit: metric > 5"), &["n1 cores stack=web: 9 1"], "0s web critical 9\n 10s web ok 1");
}

#[test]
fn every_fold_of_numbers_that_stand_side_by_side() {
    let rows =
        ["n1 cores stack=web: 1", "n2 cores stack=web: 2", "n3 cores stack=web: 6", "n4 cores stack=web: 3", "n5 cores stack=web: up"];
    let folds = [("sum", 12.0), ("mean", 3.0), ("min", 1.0), ("max", 6.0), ("count", 5.0), ("median", 3.0), ("p90", 6.0), ("range", 5.0)];
    for (take, expected) in folds {
        let mut timeline = Timeline::new(&[&rule(&format!("take: {take}\n crit: metric > 1000"))]);
        timeline.rows(&rows);
        assert_eq!(timeline.engine.alerts().next().unwrap().value, Some(expected), "{take}");
    }
}

#[test]
fn members_leave_at_looks() {
    // Its time is up at 13 s; whole multiples of 10 s come at 20 s.
    let rows = ["n1 cores stack=web ttl 1h: 2", "n2 cores stack=web ttl 13s: 2"];
    check(&rule("take: sum\n crit: metric > 3"), &rows[..], "0s web critical 4\n 20s web ok 2");
    let rows = ["n1 cores stack=web ttl 1h every 14s: 2x2", "n2 cores stack=web ttl 13s: 2"];
    check(&rule("take: sum\n crit: metric > 3"), &rows[..], "0s web critical 4\n 14s web ok 2");
}

#[test]
fn all_gone_is_0_for_one_look_where_that_is_a_number_and_then_gone() {
    let rows = ["n1 cores stack=web ttl 13s: 2"];
    check(&rule("take: sum\n crit: metric >= 0"), &rows, "0s web critical 2\n 30s web expired -");
    check(&rule("take: sum\n crit: metric > 0"), &rows, "0s web critical 2\n 20s web ok 0");
    check(&rule("take: max\n crit: metric > 0"), &rows, "0s web critical 2\n 20s web expired -");
    check(&rule("take: max\n crit: metric > 0\n expired: hold"), &rows, "0s web critical 2");
}

#[test]
fn instances_that_are_ok_and_have_no_members_are_dropped() {
    let mut timeline = Timeline::new(&[&rule("take: sum\n crit: metric > 9")]);
    timeline.rows(&["n1 cores stack=web ttl 13s: 2"]);
    assert_eq!(timeline.engine.alerts().count(), 1);
    timeline.run("1m");
    assert_eq!(timeline.engine.alerts().count(), 0);
}

#[test]
fn an_event_that_no_longer_matches_leaves_the_older_one_until_its_ttl() {
    let rule = "where: service = \"cores\" and state != \"off\"\n by: stack\n across: host\n take: count\n crit: metric >= 1";
    check(rule, &["n1 cores stack=web ttl 25s: on off"], "0s web critical 1\n 30s web ok 0");
}

#[test]
fn a_series_that_says_that_it_ended_leaves_at_once() {
    let rule = "where: service = \"cores\"\n by: service\n across: host\n take: sum\n crit: metric > 3";
    check(rule, &["n1 cores ttl 1h: 2 2", "n2 cores ttl 1h: 2 expired"], "0s cores critical 4\n 10s cores ok 2");
}
