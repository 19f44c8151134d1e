//! Cases whose results Riemann itself computed. Those whose note says that skep differs hold our result: see ARCHITECTURE.md.

use engine::query::Query;
use event::{Event, Metric, Timestamp};
use serde_json::Value;

const CASES: &str = include_str!("../conformance/query.json");

#[test]
fn every_case_has_the_result_that_riemann_computed() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 90, "{} cases", cases.len());
    let failed: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn failure(case: &Value) -> Option<String> {
    let text = case["query"].as_str().expect("a case has a query");
    let found = match Query::parse(text) {
        Ok(query) => Value::Bool(event(&case["event"]).with_view(|view| query.matches(view))),
        Err(_) => Value::from("error"),
    };
    (found != case["expected"]).then(|| format!("{}: {text}: {found}, expected {}", case["id"], case["expected"]))
}

fn event(json: &Value) -> Event {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let texts = |value: &Value| value.as_str().expect("a text").to_owned();
    Event {
        time: Some(json["time"].as_f64().map_or(Timestamp::from_secs(1_000), |secs| Timestamp::from_micros((secs * 1e6) as i64))),
        state: text("state"),
        service: text("service"),
        host: text("host"),
        description: text("description"),
        ttl: json["ttl"].as_f64().map(|ttl| ttl as f32),
        metric: metric(&json["metric"]),
        marks: json["tags"].as_array().map(|marks| marks.iter().map(texts).collect()).unwrap_or_default(),
        attributes: json["attributes"]
            .as_object()
            .map(|object| object.iter().map(|(key, value)| (key.clone(), texts(value))).collect())
            .unwrap_or_default(),
    }
}

fn metric(json: &Value) -> Option<Metric> {
    json.as_i64().map(Metric::Int).or_else(|| json.as_f64().and_then(Metric::float))
}
