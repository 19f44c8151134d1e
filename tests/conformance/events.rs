//! Events as the cases have them, to and from ours.

use event::msg::Encoder;
use event::{Event, Metric, Timestamp, View};
use serde_json::{Map, Value, json};

/// Carried by events that must have no time, which no sender can say: a stream takes it away again.
pub(crate) const TIMELESS: &str = "conformance timeless";

const FIELDS: [&str; 9] = ["host", "service", "state", "description", "tags", "metric", "ttl", "time", "attributes"];

/// The event of a case.
pub(crate) fn event(json: &Value) -> Event {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let mut event = Event {
        time: json["time"].as_f64().map(timestamp),
        state: text("state"),
        service: text("service"),
        host: text("host"),
        description: text("description"),
        ttl: json["ttl"].as_f64().map(|ttl| ttl as f32),
        metric: metric(&json["metric"]),
        marks: json["tags"].as_array().into_iter().flatten().map(|mark| mark.as_str().unwrap().to_owned()).collect(),
        attributes: Vec::new(),
    };
    let others = json.as_object().into_iter().flatten().filter(|(key, _)| !FIELDS.contains(&key.as_str()));
    for (key, value) in others.chain(json["attributes"].as_object().into_iter().flatten()) {
        event.attributes.push((key.clone(), value.as_str().unwrap_or_default().to_owned()));
    }
    event
}

pub(crate) fn timestamp(secs: f64) -> Timestamp {
    Timestamp::from_micros((secs * 1e6).round() as i64)
}

fn metric(json: &Value) -> Option<Metric> {
    json.as_i64().map(Metric::Int).or_else(|| json.as_f64().and_then(Metric::float))
}

/// One message with these events.
pub(crate) fn encode(event: &Event) -> Vec<u8> {
    let mut encoder = Encoder::new();
    event.with_view(|view| encoder.event(view));
    encoder.bytes().to_vec()
}

/// An event as the cases have it.
pub(crate) fn to_json(view: &View<'_>) -> Value {
    let event = Event::from(view);
    let mut json = Map::new();
    let texts = [("host", event.host), ("service", event.service), ("state", event.state), ("description", event.description)];
    for (key, value) in texts {
        json.insert(key.to_owned(), json!(value));
    }
    json.insert("tags".to_owned(), if event.marks.is_empty() { Value::Null } else { json!(event.marks) });
    json.insert("metric".to_owned(), json!(event.metric.map(Metric::as_f64)));
    json.insert("ttl".to_owned(), json!(event.ttl));
    json.insert("time".to_owned(), json!(event.time.map(Timestamp::as_secs_f64)));
    for (key, value) in event.attributes {
        json.insert(key, json!(value));
    }
    Value::Object(json)
}
