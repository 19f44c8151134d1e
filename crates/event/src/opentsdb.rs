//! OpenTSDB's lines: `put NAME TIME VALUE KEY=VALUE…`, as Riemann reads them.

use crate::graphite::{BadLine, fields, metric, seconds};
use crate::{Event, Timestamp};

/// What is asked with `version` is answered with this.
pub const VERSION: &[u8] = b"net.opentsdb tools.jar: skep\n";

/// From here on a time is in milliseconds: in seconds it would be after the year 5000.
const MILLIS_FROM: i64 = 100_000_000_000;

/// Reads one line, without its end. The event's service is the name and every tag but `host`; its description is the name; tags become
/// attributes, `service` under the name `servicetag`.
///
/// # Errors
/// [`BadLine`]; [`BadLine::Version`] wants [`VERSION`] as an answer.
pub fn decode(line: &str) -> Result<Event, BadLine> {
    if line.trim_end() == "version" {
        return Err(BadLine::Version);
    }
    let mut fields = fields(line);
    match fields.next() {
        None => return Err(BadLine::Blank),
        Some("put") => {}
        Some(_) => return Err(BadLine::Command),
    }
    let name = fields.next().ok_or(BadLine::NoName)?;
    let time = fields.next().ok_or(BadLine::NoTime)?;
    let value = fields.next().ok_or(BadLine::NoMetric)?;
    let mut event =
        Event { description: Some(name.to_owned()), metric: Some(metric(value)?), time: Some(moment(time)?), ..Event::default() };
    let mut service = name.to_owned();
    for (key, value) in fields.filter_map(|tag| tag.split_once('=')).filter(|(key, _)| !key.is_empty()) {
        if key == "host" {
            event.host = Some(value.to_owned());
            continue;
        }
        service.extend([" ", key, "=", value]);
        let key = if key == "service" { "servicetag" } else { key };
        event.attributes.push((key.to_owned(), value.to_owned()));
    }
    event.service = Some(service);
    Ok(event)
}

fn moment(text: &str) -> Result<Timestamp, BadLine> {
    match text.parse::<i64>() {
        Ok(millis) if millis >= MILLIS_FROM => millis.checked_mul(1000).map(Timestamp::from_micros).ok_or(BadLine::Time),
        _ => seconds(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Metric;

    #[test]
    fn tags_are_part_of_the_service_and_attributes() {
        let read = decode("put cpu 1356998400 42.5 host=web01 cpu=0 service=x").unwrap();
        let expected = Event {
            service: Some("cpu cpu=0 service=x".into()),
            description: Some("cpu".into()),
            host: Some("web01".into()),
            metric: Some(Metric::Float(42.5)),
            time: Some(Timestamp::from_secs(1_356_998_400)),
            attributes: vec![("cpu".into(), "0".into()), ("servicetag".into(), "x".into())],
            ..Event::default()
        };
        assert_eq!(read, expected);
        assert_eq!(decode("put cpu 1356998400123 1").unwrap().time, Some(Timestamp::from_micros(1_356_998_400_123_000)));
    }

    #[test]
    fn every_other_line_says_what_is_wrong() {
        for (line, wrong) in [
            ("", BadLine::Blank),
            ("version", BadLine::Version),
            ("get cpu 1 2", BadLine::Command),
            ("put", BadLine::NoName),
            ("put cpu", BadLine::NoTime),
            ("put cpu 1000", BadLine::NoMetric),
            ("put cpu 1000 nan host=a", BadLine::Nan),
            ("put cpu 1000 x host=a", BadLine::Metric),
            ("put cpu x 1", BadLine::Time),
        ] {
            assert_eq!(decode(line), Err(wrong), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in "(put )?.{0,80}") {
            if let Ok(event) = decode(&line) {
                prop_assert!(event.description.is_some() && event.service.is_some());
            }
        }
    }
}
