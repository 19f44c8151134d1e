//! Protocol Buffers' wire format: varints, tags, lengths. What Riemann's messages need of it and no more.

/// Why bytes are not a message; carries the place where reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A field goes on past the end.
    #[error("the message ends inside a field")]
    Truncated,
    /// More than ten bytes, or a value over 64 bits.
    #[error("a number is longer than 64 bits")]
    Varint,
    /// Field number 0 or a number over 2^29 - 1.
    #[error("a field has a number that protobuf does not allow")]
    FieldNumber,
    /// A known field came with another wire type than Riemann's schema gives it, or the type does not exist.
    #[error("field {0} has the wrong wire type")]
    WireType(u32),
    /// An attribute has no key, which the schema requires.
    #[error("an attribute has no key")]
    AttributeKey,
    /// Groups nested deeper than anybody sends.
    #[error("groups are nested too deeply")]
    Nesting,
}

/// Wire types of protobuf.
pub(crate) const VARINT: u8 = 0;
pub(crate) const FIXED64: u8 = 1;
pub(crate) const LENGTH: u8 = 2;
const START_GROUP: u8 = 3;
const END_GROUP: u8 = 4;
pub(crate) const FIXED32: u8 = 5;

/// Unknown groups deeper than this are refused, as prost does.
const MAX_NESTING: u32 = 100;

/// Reads fields off the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next field's number and wire type in one, as they are on the wire. The number may be 0, which is not allowed.
    #[inline]
    pub(crate) fn raw_tag(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::FieldNumber)
    }

    /// The next field's number and wire type.
    #[inline]
    pub(crate) fn tag(&mut self) -> Result<(u32, u8), DecodeError> {
        let tag = self.raw_tag()?;
        let number = tag >> 3;
        if number == 0 {
            return Err(DecodeError::FieldNumber);
        }
        Ok((number, (tag & 7) as u8))
    }

    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, DecodeError> {
        match self.rest {
            [first, tail @ ..] if *first < 0x80 => {
                self.rest = tail;
                Ok(u64::from(*first))
            }
            _ => self.long_varint(),
        }
    }

    /// Up to 56 bits, which any time in microseconds has, in one load.
    fn long_varint(&mut self) -> Result<u64, DecodeError> {
        let Some(word) = self.rest.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)) else { return self.any_varint() };
        let ends = !word & 0x8080_8080_8080_8080;
        if ends == 0 {
            return self.any_varint();
        }
        let n_bits = ends.trailing_zeros() + 1;
        let groups = word & (u64::MAX >> (64 - n_bits)) & 0x7f7f_7f7f_7f7f_7f7f;
        // Eight groups of 7 bits become four of 14, two of 28, one of 56.
        let pairs = groups & 0x007f_007f_007f_007f | (groups & 0x7f00_7f00_7f00_7f00) >> 1;
        let fours = pairs & 0x0000_3fff_0000_3fff | (pairs & 0x3fff_0000_3fff_0000) >> 2;
        let value = fours & 0x0fff_ffff | (fours & 0x0fff_ffff_0000_0000) >> 4;
        self.rest = self.rest.get(n_bits as usize / 8..).unwrap_or_default();
        Ok(value)
    }

    #[cold]
    fn any_varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for (index, byte) in self.rest.iter().take(10).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                if index == 9 && *byte > 1 {
                    return Err(DecodeError::Varint);
                }
                self.rest = self.rest.get(index + 1..).unwrap_or_default();
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { DecodeError::Truncated } else { DecodeError::Varint })
    }

    /// A length-delimited field's bytes.
    #[inline]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = usize::try_from(self.varint()?).map_err(|_| DecodeError::Truncated)?;
        self.take(len)
    }

    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.rest.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.rest = tail;
        Ok(head)
    }

    #[inline]
    pub(crate) fn fixed32(&mut self) -> Result<u32, DecodeError> {
        let (head, tail) = self.rest.split_first_chunk::<4>().ok_or(DecodeError::Truncated)?;
        self.rest = tail;
        Ok(u32::from_le_bytes(*head))
    }

    #[inline]
    pub(crate) fn fixed64(&mut self) -> Result<u64, DecodeError> {
        let (head, tail) = self.rest.split_first_chunk::<8>().ok_or(DecodeError::Truncated)?;
        self.rest = tail;
        Ok(u64::from_le_bytes(*head))
    }

    /// Passes over a field that is not in the schema; `is_known` says which numbers are, and these came with a wrong type.
    #[cold]
    pub(crate) fn skip_unknown(&mut self, tag: u32, is_known: impl Fn(u32) -> bool) -> Result<(), DecodeError> {
        match tag >> 3 {
            0 => Err(DecodeError::FieldNumber),
            number if is_known(number) => Err(DecodeError::WireType(number)),
            number => self.skip(number, (tag & 7) as u8),
        }
    }

    /// Passes over a field that nobody here knows.
    pub(crate) fn skip(&mut self, number: u32, wire_type: u8) -> Result<(), DecodeError> {
        self.skip_nested(number, wire_type, 0)
    }

    fn skip_nested(&mut self, number: u32, wire_type: u8, depth: u32) -> Result<(), DecodeError> {
        match wire_type {
            VARINT => self.varint().map(|_| ()),
            FIXED64 => self.take(8).map(|_| ()),
            LENGTH => self.bytes().map(|_| ()),
            FIXED32 => self.take(4).map(|_| ()),
            START_GROUP if depth >= MAX_NESTING => Err(DecodeError::Nesting),
            START_GROUP => loop {
                let (inner, inner_type) = self.tag()?;
                if inner_type != END_GROUP {
                    self.skip_nested(inner, inner_type, depth + 1)?;
                } else if inner == number {
                    return Ok(());
                } else {
                    return Err(DecodeError::WireType(inner));
                }
            },
            _ => Err(DecodeError::WireType(number)),
        }
    }
}

/// Checks a known field's wire type.
#[inline]
pub(crate) fn expect(number: u32, found: u8, wanted: u8) -> Result<(), DecodeError> {
    if found == wanted { Ok(()) } else { Err(DecodeError::WireType(number)) }
}

/// Appends a varint.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        Ok(byte) if byte < 0x80 => out.push(byte),
        _ => put_long_varint(out, value),
    }
}

/// Up to 56 bits, which any time in microseconds has, in one store: the way of [`Reader::long_varint`] back.
fn put_long_varint(out: &mut Vec<u8>, value: u64) {
    if value >> 56 != 0 {
        return put_any_varint(out, value);
    }
    let fours = value & 0x0fff_ffff | (value & 0x00ff_ffff_f000_0000) << 4;
    let pairs = fours & 0x0000_3fff_0000_3fff | (fours & 0x0fff_c000_0fff_c000) << 2;
    let groups = pairs & 0x007f_007f_007f_007f | (pairs & 0x3f80_3f80_3f80_3f80) << 1;
    let len = varint_len(value);
    // Every byte but the last says that another follows.
    let word = groups | 0x8080_8080_8080_8080 & ((1 << (8 * (len - 1))) - 1);
    let end = out.len() + len;
    out.extend_from_slice(&word.to_le_bytes());
    out.truncate(end);
}

#[cold]
fn put_any_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length-delimited field whose tag is one byte.
#[inline]
pub(crate) fn put_bytes(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// How many bytes [`put_bytes`] appends.
#[inline]
pub(crate) fn bytes_len(bytes: &[u8]) -> usize {
    1 + varint_len(bytes.len() as u64) + bytes.len()
}

/// How many bytes [`put_varint`] appends.
#[inline]
pub(crate) fn varint_len(value: u64) -> usize {
    ((70 - (value | 1).leading_zeros()) / 7) as usize
}
