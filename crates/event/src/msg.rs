//! Riemann's `Msg`: decoded in place, encoded into a kept buffer.
//!
//! The schema is riemann-java-client's `proto.proto` (proto2). Unknown fields are passed over.

use crate::view::attribute;
use crate::wire::{self, FIXED32, FIXED64, LENGTH, Reader, VARINT};
use crate::{Labels, Metric, Timestamp, View};

pub use crate::wire::DecodeError;

/// The largest message that is taken or sent, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

/// Field numbers of `Event`.
pub(crate) mod field {
    pub(crate) const TIME: u32 = 1;
    pub(crate) const STATE: u32 = 2;
    pub(crate) const SERVICE: u32 = 3;
    pub(crate) const HOST: u32 = 4;
    pub(crate) const DESCRIPTION: u32 = 5;
    pub(crate) const MARK: u32 = 7;
    pub(crate) const TTL: u32 = 8;
    pub(crate) const ATTRIBUTE: u32 = 9;
    pub(crate) const TIME_MICROS: u32 = 10;
    pub(crate) const METRIC_SINT64: u32 = 13;
    pub(crate) const METRIC_D: u32 = 14;
    pub(crate) const METRIC_F: u32 = 15;
}

/// Field numbers of `Msg`.
const OK: u32 = 2;
const ERROR: u32 = 3;
const QUERY: u32 = 5;
const EVENT: u32 = 6;

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
                OK => {
                    wire::expect(number, wire_type, VARINT)?;
                    msg.ok = Some(reader.varint()? != 0);
                }
                ERROR => {
                    wire::expect(number, wire_type, LENGTH)?;
                    msg.error = Some(reader.bytes()?);
                }
                QUERY => {
                    wire::expect(number, wire_type, LENGTH)?;
                    msg.query = query_text(reader.bytes()?)?.or(msg.query);
                }
                EVENT => {
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
        if number == QUERY {
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
            if number == EVENT {
                return View::decode(self.reader.bytes().ok()?).ok();
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

impl<'a> View<'a> {
    /// Decodes one encoded `Event` in place.
    ///
    /// # Errors
    /// [`DecodeError`] at the first place that is not Riemann's schema.
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut view = View::default();
        let (mut secs, mut micros) = (None, None);
        let (mut double, mut float) = (None, None);
        let mut labels: Option<(usize, usize)> = None;
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let start = bytes.len() - reader.rest.len();
            let (number, wire_type) = reader.tag()?;
            match (number, wire_type) {
                (field::SERVICE, LENGTH) => view.service = filled(reader.bytes()?),
                (field::HOST, LENGTH) => view.host = filled(reader.bytes()?),
                (field::STATE, LENGTH) => view.state = Some(reader.bytes()?),
                (field::DESCRIPTION, LENGTH) => view.description = Some(reader.bytes()?),
                (field::MARK | field::ATTRIBUTE, LENGTH) => {
                    let label = reader.bytes()?;
                    if number == field::ATTRIBUTE {
                        attribute(label)?;
                    }
                    let first = labels.map_or(start, |(first, _)| first);
                    labels = Some((first, bytes.len() - reader.rest.len()));
                }
                (field::TIME, VARINT) => secs = Some(reader.varint()? as i64),
                (field::TIME_MICROS, VARINT) => micros = Some(reader.varint()? as i64),
                (field::TTL, FIXED32) => view.ttl = Some(f32::from_bits(reader.fixed32()?)),
                (field::METRIC_SINT64, VARINT) => view.metric = Some(Metric::Int(zigzag(reader.varint()?))),
                (field::METRIC_D, FIXED64) => double = Some(f64::from_bits(reader.fixed64()?)),
                (field::METRIC_F, FIXED32) => float = Some(f32::from_bits(reader.fixed32()?)),
                (field::TIME..=field::DESCRIPTION | field::MARK..=field::TIME_MICROS, _) | (field::METRIC_SINT64..=field::METRIC_F, _) => {
                    return Err(DecodeError::WireType(number));
                }
                _ => reader.skip(number, wire_type)?,
            }
        }
        view.time = micros.map(Timestamp::from_micros).or(secs.map(Timestamp::from_secs));
        view.metric = view.metric.or_else(|| double.or(float.map(f64::from)).and_then(Metric::float));
        view.labels = labels.and_then(|(from, to)| bytes.get(from..to)).map_or_else(Labels::default, Labels::new);
        Ok(view)
    }
}

fn filled(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Puts a message together in a buffer that is kept between messages.
#[derive(Clone, Debug, Default)]
pub struct Encoder {
    buf: Vec<u8>,
    n_events: usize,
}

impl Encoder {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an event.
    pub fn event(&mut self, event: &View<'_>) {
        wire::put_tag(&mut self.buf, EVENT as u8, LENGTH);
        let at = self.buf.len();
        // Most events are between 128 and 16,383 bytes: room for two bytes of length, moved when that was wrong.
        self.buf.extend_from_slice(&[0, 0]);
        put_event(&mut self.buf, event);
        let len = self.buf.len() - at - 2;
        self.close(at, len);
        self.n_events += 1;
    }

    fn close(&mut self, at: usize, len: usize) {
        let wanted = wire::varint_len(len as u64);
        if wanted != 2 {
            let body = at + 2;
            self.buf.splice(at..body, std::iter::repeat_n(0, wanted));
        }
        let mut rest = len as u64;
        for (index, slot) in self.buf.iter_mut().skip(at).take(wanted).enumerate() {
            *slot = rest as u8 & 0x7f | if index + 1 < wanted { 0x80 } else { 0 };
            rest >>= 7;
        }
    }

    /// Sets `ok`; for replies.
    pub fn ok(&mut self, ok: bool) {
        wire::put_tag(&mut self.buf, OK as u8, VARINT);
        self.buf.push(u8::from(ok));
    }

    /// Sets `error`; for replies.
    pub fn error(&mut self, text: &str) {
        wire::put_bytes(&mut self.buf, ERROR as u8, text.as_bytes());
    }

    /// Sets `query`; for requests.
    pub fn query(&mut self, text: &str) {
        wire::put_tag(&mut self.buf, QUERY as u8, LENGTH);
        let len = 1 + wire::varint_len(text.len() as u64) + text.len();
        wire::put_varint(&mut self.buf, len as u64);
        wire::put_bytes(&mut self.buf, 1, text.as_bytes());
    }

    /// The message so far.
    pub fn bytes(&self) -> &[u8] {
        &self.buf
    }

    /// How many events it holds.
    pub fn n_events(&self) -> usize {
        self.n_events
    }

    /// Nothing in it yet.
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty()
    }

    /// Starts the next message in the same memory.
    pub fn clear(&mut self) {
        self.buf.clear();
        self.n_events = 0;
    }
}

/// Appends one encoded `Event`: seconds and microseconds both, and a float beside each metric, as Riemann's own replies have it.
fn put_event(out: &mut Vec<u8>, event: &View<'_>) {
    if let Some(time) = event.time {
        wire::put_tag(out, field::TIME as u8, VARINT);
        wire::put_varint(out, time.secs() as u64);
    }
    let texts =
        [(field::STATE, event.state), (field::SERVICE, event.service), (field::HOST, event.host), (field::DESCRIPTION, event.description)];
    for (number, text) in texts {
        if let Some(text) = text {
            wire::put_bytes(out, number as u8, text);
        }
    }
    out.extend_from_slice(event.labels.as_bytes());
    if let Some(ttl) = event.ttl {
        wire::put_tag(out, field::TTL as u8, FIXED32);
        out.extend_from_slice(&ttl.to_bits().to_le_bytes());
    }
    if let Some(time) = event.time {
        wire::put_tag(out, field::TIME_MICROS as u8, VARINT);
        wire::put_varint(out, time.micros() as u64);
    }
    match event.metric {
        Some(Metric::Int(value)) => {
            wire::put_tag(out, field::METRIC_SINT64 as u8, VARINT);
            wire::put_varint(out, (value << 1 ^ value >> 63) as u64);
        }
        Some(Metric::Float(value)) => {
            wire::put_tag(out, field::METRIC_D as u8, FIXED64);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        None => {}
    }
}
