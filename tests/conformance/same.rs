//! Whether what came out is what was expected: numbers within 1e-9, null as good as nothing, `[]` as good as no tags.

use serde_json::Value;

/// Compares the keys of `found` with those of `expected`, which may have more.
pub(crate) fn check(expected: &Value, found: &Value) -> Result<(), String> {
    for (key, value) in found.as_object().unwrap() {
        let wanted = &expected[key];
        if (key != "expected_index" || !wanted.is_null()) && !is_same(wanted, value) {
            return Err(format!("\n  {key} is     {value}\n  instead of  {wanted}"));
        }
    }
    Ok(())
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-9 * a.abs().max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys());
            keys.into_iter().all(|key| {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                is_same(a, b) || key == "tags" && is_empty(a) && is_empty(b) || key == "ttl" && is_same_float(a, b)
            })
        }
        (a, b) => a == b,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A ttl is a float of 32 bits.
fn is_same_float(a: &Value, b: &Value) -> bool {
    a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a as f32 == b as f32)
}
