//! Transcripts of Riemann itself (`wire.json`): framing, acknowledgements, and which connections are closed.
//!
//! Cases whose replies take an index or a query are run where there is one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod common;

use std::sync::mpsc;

use common::{PATIENCE, Server};
use serde_json::Value;
use transport::ingest::{self, Inbox, Item, Limits};
use transport::{reply, shutdown, tcp, udp};

fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("wire.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn is_acks_only(case: &Value) -> bool {
    let is_ack = |reply: &Value| reply["ok"] == true && reply.get("events").is_none();
    case["replies"].as_array().is_some_and(|replies| replies.iter().all(is_ack))
}

#[test]
fn replies_are_byte_for_byte_riemanns_and_connections_end_as_its_do() {
    let mut n_run = 0;
    for case in cases().iter().filter(|case| is_acks_only(case)) {
        let (taken, deliveries) = mpsc::channel();
        let server = Server::with(Limits::default(), tcp::Settings::default(), move |delivery| {
            taken.send(delivery.messages().map(<[u8]>::to_vec).collect::<Vec<_>>()).unwrap();
            let n_messages = delivery.messages().count();
            delivery.reply(reply::acks(n_messages));
        });
        let mut connection = server.connect();
        for chunk in case["send_hex"].as_array().unwrap() {
            connection.send(&from_hex(chunk.as_str().unwrap())).unwrap();
        }
        for expected in case["reply_hex"].as_array().unwrap() {
            let expected = from_hex(expected.as_str().unwrap());
            assert_eq!(connection.receive().unwrap(), &expected[4..], "{}", case["name"]);
        }
        // An empty message tells an open connection from a closed one without waiting.
        let is_open = connection.ask(&[]).is_ok();
        assert_eq!(is_open, case["connection"] == "open", "{}", case["name"]);
        drop(connection);
        server.stop();
        let n_messages = deliveries.try_iter().flatten().filter(|msg| !msg.is_empty()).count();
        assert_eq!(n_messages, case["replies"].as_array().unwrap().len() - usize::from(case["id"] == "w001"), "{}", case["name"]);
        n_run += 1;
    }
    assert!(n_run >= 10, "only {n_run} cases were run");
}

/// The case whose bytes are too many to stand in the file holds one event with a long text; what is in it does not matter.
fn datagram(case: &Value) -> Vec<u8> {
    match case["udp_hex"].as_str().unwrap() {
        "(17026 bytes)" => common::long_message(17_026),
        hex => from_hex(hex),
    }
}

#[tokio::test]
async fn datagrams_that_riemann_drops_are_dropped() {
    let (ingest, _requests, inbox): (_, _, Inbox<()>) = ingest::channel(Limits::default());
    let (trigger, shutdown) = shutdown::channel();
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let sender = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut n_sent = 0;
    for case in cases().iter().filter(|case| case.get("udp_hex").is_some()) {
        sender.send_to(&datagram(case), address).await.unwrap();
        n_sent += 1;
    }
    let last = common::message("last", 1);
    sender.send_to(&last, address).await.unwrap();
    let server = tokio::spawn(udp::serve(socket, ingest.clone(), udp::Settings::default(), shutdown));
    let taken = tokio::task::spawn_blocking(move || inbox.recv_timeout(PATIENCE)).await.unwrap();
    let Ok(Item::Delivery(delivery)) = taken else { panic!("nothing was delivered") };
    assert_eq!(delivery.messages().collect::<Vec<_>>(), [last]);
    assert_eq!(ingest.counters().udp_undecodable.get(), n_sent);
    drop(trigger);
    server.await.unwrap();
}
