//! The tables as one JSON Schema.

use serde_json::{Map, Value, json};

use super::files::FILE;
use super::shape::{Key, Shape};
use super::steps::STEPS;

/// The schema of rule files, draft 2020-12, in lines as the repository keeps it.
pub fn schema() -> String {
    let mut root = map(&FILE, &[]);
    let steps: Vec<Value> = STEPS.iter().filter(|key| key.name != "else").map(step).collect();
    let bare: Vec<&str> = STEPS.iter().map(|key| key.name).filter(|name| *name != "else").collect();
    let step = json!({"anyOf": [{"enum": bare}, {"oneOf": steps}]});
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of skep",
        "description": "Alerts, streams, notifiers and their tests; docs/rules.md teaches them.",
        "$defs": {"step": step, "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}}},
    });
    if let (Value::Object(root), Value::Object(head)) = (&mut root, head) {
        root.extend(head);
    }
    // Of a `Value` of ours nothing can fail.
    serde_json::to_string_pretty(&root).unwrap_or_default()
}

/// A step: its one key, and `else` where it has one.
fn step(key: &Key) -> Value {
    let mut properties = Map::from_iter([(key.name.to_owned(), property(key))]);
    if matches!(key.name, "where" | "expired" | "top") {
        properties.extend(STEPS.iter().filter(|key| key.name == "else").map(|key| (key.name.to_owned(), property(key))));
    }
    json!({"type": "object", "properties": properties, "required": [key.name], "additionalProperties": false})
}

fn map(keys: &[Key], needed: &[&str]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let mut map = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if let (Value::Object(map), false) = (&mut map, needed.is_empty()) {
        map.insert("required".to_owned(), json!(needed));
    }
    map
}

/// A key's value; `null` is as good as nothing.
fn property(key: &Key) -> Value {
    let mut property = Map::from_iter([("description".to_owned(), json!(key.about))]);
    if let Value::Object(schema) = or_null(value(key.shape)) {
        property.extend(schema);
    }
    Value::Object(property)
}

/// The same, or nothing at all.
fn or_null(schema: Value) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    let (null, nothing) = (Value::from("null"), json!({"type": "null"}));
    if let Some(types) = schema.get_mut("type") {
        match types {
            Value::Array(types) if !types.contains(&null) => types.push(null),
            Value::String(one) if one != "null" => *types = Value::from(vec![Value::from(one.as_str()), null]),
            _ => {}
        }
    } else if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    } else if let Some(Value::Array(ways)) = schema.get_mut("anyOf") {
        ways.push(nothing);
    } else {
        return json!({"anyOf": [schema, nothing]});
    }
    Value::Object(schema)
}

const DURATION: &str = "^([0-9]+(us|ms|s|m|h|d|w))+$";

fn value(shape: Shape) -> Value {
    match shape {
        Shape::Text | Shape::Template => json!({"type": ["string", "number", "boolean"]}),
        Shape::Query => json!({"type": ["string", "boolean"]}),
        Shape::Value => json!({"type": ["string", "number", "boolean", "array", "null"]}),
        Shape::Duration => json!({"type": "string", "pattern": DURATION}),
        Shape::SoManyPer => json!({"type": "string", "pattern": "^[0-9]+ +per +[0-9a-z]+$"}),
        Shape::Count(least) => json!({"anyOf": [{"type": "integer", "minimum": least}, {"type": "string", "pattern": "^[0-9_]+$"}]}),
        Shape::Number => json!({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^-?[0-9._]+$"}]}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Choice(words) => json!({"enum": words}),
        Shape::Take => take(),
        Shape::Texts => json!({"type": "array", "items": value(Shape::Text)}),
        Shape::Named(of) => named(value(*of)),
        Shape::Entries(of) => named(value(*of)),
        Shape::List(of) => json!({"type": "array", "items": value(*of)}),
        Shape::Either(shapes) => json!({"anyOf": shapes.iter().map(|shape| value(*shape)).collect::<Vec<_>>()}),
        Shape::Map(keys, needed) => map(keys, needed),
        Shape::OpenMap(keys) => open(keys),
        Shape::Nothing => json!({"type": "null"}),
        Shape::Steps => json!({"$ref": "#/$defs/steps"}),
    }
}

/// Names that the user gives; `null` takes one away.
fn named(of: Value) -> Value {
    json!({"type": "object", "additionalProperties": or_null(of)})
}

fn open(keys: &[Key]) -> Value {
    let mut map = map(keys, &[]);
    if let Value::Object(map) = &mut map {
        map.insert("additionalProperties".to_owned(), value(Shape::Value));
    }
    map
}

fn take() -> Value {
    let words: Vec<&str> = super::super::measure::takes().collect();
    json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": "^p[0-9]+(\\.[0-9]+)?$"}]})
}
