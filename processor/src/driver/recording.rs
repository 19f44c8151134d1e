//! A recording: the frames of the engine's input, as the journal has them, for `skep replay`.
//!
//! It begins with [`HEAD`]; each frame is its content's length (u32), its kind (u8), its `now` in microseconds (i64), all little-endian, and
//! the content. The first frame is the hash of the rules that ran.

use bytes::Bytes;
use event::Timestamp;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::recorder::Kind;

/// What a recording begins with.
pub const HEAD: &[u8; 8] = b"skeprec1";

/// Bytes of a frame before its content.
pub const FRAME_HEAD: usize = 13;

/// Frames that may wait for who records; one more ends the recording, as it would otherwise have a hole.
const MAX_WAITING: usize = 1024;

/// The engine's end of a recording.
#[derive(Debug)]
pub struct Tap(Sender<Bytes>);

/// Both ends. The recorder's ends when it was too slow or the engine has stopped.
pub fn tap() -> (Tap, Receiver<Bytes>) {
    let (sender, receiver) = channel(MAX_WAITING);
    (Tap(sender), receiver)
}

impl Tap {
    /// Hands a frame on; gives whether the recording goes on.
    pub(super) fn put(&self, kind: Kind, now: Timestamp, parts: &[&[u8]]) -> bool {
        let mut out = Vec::with_capacity(FRAME_HEAD + parts.iter().map(|part| part.len()).sum::<usize>());
        put(&mut out, kind, now, parts);
        self.0.try_send(out.into()).is_ok()
    }
}

/// Appends a frame.
pub fn put(out: &mut Vec<u8>, kind: Kind, now: Timestamp, parts: &[&[u8]]) {
    let n_bytes = parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend_from_slice(&(n_bytes as u32).to_le_bytes());
    out.push(kind as u8);
    out.extend_from_slice(&now.micros().to_le_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// One frame, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: Kind,
    /// When the engine was given it.
    pub now: Timestamp,
    /// What it holds.
    pub content: &'a [u8],
}

/// Takes the first whole frame off `bytes`; nothing when it has not come whole.
///
/// # Errors
/// [`NoFrame`] when a frame's kind is none.
pub fn take<'a>(bytes: &mut &'a [u8]) -> Result<Option<Frame<'a>>, NoFrame> {
    let Some((head, rest)) = bytes.split_first_chunk::<FRAME_HEAD>() else { return Ok(None) };
    let [a, b, c, d, kind, now @ ..] = *head;
    let Some((content, rest)) = rest.split_at_checked(u32::from_le_bytes([a, b, c, d]) as usize) else { return Ok(None) };
    let kind = Kind::of(kind).ok_or(NoFrame(kind))?;
    *bytes = rest;
    Ok(Some(Frame { kind, now: Timestamp::from_micros(i64::from_le_bytes(now)), content }))
}

/// A frame of a kind that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of kind {0}: the file is damaged, or of a later version")]
pub struct NoFrame(u8);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_taken_and_a_part_waits(content: Vec<u8>, micros: i64, cut in 0..20usize) {
            let mut out = Vec::new();
            let now = Timestamp::from_micros(micros);
            put(&mut out, Kind::Batch, now, &[&content]);
            let mut whole = &out[..];
            prop_assert_eq!(take(&mut whole), Ok(Some(Frame { kind: Kind::Batch, now, content: &content })));
            prop_assert!(whole.is_empty());
            let mut part = &out[..out.len().saturating_sub(1 + cut)];
            prop_assert_eq!(take(&mut part), Ok(None));
        }

        #[test]
        fn any_bytes_are_taken_or_refused(bytes: Vec<u8>) {
            let mut rest = &bytes[..];
            while let Ok(Some(_)) = take(&mut rest) {}
        }
    }
}
