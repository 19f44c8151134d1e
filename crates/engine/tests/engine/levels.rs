//! Levels, `for`, `clear`, `clear_for` and `expired` of alerts, each with a literal timeline.

use crate::timeline::{self, check};

#[test]
fn an_alert_opens_at_the_first_event_that_holds_and_closes_at_the_first_that_does_not() {
    check("where: service = \"cpu\"\n by: host\n crit: metric > 90", &["n1 cpu: 50 95 96 50"], "10s n1 critical 95\n 30s n1 ok 50");
}

#[test]
fn events_that_where_does_not_pick_change_nothing() {
    check("where: service = \"cpu\"\n by: host\n crit: metric > 90", &["n1 mem: 95x9"], "");
}

#[test]
fn for_opens_by_timer_at_its_exact_end() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 25s";
    check(rule, &["n1 cpu: 50 95x5 50"], "35s n1 critical 95\n 1m n1 ok 50");
}

#[test]
fn a_sample_at_exactly_the_end_of_for_that_no_longer_holds_prevents_opening() {
    check("where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s", &["n1 cpu: 50 95x3 50x3"], "");
    check(
        "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s",
        &["n1 cpu: 50 95x4 50"],
        "40s n1 critical 95\n 50s n1 ok 50",
    );
}

#[test]
fn for_starts_anew_after_an_event_that_does_not_hold() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 25s";
    check(rule, &["n1 cpu: 95x2 50 95x4 50"], "55s n1 critical 95\n 1m10s n1 ok 50");
}

#[test]
fn the_highest_level_counts_and_a_step_down_needs_no_for() {
    let rule = "
        where: service = \"cpu\"
        by: host
        warn: metric > 80
        crit: metric > 90
        clear: metric < 70
        for: 30s";
    let row = "n1 cpu ttl 25s: 50 95x5 85x2 75x3 60x2";
    check(rule, &[row], "40s n1 critical 95\n 1m n1 warning 85\n 1m50s n1 ok 60");
}

#[test]
fn warning_opens_before_critical_where_its_for_is_shorter() {
    let rule = "where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90; for: 20s";
    check(rule, &["n1 cpu: 95x4 50"], "0s n1 warning 95\n 20s n1 critical 95\n 40s n1 ok 50");
}

#[test]
fn info_is_a_level_too() {
    let rule = "where: service = \"cpu\"\n by: host\n info: metric > 10\n crit: metric > 90";
    check(rule, &["n1 cpu: 5 20 95 20 5"], "10s n1 info 20\n 20s n1 critical 95\n 30s n1 info 20\n 40s n1 ok 5");
}

#[test]
fn with_clear_it_stays_at_its_lowest_level_until_clear_holds() {
    let rule = "where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90\n clear: metric < 70";
    check(rule, &["n1 cpu: 95 75 75 60"], "0s n1 critical 95\n 10s n1 warning 75\n 30s n1 ok 60");
}

#[test]
fn a_level_s_own_clear_holds_that_level() {
    let rule = "where: service = \"mem\"\n by: host\n warn: metric > 80\n crit: metric > 95; clear: metric < 90";
    check(rule, &["n1 mem: 97 92 89 70"], "0s n1 critical 97\n 20s n1 warning 89\n 30s n1 ok 70");
}

#[test]
fn a_level_s_own_clear_holds_it_below_the_present_one_as_well() {
    let rule = "where: service = \"mem\"\n by: host\n warn: metric > 80; clear: metric < 60\n crit: metric > 95";
    check(rule, &["n1 mem: 97 70 70 50"], "0s n1 critical 97\n 10s n1 warning 70\n 30s n1 ok 50");
    check(rule, &["n1 mem: 70x3"], "");
}

#[test]
fn clear_for_delays_closing_by_timer() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n clear_for: 25s";
    check(rule, &["n1 cpu: 95 50x6"], "0s n1 critical 95\n 35s n1 ok 50");
}

#[test]
fn clear_for_starts_anew_when_a_level_holds_again() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n clear_for: 25s";
    check(rule, &["n1 cpu: 95 50x2 95 50x6"], "0s n1 critical 95\n 1m5s n1 ok 50");
}

#[test]
fn clear_for_starts_anew_when_a_level_holds_that_has_not_run_out_its_for() {
    let rule = "where: service = \"cpu\"\n by: host\n warn: metric > 80 and metric < 90\n crit: metric > 90; for: 30s\n clear_for: 25s";
    check(rule, &["n1 cpu: 85 50x2 95 50x6"], "0s n1 warning 85\n 1m5s n1 ok 50");
}

#[test]
fn clear_for_never_delays_a_step_down() {
    let rule = "where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90\n clear_for: 1m";
    check(rule, &["n1 cpu: 95 85 50x7"], "0s n1 critical 95\n 10s n1 warning 85\n 1m20s n1 ok 50");
}

#[test]
fn an_open_alert_whose_events_expire_is_gone() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90";
    check(rule, &["n1 cpu ttl 25s: 95"], "0s n1 critical 95\n 25s n1 expired -");
}

#[test]
fn expired_says_what_an_open_alert_does() {
    let rule = |expired| format!("where: service = \"cpu\"\n by: host\n info: metric > 90\n expired: {expired}");
    check(&rule("close"), &["n1 cpu ttl 25s: 95"], "0s n1 info 95\n 25s n1 expired -");
    check(&rule("hold"), &["n1 cpu ttl 25s: 95"], "0s n1 info 95");
    check(&rule("warn"), &["n1 cpu ttl 25s: 95"], "0s n1 info 95\n 25s n1 warning 95");
    check(&rule("crit"), &["n1 cpu ttl 25s: 95"], "0s n1 info 95\n 25s n1 critical 95");
}

#[test]
fn expired_does_not_open_what_is_closed() {
    check("where: service = \"cpu\"\n by: host\n info: metric > 90\n expired: crit", &["n1 cpu ttl 25s: 50"], "");
}

#[test]
fn what_was_held_closes_when_its_events_come_back() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n expired: hold";
    check(rule, &["n1 cpu ttl 15s: 95 _x3 50"], "0s n1 critical 95\n 40s n1 ok 50");
}

#[test]
fn expiry_stops_a_running_for() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s";
    check(rule, &["n1 cpu ttl 15s: 95 _x2 95x4 50"], "1m n1 critical 95\n 1m10s n1 ok 50");
}

#[test]
fn after_gone_a_for_starts_anew() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 15s";
    check(rule, &["n1 cpu ttl 12s: 95x3 _x2 95x3"], "15s n1 critical 95\n 32s n1 expired -\n 1m5s n1 critical 95\n 1m22s n1 expired -");
}

#[test]
fn a_foreign_event_expires_by_its_own_time_a_sample_by_its_arrival() {
    let mut timeline = timeline::Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"]);
    let old = |marks: &[&str]| event::Event {
        time: Some(timeline::at("0s")),
        host: Some("n1".to_owned()),
        service: Some("cpu".to_owned()),
        metric: event::Metric::float(95.0),
        ttl: Some(30.0),
        marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
        ..event::Event::default()
    };
    timeline.run("20s").batch(timeline::at("20s"), &[old(&[])]);
    timeline.run("100s").batch(timeline::at("100s"), &[old(&["skep"])]);
    timeline.run("5m");
    let seen = ["20s a n1 critical 95", "30s a n1 expired -", "1m40s a n1 critical 95", "2m10s a n1 expired -"];
    assert_eq!(timeline.out.transitions, seen);
}

#[test]
fn instances_are_apart() {
    let rule = "where: service =~ \"disk/%\"\n by: host path\n crit: metric > 90";
    let rows = ["n1 disk//var/used path=/var: 95 95", "n1 disk//home/used path=/home: 50 95", "n2 disk//var/used path=/var: 50 50"];
    check(rule, &rows, "0s n1/\\/var critical 95\n 10s n1/\\/home critical 95\n 1m10s n1/\\/var expired -\n 1m10s n1/\\/home expired -");
}

#[test]
fn a_missing_field_is_a_value() {
    let rule = "where: service = \"cpu\"\n by: stack\n crit: metric > 90";
    check(rule, &["n1 cpu stack=web ttl 1m: 50", "n2 cpu ttl 1m: 95"], "0s - critical 95\n 1m - expired -");
}

#[test]
fn a_rule_may_be_by_state() {
    let rule = "where: service = \"job\"\n by: state\n crit: state = \"failed\"";
    check(rule, &["n1 job: running failed running"], "10s failed critical -\n 1m10s failed expired -");
}
