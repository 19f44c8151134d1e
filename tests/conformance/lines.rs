//! `lines.json`: lines of graphite and OpenTSDB, each to an event or an error, whose text is free.

use serde_json::{Value, json};

use crate::events::to_json;

pub(crate) fn run(case: &Value) -> Result<Value, String> {
    let line = case["line"].as_str().unwrap();
    let decoded = match case["kind"].as_str().unwrap() {
        "graphite" => event::graphite::decode(line, case["tags"].as_bool().unwrap_or(false)),
        "opentsdb" => event::opentsdb::decode(line),
        other => return Err(format!("no line is of the kind {other}")),
    };
    let found = match decoded {
        Ok(event) => event.with_view(to_json),
        Err(_) if !case["expected"]["error"].is_null() => case["expected"].clone(),
        Err(error) => json!({"error": error.to_string()}),
    };
    Ok(json!({"expected": found}))
}
