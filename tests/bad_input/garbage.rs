//! What is no message: it closes its connection, and is counted.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};

use crate::beside;
use crate::common::{PATIENCE, Skep};

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that a server still says before it closes.
pub(crate) fn until_closed(mut stream: &TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => said,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => said,
        Err(error) => panic!("the connection was not closed within {PATIENCE:?}: {error}"),
    }
}

/// Bytes without sense, the same each time.
pub(crate) fn noise(n_bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..n_bytes).map(|_| next()).collect()
}

#[test]
fn undecodable_messages_and_impossible_lengths_close_their_connection_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let address = skep.riemann.unwrap();
    let ack = [0, 0, 0, 2, 0x10, 1];
    let bad: [(&str, &[u8], &[u8]); 7] = [
        ("an unknown wire type", &[0, 0, 0, 1, 0x0f], &[]),
        ("a good message before it", &[0, 0, 0, 0, 0, 0, 0, 1, 0x0f], &ack),
        ("an event longer than its message", &[0, 0, 0, 2, 0x32, 0x7f], &[]),
        ("a number without end", &[0, 0, 0, 11, 0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], &[]),
        ("the length -1", &[0xff, 0xff, 0xff, 0xff], &[]),
        ("the most negative length", &[0x80, 0, 0, 0, 0x10, 1], &[]),
        ("16 MiB and a byte", &[1, 0, 0, 1, 0x10, 1], &[]),
    ];
    beside::of(&skep, || {
        for (what, bytes, answer) in bad {
            let mut stream = connect(address);
            stream.write_all(bytes).unwrap();
            assert_eq!(until_closed(&stream), answer, "{what}");
        }
        skep.wait_for_number("skep_processor_connections_garbage_total", bad.len() as f64);
    });
    skep.stop();
}

#[test]
fn noise_on_every_listener_leaves_all_of_them_working() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let address = skep.riemann.unwrap();
    beside::of(&skep, || {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        for seed in 0..200 {
            let noise = noise(1 + seed as usize * 7, seed);
            // Either may be closed while noise is still being written.
            let mut riemann = connect(address);
            let _ = riemann.write_all(&noise);
            let _ = riemann.shutdown(Shutdown::Write);
            until_closed(&riemann);
            let mut http = connect(skep.http);
            let _ = http.write_all(&noise);
            let _ = http.shutdown(Shutdown::Write);
            until_closed(&http);
            udp.send_to(&noise, address).unwrap();
        }
        skep.wait_for_number("skep_processor_udp_undecodable_total", 1.0);
    });
    assert!(skep.number("skep_processor_connections") <= 2.0);
    skep.stop();
}

#[test]
fn a_half_closed_socket_still_gets_its_replies() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    beside::of(&skep, || {
        let mut stream = connect(skep.riemann.unwrap());
        stream.write_all(&[0; 400]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(until_closed(&stream), [0, 0, 0, 2, 0x10, 1].repeat(100));
        // In the midst of a message there is nothing to reply.
        let mut stream = connect(skep.riemann.unwrap());
        stream.write_all(&[0, 0, 1, 0, 0x10]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(until_closed(&stream).is_empty());
    });
    skep.stop();
}
