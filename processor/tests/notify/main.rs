//! Messages about alerts on simulated time: gathered, withdrawn, bounded, reminded of.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on says where")]

mod ends;
mod muted;
mod restarts;

use std::sync::Arc;

use engine::query::Query;
use engine::rules::Said;
use engine::{Change, Message, MessageKey, State};
use event::{Duration, Timestamp};
use processor::notify::{Alertmanager, AtMost, Entry, Kind, Notices, Notifier, Plan, Route, Say, Way};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn notices(change: impl FnOnce(&mut Notifier)) -> Notices {
    let mut notifier = Notifier::new("ops", vec![Way::Alertmanager(Alertmanager { url: "http://127.0.0.1".to_owned() })]);
    change(&mut notifier);
    let route = Route { by: vec!["host".to_owned()], to: vec![0] };
    let routes = ["cpu", "disk"].map(|rule| (rule.to_owned(), route.clone())).into();
    Notices::new(Arc::new(Plan { notifiers: vec![notifier], routes }))
}

/// Goes through a story, a line for each thing that happens; gives a line for each message that goes out.
///
/// `SECONDS RULE HOST CHANGE` is a message of the engine, `SECONDS RULE HOST CHANGE muted` one of what is muted, `SECONDS withdraw RULE HOST`
/// the end of that, `SECONDS mute HOST` and `SECONDS free HOST` begin and end it, `SECONDS` ends the story.
///
/// With `restarts` the state goes through a snapshot before each line.
fn told(mut notices: Notices, story: &str, restarts: bool) -> String {
    let (mut out, mut muted) = (String::new(), Vec::new());
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let now = at(words[0].parse().unwrap());
        if restarts {
            let mut saved = Vec::new();
            notices.save(&mut saved);
            notices = Notices::restore(Arc::clone(notices.plan()), &saved);
        }
        while let Some(due) = notices.next_due().filter(|due| *due < now) {
            tick(&mut notices, due, &muted, &mut out);
        }
        match words[1..] {
            ["withdraw", rule, host] => notices.withdraw(rule, host, now),
            ["mute", host] => muted.push(host.to_owned()),
            ["free", host] => {
                muted.retain(|muted| muted != host);
                notices.look_again(now);
            }
            [rule, host, change, "muted"] => notices.mute(&message(rule, host, change, now), now),
            [rule, host, change] => enter(&mut notices, rule, host, change, now),
            _ => tick(&mut notices, now, &muted, &mut out),
        }
    }
    out
}

fn enter(notices: &mut Notices, rule: &str, host: &str, change: &str, now: Timestamp) {
    notices.enter(&message(rule, host, change, now), now);
}

fn message<'a>(rule: &'a str, host: &'a str, change: &str, now: Timestamp) -> Message<'a> {
    let (change, level) = match change {
        "opens" => (Change::Opened, State::Warning),
        "rises" => (Change::Rose, State::Critical),
        "falls" => (Change::Fell, State::Warning),
        "ends" => (Change::Resolved, State::Ok),
        _ => (Change::Gone, State::Expired),
    };
    let key = MessageKey { notifier: "log", rule, instance: host, level, since: now };
    Message { key, change, host: Some(host), text: "text", said: Said::NOTHING, value: Some(1.0) }
}

fn tick(notices: &mut Notices, now: Timestamp, muted: &[String], out: &mut String) {
    let mut due = Vec::new();
    let peace = |entry: &Entry| match entry.instance.as_str() {
        host if muted.iter().any(|muted| muted == host) => Say::Nothing,
        // Somebody looks after whoever is called so.
        "quiet" => Say::News,
        _ => Say::All,
    };
    notices.tick(now, &peace, &mut due);
    for notice in due {
        let kind = match notice.kind {
            Kind::News => "news",
            Kind::Digest => "digest",
            Kind::Reminder => "reminder",
            Kind::End => "end",
            Kind::Test => "test",
        };
        let about: Vec<_> = notice.entries.iter().map(|entry| format!("{}/{} {}", entry.rule, entry.instance, entry.state)).collect();
        *out += &format!("{} {kind} {}: {}\n", now.secs(), notice.count(), about.join(", "));
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Notifier), story: &str, expected: &str) {
    let notices = notices(change);
    let restarted = told(notices.clone(), story, true);
    let told = told(notices, story, false);
    assert_eq!(told, restarted, "restarts change what is told");
    let trimmed = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&told), trimmed(expected));
}

#[test]
fn a_group_gathers_from_its_first_entry_on() {
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens
         3 disk n1 opens
         11 cpu n2 opens
         12 cpu n3 opens
         60",
        "11 news 2: cpu/n1 warning, cpu/n2 warning
         13 news 1: disk/n1 warning
         22 news 1: cpu/n3 warning",
    );
}

#[test]
fn without_a_wait_what_happens_at_one_instant_is_one_message() {
    check(
        |_| {},
        "1 cpu n1 opens\n1 cpu n2 opens\n2 cpu n1 rises\n3",
        "1 news 2: cpu/n1 warning, cpu/n2 warning\n2 news 1: cpu/n1 critical",
    );
}

#[test]
fn what_opens_and_ends_within_one_wait_was_never_there() {
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens
         2 cpu n2 opens
         3 cpu n1 rises
         4 cpu n1 ends
         60",
        "11 news 1: cpu/n2 warning",
    );
    check(|ops| ops.wait = Duration::from_secs(10), "1 cpu n1 opens\n4 cpu n1 goes\n60", "");
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens\n20 cpu n1 ends\n21 cpu n1 opens\n22 cpu n1 ends\n60",
        "11 news 1: cpu/n1 warning\n30 news 1: cpu/n1 ok",
    );
}

#[test]
fn ends_are_told_unless_they_are_not_wanted() {
    let story = "1 cpu n1 opens\n5 cpu n1 ends\n9 cpu n1 opens\n12 cpu n1 goes\n20";
    check(|_| {}, story, "1 news 1: cpu/n1 warning\n5 news 1: cpu/n1 ok\n9 news 1: cpu/n1 warning\n12 news 1: cpu/n1 expired");
    check(|ops| ops.resolved = false, story, "1 news 1: cpu/n1 warning\n9 news 1: cpu/n1 warning");
}

#[test]
fn only_what_is_asked_for_is_told_and_the_end_of_nothing_is_nothing() {
    let only = |query: &'static str| move |ops: &mut Notifier| ops.only = Some(Query::parse(query).unwrap());
    let story = "1 cpu n1 opens\n2 cpu n1 ends\n3 cpu n2 opens\n4 cpu n2 rises\n5 cpu n2 falls\n6 cpu n2 ends\n9";
    check(only("state = \"critical\" or state = \"ok\""), story, "4 news 1: cpu/n2 critical\n6 news 1: cpu/n2 ok");
    check(only("service = \"alert/cpu\" and host = \"n1\" and alert = \"cpu\""), story, "1 news 1: cpu/n1 warning\n2 news 1: cpu/n1 ok");
}

#[test]
fn nobody_is_reminded_of_a_level_that_only_does_not_hold_for_any_more() {
    check(
        |ops| {
            ops.only = Some(Query::parse("state = \"critical\" or state = \"ok\"").unwrap());
            ops.repeat = Some(Duration::from_secs(10));
        },
        "1 cpu n1 opens
         2 cpu n1 rises
         13 cpu n1 falls
         45 cpu n1 rises
         56 cpu n1 falls
         70 cpu n1 ends
         90",
        "2 news 1: cpu/n1 critical
         12 reminder 1: cpu/n1 critical
         45 news 1: cpu/n1 critical
         55 reminder 1: cpu/n1 critical
         70 news 1: cpu/n1 ok",
    );
}

#[test]
fn so_many_messages_and_the_rest_in_one_digest() {
    check(
        |ops| ops.at_most = Some(AtMost { count: 2, per: Duration::from_secs(100) }),
        "10 cpu n1 opens
         11 cpu n1 ends
         12 cpu n2 opens
         13 cpu n3 opens
         14 cpu n2 ends
         110 disk n1 opens
         120 disk n1 ends
         300 cpu n3 ends
         301",
        "10 news 1: cpu/n1 warning
         11 news 1: cpu/n1 ok
         110 digest 3: cpu/n2 warning, cpu/n3 warning, cpu/n2 ok
         110 news 1: disk/n1 warning
         210 digest 1: disk/n1 ok
         300 news 1: cpu/n3 ok",
    );
}

#[test]
fn forty_alerts_in_an_hour_are_five_messages_and_a_digest() {
    let story: String = (0..40).map(|n| format!("{} cpu n{n} opens\n", n * 60)).collect();
    let first: String = (0..5).map(|n| format!("{} news 1: cpu/n{n} warning\n", n * 60)).collect();
    let rest: Vec<String> = (5..40).map(|n| format!("cpu/n{n} warning")).collect();
    check(
        |ops| ops.at_most = Some(AtMost { count: 5, per: Duration::from_secs(3600) }),
        &format!("{story}7200"),
        &format!("{first}3600 digest 35: {}", rest.join(", ")),
    );
}

#[test]
fn what_is_open_is_told_again_from_the_last_message_on() {
    check(
        |ops| ops.repeat = Some(Duration::from_secs(100)),
        "0 cpu n1 opens
         50 cpu n2 opens
         160 cpu n1 ends
         250 disk n1 opens
         270 cpu n2 ends
         400",
        "0 news 1: cpu/n1 warning
         50 news 1: cpu/n2 warning
         150 reminder 2: cpu/n1 warning, cpu/n2 warning
         160 news 1: cpu/n1 ok
         250 news 1: disk/n1 warning
         260 reminder 1: cpu/n2 warning
         270 news 1: cpu/n2 ok
         350 reminder 1: disk/n1 warning",
    );
}

#[test]
fn reminders_count_and_one_beyond_the_bound_is_left_out() {
    check(
        |ops| {
            ops.repeat = Some(Duration::from_secs(10));
            ops.at_most = Some(AtMost { count: 2, per: Duration::from_secs(35) });
        },
        "0 cpu n1 opens
         55",
        "0 news 1: cpu/n1 warning
         10 reminder 1: cpu/n1 warning
         40 reminder 1: cpu/n1 warning
         50 reminder 1: cpu/n1 warning",
    );
}

#[test]
fn alerts_that_go_to_nobody_are_passed_over() {
    check(|_| {}, "1 other n1 opens\n9", "");
}

#[test]
fn nobody_is_reminded_of_what_is_left_in_peace() {
    check(
        |ops| ops.repeat = Some(Duration::from_secs(100)),
        "1 cpu n1 opens
         1 cpu quiet opens
         1 disk quiet opens
         202",
        "1 news 2: cpu/n1 warning, cpu/quiet warning
         1 news 1: disk/quiet warning
         101 reminder 1: cpu/n1 warning
         201 reminder 1: cpu/n1 warning",
    );
}
