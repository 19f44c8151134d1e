//! The client's backlog: what could not be sent for a while arrives late, in order, after the live messages, and once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod common;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use common::{PATIENCE, Server, message};
use testbed::wait_until;
use transport::client::{Backlog, Client, Settings};
use transport::ingest::Limits;
use transport::publish::Publish;
use transport::{reply, tcp};

/// A metric, and whether it was late.
type Seen = (i64, bool);

fn settings(address: SocketAddr, dir: &Path) -> Settings {
    let backlog = Backlog { after: Duration::from_millis(100), ..Backlog::within(dir.to_owned()) };
    Settings {
        min_rest: Duration::from_millis(10),
        max_rest: Duration::from_millis(50),
        backlog: Some(backlog),
        ..Settings::to(vec![address.to_string()])
    }
}

/// An address that is free now, and taken again by the server later.
fn later() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn serve(address: SocketAddr) -> (Server, Receiver<Seen>) {
    let (taken, seen) = mpsc::channel();
    let server = Server::on(&address.to_string(), Limits::default(), tcp::Settings::default(), move |delivery| {
        for event in delivery.messages().flat_map(event::msg::events) {
            let metric = event.metric.unwrap().as_f64() as i64;
            // The test may have seen enough.
            let _ = taken.send((metric, event.labels.has_mark(event::mark::LATE)));
        }
        let n_messages = delivery.messages().count();
        delivery.reply(reply::acks(n_messages));
    });
    (server, seen)
}

fn publish(client: &mut Client, metrics: std::ops::Range<i64>) {
    metrics.for_each(|metric| client.publish(&message("n", metric)).unwrap());
}

fn wait_kept(client: &Client) {
    let kept = wait_until(PATIENCE, || {
        let counts = client.counts();
        counts.bytes_waiting == 0 && counts.backlog.is_some_and(|backlog| backlog.bytes > 0)
    });
    assert!(kept, "{:?}", client.counts());
}

#[track_caller]
fn check(seen: &Receiver<Seen>, mut expected: Vec<Seen>) {
    let mut found: Vec<Seen> = expected.iter().map(|_| seen.recv_timeout(PATIENCE).expect("a message")).collect();
    let late: Vec<_> = found.iter().filter(|(_, is_late)| *is_late).collect();
    assert!(late.is_sorted(), "the backlog keeps its order: {late:?}");
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn what_waited_too_long_comes_late_once_and_the_queue_goes_first() {
    let (folder, address) = (tempfile::tempdir().unwrap(), later());
    let mut settings = settings(address, folder.path());
    // So slow that the live ones, published later, pass it.
    settings.backlog.as_mut().unwrap().rate = 1000;
    let mut client = Client::start(settings).unwrap();
    publish(&mut client, 0..50);
    wait_kept(&client);
    assert_eq!(client.counts().dropped, 0);
    let (server, seen) = serve(address);
    assert!(wait_until(PATIENCE, || client.counts().sent > 0));
    publish(&mut client, 1000..1010);
    let first: Vec<Seen> = (0..11).map(|_| seen.recv_timeout(PATIENCE).unwrap()).collect();
    assert!(first.contains(&(1009, false)), "the live messages wait for the backlog: {first:?}");
    let n_late = first.iter().filter(|(_, is_late)| *is_late).count() as i64;
    check(&seen, (n_late..50).map(|metric| (metric, true)).collect());
    assert!(wait_until(PATIENCE, || client.counts().backlog.is_some_and(|backlog| backlog.bytes == 0 && backlog.oldest.is_none())));
    assert_eq!(client.counts().acked, 60);
    drop(client);
    server.stop();
    assert_eq!(seen.try_iter().count(), 0);
}

#[test]
fn a_short_absence_makes_nothing_late() {
    let (folder, address) = (tempfile::tempdir().unwrap(), later());
    let mut settings = settings(address, folder.path());
    settings.backlog.as_mut().unwrap().after = PATIENCE;
    let mut client = Client::start(settings).unwrap();
    publish(&mut client, 0..10);
    assert!(wait_until(PATIENCE, || client.last_error().is_some()));
    let (server, seen) = serve(address);
    check(&seen, (0..10).map(|metric| (metric, false)).collect());
    drop(client);
    server.stop();
}

#[test]
fn the_backlog_and_what_waited_at_the_end_are_there_for_the_next_client() {
    let (folder, address) = (tempfile::tempdir().unwrap(), later());
    let mut client = Client::start(settings(address, folder.path())).unwrap();
    publish(&mut client, 0..10);
    wait_kept(&client);
    publish(&mut client, 10..12);
    drop(client);
    let client = Client::start(settings(address, folder.path())).unwrap();
    let (server, seen) = serve(address);
    check(&seen, (0..12).map(|metric| (metric, true)).collect());
    drop(client);
    server.stop();
}

#[test]
fn a_disk_that_refuses_is_told_and_memory_keeps_what_it_can() {
    let (folder, address) = (tempfile::tempdir().unwrap(), later());
    // A file where the folder should be.
    let taken = folder.path().join("backlog");
    std::fs::write(&taken, "in the way").unwrap();
    let mut client = Client::start(Settings { max_bytes: 1000, ..settings(address, &taken) }).unwrap();
    assert!(wait_until(PATIENCE, || client.counts().backlog.is_some_and(|backlog| backlog.is_failing)));
    publish(&mut client, 0..100);
    let counts = client.counts();
    assert!(counts.dropped > 0 && counts.bytes_waiting > 0, "{counts:?}");
    let (server, seen) = serve(address);
    let n_dropped = counts.dropped as i64;
    check(&seen, (n_dropped..100).map(|metric| (metric, false)).collect());
    drop(client);
    server.stop();
}
