//! The replies to one delivery, framed, in the order of its messages.

use std::sync::LazyLock;

use bytes::Bytes;
use event::msg::{Encoder, Msg};

use crate::frames;

/// `Msg { ok: true }` after its length, byte for byte as Riemann sends it.
pub const ACK: [u8; 6] = [0, 0, 0, 2, 0x10, 1];

/// How many acknowledgements are kept ready: what a read of 64 KiB rarely exceeds.
const READY: usize = 1024;

static READY_ACKS: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(ACK.repeat(READY)));

/// One acknowledgement for each of `n` messages; takes no memory for up to 1,024.
pub fn acks(n: usize) -> Bytes {
    if n <= READY { READY_ACKS.slice(..n * ACK.len()) } else { Bytes::from(ACK.repeat(n)) }
}

/// Puts the replies together where they are not all acknowledgements.
#[derive(Debug, Default)]
pub struct Replies {
    out: Vec<u8>,
}

impl Replies {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The message was applied.
    pub fn ack(&mut self) {
        self.out.extend_from_slice(&ACK);
    }

    /// The message failed.
    pub fn error(&mut self, text: &str) {
        let mut encoder = Encoder::new();
        encoder.ok(false);
        encoder.error(text);
        self.message(encoder.bytes());
    }

    /// Any other reply: an encoded `Msg`, say of a query's events.
    pub fn message(&mut self, msg: &[u8]) {
        frames::put(&mut self.out, msg);
    }

    /// What is written to the sender.
    pub fn finish(self) -> Bytes {
        Bytes::from(self.out)
    }
}

/// Why a message failed, or nothing when it did not.
pub fn error_text(reply: &[u8]) -> Option<String> {
    let reply = Msg::decode(reply).ok()?;
    match reply.ok {
        Some(false) => Some(String::from_utf8_lossy(reply.error.unwrap_or(b"failed")).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_is_six_bytes_for_each_message() {
        assert_eq!(&acks(2)[..], [0, 0, 0, 2, 0x10, 1, 0, 0, 0, 2, 0x10, 1]);
        assert_eq!(acks(2000).len(), 12_000);
    }

    #[test]
    fn replies_keep_their_order() {
        let mut replies = Replies::new();
        replies.error("no");
        replies.ack();
        assert_eq!(&replies.finish()[..], b"\x00\x00\x00\x06\x10\x00\x1a\x02no\x00\x00\x00\x02\x10\x01");
    }
}
