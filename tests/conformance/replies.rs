//! Replies of Riemann's protocol, field by field as they stand on the wire, beside what a case expects.
//!
//! The order of events and of attributes is free, and so is the text of an error.

use std::time::{SystemTime, UNIX_EPOCH};

use event::msg::Msg;
use prost::Message as _;
use serde_json::{Map, Value, json};

use crate::{hex, proto, same};

/// How far the time that a server gave an event may be from ours.
const MAX_OFF: f64 = 60.0;

/// Compares a reply with the expected one, and with its exact frame where nothing in it is free.
pub(crate) fn check(expected: &Value, frame: &Value, reply: &[u8], timeless: &[String]) -> Result<(), String> {
    let found = proto::Msg::decode(reply).map_err(|error| format!("the reply is no message: {error}"))?;
    if let Some(n) = expected["events_count"].as_u64() {
        let n_found = found.events.len() as u64;
        return if n_found == n { Ok(()) } else { Err(format!("{n_found} events, not {n}")) };
    }
    let told = to_json(&found);
    check_times(&told, timeless)?;
    let (expected, told) = (normal(expected, timeless), normal(&told, timeless));
    same::check(&json!({"reply": expected}), &json!({"reply": told}))?;
    let is_fixed = found.error.is_none() && found.events.len() <= 1 && found.events.iter().all(|event| event.attributes.len() <= 1);
    match frame.as_str() {
        Some(frame) if is_fixed && timeless.is_empty() => {
            let found = hex::encode(&[&(reply.len() as u32).to_be_bytes(), reply].concat());
            if found == frame { Ok(()) } else { Err(format!("the frame is\n  {found}, not\n  {frame}")) }
        }
        _ => Ok(()),
    }
}

/// A message that reaches the stream which fails at the top is refused by Riemann; here no step fails a message (difference 8).
pub(crate) fn of_failing_stream(request: Option<&[u8]>, expected: &Value) -> Value {
    let fails = request.is_some_and(|request| services(request, |_| true).iter().any(|service| service == "toplevel"));
    if fails && expected["ok"] == false { json!({"ok": true}) } else { expected.clone() }
}

/// Services of the events that have no time of their own.
pub(crate) fn timeless(request: &[u8]) -> Vec<String> {
    services(request, |view| view.time.is_none())
}

fn services(request: &[u8], which: impl Fn(&event::View<'_>) -> bool) -> Vec<String> {
    let Ok(message) = Msg::decode(request) else { return Vec::new() };
    let picked = message.events().filter(which);
    picked.map(|view| String::from_utf8_lossy(view.service.unwrap_or_default()).into_owned()).collect()
}

fn to_json(message: &proto::Msg) -> Value {
    let mut json = Map::new();
    json.insert("ok".to_owned(), json!(message.ok));
    if let Some(error) = &message.error {
        json.insert("error".to_owned(), text(error));
    }
    json.insert("events".to_owned(), message.events.iter().map(event).collect());
    Value::Object(json)
}

fn text(bytes: &[u8]) -> Value {
    json!(String::from_utf8_lossy(bytes))
}

fn event(event: &proto::Event) -> Value {
    let mut json = Map::new();
    let mut put = |key: &str, value: Value| json.insert(key.to_owned(), value);
    put("time", json!(event.time));
    put("time_micros", json!(event.time_micros));
    put("ttl", json!(event.ttl));
    put("metric_sint64", json!(event.metric_sint64));
    put("metric_d", json!(event.metric_d));
    put("metric_f", json!(event.metric_f));
    let texts = [("host", &event.host), ("service", &event.service), ("state", &event.state), ("description", &event.description)];
    for (key, value) in texts {
        put(key, value.as_ref().map_or(Value::Null, |value| text(value)));
    }
    put("tags", event.tags.iter().map(|tag| text(tag)).collect());
    let attribute = |attribute: &proto::Attribute| {
        let both = [&attribute.key, &attribute.value];
        both.map(|one| one.as_ref().map_or(Value::Null, |one| text(one))).into_iter().collect::<Value>()
    };
    let attributes: Vec<Value> = event.attributes.iter().map(attribute).collect();
    put("attributes", if attributes.is_empty() { Value::Null } else { json!(attributes) });
    json.retain(|_, value| !value.is_null());
    Value::Object(json)
}

/// Free orders made one, times that a server gave taken out, of an error only that there is one.
fn normal(reply: &Value, timeless: &[String]) -> Value {
    let mut events = reply["events"].as_array().cloned().unwrap_or_default();
    for event in &mut events {
        let is_timeless = timeless.iter().any(|service| event["service"] == service.as_str());
        let fields = event.as_object_mut().unwrap();
        if let Some(Value::Array(attributes)) = fields.get_mut("attributes") {
            attributes.sort_by_key(Value::to_string);
        }
        if is_timeless {
            fields.retain(|key, _| key != "time" && key != "time_micros");
        }
    }
    events.sort_by_key(|event| (event["host"].to_string(), event["service"].to_string()));
    json!({"ok": reply["ok"], "is_error": !reply["error"].is_null(), "events": events})
}

/// An event that came without a time has the server's present, once in seconds and once in microseconds.
fn check_times(found: &Value, timeless: &[String]) -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let events = found["events"].as_array().into_iter().flatten();
    for event in events.filter(|event| timeless.iter().any(|service| event["service"] == service.as_str())) {
        let (time, micros) = (event["time"].as_f64().unwrap_or_default(), event["time_micros"].as_f64().unwrap_or_default());
        if (time - now).abs() > MAX_OFF || (micros / 1e6 - time).abs() > 1.0 {
            return Err(format!("it is {now}, but an event that came without a time has {time} s, {micros} µs"));
        }
    }
    Ok(())
}
