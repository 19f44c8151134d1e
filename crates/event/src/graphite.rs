//! Graphite's lines: `NAME VALUE TIME`, as Riemann reads them.

use crate::{Event, Metric, Timestamp};

/// Why a line is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Nothing stands in it.
    #[error("blank line")]
    Blank,
    /// More than name, value and time.
    #[error("too many fields")]
    TooMany,
    /// No name.
    #[error("no name")]
    NoName,
    /// No value.
    #[error("no metric")]
    NoMetric,
    /// No time.
    #[error("no timestamp")]
    NoTime,
    /// The value is not a number.
    #[error("NaN metric")]
    Nan,
    /// The value is no number that can be told.
    #[error("invalid metric")]
    Metric,
    /// The time is no whole number of seconds.
    #[error("invalid timestamp")]
    Time,
    /// The line does not begin with `put` (OpenTSDB).
    #[error("invalid command")]
    Command,
    /// The sender wants to know who listens (OpenTSDB).
    #[error("version request")]
    Version,
}

/// Reads one line, without its end. With `tags` the name may be followed by `;KEY=VALUE` once or more, which become attributes;
/// `host` is the event's host.
///
/// # Errors
/// [`BadLine`], as Riemann has it.
pub fn decode(line: &str, tags: bool) -> Result<Event, BadLine> {
    if line.is_empty() {
        return Err(BadLine::Blank);
    }
    let mut fields = fields(line);
    let name = fields.next().ok_or(BadLine::Blank)?;
    let value = fields.next().ok_or(BadLine::NoMetric)?;
    let time = fields.next().ok_or(BadLine::NoTime)?;
    if fields.next().is_some() {
        return Err(BadLine::TooMany);
    }
    let mut event = Event { metric: Some(metric(value)?), time: Some(seconds(time)?), ..Event::default() };
    let (service, labels) = if tags { name.split_once(';').unwrap_or((name, "")) } else { (name, "") };
    if service.is_empty() {
        return Err(BadLine::NoName);
    }
    event.service = Some(service.to_owned());
    for (key, value) in labels.split(';').filter_map(|label| label.split_once('=')).filter(|(key, _)| !key.is_empty()) {
        match key {
            "host" => event.host = Some(value.to_owned()),
            _ => event.attributes.push((key.to_owned(), value.to_owned())),
        }
    }
    Ok(event)
}

/// White space divides; where a line begins with it, its first field is empty.
pub(crate) fn fields(line: &str) -> impl Iterator<Item = &str> {
    let line = line.trim_end_matches(|c: char| c.is_ascii_whitespace());
    let first = line.starts_with(|c: char| c.is_ascii_whitespace()).then_some("");
    first.into_iter().chain(line.split_ascii_whitespace())
}

/// A number as Java writes it; hexadecimal ones and infinity are none.
pub(crate) fn metric(text: &str) -> Result<Metric, BadLine> {
    if text.to_ascii_lowercase().contains("nan") {
        return Err(BadLine::Nan);
    }
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let plain = number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let value = number.parse::<f64>().ok().filter(|_| plain);
    value.and_then(Metric::float).ok_or(BadLine::Metric)
}

pub(crate) fn seconds(text: &str) -> Result<Timestamp, BadLine> {
    let secs = text.parse::<i64>().map_err(|_| BadLine::Time)?;
    secs.checked_mul(1_000_000).map(Timestamp::from_micros).ok_or(BadLine::Time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_name_value_and_time() {
        let expected = Event {
            service: Some("a.b".into()),
            metric: Some(Metric::Float(-1000.0)),
            time: Some(Timestamp::from_secs(456)),
            ..Event::default()
        };
        assert_eq!(decode("a.b  -1e3\t456 ", false), Ok(expected));
    }

    #[test]
    fn tags_are_read_where_they_are_wanted() {
        let read = decode("cpu;host=a;dc=fra;x;=y 1 2", true).unwrap();
        assert_eq!((read.service.as_deref(), read.host.as_deref()), (Some("cpu"), Some("a")));
        assert_eq!(read.attributes, [("dc".to_owned(), "fra".to_owned())]);
        assert_eq!(decode("cpu;host=a 1 2", false).unwrap().service.as_deref(), Some("cpu;host=a"));
    }

    #[test]
    fn every_other_line_says_what_is_wrong() {
        for (line, wrong) in [
            ("", BadLine::Blank),
            ("   ", BadLine::Blank),
            ("name", BadLine::NoMetric),
            ("name 1", BadLine::NoTime),
            ("name 1 2 3", BadLine::TooMany),
            (" name 1 2", BadLine::TooMany),
            ("name -NaN 2", BadLine::Nan),
            ("name 0x10 2", BadLine::Metric),
            ("name inf 2", BadLine::Metric),
            ("name 1 2.5", BadLine::Time),
            ("name 1 9223372036854775807", BadLine::Time),
        ] {
            assert_eq!(decode(line, false), Err(wrong), "{line:?}");
        }
        assert_eq!(decode(";a=b 1 2", true), Err(BadLine::NoName));
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in ".{0,80}", tags: bool) {
            if let Ok(event) = decode(&line, tags) {
                prop_assert!(event.service.is_some_and(|service| !service.contains(char::is_whitespace) || !service.is_ascii()));
                prop_assert!(event.metric.is_some_and(|metric| metric.as_f64().is_finite()));
            }
        }

        #[test]
        fn what_was_written_is_read_back(name in "[a-z.]{1,12}", value in -1e9..1e9f64, time in 0..4_102_444_800i64) {
            let read = decode(&format!("{name} {value} {time}"), false).unwrap();
            prop_assert_eq!((read.service, read.metric, read.time), (Some(name), Some(Metric::Float(value)), Some(Timestamp::from_secs(time))));
        }
    }
}
