//! Points in time.

use std::fmt;
use std::ops::{Add, Sub};

use crate::Duration;

/// A text that is not a point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time; write it like 2026-12-01T08:00:00Z")]
pub struct NotATimestamp(pub String);

/// Microseconds since the Unix epoch, UTC. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch, as Riemann's `time_micros` has it.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch, as Riemann's `time` has it.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Reads RFC 3339: `2026-12-01T08:00:00Z`, `2026-12-01T09:00:00.25+01:00`. Digits beyond microseconds are cut off; a
    /// leap second counts as the second after it.
    ///
    /// # Errors
    /// [`NotATimestamp`] for anything else, a date without time or zone included.
    pub fn parse(text: &str) -> Result<Self, NotATimestamp> {
        parse(text.as_bytes()).ok_or_else(|| NotATimestamp(text.to_owned()))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Seconds since the epoch, as the query language sees `time`.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by.micros()))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by.micros()))
    }
}

impl Sub for Timestamp {
    type Output = Duration;
    fn sub(self, from: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(from.0))
    }
}

/// RFC 3339 in UTC, with a fraction only where there is one: `2026-12-01T08:00:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.secs().div_euclid(86_400));
        let of_day = self.secs().rem_euclid(86_400);
        let micros = self.0.rem_euclid(1_000_000);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match micros {
            0 => {}
            _ if micros % 1000 == 0 => write!(f, ".{:03}", micros / 1000)?,
            _ => write!(f, ".{micros:06}")?,
        }
        f.write_str("Z")
    }
}

/// Year, month and day of a day counted from the epoch (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The day of a date, counted from the epoch (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.split_at_checked(9)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return None };
    let [b'T' | b't' | b' ', h1, h2, b':', n1, n2, b':', s1, s2] = clock else { return None };
    let (year, month, day) = (number(&[*y1, *y2, *y3, *y4], 9999)?, number(&[*m1, *m2], 12)?, number(&[*d1, *d2], 31)?);
    let (hour, minute, second) = (number(&[*h1, *h2], 23)?, number(&[*n1, *n2], 59)?, number(&[*s1, *s2], 60)?);
    let day_number = days(year, month, day);
    // A date that does not exist, such as the 30th of February, comes back as another.
    if civil(day_number) != (year, month, day) {
        return None;
    }
    let (micros, zone) = fraction(rest)?;
    let secs = day_number * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    Some(Timestamp(secs * 1_000_000 + micros))
}

/// Digits only, no more than `max`.
fn number(digits: &[u8], max: i64) -> Option<i64> {
    let all = digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')));
    all.filter(|number| *number <= max)
}

/// Microseconds of `.25` before the zone, and the zone.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = text.strip_prefix(b".") else { return Some((0, text)) };
    let n_digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, zone) = rest.split_at_checked(n_digits).filter(|(digits, _)| !digits.is_empty())?;
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(6);
    Some((padded.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0')), zone))
}

/// Seconds that the zone is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let secs = number(&[*h1, *h2], 23)? * 3600 + number(&[*m1, *m2], 59)? * 60;
            Some(if *sign == b'-' { -secs } else { secs })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(micros: i64, text: &str) {
        assert_eq!(Timestamp::from_micros(micros).to_string(), text);
    }

    #[test]
    fn prints_rfc_3339() {
        check(0, "1970-01-01T00:00:00Z");
        check(951_782_400_000_000, "2000-02-29T00:00:00Z");
        check(1_795_332_051_250_000, "2026-11-22T07:20:51.250Z");
        check(-1, "1969-12-31T23:59:59.999999Z");
    }
    #[track_caller]
    fn check_parse(text: &str, micros: Option<i64>) {
        assert_eq!(Timestamp::parse(text).ok(), micros.map(Timestamp));
    }

    #[test]
    fn reads_rfc_3339() {
        check_parse("1970-01-01T00:00:00Z", Some(0));
        check_parse("2026-11-22T07:20:51.250Z", Some(1_795_332_051_250_000));
        check_parse("2026-11-22t08:20:51.2500009+01:00", Some(1_795_332_051_250_000));
        check_parse("2000-02-29T00:00:00-00:30", Some(951_784_200_000_000));
        check_parse("1969-12-31 23:59:59.999999z", Some(-1));
        check_parse("2016-12-31T23:59:60Z", Some(1_483_228_800_000_000));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "2026-11-22",
            "2026-11-22T07:20:51",
            "2026-11-22T07:20Z",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T07:20:51.Z",
            "2026-11-22T07:20:51+1:00",
            "2026-11-22T07:20:51Zz",
            "+026-11-22T07:20:51Z",
            "2026-11-22T07:20:5éZ",
        ] {
            check_parse(text, None);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_is_read_back(micros in -62_167_219_200_000_000..253_402_300_800_000_000i64) {
            proptest::prop_assert_eq!(Timestamp::parse(&Timestamp(micros).to_string()), Ok(Timestamp(micros)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}.{0,8}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
