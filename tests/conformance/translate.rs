//! Riemann's streams as the cases name them, to steps of a rule file.

use serde_json::{Map, Value, json};

/// The steps of one stream.
pub(crate) fn steps(stream: &Value) -> Vec<Value> {
    if let Some(tap) = stream.get("tap") {
        return vec![json!({"tap": tap})];
    }
    let op = stream["op"].as_str().unwrap();
    match op {
        "sdo" => return children(&stream["then"]),
        "split" => return vec![split(stream)],
        _ => {}
    }
    let mut steps = own(op, stream);
    let then = match op {
        // A row is put in order only so that the case has one result; then as it says.
        "index" => Vec::new(),
        _ => children(&stream["then"]),
    };
    if let (Some(last), true) = (steps.last_mut(), stream.get("else").is_some()) {
        last["else"] = Value::Array(children(&stream["else"]));
    }
    steps.extend(then);
    steps
}

/// What gets the events of a stream: several become branches.
fn children(then: &Value) -> Vec<Value> {
    let list = match then {
        Value::Null => return Vec::new(),
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    match list {
        [one] => steps(one),
        several => vec![json!({"branches": several.iter().map(steps).collect::<Vec<_>>()})],
    }
}

fn split(stream: &Value) -> Value {
    let clauses = stream["clauses"].as_array().unwrap().iter();
    let mut ways: Vec<Value> = clauses.map(|clause| json!({"when": clause["query"], "steps": children(&clause["then"])})).collect();
    if !stream["default"].is_null() {
        ways.push(json!({"else": children(&stream["default"])}));
    }
    json!({"split": ways})
}

/// Seconds as a rule file has them.
pub(crate) fn duration(secs: f64) -> String {
    format!("{}us", (secs * 1e6).round() as i64)
}

fn secs(value: &Value) -> Value {
    Value::from(duration(value.as_f64().unwrap()))
}

fn text_or(value: &Value, default: &str) -> String {
    value.as_str().unwrap_or(default).to_owned()
}

fn tagged(stream: &Value, join: &str) -> Value {
    let tags = &stream["tags"];
    let one = std::slice::from_ref(tags);
    let tags = tags.as_array().map_or(one, Vec::as_slice);
    let terms: Vec<String> = tags.iter().map(|tag| format!("tagged {tag}")).collect();
    json!({"where": terms.join(join)})
}

fn list(value: &Value) -> Value {
    if value.is_array() { value.clone() } else { json!([value]) }
}

/// A value of `match`: nothing, a text, a number, or any of several.
fn matches(field: &Value, value: &Value) -> String {
    let field = field.as_str().unwrap();
    match value {
        Value::Null => format!("{field} = nil"),
        Value::Array(values) => values.iter().map(|value| matches(&Value::from(field), value)).collect::<Vec<_>>().join(" or "),
        value => format!("{field} = {value}"),
    }
}

/// The parameters under our names; those that are not there are left out.
fn with(step: &str, pairs: &[(&str, Value)]) -> Value {
    let map: Map<String, Value> =
        pairs.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    json!({step: map})
}

fn some_secs(value: &Value) -> Value {
    if value.is_null() { Value::Null } else { secs(value) }
}

fn own(op: &str, s: &Value) -> Vec<Value> {
    vec![match op {
        "where" => json!({"where": s["query"]}),
        "expired" => json!({"expired": true}),
        "not_expired" => json!({"expired": false}),
        "with" => json!({"set": s["set"]}),
        "default" => json!({"default": s["set"]}),
        "adjust" => json!({"append": {text_or(&s["field"], "service"): s["append"]}}),
        "scale" => json!({"scale": s["factor"]}),
        "tag" | "untag" => json!({op: list(&s["tags"])}),
        "tagged" | "tagged_all" => tagged(s, " and "),
        "tagged_any" => tagged(s, " or "),
        "over" => json!({"where": format!("metric > {}", s["x"])}),
        "under" => json!({"where": format!("metric < {}", s["x"])}),
        "match" => match s.get("regex") {
            Some(regex) => json!({"where": format!("{} ~= {regex}", s["field"].as_str().unwrap())}),
            None => json!({"where": matches(&s["field"], &s["value"])}),
        },
        "changed" => with("changed", &[("field", s["field"].clone()), ("init", s["init"].clone()), ("pairs", s["pairs"].clone())]),
        "changed_state" => with("changed_state", &[("init", s["init"].clone())]),
        "by" => json!({"by": list(&s["fields"])}),
        "counter" => with("count", &[("init", s["init"].clone())]),
        "ewma" => json!({"smooth": {"halflife": secs(&s["halflife"])}}),
        "ewma_timeless" => json!({"smooth": {"ratio": s["r"]}}),
        "reduce" => json!({"reduce": s["fold"]}),
        "ddt" => with("derive", &[("every", some_secs(&s["interval"]))]),
        "rate" => json!({"rate": secs(&s["interval"])}),
        "percentiles" => json!({"percentiles": {"every": secs(&s["interval"]), "points": s["points"]}}),
        "fixed_time_window" => json!({"window": {"tumble": secs(&s["n"])}}),
        "fixed_offset_time_window" => json!({"window": {"tumble": secs(&s["n"]), "align": true}}),
        "moving_time_window" => json!({"window": {"over": secs(&s["n"])}}),
        "moving_event_window" => json!({"window": {"last": s["n"]}}),
        "fixed_event_window" => json!({"window": {"events": s["n"]}}),
        "fold" => json!({"fold": s["fold"]}),
        "fold_interval" => with("fold", &[("every", secs(&s["interval"])), ("field", s["field"].clone()), ("take", s["fold"].clone())]),
        "coalesce" => with("across", &[("every", some_secs(&s["interval"]))]),
        "project" => json!({"join": s["queries"]}),
        "throttle" | "rollup" => json!({op: {"max": s["n"], "per": secs(&s["dt"])}}),
        "batch" => json!({"batch": {"size": s["n"], "every": secs(&s["dt"])}}),
        "stable" => json!({"stable": {"for": secs(&s["dt"]), "field": s["field"]}}),
        "runs" => json!({"runs": {"n": s["n"], "field": s["field"]}}),
        "top" => json!({"top": {"n": s["k"], "by": s["field"], "demote": s["demote"].as_bool().unwrap_or(false)}}),
        "fill_in" => json!({"fill": {"every": secs(&s["interval"]), "with": s["event"]}}),
        "fill_in_last" => json!({"fill": {"every": secs(&s["interval"]), "last": s["set"]}}),
        "interpolate_constant" => json!({"interpolate": secs(&s["interval"])}),
        "apdex" => json!({"apdex": {"every": secs(&s["dt"]), "satisfied": s["satisfied"], "tolerated": s["tolerated"]}}),
        "predict_linear" => json!({"predict": {"events": s["n"], "ahead": secs(&s["s"])}}),
        "clock_skew" => json!({"clock_skew": true}),
        "sflatten" => json!({"flatten": true}),
        "sorted" => json!({"sort": true}),
        "index" => json!({"index": true}),
        other => panic!("no step is known for {other}"),
    }]
}
