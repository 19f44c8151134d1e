//! How alert instances are called: unique keys from any values.

use std::borrow::Cow;
use std::fmt::Write;

use event::View;

use super::Alert;
use super::instance::Texts;

/// Attributes of that name would override a field of the event, so the field of `by` gets a prefix.
const TAKEN: [&str; 17] = [
    "host",
    "service",
    "state",
    "description",
    "metric",
    "time",
    "ttl",
    "tags",
    "alert",
    "since",
    "message",
    "runbook",
    "name",
    "details",
    "team",
    "labels",
    "links",
];

/// Whether an alert's event says something else under this name, so that no label can be called so.
pub fn is_taken(name: &str) -> bool {
    TAKEN.contains(&name)
}

/// Under which name an alert's event carries a field of `by`.
pub fn attribute(field: &str) -> Cow<'_, str> {
    if TAKEN.contains(&field) { Cow::Owned(format!("instance_{field}")) } else { Cow::Borrowed(field) }
}

/// The text of an event's field; `None` when it has none.
pub(crate) fn value<'a>(event: &View<'a>, field: &str) -> Option<Cow<'a, str>> {
    let text = |bytes: &'a [u8]| String::from_utf8_lossy(bytes);
    match field {
        "host" => event.host.map(text),
        "service" => event.service.map(text),
        "state" => event.state.map(text),
        "description" => event.description.map(text),
        "metric" => event.metric.map(|metric| Cow::Owned(metric.to_string())),
        "time" => event.time.map(|time| Cow::Owned(time.to_string())),
        "ttl" => event.ttl.map(|ttl| Cow::Owned(ttl.to_string())),
        other => event.labels.attribute(other.as_bytes()).map(text),
    }
}

/// What ends a line, and the letter that stands for it behind a backslash: `%` of `=~` does not cross the end of a line, and an alert that
/// no query finds would be open unseen.
const LINE_ENDS: [(char, char); 5] = [('\n', 'n'), ('\r', 'r'), ('\u{85}', 'e'), ('\u{2028}', 'l'), ('\u{2029}', 'p')];

/// Writes a value so that neither `/` nor the `-` for none can be mistaken.
fn escape(out: &mut String, value: Option<&str>) {
    match value {
        None => out.push('-'),
        Some("-") => out.push_str("\\-"),
        Some(value) => {
            for char in value.chars() {
                let end = LINE_ENDS.iter().find(|(end, _)| *end == char);
                if end.is_some() || matches!(char, '/' | '\\') {
                    out.push('\\');
                }
                out.push(end.map_or(char, |(_, letter)| *letter));
            }
        }
    }
}

/// Writes the instance that an event belongs to: the values of `by`, escaped and joined.
pub(crate) fn write_instance(out: &mut String, alert: &Alert, event: &View<'_>) {
    write_key(out, &alert.by, event);
}

/// Writes the values of some fields, escaped and joined.
pub(crate) fn write_key(out: &mut String, fields: &[String], event: &View<'_>) {
    out.clear();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push('/');
        }
        escape(out, value(event, field).as_deref());
    }
}

/// The text of an instance taken apart: one part for each field of `by`, still escaped.
pub fn parts(instance: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, byte) in instance.bytes().enumerate() {
        if byte == b'/' && !is_escaped {
            parts.push(instance.get(start..at).unwrap_or_default());
            start = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    parts.push(instance.get(start..).unwrap_or_default());
    parts
}

/// The value that a part stands for; `None` for the `-` of an absent field.
pub fn part_value(part: &str) -> Option<String> {
    if part == "-" {
        return None;
    }
    let mut value = String::with_capacity(part.len());
    let mut is_escaped = false;
    for char in part.chars() {
        let was_escaped = is_escaped;
        is_escaped = char == '\\' && !was_escaped;
        if !is_escaped {
            let end = LINE_ENDS.iter().find(|(_, letter)| was_escaped && *letter == char);
            value.push(end.map_or(char, |(end, _)| *end));
        }
    }
    Some(value)
}

/// The instance of these values of `by`.
pub(crate) fn instance_of(values: &[Option<String>]) -> String {
    let mut out = String::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push('/');
        }
        escape(&mut out, value.as_deref());
    }
    out
}

/// The names of a new instance.
pub(crate) fn texts(alert: &Alert, event: &View<'_>, instance: &str, swarm: &str) -> Texts {
    let values = alert.by.iter().map(|field| value(event, field).map(Cow::into_owned)).collect();
    texts_of(alert, values, instance, swarm)
}

/// The names of a new instance of these values of `by`.
pub(crate) fn texts_of(alert: &Alert, values: Vec<Option<String>>, instance: &str, swarm: &str) -> Texts {
    let mut service = String::from("alert/");
    escape(&mut service, Some(&alert.name));
    let mut host = Some(swarm.to_owned());
    for (field, value) in alert.by.iter().zip(&values) {
        if field == "host" {
            host.clone_from(value);
        } else {
            service.push('/');
            escape(&mut service, value.as_deref());
        }
    }
    Texts { instance: instance.to_owned(), host, service, values, ..Texts::default() }
}

/// Writes what a rule without a message says.
pub(crate) fn write_default_message(out: &mut String, alert: &Alert, instance: &str, state: crate::State, value: Option<f64>) {
    if !instance.is_empty() {
        let _ = write!(out, "{instance}: ");
    }
    let _ = write!(out, "{} is {state}", alert.name);
    if let Some(value) = value {
        let _ = write!(out, " ({value})");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;
    use event::LabelsBuf;
    use proptest::prelude::*;

    fn key(by: &[&str], host: Option<&str>, task: Option<&str>) -> (Option<String>, String) {
        let mut alert = Alert::new("a", Query::parse("true").unwrap());
        alert.by = by.iter().map(|field| (*field).to_owned()).collect();
        let mut labels = LabelsBuf::new();
        for (key, value) in [("task", task), ("node", host)] {
            if let Some(value) = value {
                labels.attribute(key.as_bytes(), value.as_bytes());
            }
        }
        let event = View { host: host.map(str::as_bytes), labels: labels.view(), ..View::default() };
        let mut instance = String::new();
        write_instance(&mut instance, &alert, &event);
        let texts = texts(&alert, &event, &instance, "swarm");
        (texts.host, texts.service)
    }

    #[track_caller]
    fn check(by: &[&str], host: Option<&str>, task: Option<&str>, key_host: Option<&str>, service: &str) {
        assert_eq!(key(by, host, task), (key_host.map(str::to_owned), service.to_owned()));
    }

    #[test]
    fn an_instance_has_a_key_of_its_own() {
        check(&["host"], Some("n1"), None, Some("n1"), "alert/a");
        check(&["host", "task"], Some("n1"), Some("web.1"), Some("n1"), "alert/a/web.1");
        check(&["task"], Some("n1"), Some("web.1"), Some("swarm"), "alert/a/web.1");
        check(&["task"], Some("n1"), None, Some("swarm"), "alert/a/-");
        check(&["task"], Some("n1"), Some("-"), Some("swarm"), "alert/a/\\-");
        check(&["task"], Some("n1"), Some("a/b\\c"), Some("swarm"), "alert/a/a\\/b\\\\c");
        check(&["host"], None, None, None, "alert/a");
    }

    proptest! {
        #[test]
        fn no_two_instances_share_a_key(a in values(), b in values()) {
            let by = ["host", "task", "node"];
            let (one, other) = (key(&by, a.0.as_deref(), a.1.as_deref()), key(&by, b.0.as_deref(), b.1.as_deref()));
            prop_assert_eq!(a == b, one == other);
        }
    }

    proptest! {
        #[test]
        fn an_instance_taken_apart_gives_its_values(values in proptest::collection::vec(proptest::option::of("[-/\\\\aén\n\r\u{2028}]{0,4}"), 1..4)) {
            let mut text = String::new();
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    text.push('/');
                }
                escape(&mut text, value.as_deref());
            }
            prop_assert_eq!(parts(&text).into_iter().map(part_value).collect::<Vec<_>>(), values);
        }
    }

    fn values() -> impl Strategy<Value = (Option<String>, Option<String>)> {
        (proptest::option::of("[-/\\\\an\n]{1,3}"), proptest::option::of("[-/\\\\an\n]{0,3}"))
    }
}
