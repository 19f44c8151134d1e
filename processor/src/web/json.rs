//! Events as JSON, with Riemann's field names.

use event::{Metric, Timestamp, View};
use serde_json::Value;

/// Names of an event's own fields: an attribute of such a name would make a key twice.
const FIELDS: [&[u8]; 8] = [b"host", b"service", b"state", b"description", b"metric", b"time", b"ttl", b"tags"];

/// Appends an event as one object: `null` for what it has not, `time` as RFC 3339, attributes as further keys.
pub(crate) fn event(out: &mut Vec<u8>, view: &View<'_>) {
    out.extend_from_slice(b"{\"host\":");
    optional(out, view.host);
    out.extend_from_slice(b",\"service\":");
    optional(out, view.service);
    out.extend_from_slice(b",\"state\":");
    optional(out, view.state);
    out.extend_from_slice(b",\"description\":");
    optional(out, view.description);
    out.extend_from_slice(b",\"metric\":");
    metric(out, view.metric);
    out.extend_from_slice(b",\"time\":");
    time(out, view.time);
    out.extend_from_slice(b",\"ttl\":");
    ttl(out, view.ttl);
    out.extend_from_slice(b",\"tags\":");
    array(out, view.labels.marks(), text);
    for (key, value) in view.labels.attributes().filter(|(key, _)| !FIELDS.contains(key)) {
        out.push(b',');
        text(out, key);
        out.push(b':');
        text(out, value);
    }
    out.push(b'}');
}

/// Appends `[…]`, each item by `put`.
pub(crate) fn array<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut put: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        put(out, item);
    }
    out.push(b']');
}

/// Appends a text; bytes that are not UTF-8 are taken lossily.
pub(crate) fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    let plain = |byte: &u8| *byte >= 0x20 && *byte < 0x7f && *byte != b'"' && *byte != b'\\';
    if bytes.iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(bytes);
        out.push(b'"');
    } else {
        value(out, &Value::from(String::from_utf8_lossy(bytes)));
    }
}

/// Appends a text, or `null`.
pub(crate) fn optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => text(out, bytes),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends a metric as one number, or `null`.
pub(crate) fn metric(out: &mut Vec<u8>, metric: Option<Metric>) {
    match metric {
        Some(Metric::Int(number)) => value(out, &Value::from(number)),
        Some(Metric::Float(number)) => value(out, &Value::from(number)),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends seconds, written as short as they read, or `null`.
pub(crate) fn ttl(out: &mut Vec<u8>, ttl: Option<f32>) {
    let shortest = ttl.and_then(|ttl| ttl.to_string().parse::<f64>().ok());
    value(out, &shortest.map_or(Value::Null, Value::from));
}

/// Appends a time in RFC 3339, or `null`.
pub(crate) fn time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    match time {
        Some(time) => text(out, time.to_string().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

fn value(out: &mut Vec<u8>, value: &Value) {
    // A `Value` of ours has string keys only and a Vec takes all it is given: there is nothing to fail.
    let written = serde_json::to_writer(&mut *out, value);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use event::Event;

    use super::*;

    #[track_caller]
    fn check(given: Event, json: &str) {
        let mut out = Vec::new();
        given.with_view(|view| event(&mut out, view));
        assert_eq!(String::from_utf8(out).unwrap(), json);
    }

    #[test]
    fn an_event_has_riemanns_fields_and_its_attributes() {
        let given = Event {
            host: Some("n1".into()),
            service: Some("mem/used_percent".into()),
            metric: Some(Metric::Float(41.5)),
            time: Some(Timestamp::from_secs(0)),
            ttl: Some(0.1),
            marks: vec!["skep".into()],
            attributes: vec![("path".into(), "/\"\n".into()), ("state".into(), "dropped".into())],
            ..Event::default()
        };
        check(
            given,
            r#"{"host":"n1","service":"mem/used_percent","state":null,"description":null,"metric":41.5,"time":"1970-01-01T00:00:00Z","ttl":0.1,"tags":["skep"],"path":"/\"\n"}"#,
        );
    }

    #[test]
    fn an_empty_event_is_all_nulls() {
        check(
            Event::default(),
            r#"{"host":null,"service":null,"state":null,"description":null,"metric":null,"time":null,"ttl":null,"tags":[]}"#,
        );
    }
}
