//! The stream of a released collectd that corrupts its own events (collectd #4050), sent to a real `skep process` as it was captured.

use std::collections::BTreeMap;

use event::msg::{Encoder, Msg};
use event::{LabelsBuf, View, collectd};
use serde_json::{Value, json};
use transport::frames;
use transport::request::Connection;

use crate::common::{PATIENCE, Skep, project};

/// The capture is of another day and its events hold for two seconds: what comes is kept for longer, to be looked at.
const RULES: &str = "streams:
  keep:
    where: tagged \"collectd\"
    steps: [{set: {ttl: 1000000000}}, {to: [index]}]
index: {events: streams}
";

/// A text of the `.jsonl`, in which bytes that are no UTF-8 are told as `\xNN`.
fn bytes(told: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut parts = told.split("\\x");
    bytes.extend(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(&part.as_bytes()[2..]);
    }
    bytes
}

/// The same as skep takes it: lossily.
fn lossy(told: &Value) -> Value {
    told.as_str().map_or(Value::Null, |told| json!(String::from_utf8_lossy(&bytes(told))))
}

fn pairs(told: &Value) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let text = |value: &Value| bytes(value.as_str().unwrap_or_default());
    told["attributes"].as_array().into_iter().flatten().map(move |pair| (text(&pair[0]), text(&pair[1])))
}

/// The service that an event has, or that its attributes give it back.
fn service(told: &Value) -> Value {
    if told["service"].as_str().is_some_and(|service| !service.is_empty()) {
        return lossy(&told["service"]);
    }
    let mut labels = LabelsBuf::new();
    for (key, value) in pairs(told) {
        labels.attribute(&key, &value);
    }
    let mut service = Vec::new();
    assert!(collectd::service(&labels.view(), &mut service), "nothing gives {told} its service back");
    json!(String::from_utf8_lossy(&service))
}

fn expected(told: &Value) -> Value {
    let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
    let mut attributes: Vec<Value> = pairs(told).map(|(key, value)| json!([text(&key), text(&value)])).collect();
    attributes.sort_by_key(Value::to_string);
    json!({
        "host": if told["host"] == "" { Value::Null } else { lossy(&told["host"]) }, "service": service(told), "state": lossy(&told["state"]),
        "description": lossy(&told["description"]),
        "metric": if told["metric_d"] == "nan" { Value::Null } else { told["metric_d"].clone() },
        "micros": told["time_micros"], "tags": told["tags"].as_array().into_iter().flatten().map(lossy).collect::<Value>(),
        "attributes": attributes,
    })
}

fn found(view: &View<'_>) -> Value {
    let text = |bytes: &[u8]| json!(String::from_utf8_lossy(bytes));
    let or_null = |bytes: Option<&[u8]>| bytes.map_or(Value::Null, text);
    let mut attributes: Vec<Value> = view.labels.attributes().map(|(key, value)| json!([text(key), text(value)])).collect();
    attributes.sort_by_key(Value::to_string);
    json!({
        "host": or_null(view.host), "service": or_null(view.service), "state": or_null(view.state),
        "description": or_null(view.description),
        "metric": view.metric.map(event::Metric::as_f64), "micros": view.time.map(event::Timestamp::micros),
        "tags": view.labels.marks().map(text).collect::<Value>(), "attributes": attributes,
    })
}

/// The decimal text was read by another parser, so the last bit may differ.
fn is_near(found: &Value, told: &Value) -> bool {
    match (found.as_f64(), told.as_f64()) {
        (Some(found), Some(told)) => (found - told).abs() <= f64::EPSILON * told.abs(),
        _ => found == told,
    }
}

fn without_metric(event: &Value) -> Value {
    let mut event = event.clone();
    event.as_object_mut().unwrap().remove("metric");
    event
}

/// The last event of each host and service.
fn by_key(events: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    events.map(|event| (format!("{} {}", event["host"], event["service"]), event)).collect()
}

#[test]
fn the_corrupt_stream_is_acked_whole_and_the_index_holds_what_collectd_meant() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.yaml");
    std::fs::write(&rules, RULES).unwrap();
    let skep = Skep::start("process", folder.path(), &["--rules", rules.to_str().unwrap()]);
    let fixture = |ending: &str| project("crates/event/tests/fixtures/collectd-write_riemann-corrupt").with_extension(ending);
    let (stream, told) = (std::fs::read(fixture("bin")).unwrap(), std::fs::read_to_string(fixture("jsonl")).unwrap());
    let mut connection = Connection::open(skep.riemann.unwrap(), PATIENCE).unwrap();
    let mut n_messages = 0;
    for message in frames::messages(&stream) {
        assert_eq!(connection.ask(message).unwrap(), [0x10, 1], "message {n_messages}");
        n_messages += 1;
    }
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(n_messages, told.len());
    let events = told.iter().flat_map(|message| message["events"].as_array().unwrap());
    let expected = by_key(events.map(expected));
    let mut query = Encoder::new();
    query.query("not tagged \"skep\"");
    let reply = connection.ask(query.bytes()).unwrap();
    let found = by_key(Msg::decode(&reply).unwrap().events().map(|view| found(&view)));
    for (key, event) in &expected {
        let found = found.get(key).unwrap_or_else(|| panic!("{key} is not there"));
        assert!(is_near(&found["metric"], &event["metric"]), "{key}: {} is not {}", found["metric"], event["metric"]);
        assert_eq!(without_metric(found), without_metric(event), "{key}");
    }
    assert_eq!(found.len(), expected.len());
    // An independent decoder counted them.
    skep.wait_for_number("skep_processor_events_rebuilt_total", 115.0);
    assert_eq!(skep.number("skep_processor_connections_garbage_total"), 0.0);
    skep.stop();
}
