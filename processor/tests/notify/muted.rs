//! What is told of alerts that are muted, of their ends, and to whom.

use engine::query::Query;
use event::Duration;
use processor::notify::{AtMost, Exec, Kind, Notifier, Pagerduty, Way};

use crate::check;

#[test]
fn what_is_withdrawn_is_not_told_and_its_end_is_not_either() {
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens
         1 cpu n2 opens
         5 withdraw cpu n1
         20 cpu n1 ends
         21 cpu n2 ends
         60",
        "11 news 1: cpu/n2 warning
         31 news 1: cpu/n2 ok",
    );
}

#[test]
fn what_is_muted_while_it_waits_is_told_when_that_is_over_if_it_is_open_then() {
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens
         2 cpu n2 opens
         3 mute n1
         40 free n1
         41 mute n1
         60 free n1
         90",
        "11 news 1: cpu/n2 warning
         70 news 1: cpu/n1 warning",
    );
    // It fell meanwhile; another one rose and is told by what the engine says when it is free.
    check(
        |ops| ops.wait = Duration::from_secs(10),
        "1 cpu n1 opens
         1 cpu n2 opens
         2 cpu n1 rises
         3 mute n1
         3 mute n2
         20 cpu n1 falls muted
         30 free n1
         31 free n2
         31 cpu n2 rises
         90",
        "40 news 2: cpu/n1 warning, cpu/n2 critical",
    );
    // It ended meanwhile, told or not.
    let ended = "1 cpu n1 opens\n2 mute n1\n30 withdraw cpu n1\n40 free n1\n50 cpu n1 opens\n90";
    check(|ops| ops.wait = Duration::from_secs(10), ended, "60 news 1: cpu/n1 warning");
    let ended = "1 cpu n1 opens\n2 mute n1\n30 cpu n1 ends\n40 free n1\n90";
    check(|ops| ops.wait = Duration::from_secs(10), ended, "");
}

#[test]
fn what_opens_muted_is_told_when_that_is_over() {
    check(|_| {}, "1 mute n1\n1 cpu n1 opens muted\n30 free n1\n31 cpu n1 ends\n90", "30 news 1: cpu/n1 warning\n31 news 1: cpu/n1 ok");
}

#[test]
fn nobody_is_reminded_of_what_is_muted_and_later_of_the_level_that_it_fell_to() {
    check(
        |ops| ops.repeat = Some(Duration::from_secs(10)),
        "1 cpu n1 opens
         2 cpu n1 rises
         3 mute n1
         20 cpu n1 falls muted
         30 free n1
         45",
        "1 news 1: cpu/n1 warning
         2 news 1: cpu/n1 critical
         32 reminder 1: cpu/n1 warning
         42 reminder 1: cpu/n1 warning",
    );
}

#[test]
fn a_digest_leaves_out_what_is_muted() {
    check(
        |ops| ops.at_most = Some(AtMost { count: 1, per: Duration::from_secs(100) }),
        "0 disk n1 opens
         1 cpu n1 opens
         2 cpu n2 opens
         3 cpu n3 opens
         4 mute n1
         5 withdraw cpu n3
         200 free n1
         201",
        "0 news 1: disk/n1 warning
         100 digest 1: cpu/n2 warning
         200 news 1: cpu/n1 warning",
    );
}

#[test]
fn a_way_that_keeps_books_hears_of_every_end_of_what_it_was_told() {
    let pager = || Way::Pagerduty(Pagerduty { routing_key_file: String::new(), url: String::new() });
    let mail = || Way::Exec(Exec { command: vec!["true".to_owned()], timeout: Duration::from_secs(1) });
    assert_eq!([pager().hears(Kind::End), mail().hears(Kind::End), mail().hears(Kind::News)], [true, false, true]);
    let story = "1 cpu n1 opens\n1 cpu n2 opens\n2 mute n1\n30 withdraw cpu n1\n30 withdraw cpu n3\n31";
    let told = "1 news 2: cpu/n1 warning, cpu/n2 warning";
    check(|ops| ops.ways = vec![mail(), pager()], story, &format!("{told}\n30 end 1: cpu/n1 expired"));
    check(|ops| ops.ways = vec![mail()], story, told);
    check(|ops| ops.resolved = false, story, told);
    // Nor does `only` keep it back.
    let only = |ops: &mut Notifier| ops.only = Some(Query::parse("state = \"critical\"").unwrap());
    check(
        only,
        "1 cpu n1 opens\n2 cpu n1 rises\n3 cpu n1 ends\n4 cpu n2 opens\n5 cpu n2 ends\n6",
        "2 news 1: cpu/n1 critical\n3 end 1: cpu/n1 ok",
    );
}
