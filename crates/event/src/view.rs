//! One event, borrowed from the batch it came in.

use crate::msg::field;
use crate::wire::{self, DecodeError, LENGTH, Reader};
use crate::{Metric, Timestamp};

/// An event whose texts are slices of the message. Texts are bytes: UTF-8 is checked when a text is first kept.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct View<'a> {
    /// When it happened; `time_micros` wins over `time`. `None`: the receiver's `now` counts.
    pub time: Option<Timestamp>,
    /// `ok`, `critical`, `expired` …; free text.
    pub state: Option<&'a [u8]>,
    /// What it is about. Never empty: an empty service counts as none.
    pub service: Option<&'a [u8]>,
    /// Where it happened. Never empty: an empty host counts as none.
    pub host: Option<&'a [u8]>,
    /// Free text.
    pub description: Option<&'a [u8]>,
    /// Seconds for which the event holds.
    pub ttl: Option<f32>,
    /// The number; `metric_sint64` wins over `metric_d`, that over `metric_f`. Never NaN or infinite.
    pub metric: Option<Metric>,
    /// Marks and attributes.
    pub labels: Labels<'a>,
}

/// The marks and attributes of an event, as the stretch of encoded bytes that holds them.
///
/// Two events of one series have the same stretch as long as their sender does not change its ways, so that
/// [`Labels::as_bytes`] tells in one compare that nothing changed; [`Labels::same`] looks inside where the bytes differ.
#[derive(Clone, Copy, Debug, Default)]
pub struct Labels<'a> {
    bytes: &'a [u8],
}

/// One entry of a stretch of labels.
enum Label<'a> {
    Mark(&'a [u8]),
    Attribute(&'a [u8], &'a [u8]),
}

impl<'a> Labels<'a> {
    /// Takes a stretch that [`Labels::as_bytes`] gave, or that a decoded event holds; whatever else it holds is passed over.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The encoded stretch, from the first mark or attribute to the end of the last.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// No marks and no attributes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn iter(&self) -> impl Iterator<Item = Label<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        std::iter::from_fn(move || {
            while !reader.is_empty() {
                let (number, wire_type) = reader.tag().ok()?;
                match number {
                    field::MARK => return Some(Label::Mark(reader.bytes().ok()?)),
                    field::ATTRIBUTE => {
                        let (key, value) = attribute(reader.bytes().ok()?).ok()?;
                        return Some(Label::Attribute(key, value));
                    }
                    _ => reader.skip(number, wire_type).ok()?,
                }
            }
            None
        })
    }

    /// Riemann's `tags`, in their order.
    pub fn marks(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.iter().filter_map(|label| match label {
            Label::Mark(mark) => Some(mark),
            Label::Attribute(..) => None,
        })
    }

    /// Key and value of each attribute, in their order; an absent value is empty.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.iter().filter_map(|label| match label {
            Label::Mark(_) => None,
            Label::Attribute(key, value) => Some((key, value)),
        })
    }

    /// Whether the event carries this mark.
    pub fn has_mark(&self, mark: &[u8]) -> bool {
        self.marks().any(|found| found == mark)
    }

    /// The value of the first attribute of this name.
    pub fn attribute(&self, key: &[u8]) -> Option<&'a [u8]> {
        self.attributes().find(|(found, _)| *found == key).map(|(_, value)| value)
    }

    /// Whether both hold the same marks and the same attributes, each in the same order.
    #[inline]
    pub fn same(&self, other: &Labels<'_>) -> bool {
        self.bytes == other.bytes || (self.marks().eq(other.marks()) && self.attributes().eq(other.attributes()))
    }
}

impl PartialEq for Labels<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

/// Takes an encoded `Attribute` apart.
pub(crate) fn attribute(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut key = None;
    let mut value: &[u8] = &[];
    while !reader.is_empty() {
        let (number, wire_type) = reader.tag()?;
        match number {
            1 => {
                wire::expect(number, wire_type, LENGTH)?;
                key = Some(reader.bytes()?);
            }
            2 => {
                wire::expect(number, wire_type, LENGTH)?;
                value = reader.bytes()?;
            }
            _ => reader.skip(number, wire_type)?,
        }
    }
    Ok((key.ok_or(DecodeError::AttributeKey)?, value))
}

/// Marks and attributes being put together; encoded as they come, so that a sampler does it once per series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelsBuf {
    bytes: Vec<u8>,
}

impl LabelsBuf {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mark.
    pub fn mark(&mut self, mark: &[u8]) -> &mut Self {
        wire::put_bytes(&mut self.bytes, field::MARK as u8, mark);
        self
    }

    /// Adds an attribute. Riemann refuses a key of `host service state description metric time ttl tags`: never use these.
    pub fn attribute(&mut self, key: &[u8], value: &[u8]) -> &mut Self {
        let len = 2 + wire::varint_len(key.len() as u64) + key.len() + wire::varint_len(value.len() as u64) + value.len();
        wire::put_tag(&mut self.bytes, field::ATTRIBUTE as u8, LENGTH);
        wire::put_varint(&mut self.bytes, len as u64);
        wire::put_bytes(&mut self.bytes, 1, key);
        wire::put_bytes(&mut self.bytes, 2, value);
        self
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The labels so far.
    pub fn view(&self) -> Labels<'_> {
        Labels::new(&self.bytes)
    }
}
