//! `query.json`: a query and one event, asked as the wire asks, and as the `where` of a stream.

use engine::query::Query;
use event::msg;
use serde_json::{Value, json};

use crate::engine_run::Simulation;
use crate::events::{encode, event, timestamp};

pub(crate) fn run(case: &Value) -> Result<Value, String> {
    let text = case["query"].as_str().unwrap();
    let mut event = event(&case["event"]);
    event.time = event.time.or(Some(timestamp(1000.0)));
    let Ok(query) = Query::parse(text) else {
        return match in_a_stream(text, &event) {
            Ok(_) => Err("a rule file takes it, the wire does not".to_owned()),
            Err(_) => Ok(json!({"expected": "error"})),
        };
    };
    let bytes = encode(&event);
    let found = msg::events(&bytes).next().is_some_and(|event| query.matches(&event));
    // A rule file refuses what is legal and hardly meant.
    match in_a_stream(text, &event) {
        Ok(passed) if passed != found => Err(format!("a stream says {passed}, the wire {found}")),
        _ => Ok(json!({"expected": found})),
    }
}

fn in_a_stream(query: &str, event: &event::Event) -> Result<bool, String> {
    let steps = json!([{"where": query}, {"tap": "out"}]);
    let mut simulation = Simulation::new(&steps, &json!({"events": "streams"}), 0.0)?;
    simulation.feed(event.time.unwrap_or_default().as_secs_f64(), event);
    Ok(!simulation.taps.0.is_empty())
}
