//! `unless` of alerts: what is held down while another is open.

use crate::timeline::{Timeline, at, lines, plan};

const DOWN: &str = "name: down\n where: service = \"up\"\n by: host\n crit: metric = 0";
const CPU: &str = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90\n unless: down host";

/// Rules and rows: changes of state `AT RULE INSTANCE STATE VALUE`, and messages `AT RULE INSTANCE CHANGE`.
#[track_caller]
fn check(rules: &[&str], rows: &[&str], transitions: &str, messages: &str) {
    let mut timeline = Timeline::new(rules);
    timeline.rows(rows);
    assert_eq!(timeline.out.transitions, lines(transitions));
    let told: Vec<String> = timeline.out.messages.iter().map(|line| line.split(' ').take(4).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(told, lines(messages));
}

#[test]
fn a_closed_one_does_not_open_and_one_of_another_host_does() {
    check(
        &[CPU, DOWN],
        &["n1 up: 0x3", "n1 cpu from 10s: 95", "n2 cpu from 10s: 95"],
        "0s down n1 critical 0\n 10s cpu n2 critical 95",
        "0s down n1 Opened\n 10s cpu n2 Opened",
    );
}

#[test]
fn it_opens_at_the_instant_the_other_closes_for_its_for_ran_on() {
    let cpu = format!("{CPU}\n for: 15s");
    check(
        &[&cpu, DOWN],
        &["n1 up: 0x3 1", "n1 cpu from 5s: 95x4"],
        "0s down n1 critical 0\n 30s down n1 ok 1\n 30s cpu n1 critical 95",
        "0s down n1 Opened\n 30s down n1 Resolved\n 30s cpu n1 Opened",
    );
}

#[test]
fn an_open_one_does_not_rise_but_falls_and_closes_without_a_word() {
    check(
        &[CPU, DOWN],
        &["n1 up from 10s: 0x9", "n1 cpu: 85 _ 95 85 50 85"],
        "0s cpu n1 warning 85\n 10s down n1 critical 0\n 40s cpu n1 ok 50",
        "0s cpu n1 Opened\n 10s down n1 Opened",
    );
    check(
        &[CPU, DOWN],
        &["n1 up from 10s: 0x3", "n1 cpu: 95 _ 85"],
        "0s cpu n1 critical 95\n 10s down n1 critical 0\n 20s cpu n1 warning 85",
        "0s cpu n1 Opened\n 10s down n1 Opened",
    );
}

#[test]
fn one_that_waited_to_rise_rises_when_the_other_closes() {
    check(
        &[CPU, DOWN],
        &["n1 up from 10s: 0x2 1", "n1 cpu: 85 _ 95"],
        "0s cpu n1 warning 85\n 10s down n1 critical 0\n 30s down n1 ok 1\n 30s cpu n1 critical 95",
        "0s cpu n1 Opened\n 10s down n1 Opened\n 30s down n1 Resolved\n 30s cpu n1 Rose",
    );
}

#[test]
fn of_one_instant_the_one_that_others_wait_for_is_asked_first() {
    let silent = "name: down\n where: service = \"up\"\n by: host\n absent: 30s";
    let cpu = format!("{CPU}\n for: 30s");
    let mut timeline = Timeline::new(&[&cpu, silent]);
    timeline.rows(&["n1 up: 1", "n1 cpu every 5s: 95x6"]).run("40s");
    assert_eq!(timeline.out.transitions, ["30s down n1 critical 30"]);
}

#[test]
fn what_opened_in_the_same_instant_before_the_other_is_not_told() {
    check(&[CPU, DOWN], &["n1 cpu: 95", "n1 up: 0"], "0s cpu n1 critical 95\n 0s down n1 critical 0", "0s down n1 Opened");
}

#[test]
fn what_is_not_told_for_another_mutes_it_comes_out_as_that_in_order() {
    let untold = |rows: &[&str], expected: &str| {
        let mut timeline = Timeline::new(&[CPU, DOWN]);
        timeline.rows(rows);
        assert_eq!(timeline.out.untold, lines(expected));
        timeline.engine
    };
    untold(&["n1 up from 10s: 0x9", "n1 cpu: 95 _ 85 50"], "20s cpu n1 Fell\n - cpu n1");
    // In the batch in which the other opens: what opened before it, what ended before it.
    let engine = untold(&["n1 cpu: 95", "n1 up: 0"], "0s cpu n1 Opened");
    assert!(engine.is_muted("cpu", "n1") && !engine.is_muted("cpu", "n2") && !engine.is_muted("down", "n1") && !engine.is_muted("x", "n1"));
    let engine = untold(&["n1 cpu: 95 50", "n1 up from 10s: 0"], "- cpu n1");
    assert!(!engine.is_muted("cpu", "n1"), "it is not open");
}

#[test]
fn one_that_is_held_down_holds_down_nobody() {
    let net = "name: net\n where: service = \"net\"\n by: host\n crit: metric > 0";
    let down = format!("{DOWN}\n unless: net host");
    // `down` is open and then held down: `cpu` may open.
    check(
        &[CPU, &down, net],
        &["n1 up: 0x9", "n1 cpu from 5s: 95x3", "n1 net ttl 5m from 10s: 1"],
        "0s down n1 critical 0\n 10s net n1 critical 1\n 10s cpu n1 critical 95",
        "0s down n1 Opened\n 10s net n1 Opened\n 10s cpu n1 Opened",
    );
}

#[test]
fn without_fields_any_open_one_holds_down_all() {
    let cpu = "name: cpu\n where: service = \"cpu\"\n by: host\n crit: metric > 90\n unless: down";
    check(&[cpu, DOWN], &["n1 up: 0", "n2 cpu from 10s: 95"], "0s down n1 critical 0", "0s down n1 Opened");
}

#[test]
fn circles_and_names_that_are_not_there_hold_down_nobody() {
    let a = "name: a\n where: service = \"x\"\n by: host\n crit: metric > 0\n unless: b host";
    let b = "name: b\n where: service = \"x\"\n by: host\n crit: metric > 0\n unless: a host";
    let c = "name: c\n where: service = \"x\"\n by: host\n crit: metric > 0\n unless: nobody host";
    check(
        &[a, b, c],
        &["n1 x: 1"],
        "0s a n1 critical 1\n 0s b n1 critical 1\n 0s c n1 critical 1",
        "0s a n1 Opened\n 0s b n1 Opened\n 0s c n1 Opened",
    );
}

#[test]
fn a_reload_without_unless_lets_it_open_and_a_removed_target_too() {
    let free = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90";
    for next in [vec![free, DOWN], vec![CPU]] {
        let mut timeline = Timeline::new(&[CPU, DOWN]);
        timeline.rows(&["n1 up ttl 1h: 0", "n1 cpu ttl 1h from 10s: 95"]);
        timeline.engine.load(plan(&next), at("20s"), &mut timeline.out);
        assert_eq!(timeline.out.transitions.last().unwrap(), "20s cpu n1 critical 95");
    }
}
