//! What is told of instances that ended, and in which order: what a way takes for open must not stay so, nor begin anew behind its end.

use engine::query::Query;
use event::Duration;
use processor::notify::{AtMost, Kind, Notices, Notifier};

use crate::{at, check, enter, notices};

/// Groups gather for ten seconds, and what is open is told again after a hundred.
fn patient(ops: &mut Notifier) {
    ops.wait = Duration::from_secs(10);
    ops.repeat = Some(Duration::from_secs(100));
}

fn by_state(ops: &mut Notifier) {
    patient(ops);
    ops.group = vec!["alert".to_owned(), "state".to_owned()];
}

const RISES_AND_ENDS: &str = "1 cpu n1 opens\n20 cpu n1 rises\n22 cpu n1 ends\n300";

#[test]
fn a_rise_that_waits_is_dropped_when_nobody_is_to_hear_of_the_end() {
    let unresolved = |ops: &mut Notifier| {
        patient(ops);
        ops.resolved = false;
    };
    check(unresolved, RISES_AND_ENDS, "11 news 1: cpu/n1 warning");
    // The way that keeps books hears of it at once.
    let only_open = |ops: &mut Notifier| {
        patient(ops);
        ops.only = Some(Query::parse("state != \"ok\"").unwrap());
    };
    check(only_open, RISES_AND_ENDS, "11 news 1: cpu/n1 warning\n22 end 1: cpu/n1 ok");
}

#[test]
fn what_was_never_told_is_not_told_behind_its_end() {
    // As of a notifier that was named after the opening.
    check(patient, "20 cpu n1 rises\n22 cpu n1 ends\n300", "");
}

#[test]
fn an_end_in_another_group_takes_what_waits_with_it() {
    check(by_state, RISES_AND_ENDS, "11 news 1: cpu/n1 warning\n32 news 1: cpu/n1 ok");
    check(patient, RISES_AND_ENDS, "11 news 1: cpu/n1 warning\n30 news 2: cpu/n1 critical, cpu/n1 ok");
}

#[test]
fn what_opens_again_goes_out_behind_its_end() {
    check(
        by_state,
        "1 cpu n1 opens
         2 cpu n2 opens
         20 cpu n2 rises
         21 cpu n1 ends
         22 cpu n1 opens
         23 cpu n1 rises
         120",
        "11 news 2: cpu/n1 warning, cpu/n2 warning
         30 news 1: cpu/n2 critical
         31 news 3: cpu/n1 ok, cpu/n1 warning, cpu/n1 critical",
    );
}

#[test]
fn what_a_digest_would_tell_is_dropped_with_its_instance() {
    let one_an_hour = |ops: &mut Notifier| ops.at_most = Some(AtMost { count: 1, per: Duration::from_secs(3600) });
    // Nobody was told of n2, so nobody waits for its end.
    check(one_an_hour, "1 cpu n1 opens\n2 cpu n2 opens\n5 withdraw cpu n2\n4000", "1 news 1: cpu/n1 warning");
    check(one_an_hour, "1 cpu n1 opens\n2 cpu n1 rises\n5 withdraw cpu n1\n4000", "1 news 1: cpu/n1 warning\n5 end 1: cpu/n1 expired");
    let unresolved = |ops: &mut Notifier| {
        one_an_hour(ops);
        ops.resolved = false;
    };
    check(unresolved, "1 cpu n1 opens\n2 cpu n1 rises\n5 cpu n1 ends\n4000", "1 news 1: cpu/n1 warning");
}

#[test]
fn an_end_that_waits_is_told_though_the_instance_came_back_and_was_withdrawn() {
    check(
        patient,
        "1 cpu n1 opens
         20 cpu n1 ends
         22 cpu n1 opens
         23 withdraw cpu n1
         300",
        "11 news 1: cpu/n1 warning
         30 news 1: cpu/n1 ok",
    );
}

/// Ticks until then.
fn heard(notices: &mut Notices, until: i64) -> Vec<(Kind, Vec<String>, u64)> {
    let mut out = Vec::new();
    while let Some(due) = notices.next_due().filter(|due| *due <= at(until)) {
        notices.tick(due, &|_| processor::notify::Say::All, &mut out);
    }
    out.into_iter()
        .map(|notice| (notice.kind, notice.entries.iter().map(|entry| entry.instance.clone()).collect(), notice.n_more))
        .collect()
}

#[test]
fn an_end_that_finds_no_room_reaches_who_keeps_books() {
    let mut notices = notices(patient);
    enter(&mut notices, "cpu", "n0", "opens", at(1));
    assert_eq!(heard(&mut notices, 11).len(), 1);
    for n in 1..=10_000 {
        enter(&mut notices, "cpu", &format!("n{n}"), "opens", at(20));
    }
    enter(&mut notices, "cpu", "n0", "ends", at(21));
    assert_eq!(heard(&mut notices, 21), [(Kind::End, vec!["n0".to_owned()], 0)]);
    let told = heard(&mut notices, 30);
    assert_eq!((told.len(), told[0].0, told[0].1.len(), told[0].2), (1, Kind::News, 10_000, 1));
}

#[test]
fn very_many_are_muted_and_withdrawn_one_by_one() {
    // Quadratic, this took minutes.
    let mut notices = notices(patient);
    let hosts: Vec<String> = (0..50_000).map(|n| format!("n{n}")).collect();
    hosts.iter().for_each(|host| enter(&mut notices, "cpu", host, "opens", at(1)));
    assert_eq!(heard(&mut notices, 11).len(), 1);
    hosts.iter().for_each(|host| enter(&mut notices, "cpu", host, "rises", at(20)));
    hosts.iter().for_each(|host| notices.mute(&crate::message("cpu", host, "falls", at(21)), at(21)));
    hosts.iter().for_each(|host| notices.withdraw("cpu", host, at(22)));
    let told = heard(&mut notices, 300);
    assert_eq!(
        told.iter().map(|(kind, entries, n_more)| (*kind, entries.len(), *n_more)).collect::<Vec<_>>(),
        [(Kind::End, 10_000, 0), (Kind::News, 0, 40_000)]
    );
}
