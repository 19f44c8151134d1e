//! Riemann's protocol over UDP, as a server: a datagram is a message, and there is never a reply.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use event::msg::Msg;
use tokio::net::UdpSocket;

use crate::frames;
use crate::ingest::{Ingest, Origin};
use crate::kernel_drops;
use crate::shutdown::Shutdown;

/// Datagrams of one wake-up that become one delivery: enough that the hand-over costs little for each, few enough that they are not kept
/// waiting.
const MAX_BATCH: usize = 64;

/// Bytes after which a delivery takes no further datagram.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// What the kernel is asked to keep until it is read, for bursts; it gives at most `net.core.rmem_max`.
const RECEIVE_BUFFER: usize = 4 << 20;

/// How long reading rests after it failed for another reason than that nothing is there.
const REST: Duration = Duration::from_millis(100);

/// Batches that are read at once, when there are so many.
const MAX_BATCHES: usize = 4;

/// How long reading rests after so many, or when there was no room for one: whoever sends more, some 150,000 datagrams a second, would
/// otherwise take a core and the engine from those who wait for acks. What comes meanwhile waits in the socket, or the kernel drops it.
const BREATH: Duration = Duration::from_millis(1);

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The longest datagram, in bytes; longer ones count as undecodable. 16384 is Riemann's.
    pub max_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_bytes: 16384 }
    }
}

/// Serves until `shutdown`. Where there is no room a datagram is dropped and counted: its sender cannot be made to wait.
pub async fn serve(socket: UdpSocket, ingest: Ingest, settings: Settings, shutdown: Shutdown) {
    if let Err(error) = rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER) {
        tracing::debug!(%error, "could not enlarge the receive buffer");
    }
    tokio::select! {
        () = receive(&socket, &ingest, settings, shutdown) => {}
        never = kernel_drops::watch(&socket, ingest.counters()) => match never {},
    }
}

async fn receive(socket: &UdpSocket, ingest: &Ingest, settings: Settings, mut shutdown: Shutdown) {
    // One byte more than may come, to tell a datagram that was cut off.
    let mut datagram = vec![0; settings.max_bytes + 1];
    loop {
        let readable = tokio::select! {
            () = shutdown.requested() => break,
            readable = socket.readable() => readable,
        };
        match readable.and_then(|()| take(socket, &mut datagram, ingest)) {
            Ok(Left::Nothing) => {}
            Ok(Left::More) => tokio::time::sleep(BREATH).await,
            Err(error) => {
                tracing::warn!(%error, "could not receive datagrams");
                tokio::time::sleep(REST).await;
            }
        }
        // A socket with something for each turn would keep the thread from connections for more than a hundred of them on end.
        tokio::task::yield_now().await;
    }
}

/// What the socket still holds.
enum Left {
    Nothing,
    /// Or there is no room for it.
    More,
}

/// Hands on what is there, up to some batches.
fn take(socket: &UdpSocket, datagram: &mut [u8], ingest: &Ingest) -> io::Result<Left> {
    for _ in 0..MAX_BATCHES {
        let mut batch = Batch::default();
        let left = batch.fill(socket, datagram, ingest);
        let found_room = batch.hand_on(ingest);
        match left? {
            Left::Nothing => return Ok(Left::Nothing),
            Left::More if found_room => {}
            Left::More => break,
        }
    }
    Ok(Left::More)
}

#[derive(Debug, Default)]
struct Batch {
    frames: Vec<u8>,
    n_messages: usize,
}

impl Batch {
    /// Takes what is there.
    fn fill(&mut self, socket: &UdpSocket, datagram: &mut [u8], ingest: &Ingest) -> io::Result<Left> {
        for _ in 0..MAX_BATCH {
            if self.frames.len() >= MAX_BATCH_BYTES {
                break;
            }
            let n_bytes = match socket.try_recv(datagram) {
                Ok(n_bytes) => n_bytes,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Left::Nothing),
                Err(error) => return Err(error),
            };
            let whole = datagram.get(..n_bytes).filter(|_| n_bytes < datagram.len());
            match whole.filter(|msg| Msg::decode(msg).is_ok()) {
                Some(msg) => {
                    frames::put(&mut self.frames, msg);
                    self.n_messages += 1;
                }
                None => ingest.counters().udp_undecodable.add(1),
            }
        }
        Ok(Left::More)
    }

    /// Whether there was room for it.
    fn hand_on(self, ingest: &Ingest) -> bool {
        let taken = self.n_messages == 0 || ingest.try_send(Bytes::from(self.frames), Origin::Udp).is_ok();
        if !taken {
            ingest.counters().udp_dropped.add(self.n_messages as u64);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{self, Item, Limits};
    use crate::shutdown;

    #[tokio::test]
    async fn datagrams_become_deliveries_and_what_is_no_message_is_counted() {
        let (ingest, _requests, inbox) = ingest::channel::<()>(Limits::default());
        let (trigger, shutdown) = shutdown::channel();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        // Sent before anybody reads: they all wait in the socket, in order.
        for datagram in [&b"\x10\x01"[..], b"\xff\xff", &[0; 17_026], b"\x10\x00"] {
            sender.send_to(datagram, address).await.unwrap();
        }
        let server = tokio::spawn(serve(socket, ingest.clone(), Settings::default(), shutdown));
        let taken = tokio::task::spawn_blocking(move || inbox.recv_timeout(Duration::from_secs(60))).await.unwrap();
        let Ok(Item::Delivery(delivery)) = taken else { panic!("nothing was delivered") };
        assert_eq!(delivery.messages().collect::<Vec<_>>(), [b"\x10\x01", b"\x10\x00"]);
        assert!(!delivery.wants_reply());
        assert_eq!(ingest.counters().udp_undecodable.get(), 2);
        drop(trigger);
        server.await.unwrap();
    }
}
