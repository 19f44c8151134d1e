//! The TCP server seen from its clients.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use bytes::Bytes;
use common::{PATIENCE, Server, framed, long_message, message};
use proptest::prelude::*;
use transport::Ingest;
use transport::ingest::Limits;
use transport::reply::{self, ACK};
use transport::tcp::Settings;

const MAX: usize = event::msg::MAX_BYTES;

/// Writes the chunks one by one, ends its side, and reads all there is to read.
fn exchange(server: &Server, chunks: &[&[u8]]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    for chunk in chunks {
        // A server that has closed already takes no more.
        if stream.write_all(chunk).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut replies = Vec::new();
    stream.read_to_end(&mut replies).unwrap();
    replies
}

#[test]
fn a_client_that_closed_its_side_still_gets_every_acknowledgement() {
    let server = Server::start();
    let sent = framed(&[message("a", 1), message("b", 2), vec![]]);
    assert_eq!(exchange(&server, &[&sent]), ACK.repeat(3));
    assert_eq!(exchange(&server, &[&sent, &[0, 0]]), ACK.repeat(3));
}

#[test]
fn what_came_before_garbage_is_acknowledged_and_others_do_not_notice() {
    let server = Server::start();
    let mut other = server.connect();
    other.ask(&message("other", 1)).unwrap();
    let good = framed(&[message("a", 1)]);
    assert_eq!(exchange(&server, &[&good, &[0, 0, 0, 1, 0x0f]]), ACK);
    assert_eq!(exchange(&server, &[&good, &[0xff; 4]]), ACK);
    assert_eq!(exchange(&server, &[b"GET / HTTP/1.1\r\n\r\n"]), b"");
    assert_eq!(other.ask(&message("other", 2)).unwrap(), &ACK[4..]);
    assert_eq!(server.stop().counters().connections_garbage.get(), 3);
}

#[test]
fn a_message_of_16_mib_is_taken_and_one_byte_more_closes() {
    let server = Server::start();
    let mut connection = server.connect();
    assert_eq!(connection.ask(&long_message(MAX)).unwrap(), &ACK[4..]);
    assert_eq!(connection.ask(&message("after", 1)).unwrap(), &ACK[4..]);
    connection.send(&(MAX as u32 + 1).to_be_bytes()).unwrap();
    assert_eq!(connection.receive().unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn the_replies_to_what_was_read_together_come_in_order() {
    let server = Server::with(Limits::default(), Settings::default(), |delivery| {
        let mut replies = reply::Replies::new();
        delivery.messages().for_each(|msg| replies.message(msg));
        delivery.reply(replies.finish());
    });
    let sent: Vec<_> = (0..5_000).map(|n| message("echo", n)).collect();
    let sent = framed(&sent);
    let mut connection = server.connect();
    let mut reader = connection.stream().try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        let mut replies = vec![0; sent.len()];
        reader.read_exact(&mut replies).unwrap();
        replies == sent
    });
    let sent: Vec<_> = (0..5_000).map(|n| message("echo", n)).collect();
    connection.send(&framed(&sent)).unwrap();
    assert!(reading.join().unwrap());
    let ingest = server.stop();
    assert!(ingest.counters().deliveries.get() < 5_000, "messages of one read are one delivery");
    assert_eq!(ingest.counters().messages.get(), 5_000);
}

#[test]
fn a_message_that_does_not_end_and_replies_that_are_not_read_end_the_connection() {
    let settings = Settings { message_timeout: Duration::from_millis(20), write_timeout: Duration::from_millis(20), ..Settings::default() };
    let server = Server::with(Limits::default(), settings, |delivery| delivery.reply(Bytes::from(vec![0; 32 << 20])));
    let mut slow = server.connect();
    slow.send(&[0, 0, 1, 0, 0x32]).unwrap();
    assert_eq!(slow.receive().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let mut deaf = server.connect();
    deaf.send(&framed(&[message("a", 1)])).unwrap();
    assert!(testbed::wait_until(PATIENCE, || server.ingest.counters().connections_stalled.get() == 2));
}

#[test]
fn one_connection_more_than_there_is_memory_for_is_closed_at_once() {
    let server = Server::with(Limits { memory: 0 }, Settings::default(), |delivery| delivery.reply(Bytes::from_static(&ACK)));
    let mut first = server.connect();
    first.ask(&message("a", 1)).unwrap();
    let mut second = server.connect();
    assert!(second.receive().is_err());
    first.ask(&message("a", 2)).unwrap();
    assert_eq!(server.stop().counters().connections_refused.get(), 1);
}

#[test]
fn long_messages_of_many_clients_wait_for_their_turn() {
    let ingest = Arc::new(OnceLock::<Ingest>::new());
    let (seen, most) = (ingest.clone(), Arc::new(AtomicUsize::new(0)));
    let noted = most.clone();
    let server = Server::with(Limits { memory: 40 << 20 }, Settings::default(), move |delivery| {
        noted.fetch_max(seen.wait().bytes_waiting(), Ordering::Relaxed);
        delivery.reply(reply::acks(1));
    });
    ingest.set(server.ingest.clone()).unwrap();
    let message = framed(&[long_message(9 << 20)]);
    let clients: Vec<_> = (0..5)
        .map(|_| {
            let (mut connection, message) = (server.connect(), message.clone());
            std::thread::spawn(move || connection.send(&message).and_then(|()| connection.receive()))
        })
        .collect();
    for client in clients {
        assert_eq!(client.join().unwrap().unwrap(), &ACK[4..]);
    }
    let most = most.load(Ordering::Relaxed);
    assert!((9 << 20..=20 << 20).contains(&most), "{most}");
}

#[test]
fn at_the_end_what_is_in_flight_is_answered() {
    let (taken, is_taken) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let mut server = Server::with(Limits::default(), Settings::default(), move |delivery| {
        taken.send(()).unwrap();
        may_go_on.recv().unwrap();
        delivery.reply(Bytes::from_static(&ACK));
    });
    let mut connection = server.connect();
    connection.send(&framed(&[message("a", 1)])).unwrap();
    is_taken.recv().unwrap();
    server.trigger();
    go_on.send(()).unwrap();
    assert_eq!(connection.receive().unwrap(), &ACK[4..]);
    assert_eq!(connection.receive().unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let address = server.address;
    server.stop();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn an_engine_that_gives_no_reply_costs_the_connection() {
    let server = Server::with(Limits::default(), Settings::default(), drop);
    let mut connection = server.connect();
    assert_eq!(connection.ask(&message("a", 1)).unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn riemann_client_sends() {
    let Some(client) = testbed::require("riemann-client", "riemann-c-client") else { return };
    let (taken, messages) = mpsc::channel();
    let server = Server::with(Limits::default(), Settings::default(), move |delivery| {
        taken.send(delivery.messages().next().unwrap().to_vec()).unwrap();
        delivery.reply(reply::acks(1));
    });
    let (host, port) = (server.address.ip().to_string(), server.address.port().to_string());
    let arguments = ["send", "-h", "web1", "-S", "requests", "-i", "42", &host, &port];
    let output = Command::new(client).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let msg = messages.recv().unwrap();
    let view = event::msg::events(&msg).next().unwrap();
    assert_eq!((view.host, view.service, view.metric), (Some(&b"web1"[..]), Some(&b"requests"[..]), Some(event::Metric::Int(42))));
}

/// What a client may end with.
#[derive(Clone, Debug)]
enum Ending {
    Nothing,
    Part,
    Undecodable,
    NegativeLength,
}

impl Ending {
    fn bytes(&self) -> &'static [u8] {
        match self {
            Ending::Nothing => &[],
            Ending::Part => &[0, 0, 1, 0, 0x32, 5],
            Ending::Undecodable => &[0, 0, 0, 2, 0x32, 0x7f],
            Ending::NegativeLength => &[0x80, 0, 0, 0],
        }
    }
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![Just(Ending::Nothing), Just(Ending::Part), Just(Ending::Undecodable), Just(Ending::NegativeLength)]
}

/// However the bytes are cut, each good message before the first bad one gets one acknowledgement, and then the connection ends.
#[test]
fn however_it_is_cut_each_good_message_gets_one_acknowledgement() {
    let server = Server::start();
    let messages = prop::collection::vec(("[a-z/]{0,300}", any::<i64>()), 0..40);
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..12);
    let case = (messages, ending(), cuts, any::<bool>());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    let run = |(messages, ending, cuts, more): (Vec<(String, i64)>, Ending, Vec<prop::sample::Index>, bool)| {
        let encoded: Vec<_> = messages.iter().map(|(service, metric)| message(service, *metric)).collect();
        let mut bytes = framed(&encoded);
        bytes.extend_from_slice(ending.bytes());
        if more && !matches!(ending, Ending::Nothing | Ending::Part) {
            bytes.extend_from_slice(&framed(&encoded));
        }
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.sort_unstable();
        let mut chunks = Vec::new();
        let mut from = 0;
        for to in places.into_iter().chain([bytes.len()]) {
            chunks.push(&bytes[from..to]);
            from = to;
        }
        prop_assert_eq!(exchange(&server, &chunks), ACK.repeat(messages.len()));
        Ok(())
    };
    runner.run(&case, run).unwrap();
}
