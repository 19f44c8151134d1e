//! A server that is not there: points are kept in memory, then on disk, and nothing waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event::Metric;
use processor::sink::Flush;
use processor::sink::influx::Settings;
use testbed::free_port;

use crate::fake::Fake;
use crate::feed::{Feed, START, of, settings};

/// A second of many series whose values do not pack well.
fn big_second(feed: &mut Feed, second: i64) {
    let mut noise = second.cast_unsigned();
    for id in 0..4000 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        feed.sample(id, &format!("f{id}"), START + second, Metric::Int(noise.cast_signed()));
    }
    while feed.flush() != Flush::Sent {}
}

#[test]
fn while_nobody_answers_the_engine_never_waits_and_what_does_not_fit_is_counted() {
    let (settings, folder) = settings(format!("http://127.0.0.1:{}", free_port()));
    let mut feed = Feed::open(Settings { spool_bytes: 4 << 20, database: Some("x".into()), ..settings });
    feed.second(0);
    feed.wait_for_status("is away (Connection refused");
    (1..500).for_each(|second| big_second(&mut feed, second));
    feed.wait_for("dropped", |counters| of(&counters.lines_dropped) > 0);
    let handle = feed.close();
    let counters = handle.counters();
    assert_eq!(of(&counters.lines_spooled), 500, "closing keeps what was in memory: {counters:?}");
    let files = std::fs::read_dir(folder.path().join("spool")).unwrap();
    let bytes: u64 = files.map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(bytes < 6 << 20, "{bytes}");
}

#[test]
fn what_was_kept_on_disk_is_sent_after_a_restart_beside_what_is_new() {
    let (before, folder) = settings(format!("http://127.0.0.1:{}", free_port()));
    let mut feed = Feed::open(Settings { database: Some("x".into()), ..before.clone() });
    (0..20).for_each(|second| feed.second(second));
    let handle = feed.close();
    assert_eq!(of(&handle.counters().lines_spooled), 20);
    let fake = Fake::start(|_, _| (204, Vec::new(), String::new()));
    let mut feed = Feed::open(Settings { url: format!("http://{}?db=x", fake.address), ..before });
    (20..25).for_each(|second| feed.second(second));
    feed.wait_for("written", |counters| of(&counters.lines_written) == 25);
    let asked = fake.asked();
    let second_of = |body: &str| body.split_once("used=")?.1.split_once('i')?.0.parse::<i64>().ok();
    let old: Vec<i64> = asked.iter().flat_map(|asked| asked.body.lines()).filter_map(second_of).filter(|second| *second < 20).collect();
    assert_eq!(old, (0..20).collect::<Vec<_>>(), "the backlog keeps its order");
    feed.wait_for("spool empty", |counters| of(&counters.spool_bytes) == 0);
    drop(folder);
}

#[test]
fn how_long_the_server_has_taken_nothing_is_told_until_it_takes_something_again() {
    let is_up = Arc::new(AtomicBool::new(false));
    let knows = Arc::clone(&is_up);
    let fake = Fake::start(move |_, _| (if knows.load(Ordering::Relaxed) { 204 } else { 503 }, Vec::new(), String::new()));
    let (settings, _folder) = settings(format!("http://{}?db=x", fake.address));
    let mut feed = Feed::open(Settings { spool_bytes: 4 << 20, ..settings });
    feed.second(0);
    feed.wait_for("failing", |counters| of(&counters.failing_secs) > 0);
    feed.wait_for("the spool's size", |counters| of(&counters.spool_max) == 4 << 20);
    is_up.store(true, Ordering::Relaxed);
    feed.wait_for("written", |counters| of(&counters.lines_written) == 1 && of(&counters.failing_secs) == 0);
}
