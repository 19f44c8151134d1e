//! One event, borrowed from the batch it came in.

use crate::decode::tag;
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
    /// Nothing but marks and attributes stands in the stretch, so that it can be copied into another event.
    pure: bool,
}

/// One entry of a stretch of labels.
pub(crate) enum Label<'a> {
    Mark(&'a [u8]),
    Attribute(&'a [u8], &'a [u8]),
}

impl Label<'_> {
    /// How many bytes [`Label::put`] appends.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Mark(mark) => wire::bytes_len(mark),
            Self::Attribute(key, value) => {
                let inner = wire::bytes_len(key) + wire::bytes_len(value);
                1 + wire::varint_len(inner as u64) + inner
            }
        }
    }

    /// Appends it encoded.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Mark(mark) => wire::put_bytes(out, tag::MARK, mark),
            Self::Attribute(key, value) => {
                out.push(tag::ATTRIBUTE);
                wire::put_varint(out, (wire::bytes_len(key) + wire::bytes_len(value)) as u64);
                wire::put_bytes(out, KEY, key);
                wire::put_bytes(out, VALUE, value);
            }
        }
    }
}

impl<'a> Labels<'a> {
    /// Takes a stretch that [`Labels::as_bytes`] gave, or that a decoded event holds; whatever else it holds is passed over.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pure: bytes.is_empty() }
    }

    /// A stretch that holds marks and attributes only.
    pub(crate) fn pure(bytes: &'a [u8]) -> Self {
        Self { bytes, pure: true }
    }

    /// The stretch, when it can be copied as it is into another event.
    pub(crate) fn as_pure_bytes(&self) -> Option<&'a [u8]> {
        self.pure.then_some(self.bytes)
    }

    /// The encoded stretch, from the first mark or attribute to the end of the last.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// No marks and no attributes.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Label<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        std::iter::from_fn(move || {
            while !reader.is_empty() {
                let tag = reader.raw_tag().ok()?;
                match u8::try_from(tag) {
                    Ok(tag::MARK) => return Some(Label::Mark(reader.bytes().ok()?)),
                    Ok(tag::ATTRIBUTE) => {
                        let (key, value) = attribute(reader.bytes().ok()?).ok()?;
                        return Some(Label::Attribute(key, value));
                    }
                    _ => reader.skip_unknown(tag, |_| false).ok()?,
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

/// The tags of `Attribute`'s fields.
const KEY: u8 = 1 << 3 | LENGTH;
const VALUE: u8 = 2 << 3 | LENGTH;

/// Takes an encoded `Attribute` apart.
pub(crate) fn attribute(bytes: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut key = None;
    let mut value: &[u8] = &[];
    while !reader.is_empty() {
        let tag = reader.raw_tag()?;
        match u8::try_from(tag) {
            Ok(KEY) => key = Some(reader.bytes()?),
            Ok(VALUE) => value = reader.bytes()?,
            _ => reader.skip_unknown(tag, |number| matches!(number, 1 | 2))?,
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
        Label::Mark(mark).put(&mut self.bytes);
        self
    }

    /// Adds an attribute. Riemann refuses a key of `host service state description metric time ttl tags`: never use these.
    pub fn attribute(&mut self, key: &[u8], value: &[u8]) -> &mut Self {
        Label::Attribute(key, value).put(&mut self.bytes);
        self
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Gives back the memory that was kept for more of them.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }

    /// The labels so far.
    pub fn view(&self) -> Labels<'_> {
        Labels::pure(&self.bytes)
    }
}
