//! `folds.json`: a fold over a row of events, some of which may be none.

use serde_json::{Value, json};

use crate::engine_run::Simulation;
use crate::events::{TIMELESS, event};

/// Which place of the row an event belongs to.
const PLACE: &str = "conformance_place";

pub(crate) fn run(case: &Value) -> Result<Value, String> {
    let events = case["events"].as_array().unwrap();
    let found = if case["fold"] == "sorted_sample" {
        let step = json!({"percentiles": {"every": "1s", "points": case["points"]}});
        let records = feed(&[step], events)?;
        return Ok(json!({"expected": records}));
    } else if events.iter().all(Value::is_null) {
        empty(&case["fold"])?
    } else {
        let queries: Vec<_> = (0..events.len()).map(|place| format!("{PLACE} = \"{place}\"")).collect();
        let steps = [json!({"join": queries}), json!({"set": {PLACE: null}}), json!({"fold": case["fold"]})];
        // The row grows with each event; only the whole one counts.
        let partial = events.iter().rposition(|event| !event.is_null()).unwrap();
        let before: Vec<Value> = events.iter().take(partial).cloned().collect();
        let n_before = if before.iter().all(Value::is_null) { 0 } else { feed(&steps, &before)?.len() };
        feed(&steps, events)?.into_iter().skip(n_before).last()
    };
    Ok(json!({"expected": found}))
}

fn feed(steps: &[Value], events: &[Value]) -> Result<Vec<Value>, String> {
    let steps: Vec<Value> = steps.iter().cloned().chain([json!({"tap": "out"})]).collect();
    let mut simulation = Simulation::new(&Value::Array(steps), &json!({"events": "streams"}), 0.0)?;
    for (place, json) in events.iter().enumerate().filter(|(_, json)| !json.is_null()) {
        let mut event = event(json);
        if event.time.is_none() {
            event.marks.push(TIMELESS.to_owned());
        }
        event.attributes.push((PLACE.to_owned(), place.to_string()));
        simulation.feed(0.0, &event);
    }
    simulation.advance(1.5);
    let events = simulation.taps.0.iter().map(|record| record["event"].clone());
    Ok(events.map(without_place).collect())
}

fn without_place(mut event: Value) -> Value {
    event.as_object_mut().unwrap().remove(PLACE);
    event
}

/// A row without events: the empty window between two events.
fn empty(fold: &Value) -> Result<Option<Value>, String> {
    let steps = json!([{"window": {"tumble": "1s"}}, {"fold": fold}, {"tap": "out"}]);
    let mut simulation = Simulation::new(&steps, &json!({"events": "streams"}), 0.0)?;
    simulation.feed(0.0, &event(&json!({"metric": 1, "time": 0})));
    simulation.feed(2.0, &event(&json!({"metric": 1, "time": 2})));
    let at_two = simulation.taps.0.iter().find(|record| record["t"] == 2.0);
    Ok(at_two.map(|record| record["event"].clone()))
}
