//! Riemann's framing: each message after its length in four big-endian bytes.

use event::msg::{MAX_BYTES, Msg};

/// Bytes of a message's length.
pub const HEAD: usize = 4;

/// What stands at the start of a buffer of received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Bytes of the good, complete messages with their lengths.
    pub(crate) complete: usize,
    /// How many messages that is.
    pub(crate) n_messages: usize,
    /// What follows them.
    pub(crate) rest: Rest,
}

/// What follows the complete messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// A message of which this many bytes (with its length) are wanted in all; 4 until its length is known, and at a boundary.
    Partial(usize),
    /// A length that is negative or over [`MAX_BYTES`].
    BadLength,
    /// A message that is not Riemann's.
    Undecodable,
}

/// Finds the complete messages at the start of `bytes` and checks each of them.
pub(crate) fn scan(bytes: &[u8]) -> Scan {
    let mut scan = Scan { complete: 0, n_messages: 0, rest: Rest::Partial(HEAD) };
    while let Some((head, rest)) = bytes.get(scan.complete..).and_then(<[u8]>::split_first_chunk::<HEAD>) {
        // A negative length is, read without sign, far beyond the limit.
        let len = u32::from_be_bytes(*head) as usize;
        if len > MAX_BYTES {
            return Scan { rest: Rest::BadLength, ..scan };
        }
        let Some(msg) = rest.get(..len) else {
            return Scan { rest: Rest::Partial(HEAD + len), ..scan };
        };
        if Msg::decode(msg).is_err() {
            return Scan { rest: Rest::Undecodable, ..scan };
        }
        scan.complete += HEAD + len;
        scan.n_messages += 1;
    }
    scan
}

/// Appends a message after its length. The caller has checked that it is not over [`MAX_BYTES`].
pub fn put(out: &mut Vec<u8>, msg: &[u8]) {
    out.extend_from_slice(&(msg.len() as u32).to_be_bytes());
    out.extend_from_slice(msg);
}

/// The messages of framed bytes, each without its length; ends at the first place that is not a whole message.
#[derive(Clone, Debug)]
pub struct Messages<'a>(&'a [u8]);

/// The messages of framed bytes.
pub fn messages(frames: &[u8]) -> Messages<'_> {
    Messages(frames)
}

impl<'a> Iterator for Messages<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_first_chunk::<HEAD>()?;
        let (msg, rest) = rest.split_at_checked(u32::from_be_bytes(*head) as usize)?;
        self.0 = rest;
        Some(msg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Msg { ok: true }` after its length.
    const OK: &[u8] = &[0, 0, 0, 2, 0x10, 1];

    #[track_caller]
    fn check(chunks: &[&[u8]], complete: usize, n_messages: usize, rest: Rest) {
        assert_eq!(scan(&chunks.concat()), Scan { complete, n_messages, rest });
    }

    #[test]
    fn whole_messages_are_found_and_a_part_says_how_much_it_wants() {
        check(&[], 0, 0, Rest::Partial(4));
        check(&[OK, OK], 12, 2, Rest::Partial(4));
        check(&[OK, &[0, 0]], 6, 1, Rest::Partial(4));
        check(&[OK, &[0, 0, 1, 0, 0x10]], 6, 1, Rest::Partial(260));
        check(&[&[0, 0, 0, 0]], 4, 1, Rest::Partial(4));
    }

    #[test]
    fn what_came_before_a_bad_message_counts() {
        check(&[OK, &[0xff, 0xff, 0xff, 0xff]], 6, 1, Rest::BadLength);
        check(&[OK, &[1, 0, 0, 1]], 6, 1, Rest::BadLength);
        check(&[OK, &[0, 0, 0, 1, 0x0f], OK], 6, 1, Rest::Undecodable);
    }

    #[test]
    fn what_was_put_is_read_back() {
        let mut out = Vec::new();
        put(&mut out, b"one");
        put(&mut out, b"");
        put(&mut out, b"three");
        assert_eq!(messages(&out).collect::<Vec<_>>(), [&b"one"[..], b"", b"three"]);
    }
}
