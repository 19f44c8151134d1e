//! A rule file's text from a tree: block style, every text in double quotes.

use std::fmt::Write;

use serde_json::Value;

/// The text of a file.
pub(crate) fn text(tree: &Value) -> String {
    let mut out = String::new();
    write(&mut out, tree, 0);
    out
}

fn write(out: &mut String, tree: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match tree {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                // Writing to a String cannot fail.
                let _ = write!(out, "\n{indent}{}:", Value::from(key.as_str()));
                write(out, value, depth + 1);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{indent}-");
                write(out, item, depth + 1);
            }
        }
        scalar => {
            let _ = write!(out, " {scalar}");
        }
    }
}
