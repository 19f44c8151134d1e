//! Reads events from JSON, with Riemann's field names: what the HTTP API takes, and what programs print.

use event::{Event, Metric, Timestamp};
use serde_json::{Map, Value};

/// Reads one event from its text.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &[u8]) -> Result<Event, String> {
    event(serde_json::from_slice(text).map_err(|error| format!("no JSON: {error}"))?)
}

/// Reads one event: `null` is as if the key were not there, and keys that are no field of events are attributes.
///
/// # Errors
/// What is wrong with it.
pub fn event(value: Value) -> Result<Event, String> {
    match value {
        Value::Object(fields) => of(fields),
        _ => Err("an event is an object: {\"service\": …}".to_owned()),
    }
}

fn of(fields: Map<String, Value>) -> Result<Event, String> {
    let mut event = Event::default();
    for (key, value) in fields {
        if value.is_null() {
            continue;
        }
        match key.as_str() {
            "host" => event.host = Some(text(&key, value)?),
            "service" => event.service = Some(text(&key, value)?),
            "state" => event.state = Some(text(&key, value)?),
            "description" => event.description = Some(text(&key, value)?),
            "metric" => event.metric = number(&key, &value)?,
            "ttl" => event.ttl = number(&key, &value)?.map(|ttl| ttl.as_f64() as f32),
            "time" => event.time = Some(time(&value)?),
            "tags" => event.marks = tags(value)?,
            _ => event.attributes.push((key, attribute(value))),
        }
    }
    Ok(event)
}

fn text(key: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(format!("`{key}` is {other}, not a text")),
    }
}

fn number(key: &str, value: &Value) -> Result<Option<Metric>, String> {
    match value {
        Value::Number(number) => Ok(number.as_i64().map(Metric::Int).or_else(|| number.as_f64().and_then(Metric::float))),
        other => Err(format!("`{key}` is {other}, not a number")),
    }
}

/// As Riemann has it: a text, never a number.
fn time(value: &Value) -> Result<Timestamp, String> {
    let read = value.as_str().and_then(|text| Timestamp::parse(text).ok());
    read.ok_or_else(|| format!("`time` is {value}, not like \"2026-11-22T07:20:51Z\""))
}

fn tags(value: Value) -> Result<Vec<String>, String> {
    let Value::Array(tags) = value else { return Err(format!("`tags` is {value}, not a list of texts")) };
    tags.into_iter().map(|tag| text("tags", tag)).collect()
}

fn attribute(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_object_has_riemanns_fields_and_attributes() {
        let line =
            br#"{"host":"a","service":"b","metric":1,"time":"2026-11-22T07:20:51Z","ttl":60,"tags":["x"],"state":null,"dc":"fra","n":3}"#;
        let expected = Event {
            host: Some("a".into()),
            service: Some("b".into()),
            metric: Some(Metric::Int(1)),
            time: Some(Timestamp::from_secs(1_795_332_051)),
            ttl: Some(60.0),
            marks: vec!["x".into()],
            attributes: vec![("dc".into(), "fra".into()), ("n".into(), "3".into())],
            ..Event::default()
        };
        assert_eq!(read(line), Ok(expected));
    }

    #[test]
    fn a_wrong_one_says_what_is_wrong() {
        for (line, wrong) in [
            (&b"x"[..], "no JSON: expected value at line 1 column 1"),
            (b"[1]", "an event is an object: {\"service\": …}"),
            (br#"{"time":5}"#, "`time` is 5, not like \"2026-11-22T07:20:51Z\""),
            (br#"{"metric":"5"}"#, "`metric` is \"5\", not a number"),
            (br#"{"tags":"x"}"#, "`tags` is \"x\", not a list of texts"),
        ] {
            assert_eq!(read(line), Err(wrong.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(line: Vec<u8>) {
            let _ = read(&line);
        }
    }
}
