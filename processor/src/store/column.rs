//! The values of one series within one window, sparse: a second that has no value costs nothing.

use event::Metric;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// All whole.
    Int,
    /// At least one is not; whole ones became floats.
    Float,
}

/// Values by their second within the window, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    kind: Type,
    offsets: Vec<u16>,
    /// The bits of an `i64` or `f64`.
    bits: Vec<u64>,
}

/// How much a growing column reserves at once: doubling would waste half the memory of all heads.
const GROWTH: usize = 32;

impl Default for Column {
    fn default() -> Self {
        Self { kind: Type::Int, offsets: Vec::new(), bits: Vec::new() }
    }
}

impl Column {
    /// Puts parts together that come in order, without duplicates, as many bits as offsets.
    pub(crate) fn from_parts(kind: Type, offsets: Vec<u16>, bits: Vec<u64>) -> Self {
        Self { kind, offsets, bits }
    }

    /// What its values are.
    pub(crate) fn kind(&self) -> Type {
        self.kind
    }

    /// The seconds that have a value.
    pub(crate) fn offsets(&self) -> &[u16] {
        &self.offsets
    }

    /// The values' bits, by [`Column::kind`].
    pub(crate) fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// How many values.
    pub(crate) fn len(&self) -> usize {
        self.bits.len()
    }

    /// Sets the value of a second, in place of the one it had.
    pub(crate) fn set(&mut self, offset: u16, value: Metric) {
        let bits = self.bits_of(value);
        if self.offsets.last().is_none_or(|last| *last < offset) {
            self.reserve();
            self.offsets.push(offset);
            self.bits.push(bits);
            return;
        }
        match self.offsets.binary_search(&offset) {
            Ok(at) => {
                if let Some(place) = self.bits.get_mut(at) {
                    *place = bits;
                }
            }
            Err(at) => {
                self.reserve();
                self.offsets.insert(at, offset);
                self.bits.insert(at, bits);
            }
        }
    }

    /// The value of a second.
    pub(crate) fn get(&self, offset: u16) -> Option<Metric> {
        let at = self.offsets.binary_search(&offset).ok()?;
        self.bits.get(at).map(|bits| metric(self.kind, *bits))
    }

    /// Every value with its second.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, Metric)> + '_ {
        let kind = self.kind;
        self.offsets.iter().zip(&self.bits).map(move |(offset, bits)| (*offset, metric(kind, *bits)))
    }

    fn bits_of(&mut self, value: Metric) -> u64 {
        match (self.kind, value) {
            (Type::Int, Metric::Int(value)) => value.cast_unsigned(),
            (Type::Float, value) => value.as_f64().to_bits(),
            (Type::Int, Metric::Float(value)) => {
                self.become_float();
                value.to_bits()
            }
        }
    }

    fn become_float(&mut self) {
        self.kind = Type::Float;
        for bits in &mut self.bits {
            *bits = (bits.cast_signed() as f64).to_bits();
        }
    }

    fn reserve(&mut self) {
        if self.bits.len() == self.bits.capacity() {
            self.offsets.reserve_exact(GROWTH);
            self.bits.reserve_exact(GROWTH);
        }
    }
}

fn metric(kind: Type, bits: u64) -> Metric {
    match kind {
        Type::Int => Metric::Int(bits.cast_signed()),
        Type::Float => Metric::Float(f64::from_bits(bits)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[(u16, Metric)], expected: &[(u16, Metric)]) {
        let mut column = Column::default();
        for (offset, value) in set {
            column.set(*offset, *value);
        }
        assert_eq!(column.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_last_value_of_a_second_counts_in_whatever_order_they_come() {
        use Metric::Int;
        check(&[(3, Int(1)), (4, Int(2)), (3, Int(9)), (0, Int(5))], &[(0, Int(5)), (3, Int(9)), (4, Int(2))]);
    }

    #[test]
    fn one_float_makes_the_window_float() {
        use Metric::{Float, Int};
        check(&[(0, Int(1)), (1, Float(0.5)), (2, Int(7))], &[(0, Float(1.0)), (1, Float(0.5)), (2, Float(7.0))]);
    }
}
