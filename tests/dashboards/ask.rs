//! A board's queries as Grafana sends them: variables and macros filled in.

use serde_json::Value;

/// The picked time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Picked {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// Grafana's step for so short a time: the data source's `timeInterval`.
const STEP: &str = "5s";

impl Picked {
    /// Whole steps that are over, with all that belongs to them on both sides.
    pub(crate) fn closed(self) -> Self {
        let step = |time: i64| time.div_euclid(5_000) * 5_000;
        Self { from: step(self.from) + 5_000, to: step(self.to) - 10_001 }
    }

    /// What is sent for a query when every variable is All.
    pub(crate) fn fill(self, query: &str) -> String {
        let bounds = format!("time >= {}ms and time <= {}ms", self.from, self.to);
        let filled = query.replace("$timeFilter", &bounds).replace("$__interval", STEP).replace("${__to}", &self.to.to_string());
        variables(&filled)
    }
}

/// `/^$host$/` with All, whose own value is `.*`.
fn variables(query: &str) -> String {
    let mut parts = query.split("/^$");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |filled, part| {
        let rest = part.split_once("$/").map_or("", |(_, rest)| rest);
        format!("{filled}/^.*$/{rest}")
    })
}

/// Rows of an answer that hold a value beside their time.
pub(crate) fn n_rows(answer: &Value) -> usize {
    let series = answer["results"][0]["series"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = series.iter().flat_map(|series| series["values"].as_array().map_or(&[][..], Vec::as_slice));
    rows.filter(|row| row.as_array().is_some_and(|cells| cells.iter().skip(1).any(|cell| !cell.is_null()))).count()
}

/// What the server says is wrong with a statement.
pub(crate) fn error(answer: &Value) -> Option<&str> {
    answer["error"].as_str().or_else(|| answer["results"][0]["error"].as_str())
}

/// Whether both answers say the same, numbers within rounding.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b))),
        _ => a == b,
    }
}
