//! A row of the log: the values of one transaction, kept until all their windows are sealed.
//!
//! A value is three variable-length numbers: entity as the difference to the value before with a bit for its type, slot, second
//! as the difference to the value before; then the number itself, a float with its bytes reversed so that round ones are short.

use event::Metric;

/// A value with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Entry {
    /// Whose.
    pub(crate) entity: u32,
    /// Which field of it.
    pub(crate) slot: u16,
    /// When.
    pub(crate) second: i64,
    /// What.
    pub(crate) value: Metric,
}

/// A row being written, in memory that is kept between rows.
#[derive(Debug, Default)]
pub(crate) struct Row {
    bytes: Vec<u8>,
    entity: i64,
    second: i64,
}

impl Row {
    /// Adds a value.
    pub(crate) fn push(&mut self, entry: &Entry) {
        let entity = i64::from(entry.entity);
        let (is_float, number) = match entry.value {
            Metric::Int(value) => (0, zigzag(value)),
            Metric::Float(value) => (1, value.to_bits().swap_bytes()),
        };
        put(&mut self.bytes, zigzag(entity - self.entity) << 1 | is_float);
        put(&mut self.bytes, u64::from(entry.slot));
        put(&mut self.bytes, zigzag(entry.second - self.second));
        put(&mut self.bytes, number);
        self.entity = entity;
        self.second = entry.second;
    }

    /// The row so far.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entity = 0;
        self.second = 0;
    }
}

/// The values of a row, up to its end or to the first that is damaged.
pub(crate) fn entries(mut bytes: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    let (mut entity, mut second) = (0i64, 0i64);
    std::iter::from_fn(move || {
        let head = take(&mut bytes)?;
        let slot = u16::try_from(take(&mut bytes)?).ok()?;
        entity = entity.checked_add(unzigzag(head >> 1))?;
        second = second.checked_add(unzigzag(take(&mut bytes)?))?;
        let number = take(&mut bytes)?;
        let value = if head & 1 == 0 { Metric::Int(unzigzag(number)) } else { Metric::float(f64::from_bits(number.swap_bytes()))? };
        Some(Entry { entity: u32::try_from(entity).ok()?, slot, second, value })
    })
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(given: &[Entry]) {
        let mut row = Row::default();
        given.iter().for_each(|entry| row.push(entry));
        assert_eq!(entries(row.as_bytes()).collect::<Vec<_>>(), given);
    }

    #[test]
    fn a_round_float_beside_its_neighbour_takes_few_bytes() {
        let mut row = Row::default();
        let entry = Entry { entity: 7, slot: 1, second: 1_795_332_051, value: Metric::Float(0.0) };
        row.push(&entry);
        let before = row.as_bytes().len();
        row.push(&Entry { slot: 2, value: Metric::Float(50.0), ..entry });
        assert_eq!(row.as_bytes().len() - before, 6);
    }

    proptest! {
        #[test]
        fn any_entries_come_back(given in proptest::collection::vec((any::<u32>(), any::<u16>(), 0i64..1 << 32, any::<i64>(), any::<bool>()), 0..50)) {
            let entries: Vec<Entry> = given
                .into_iter()
                .map(|(entity, slot, second, number, float)| {
                    let value = if float { Metric::Float(number as f64 / 3.0) } else { Metric::Int(number) };
                    Entry { entity, slot, second, value }
                })
                .collect();
            check(&entries);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = entries(&bytes).count();
        }
    }
}
