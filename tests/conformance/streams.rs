//! `streams.json`: a tree of streams, fed with events at their times.

use serde_json::{Value, json};

use crate::engine_run::Simulation;
use crate::events::{TIMELESS, event, timestamp};
use crate::translate;

pub(crate) fn run(case: &Value) -> Result<Value, String> {
    feed(case, false)
}

/// As [`run`]: who takes a snapshot and goes on from it is none the wiser.
pub(crate) fn run_with_restarts(case: &Value) -> Result<Value, String> {
    feed(case, true)
}

fn feed(case: &Value, restarts: bool) -> Result<Value, String> {
    let start = case["start"].as_f64().unwrap_or(0.0);
    let mut index = json!({"events": "streams"});
    let reaper = &case["reaper"];
    let every = reaper["interval"].as_f64().unwrap_or(1e9);
    index["expire_every"] = json!(translate::duration(every));
    match &reaper["keep_keys"] {
        Value::Null => {}
        Value::String(all) => index["keep"] = json!(all),
        keys => index["keep"] = keys.clone(),
    }
    let mut simulation = Simulation::new(&Value::Array(translate::steps(&case["stream"])), &index, start)?;
    for step in case["steps"].as_array().unwrap() {
        let t = step[0].as_f64().unwrap();
        if restarts {
            simulation.restart();
        }
        if step[1].is_null() {
            simulation.advance(t);
            continue;
        }
        let mut event = event(&step[1]);
        if step[1].as_object().unwrap().contains_key("time") && event.time.is_none() {
            event.marks.push(TIMELESS.to_owned());
        } else {
            event.time = event.time.or(Some(timestamp(t)));
        }
        simulation.feed(t, &event);
    }
    let index = simulation.index();
    Ok(json!({"expected": simulation.taps.0, "expected_index": index}))
}
