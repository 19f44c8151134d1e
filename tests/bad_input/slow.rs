//! Clients that begin and never end: what they hold is bounded, and given back.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::beside;
use crate::common::sender::{Sender, event};
use crate::common::{PATIENCE, Skep, project};
use crate::garbage::{connect, until_closed};

/// As many as half-send at once.
const MANY: usize = 400;

/// Sends the first bytes of a request over many connections, and holds them.
fn hold(address: SocketAddr, first: &[u8]) -> Vec<TcpStream> {
    let begin = |_| {
        let mut stream = connect(address);
        stream.write_all(first).unwrap();
        stream
    };
    (0..MANY).map(begin).collect()
}

/// An answer to a connection from another loopback address, as another host would get it.
fn is_answered_from(from: [u8; 4], http: SocketAddr) -> bool {
    let run = || -> std::io::Result<bool> {
        let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None)?;
        rustix::net::bind(&socket, &SocketAddr::new(IpAddr::V4(Ipv4Addr::from(from)), 0))?;
        rustix::net::connect(&socket, &http)?;
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        Ok(String::from_utf8_lossy(&until_closed(&stream)).contains(" 200 "))
    };
    run().unwrap_or(false)
}

#[test]
fn half_sent_messages_hold_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let held = hold(skep.riemann.unwrap(), &[0, 0, 1, 0, 0x32]);
        skep.wait_for_number("skep_processor_connections", MANY as f64);
        let mut new = Sender::connect(skep.riemann.unwrap()).unwrap();
        new.send(&[event("h", "new", beside::now(), 1.0, 600.0)]).unwrap();
        drop(held);
        let is_free = testbed::wait_until(PATIENCE, || skep.number("skep_processor_connections") <= 2.0);
        assert!(is_free, "what they held is not given back");
    });
    skep.stop();
}

/// A message may take a minute, so that a slow line can send the longest: `make soak` waits for it.
#[test]
fn a_message_that_stands_still_is_cut_off_after_a_minute() {
    if std::env::var_os("SKEP_SLOW").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let mut stream = connect(skep.riemann.unwrap());
        stream.set_read_timeout(Some(PATIENCE * 2)).unwrap();
        // A byte now and then does not prolong it.
        let mut drip = stream.try_clone().unwrap();
        stream.write_all(&[0, 0, 1, 0]).unwrap();
        std::thread::spawn(move || {
            while drip.write_all(&[0x32]).is_ok() {
                std::thread::sleep(Duration::from_secs(2))
            }
        });
        until_closed(&stream);
        skep.wait_for_number("skep_processor_connections_stalled_total", 1.0);
    });
    skep.stop();
}

#[test]
fn half_sent_http_requests_of_one_address_leave_room_for_others_and_are_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let held = hold(skep.http, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
        assert!(is_answered_from([127, 0, 0, 2], skep.http), "another address is not answered");
        held.iter().for_each(|stream| drop(until_closed(stream)));
    });
    assert!(skep.number("skep_processor_http_refused_total") >= MANY as f64 - 256.0);
    skep.stop();
}

#[test]
fn handshakes_that_stand_still_are_cut_off_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let tls = project("processor/tests/tls");
    let settings = folder.path().join("skep.yaml");
    let listen = format!("{{listen: 127.0.0.1:0, cert_file: {0}/server.pem, key_file: {0}/server.key}}", tls.display());
    std::fs::write(&settings, format!("processor: {{riemann_tls: {listen}}}\n")).unwrap();
    let skep = Skep::start("process", folder.path(), &["--config", settings.to_str().unwrap()]);
    let output = skep.server.output();
    let address = output.split_whitespace().find_map(|word| word.strip_prefix("riemann_tls=")).unwrap().parse().unwrap();
    beside::of(&skep, || {
        // The head of a handshake record of 512 bytes, and nothing of them.
        let begun = hold(address, &[0x16, 3, 1, 2, 0]);
        begun.iter().for_each(|stream| drop(until_closed(stream)));
        skep.wait_for_number("skep_processor_tls_refused_total", MANY as f64);
    });
    skep.stop();
}
