//! Numbers and texts as they stand in a snapshot: little-endian, lengths in front.

use event::Metric;

use super::SnapshotError;

/// Appends to a snapshot.
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.out.push(value);
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.raw(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.raw(&value.to_le_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.raw(bytes);
    }

    pub(crate) fn str(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn metric(&mut self, metric: Option<Metric>) {
        match metric {
            None => self.u8(0),
            Some(Metric::Int(value)) => {
                self.u8(1);
                self.u64(value as u64);
            }
            Some(Metric::Float(value)) => {
                self.u8(2);
                self.u64(value.to_bits());
            }
        }
    }
}

/// Reads a snapshot. The checksum has held, so what does not fit is a mistake of ours; it is an error all the same, never a panic.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(SnapshotError::Damaged)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, SnapshotError> {
        Ok(u8::from_le_bytes(self.take()?))
    }

    pub(crate) fn bool(&mut self) -> Result<bool, SnapshotError> {
        Ok(self.u8()? != 0)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, SnapshotError> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, SnapshotError> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    /// A count of things that take a byte each at least: never more than there are bytes.
    pub(crate) fn count(&mut self) -> Result<usize, SnapshotError> {
        let count = self.u32()? as usize;
        if count > self.rest.len() { Err(SnapshotError::Damaged) } else { Ok(count) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], SnapshotError> {
        let len = self.u32()? as usize;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(SnapshotError::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, SnapshotError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| SnapshotError::Damaged)
    }

    pub(crate) fn string(&mut self) -> Result<String, SnapshotError> {
        Ok(self.str()?.to_owned())
    }

    pub(crate) fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SnapshotError>) -> Result<Option<T>, SnapshotError> {
        if self.bool()? { read(self).map(Some) } else { Ok(None) }
    }

    pub(crate) fn metric(&mut self) -> Result<Option<Metric>, SnapshotError> {
        match self.u8()? {
            0 => Ok(None),
            1 => Ok(Some(Metric::Int(self.u64()? as i64))),
            2 => Ok(Metric::float(f64::from_bits(self.u64()?))),
            _ => Err(SnapshotError::Damaged),
        }
    }
}
