//! Riemann's `Msg`: decoded in place, encoded into a kept buffer.
//!
//! The schema is riemann-java-client's `proto.proto` (proto2). Unknown fields are passed over.

use crate::View;
use crate::wire::{self, LENGTH, Reader, VARINT};

pub use crate::encode::Encoder;
pub use crate::wire::DecodeError;

/// The largest message that is taken or sent, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Field numbers of `Msg`.
pub(crate) mod field {
    pub(crate) const OK: u32 = 2;
    pub(crate) const ERROR: u32 = 3;
    pub(crate) const QUERY: u32 = 5;
    pub(crate) const EVENT: u32 = 6;
}

/// A message whose every event has been checked once.
#[derive(Clone, Copy, Debug)]
pub struct Msg<'a> {
    /// Set in replies.
    pub ok: Option<bool>,
    /// Why a request failed; in replies.
    pub error: Option<&'a [u8]>,
    /// A question about the index; in requests.
    pub query: Option<&'a [u8]>,
    /// How many events it holds.
    pub n_events: usize,
    bytes: &'a [u8],
}

impl<'a> Msg<'a> {
    /// Checks a whole message, so that it is applied wholly or not at all.
    ///
    /// # Errors
    /// [`DecodeError`] at the first place that is not Riemann's schema.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut msg = Self { ok: None, error: None, query: None, n_events: 0, bytes };
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let (number, wire_type) = reader.tag()?;
            match number {
                field::OK => {
                    wire::expect(number, wire_type, VARINT)?;
                    msg.ok = Some(reader.varint()? != 0);
                }
                field::ERROR => {
                    wire::expect(number, wire_type, LENGTH)?;
                    msg.error = Some(reader.bytes()?);
                }
                field::QUERY => {
                    wire::expect(number, wire_type, LENGTH)?;
                    msg.query = query_text(reader.bytes()?)?.or(msg.query);
                }
                field::EVENT => {
                    wire::expect(number, wire_type, LENGTH)?;
                    View::decode(reader.bytes()?)?;
                    msg.n_events += 1;
                }
                _ => reader.skip(number, wire_type)?,
            }
        }
        Ok(msg)
    }

    /// The events, in their order.
    pub fn events(&self) -> Events<'a> {
        events(self.bytes)
    }
}

/// The events of a message, decoded as they are asked for. For bytes that [`Msg::decode`] has checked: at the first
/// place that is not Riemann's schema the iterator ends.
pub fn events(bytes: &[u8]) -> Events<'_> {
    Events { reader: Reader::new(bytes) }
}

/// The query of a message that [`Msg::decode`] has checked; passes over its events without a look inside.
pub fn query(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    let mut found = None;
    while !reader.is_empty() {
        let (number, wire_type) = reader.tag().ok()?;
        if number == field::QUERY {
            found = query_text(reader.bytes().ok()?).ok()?.or(found);
        } else {
            reader.skip(number, wire_type).ok()?;
        }
    }
    found
}

/// Iterator over a message's events.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    reader: Reader<'a>,
}

impl<'a> Iterator for Events<'a> {
    type Item = View<'a>;

    #[inline]
    fn next(&mut self) -> Option<View<'a>> {
        while !self.reader.is_empty() {
            let (number, wire_type) = self.reader.tag().ok()?;
            if number == field::EVENT {
                return View::decode_checked(self.reader.bytes().ok()?);
            }
            self.reader.skip(number, wire_type).ok()?;
        }
        None
    }
}

fn query_text(bytes: &[u8]) -> Result<Option<&[u8]>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut text = None;
    while !reader.is_empty() {
        let (number, wire_type) = reader.tag()?;
        if number == 1 {
            wire::expect(number, wire_type, LENGTH)?;
            text = Some(reader.bytes()?);
        } else {
            reader.skip(number, wire_type)?;
        }
    }
    Ok(text)
}
