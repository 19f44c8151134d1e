//! `GET /api/v1/units`: what the catalogue knows of each metric, so that pages show numbers as people read them.

use hyper::Response;
use serde_json::{Map, Value, json};

use super::answer;
use super::body::Body;

/// `MEASUREMENT/FIELD` → unit, kind, one sentence.
pub(super) fn answer() -> Response<Body> {
    let one = |metric: &catalogue::Metric| {
        let about = json!({ "unit": metric.unit.name(), "kind": metric.kind.name(), "sentence": metric.about });
        (format!("{}/{}", metric.measurement, metric.field), about)
    };
    let all: Map<String, Value> = catalogue::metrics().map(one).collect();
    answer::json(Value::Object(all).to_string().into_bytes())
}
