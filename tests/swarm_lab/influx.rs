//! The InfluxDB of the stack, asked as a person would ask it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::Value;
use testbed::http;

pub(crate) struct Influx(pub(crate) SocketAddr);

impl Influx {
    /// The rows of all series that answer; none while nobody does, or the database is not made yet.
    pub(crate) fn rows(&self, statement: &str) -> Vec<Vec<Value>> {
        let path = format!("/query?db=swarm&epoch=ms&q={}", http::encode(statement));
        let Ok(answer) = http::get(self.0, &path) else { return Vec::new() };
        let answer: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let error = answer["results"][0]["error"].as_str().unwrap_or_default();
        assert!(error.is_empty() || error.starts_with("database not found"), "{statement}: {error}");
        let series = answer["results"][0]["series"].as_array().cloned().unwrap_or_default();
        let rows = series.iter().flat_map(|series| series["values"].as_array().cloned().unwrap_or_default());
        rows.map(|row| row.as_array().cloned().unwrap_or_default()).collect()
    }

    /// The value of the first row, which stands behind its time.
    pub(crate) fn value(&self, statement: &str) -> Value {
        self.rows(statement).first().and_then(|row| row.get(1).cloned()).unwrap_or_default()
    }

    /// The values of the first column behind the time, each once.
    pub(crate) fn texts(&self, statement: &str) -> BTreeSet<String> {
        self.rows(statement).iter().filter_map(|row| Some(row.get(1)?.as_str()?.to_owned())).collect()
    }

    /// The values that a tag has in a measurement.
    pub(crate) fn tags(&self, measurement: &str, key: &str) -> BTreeSet<String> {
        self.texts(&format!("SHOW TAG VALUES FROM {measurement} WITH KEY = \"{key}\""))
    }
}
