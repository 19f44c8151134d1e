//! One encoded `Event` read in place.

use crate::view::attribute;
use crate::wire::{DecodeError, FIXED32, FIXED64, LENGTH, Reader, VARINT};
use crate::{Labels, Metric, Timestamp, View};

/// The tags of `Event`'s fields: number and wire type. Each is one byte on the wire.
pub(crate) mod tag {
    use super::{FIXED32, FIXED64, LENGTH, VARINT};

    const fn of(number: u8, wire_type: u8) -> u8 {
        number << 3 | wire_type
    }

    pub(crate) const TIME: u8 = of(1, VARINT);
    pub(crate) const STATE: u8 = of(2, LENGTH);
    pub(crate) const SERVICE: u8 = of(3, LENGTH);
    pub(crate) const HOST: u8 = of(4, LENGTH);
    pub(crate) const DESCRIPTION: u8 = of(5, LENGTH);
    pub(crate) const MARK: u8 = of(7, LENGTH);
    pub(crate) const TTL: u8 = of(8, FIXED32);
    pub(crate) const ATTRIBUTE: u8 = of(9, LENGTH);
    pub(crate) const TIME_MICROS: u8 = of(10, VARINT);
    pub(crate) const METRIC_SINT64: u8 = of(13, VARINT);
    pub(crate) const METRIC_D: u8 = of(14, FIXED64);
    pub(crate) const METRIC_F: u8 = of(15, FIXED32);
}

/// Numbers of `Event`'s fields, whatever their wire type.
const fn is_known(number: u32) -> bool {
    matches!(number, 1..=5 | 7..=10 | 13..=15)
}

impl<'a> View<'a> {
    /// Decodes one encoded `Event` in place.
    ///
    /// # Errors
    /// [`DecodeError`] at the first place that is not Riemann's schema.
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Self::read::<true>(bytes)
    }

    /// Decodes what [`View::decode`] has taken before; attributes are not looked into again.
    #[inline]
    pub(crate) fn decode_checked(bytes: &'a [u8]) -> Option<Self> {
        Self::read::<false>(bytes).ok()
    }

    #[inline]
    fn read<const CHECK: bool>(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut view = View::default();
        let (mut secs, mut micros) = (None, None);
        let (mut double, mut float) = (None, None);
        let mut labels = Stretch::default();
        let mut reader = Reader::new(bytes);
        while !reader.is_empty() {
            let start = bytes.len() - reader.rest.len();
            let tag = reader.raw_tag()?;
            match u8::try_from(tag) {
                Ok(tag::SERVICE) => view.service = filled(reader.bytes()?),
                Ok(tag::HOST) => view.host = filled(reader.bytes()?),
                Ok(tag::STATE) => view.state = Some(reader.bytes()?),
                Ok(tag::DESCRIPTION) => view.description = Some(reader.bytes()?),
                Ok(tag::MARK) => {
                    reader.bytes()?;
                    labels.add(start, bytes.len() - reader.rest.len());
                }
                Ok(tag::ATTRIBUTE) => {
                    let encoded = reader.bytes()?;
                    if CHECK {
                        attribute(encoded)?;
                    }
                    labels.add(start, bytes.len() - reader.rest.len());
                }
                Ok(tag::TIME) => secs = Some(reader.varint()? as i64),
                Ok(tag::TIME_MICROS) => micros = Some(reader.varint()? as i64),
                Ok(tag::TTL) => view.ttl = Some(f32::from_bits(reader.fixed32()?)),
                Ok(tag::METRIC_SINT64) => view.metric = Some(Metric::Int(zigzag(reader.varint()?))),
                Ok(tag::METRIC_D) => double = Some(f64::from_bits(reader.fixed64()?)),
                Ok(tag::METRIC_F) => float = Some(f32::from_bits(reader.fixed32()?)),
                _ => reader.skip_unknown(tag, is_known)?,
            }
        }
        view.time = micros.map(Timestamp::from_micros).or(secs.map(Timestamp::from_secs));
        view.metric = view.metric.or_else(|| double.or(float.map(f64::from)).and_then(Metric::float));
        view.labels = labels.of(bytes);
        Ok(view)
    }
}

/// Where the marks and attributes stand: from the start of the first to the end of the last.
#[derive(Clone, Copy, Default)]
struct Stretch {
    from: usize,
    to: usize,
    /// Some other field stands between them.
    mixed: bool,
}

impl Stretch {
    #[inline]
    fn add(&mut self, from: usize, to: usize) {
        if self.to == 0 {
            self.from = from;
        } else if self.to != from {
            self.mixed = true;
        }
        self.to = to;
    }

    #[inline]
    fn of(self, bytes: &[u8]) -> Labels<'_> {
        let stretch = bytes.get(self.from..self.to).unwrap_or_default();
        if self.mixed { Labels::new(stretch) } else { Labels::pure(stretch) }
    }
}

fn filled(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
