//! Numbers, times and levels as people read them; what messages about alerts write them with.

use engine::template;
use event::{Duration, Timestamp};

use super::table::{Cell, Tone};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A number.
pub(super) fn plain(number: f64) -> String {
    template::plain(number).to_string()
}

/// A percentage; more than one decimal would only flicker.
pub(super) fn percent(number: f64) -> String {
    template::percent((number * 10.0).round() / 10.0).to_string()
}

/// Bytes.
pub(super) fn bytes(number: f64) -> String {
    template::bytes(number.round()).to_string()
}

/// Bytes a second.
pub(super) fn bytes_a_second(number: f64) -> String {
    format!("{}/s", bytes(number))
}

/// A span that is read at a glance: its two largest units alone.
pub(super) fn span(seconds: f64) -> String {
    let whole = (seconds as i64).max(0);
    let step = match whole {
        DAY.. => HOUR,
        HOUR.. => MINUTE,
        _ => 1,
    };
    Duration::from_secs(whole - whole % step).to_string()
}

/// How long ago a moment was.
pub(super) fn ago(then: Timestamp, now: Timestamp) -> String {
    span(now.as_secs_f64() - then.as_secs_f64())
}

/// The time of day, UTC.
pub(super) fn clock(time: Timestamp) -> String {
    let second = time.secs().rem_euclid(DAY);
    format!("{:02}:{:02}:{:02} UTC", second / HOUR, second % HOUR / MINUTE, second % MINUTE)
}

/// A metric in the unit that the catalogue gives it.
pub(super) fn metric(measurement: &str, field: &str, number: f64) -> String {
    use catalogue::Unit;
    let seconds = |number: f64| template::duration(number).to_string();
    let moment = |seconds: f64| Timestamp::from_micros((seconds * 1e6) as i64).to_string();
    match catalogue::find(measurement, field).map_or(Unit::Number, |metric| metric.unit) {
        Unit::Percent => percent(number),
        Unit::Bytes => bytes(number),
        Unit::Seconds => seconds(number),
        Unit::Milliseconds => seconds(number / 1e3),
        Unit::Microseconds => seconds(number / 1e6),
        Unit::Nanoseconds => seconds(number / 1e9),
        Unit::UnixSeconds => moment(number),
        Unit::UnixNanoseconds => moment(number / 1e9),
        Unit::Flag if number == 0.0 => "no".to_owned(),
        Unit::Flag if number == 1.0 => "yes".to_owned(),
        Unit::Flag | Unit::Number | Unit::Text => plain(number),
    }
}

/// A level: the symbol that says it without colour, how it is drawn, and how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Gone,
    Ok,
    Info,
    Warning,
    Critical,
}

impl Level {
    /// The level of an alert's state.
    pub(super) fn of(state: &str) -> Self {
        match state {
            "critical" => Self::Critical,
            "warning" => Self::Warning,
            "info" => Self::Info,
            "ok" => Self::Ok,
            _ => Self::Gone,
        }
    }

    pub(super) fn symbol(self) -> char {
        match self {
            Self::Critical => '■',
            Self::Warning => '▲',
            Self::Info => '◆',
            Self::Ok => '●',
            Self::Gone => '○',
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Ok => "ok",
            Self::Gone => "gone",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Critical => Tone::Critical,
            Self::Warning => Tone::Warning,
            Self::Info => Tone::Info,
            Self::Ok => Tone::Ok,
            Self::Gone => Tone::Quiet,
        }
    }

    /// Its symbol and `words`.
    pub(super) fn cell(self, words: &str) -> Cell {
        Cell::level(format!("{} {words}", self.symbol()), self.tone(), f64::from(self as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_their_two_largest_units() {
        let found = [0.4, 59.9, 61.0, 3600.0, 5399.0, 90_061.0, 864_000.0].map(span);
        assert_eq!(found, ["0s", "59s", "1m1s", "1h", "1h29m", "1d1h", "10d"]);
        assert_eq!(clock(Timestamp::parse("2026-12-01T08:05:09.7Z").unwrap()), "08:05:09 UTC");
    }

    #[test]
    fn metrics_have_the_catalogues_unit() {
        assert_eq!(metric("cpu", "usage_active", 12.345), "12.3 %");
        assert_eq!(metric("docker_container_mem", "usage", 1_572_864.0), "1.5 MiB");
        assert_eq!(metric("docker_container_status", "oomkilled", 0.0), "no");
        assert_eq!(metric("docker_container_status", "started_at", 1.764_576e18), "2025-12-01T08:00:00Z");
        assert_eq!(metric("of", "others", 1.5), "1.5");
        assert_eq!(bytes_a_second(2048.0), "2 KiB/s");
    }
}
