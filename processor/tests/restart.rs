//! What stands after a processor ended, in order or not, and started again on the same folder.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::net::SocketAddr;

use common::{event, index, json, plan, send, settings, start, start_with, wait_for};
use event::{Event, Timestamp};
use processor::run::{Handle, Journal, Settings, StartError};
use serde_json::Value;
use testbed::wait_until;

/// Index and alerts without what differs after a restart by nature: the processor's own numbers, and what is said of time that passes.
fn state(address: SocketAddr) -> (Vec<String>, Value) {
    let mut events: Vec<_> = index(address, "not service =~ \"skep_processor/%\"").iter().map(Value::to_string).collect();
    events.sort();
    let mut alerts = json(address, "/api/v1/alerts");
    alerts.as_array_mut().unwrap().iter_mut().for_each(|alert| _ = alert.as_object_mut().unwrap().remove("why"));
    (events, alerts)
}

#[track_caller]
fn check(end: fn(Handle)) {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    send(processor.riemann, &[event("n1", "level", 9), event("n2", "level", 1), event("n1", "other", 5)]);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 1);
    let before = state(processor.http);
    assert_eq!(before.1[0]["state"], "critical");
    assert!(before.1[0]["since"].is_string(), "{}", before.1);
    end(processor);
    let processor = start(folder.path());
    assert_eq!(state(processor.http), before);
    send(processor.riemann, &[event("n1", "level", 1)]);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 0);
    processor.stop();
}

#[test]
fn after_a_crash_index_and_open_alerts_are_as_they_were() {
    check(Handle::abandon);
}

#[test]
fn after_an_end_in_order_index_and_open_alerts_are_as_they_were() {
    check(Handle::stop);
}

#[test]
fn crash_after_crash_nothing_that_was_acked_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let processor = start(folder.path());
        assert_eq!(index(processor.http, "service = \"round\"").len(), round);
        send(processor.riemann, &[event(&format!("n{round}"), "round", 1)]);
        processor.abandon();
    }
}

#[test]
fn what_was_acked_before_a_crash_is_in_the_store_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let now = processor.own.now().secs();
    let at = |second| Event { time: Some(Timestamp::from_secs(second)), ..event("n1", "load", 1) };
    let events: Vec<_> = (now - 20..now).map(at).collect();
    send(processor.riemann, &events);
    processor.abandon();
    let processor = start(folder.path());
    let path = format!("/api/v1/series?measurement=load&field=value&from={}&to={now}", now - 20);
    let stored = || json(processor.http, &path)[0]["points"].as_array().map_or(0, Vec::len);
    assert!(wait_until(common::PATIENCE, || stored() == 20), "{} of 20 points", stored());
    processor.stop();
}

#[test]
fn without_a_journal_an_end_in_order_still_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let off = || Settings { journal: Journal::Off, ..settings(folder.path()) };
    let processor = start_with(off(), plan(), std::sync::Arc::new(|| Ok(plan().into())));
    send(processor.riemann, &[event("n1", "level", 9)]);
    let before = state(processor.http);
    processor.stop();
    let processor = start_with(off(), plan(), std::sync::Arc::new(|| Ok(plan().into())));
    assert_eq!(state(processor.http), before);
    processor.stop();
    // With a journal again, what is new comes after what was.
    let processor = start(folder.path());
    send(processor.riemann, &[event("n2", "level", 9)]);
    let before = state(processor.http);
    processor.abandon();
    let processor = start(folder.path());
    assert_eq!(state(processor.http), before);
    processor.stop();
}

#[test]
fn a_journal_that_is_full_makes_room_by_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let small = || Settings { journal: Journal::On { max_bytes: 64 << 20 }, ..settings(folder.path()) };
    let processor = start_with(small(), plan(), std::sync::Arc::new(|| Ok(plan().into())));
    let long = "x".repeat(1 << 20);
    for n in 0..100 {
        send(processor.riemann, &[Event { description: Some(long.clone()), ..event("n1", "long", n) }]);
    }
    let journal = || std::fs::read_dir(folder.path().join("journal")).unwrap();
    let n_bytes: u64 = journal().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(n_bytes <= 80 << 20, "the journal takes {n_bytes} bytes");
    processor.abandon();
    let processor = start_with(small(), plan(), std::sync::Arc::new(|| Ok(plan().into())));
    assert_eq!(index(processor.http, "service = \"long\"")[0]["metric"], 99);
    processor.stop();
}

#[test]
fn a_folder_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let second = processor::run::start(settings(folder.path()), plan(), std::sync::Arc::new(|| Ok(plan().into())));
    assert!(matches!(second.err(), Some(StartError::InUse { .. })));
    processor.stop();
}
