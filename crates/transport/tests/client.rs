//! The publishing client against servers that answer, fail, vanish and come back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use common::{PATIENCE, Server, message};
use transport::client::{Client, Settings};
use transport::ingest::Limits;
use transport::publish::{Counts, Publish};
use transport::reply::{self, Replies};
use transport::{Delivery, tcp};

fn settings(addresses: &[std::net::SocketAddr]) -> Settings {
    let addresses = addresses.iter().map(ToString::to_string).collect();
    Settings { min_rest: Duration::from_millis(1), max_rest: Duration::from_millis(5), ..Settings::to(addresses) }
}

/// The metrics that a server was sent, in order.
fn recorder(mut respond: impl FnMut(Delivery) + Send + 'static) -> (Server, Receiver<i64>) {
    let (taken, metrics) = mpsc::channel();
    let server = Server::with(Limits::default(), tcp::Settings::default(), move |delivery| {
        for event in delivery.messages().flat_map(event::msg::events) {
            let Some(event::Metric::Int(metric)) = event.metric else { panic!("no metric") };
            taken.send(metric).unwrap();
        }
        respond(delivery);
    });
    (server, metrics)
}

fn acknowledge(delivery: Delivery) {
    let n_messages = delivery.messages().count();
    delivery.reply(reply::acks(n_messages));
}

fn publish(client: &mut Client, metrics: std::ops::Range<i64>) {
    for metric in metrics {
        client.publish(&message("n", metric)).unwrap();
    }
}

/// An address where nobody listens.
fn nobody() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn all_that_was_published_is_acknowledged_in_order_by_the_first_address_that_answers() {
    let (server, metrics) = recorder(acknowledge);
    let mut client = Client::start(settings(&[nobody(), server.address])).unwrap();
    publish(&mut client, 0..1000);
    assert!(client.flush(PATIENCE));
    assert_eq!(client.counts(), Counts { sent: 1000, acked: 1000, ..Counts::default() });
    drop(client);
    server.stop();
    assert!(metrics.iter().eq(0..1000));
}

#[test]
fn what_was_not_acknowledged_is_sent_again_over_the_next_connection() {
    let mut n_failures = 3;
    // A delivery that is dropped costs the connection.
    let (server, metrics) = recorder(move |delivery| {
        if n_failures > 0 {
            n_failures -= 1;
        } else {
            acknowledge(delivery);
        }
    });
    let mut client = Client::start(settings(&[server.address])).unwrap();
    publish(&mut client, 0..100);
    assert!(client.flush(PATIENCE));
    let counts = client.counts();
    assert_eq!((counts.acked, counts.dropped, counts.reconnects), (100, 0, 3));
    drop(client);
    server.stop();
    let metrics: Vec<_> = metrics.iter().collect();
    let last_start = metrics.iter().rposition(|&metric| metric == 0).unwrap();
    assert!(metrics[last_start..].iter().copied().eq(0..100), "{metrics:?}");
}

#[test]
fn a_message_that_the_server_refuses_is_counted_and_not_sent_again() {
    let (server, metrics) = recorder(|delivery| {
        let mut replies = Replies::new();
        delivery.messages().for_each(|_| replies.error("no"));
        delivery.reply(replies.finish());
    });
    let mut client = Client::start(settings(&[server.address])).unwrap();
    publish(&mut client, 0..3);
    assert!(client.flush(PATIENCE));
    assert_eq!((client.counts().failed, client.counts().acked), (3, 0));
    drop(client);
    server.stop();
    assert!(metrics.iter().eq(0..3));
}

#[test]
fn messages_are_sent_ahead_of_acknowledgements_and_a_silent_server_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let settings = Settings { ack_timeout: Duration::from_millis(200), ..settings(&[address]) };
    let mut client = Client::start(settings).unwrap();
    publish(&mut client, 0..3);
    let all = common::framed(&[message("n", 0), message("n", 1), message("n", 2)]);
    let mut received = vec![0; all.len()];
    let (mut silent, _) = listener.accept().unwrap();
    silent.read_exact(&mut received).unwrap();
    assert_eq!(received, all);
    // It gives up, and sends the same to the next connection; on a slow machine it may give up again.
    let answering = std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut received = vec![0; all.len()];
            if stream.read_exact(&mut received).and_then(|()| stream.write_all(&reply::acks(3))).is_ok() {
                return (stream, received == all);
            }
        }
        panic!("nobody connected");
    });
    assert!(client.flush(PATIENCE));
    assert!(answering.join().unwrap().1);
    assert!(client.counts().reconnects >= 1);
}

#[test]
fn without_a_server_publishing_never_waits_and_the_oldest_are_dropped() {
    let mut client = Client::start(Settings { max_bytes: 1000, ..settings(&[nobody()]) }).unwrap();
    publish(&mut client, 0..1000);
    let counts = client.counts();
    assert!(counts.dropped > 900 && counts.bytes_waiting <= 1000, "{counts:?}");
    assert!(!client.flush(Duration::from_millis(1)));
    assert!(testbed::wait_until(PATIENCE, || client.last_error().is_some()));
    assert!(client.last_error().unwrap().contains("127.0.0.1"));
}
