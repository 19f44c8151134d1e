//! One frame: length u32, crc32 u32, kind u8, now i64, payload; numbers little-endian.
//!
//! The checksum begins with the segment's number, so that the frames a recycled file held before never look valid.

use event::Timestamp;

/// Bytes before the payload.
pub(super) const HEAD: usize = 17;

/// What is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Where it ends: its place in the log.
    pub position: super::Position,
    /// What it is; the log does not care.
    pub kind: u8,
    /// When it was appended.
    pub now: Timestamp,
    /// The parts it was appended with, one after the other.
    pub payload: &'a [u8],
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) len: u32,
    crc: u32,
    pub(super) kind: u8,
    pub(super) now: Timestamp,
}

impl Head {
    pub(super) fn read(bytes: &[u8; HEAD]) -> Self {
        let [l0, l1, l2, l3, c0, c1, c2, c3, kind, now @ ..] = *bytes;
        Self {
            len: u32::from_le_bytes([l0, l1, l2, l3]),
            crc: u32::from_le_bytes([c0, c1, c2, c3]),
            kind,
            now: Timestamp::from_micros(i64::from_le_bytes(now)),
        }
    }

    /// Whether this head and payload were written together, and for this segment.
    pub(super) fn is_of(&self, segment: u32, payload: &[u8]) -> bool {
        self.crc == checksum(segment, self.len, self.kind, self.now, &[payload])
    }
}

/// Appends a frame.
pub(super) fn put(out: &mut Vec<u8>, segment: u32, kind: u8, now: Timestamp, parts: &[&[u8]]) {
    let len = parts.iter().map(|part| part.len()).sum::<usize>() as u32;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&checksum(segment, len, kind, now, parts).to_le_bytes());
    out.push(kind);
    out.extend_from_slice(&now.micros().to_le_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
}

fn checksum(segment: u32, len: u32, kind: u8, now: Timestamp, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&segment.to_le_bytes());
    hasher.update(&len.to_le_bytes());
    hasher.update(&[kind]);
    hasher.update(&now.micros().to_le_bytes());
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_valid_in_its_own_segment_only() {
        let mut out = Vec::new();
        put(&mut out, 3, 9, Timestamp::from_secs(5), &[b"ab", b"", b"c"]);
        let (head, payload) = out.split_first_chunk::<HEAD>().unwrap();
        let head = Head::read(head);
        assert_eq!((head.len, head.kind, head.now, payload), (3, 9, Timestamp::from_secs(5), &b"abc"[..]));
        assert!(head.is_of(3, b"abc"));
        assert!(!head.is_of(4, b"abc"));
        assert!(!head.is_of(3, b"abd"));
    }
}
