//! The number that an event carries.

use std::fmt;

/// An event's number: whole as counters are, or floating as rates and percentages are.
///
/// A float is always finite: [`Metric::float`] is the one way to make one, and NaN and infinities count as
/// "no metric" at every door.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// Riemann's `metric_sint64`; an `i` field of line protocol.
    Int(i64),
    /// Riemann's `metric_d` or `metric_f`; a float field of line protocol. Finite.
    Float(f64),
}

impl Metric {
    /// A float metric, or `None` for NaN and the infinities.
    pub fn float(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Float(value))
    }

    /// The number as a float; whole numbers beyond 2^53 lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
        }
    }
}
