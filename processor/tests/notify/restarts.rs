//! What goes on over restarts and reloads, and what does not.

use std::sync::Arc;

use event::Duration;
use processor::notify::{AtMost, Kind, Notices, Say};

use crate::{at, enter, notices, tick};

#[test]
fn what_follows_on_an_opening_names_its_message_even_after_a_restart_and_a_digest() {
    let mut notices = notices(|ops| ops.at_most = Some(AtMost { count: 1, per: Duration::from_secs(10) }));
    let mut out = Vec::new();
    let mut step = |host: &str, change: &str, secs: i64| {
        enter(&mut notices, "cpu", host, change, at(secs));
        let mut saved = Vec::new();
        notices.save(&mut saved);
        notices = Notices::restore(Arc::clone(notices.plan()), &saved);
        notices.tick(at(secs), &|_| Say::All, &mut out);
        notices.tick(at(secs + 10), &|_| Say::All, &mut out);
    };
    step("n1", "opens", 0);
    step("n2", "opens", 1);
    step("n1", "rises", 20);
    step("n2", "ends", 40);
    let ids: Vec<_> = out.iter().map(|notice| (notice.kind, notice.entries[0].instance.as_str(), notice.id, notice.thread)).collect();
    let [(_, "n1", first, None), (Kind::Digest, "n2", second, None), (_, "n1", _, rise), (_, "n2", _, end)] = ids[..] else {
        panic!("{out:#?}");
    };
    assert_eq!((rise, end), (Some(first), Some(second)));
}

#[test]
fn a_reload_keeps_what_waits_and_drops_what_belongs_to_nobody() {
    let mut notices = notices(|ops| ops.wait = Duration::from_secs(10));
    enter(&mut notices, "cpu", "n1", "opens", at(0));
    let mut plan = (**notices.plan()).clone();
    plan.notifiers[0].wait = Duration::from_secs(60);
    notices.load(Arc::new(plan.clone()));
    assert_eq!(notices.next_due(), Some(at(10)));
    plan.notifiers[0].name = "other".to_owned();
    notices.load(Arc::new(plan));
    assert_eq!(notices.next_due(), None);
}

#[test]
fn a_notifier_that_the_rules_lose_for_a_while_tells_the_ends_of_what_it_told() {
    let mut notices = notices(|_| {});
    let named = Arc::clone(notices.plan());
    let mut out = String::new();
    for host in ["before", "while", "after", "rule"] {
        enter(&mut notices, "cpu", host, "opens", at(0));
    }
    tick(&mut notices, at(0), &[], &mut out);
    notices.load(Arc::default());
    // Nobody is told now, not even after a restart.
    enter(&mut notices, "cpu", "while", "ends", at(5));
    enter(&mut notices, "cpu", "new", "opens", at(6));
    enter(&mut notices, "cpu", "after", "rises", at(7));
    notices.withdraw("cpu", "rule", at(8));
    let mut saved = Vec::new();
    notices.save(&mut saved);
    let mut notices = Notices::restore(Arc::default(), &saved);
    assert_eq!(notices.next_due(), None);
    notices.load(Arc::clone(&named));
    out.clear();
    tick(&mut notices, at(10), &[], &mut out);
    enter(&mut notices, "cpu", "after", "ends", at(20));
    enter(&mut notices, "cpu", "new", "ends", at(21));
    tick(&mut notices, at(22), &[], &mut out);
    assert_eq!(out, "10 end 1: cpu/rule expired\n10 news 1: cpu/while ok\n22 news 1: cpu/after ok\n");
}

#[test]
fn after_a_restart_with_other_rules_what_is_open_no_more_is_not_told() {
    let mut notices = notices(|ops| {
        ops.group = vec!["host".to_owned()];
        ops.wait = Duration::from_secs(5);
        ops.repeat = Some(Duration::from_secs(10));
    });
    let mut out = String::new();
    for host in ["told", "ended"] {
        enter(&mut notices, "cpu", host, "opens", at(0));
    }
    tick(&mut notices, at(5), &[], &mut out);
    enter(&mut notices, "cpu", "waits", "opens", at(6));
    enter(&mut notices, "cpu", "ended", "ends", at(6));
    enter(&mut notices, "disk", "other", "opens", at(6));
    let mut saved = Vec::new();
    notices.save(&mut saved);
    let mut notices = Notices::restore(Arc::clone(notices.plan()), &saved);
    notices.retain_open(&|rule, _| rule == "disk", at(7));
    out.clear();
    for secs in [11, 30] {
        tick(&mut notices, at(secs), &[], &mut out);
    }
    assert_eq!(
        out,
        "11 end 1: cpu/told expired\n11 news 1: cpu/ended ok\n11 news 1: disk/other warning\n30 reminder 1: disk/other warning\n"
    );
}
