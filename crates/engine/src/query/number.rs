//! Numbers of queries: whole or floating, compared by value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use event::Metric;

/// Largest whole number up to which every whole number is a float too.
const EXACT: u64 = 1 << 53;
/// The first float beyond every `i64`.
const BEYOND: f64 = 9_223_372_036_854_775_808.0;

/// A number. Equal (`==`) only with the same form, as texts are; [`Number::compare`] goes by value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// A whole number.
    Int(i64),
    /// Any other, the infinities and NaN included; also whole numbers beyond 64 bits.
    Float(f64),
}

impl Number {
    /// Orders by exact value, whatever the forms; `None` where NaN takes part.
    #[inline]
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => int_with_float(a, b),
            (Self::Float(a), Self::Int(b)) => int_with_float(b, a).map(Ordering::reverse),
        }
    }

    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    fn form(self) -> (bool, u64) {
        match self {
            Self::Int(value) => (false, value.cast_unsigned()),
            Self::Float(value) if value.is_nan() => (true, f64::NAN.to_bits()),
            Self::Float(value) => (true, value.to_bits()),
        }
    }
}

#[inline]
fn int_with_float(int: i64, float: f64) -> Option<Ordering> {
    if int.unsigned_abs() <= EXACT {
        return (int as f64).partial_cmp(&float);
    }
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND {
        return Some(Ordering::Less);
    }
    if float < -BEYOND {
        return Some(Ordering::Greater);
    }
    // Here `int` is beyond 2^53. A float with a fraction is within it, so cutting the fraction off cannot make the two equal.
    Some(int.cmp(&(float as i64)))
}

impl From<Metric> for Number {
    #[inline]
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Int(value) => Self::Int(value),
            Metric::Float(value) => Self::Float(value),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.form() == other.form()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.form().hash(state);
    }
}

/// As a query has it: `5`, `5.0`, `1e300`, `-Infinity`, `NaN`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Int(value) => value.fmt(f),
            Self::Float(value) if value.is_nan() => f.write_str("NaN"),
            Self::Float(f64::INFINITY) => f.write_str("Infinity"),
            Self::Float(f64::NEG_INFINITY) => f.write_str("-Infinity"),
            Self::Float(value) => write!(f, "{value:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[track_caller]
    fn check(int: i64, float: f64, expected: Option<Ordering>) {
        assert_eq!(Number::Int(int).compare(Number::Float(float)), expected);
        assert_eq!(Number::Float(float).compare(Number::Int(int)), expected.map(Ordering::reverse));
    }

    #[test]
    fn whole_and_floating_numbers_compare_by_value() {
        check(1, 1.0, Some(Equal));
        check(1, 1.5, Some(Less));
        check(-1, -1.5, Some(Greater));
        check(0, -0.0, Some(Equal));
        check(0, f64::NAN, None);
        check(i64::MAX, f64::NAN, None);
        check(i64::MAX, f64::INFINITY, Some(Less));
        check(i64::MIN, f64::NEG_INFINITY, Some(Greater));
    }

    #[test]
    fn beyond_53_bits_no_digit_is_lost() {
        check(9_007_199_254_740_993, 9_007_199_254_740_992.0, Some(Greater));
        check(i64::MAX, BEYOND, Some(Less));
        check(i64::MIN, -BEYOND, Some(Equal));
        check(i64::MAX, 0.5, Some(Greater));
    }
}
