//! Spans of time and the way people write them: `30s`, `5m`, `2h`, `1d`, `250ms`, `1h30m`.

use std::fmt;
use std::ops::{Add, Mul, Sub};

/// A span in microseconds. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// Units of the text form, largest first, with their microseconds.
const UNITS: [(&str, i64); 6] = [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];

/// A text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration; write it like 30s, 5m, 2h, 1d")]
pub struct NotADuration(pub String);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// From seconds with a fraction; NaN is zero, what does not fit saturates.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6) as i64)
    }

    /// Microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Seconds with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// For sleeping and time-outs; a negative span is zero.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }

    /// Reads the text form: whole numbers, each with its unit, without spaces.
    ///
    /// # Errors
    /// [`NotADuration`] for anything else, a bare number included.
    pub fn parse(text: &str) -> Result<Self, NotADuration> {
        Self::parse_parts(text).ok_or_else(|| NotADuration(text.to_owned()))
    }

    fn parse_parts(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut total = 0i64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let (number, tail) = rest.split_at(digits);
            let unit_len = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_len);
            let micros = UNITS.iter().find(|(name, _)| *name == unit)?.1;
            total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(micros)?)?;
            rest = tail;
        }
        (!text.is_empty()).then_some(Self(total))
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, by: Self) -> Self {
        Self(self.0.saturating_add(by.0))
    }
}

impl Sub for Duration {
    type Output = Self;
    fn sub(self, by: Self) -> Self {
        Self(self.0.saturating_sub(by.0))
    }
}

impl Mul<i64> for Duration {
    type Output = Self;
    fn mul(self, by: i64) -> Self {
        Self(self.0.saturating_mul(by))
    }
}

/// The text form that [`Duration::parse`] reads, `0s` for zero, with a leading `-` for a negative span.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (unit, micros) in UNITS {
            let count = rest / micros.unsigned_abs();
            rest %= micros.unsigned_abs();
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, micros: i64) {
        assert_eq!(Duration::parse(text), Ok(Duration(micros)));
        assert_eq!(Duration::parse(&Duration(micros).to_string()), Ok(Duration(micros)));
    }

    #[test]
    fn reads_what_people_write() {
        check("30s", 30_000_000);
        check("5m", 300_000_000);
        check("1h30m", 5_400_000_000);
        check("250ms", 250_000);
        check("0s", 0);
        check("1d", 86_400_000_000);
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["", "30", "s", "30 sec", "30sec", "-5s", "1.5h", "99999999999999d", "é", "5é"] {
            assert_eq!(Duration::parse(text), Err(NotADuration(text.to_owned())), "{text}");
        }
    }
}
