//! Templates of messages: text with `{{field}}`, `{{field | filter}}` and arithmetic such as `{{metric * 8 / 1000}}` in it.

mod number;
mod parser;

use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use event::Metric;

use crate::Mistake;
use crate::expression::{Expression, number_of};

pub use number::{bytes, duration, percent, plain};

/// A text with fields in it, checked. Equal when the texts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    source: Arc<str>,
    parts: Arc<[Part]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Field {
        name: String,
        filter: Option<Filter>,
        span: Range<usize>,
    },
    /// Arithmetic; a filter takes its result as it takes a field's number.
    Arithmetic {
        expression: Expression,
        filter: Option<Filter>,
        span: Range<usize>,
    },
}

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Filter {
    /// A ratio times 100; what is in percent already as it is.
    Percent,
    /// Bytes with a binary unit.
    Bytes,
    /// Seconds as a duration.
    Duration,
}

/// What a field is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text; shown as it is.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A number in percent, 0–100, which the filter `percent` does not multiply: a metric that the catalogue says so of.
    Percent(f64),
}

/// Where a template takes its values from.
pub trait Fields {
    /// The field's value; `None` is shown as `-`.
    fn field(&self, name: &str) -> Option<Value<'_>>;
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Every mistake, in the order of the text: `{{` without `}}`, a name that is none, an unknown filter, wrong arithmetic.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        Ok(Self { source: text.into(), parts: parser::parts(text)?.into() })
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The fields that it names, each with the place of its `{{…}}`, in the order of the text.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.parts.iter().flat_map(|part| {
            let (field, expression, span) = match part {
                Part::Text(_) => (None, None, 0..0),
                Part::Field { name, span, .. } => (Some(name.as_str()), None, span.clone()),
                Part::Arithmetic { expression, span, .. } => (None, Some(expression), span.clone()),
            };
            let named = expression.into_iter().flat_map(|expression| expression.fields().map(|(field, _)| field.name()));
            field.into_iter().chain(named).map(move |name| (name, span.clone()))
        })
    }

    /// Appends the text with the values put in.
    pub fn render(&self, out: &mut String, fields: &dyn Fields) {
        for part in self.parts.iter() {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field { name, filter, .. } => show(out, fields.field(name), *filter),
                Part::Arithmetic { expression, filter, .. } => show(out, result(expression, fields), *filter),
            }
        }
    }
}

fn result(expression: &Expression, fields: &dyn Fields) -> Option<Value<'static>> {
    let number = expression.evaluate(|field| match fields.field(field.name())? {
        Value::Text(text) => number_of(text),
        Value::Number(number) | Value::Percent(number) => Metric::float(number),
    })?;
    Some(Value::Number(number.as_f64()))
}

fn show(out: &mut String, value: Option<Value<'_>>, filter: Option<Filter>) {
    let (number, is_percent) = match value {
        None => return out.push('-'),
        Some(Value::Text(text)) => match (filter, text.parse::<f64>()) {
            (Some(_), Ok(number)) if number.is_finite() => (number, false),
            _ => return out.push_str(text),
        },
        Some(Value::Number(number)) => (number, false),
        Some(Value::Percent(number)) => (number, true),
    };
    let factor = if is_percent { 1.0 } else { 100.0 };
    // Writing to a String cannot fail.
    let _ = match filter {
        None => write!(out, "{}", plain(number)),
        Some(Filter::Percent) => write!(out, "{}", percent(number * factor)),
        Some(Filter::Bytes) => write!(out, "{}", bytes(number)),
        Some(Filter::Duration) => write!(out, "{}", duration(number)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Event;

    impl Fields for Event {
        fn field(&self, name: &str) -> Option<Value<'_>> {
            match name {
                "host" => Some(Value::Text("web1")),
                "metric" => Some(Value::Percent(95.0)),
                "ratio" => Some(Value::Number(0.9527)),
                "size" => Some(Value::Number(1536.0 * 1024.0)),
                "since" => Some(Value::Number(5400.0)),
                "digits" => Some(Value::Text("0.5")),
                _ => None,
            }
        }
    }

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let template = Template::parse(template).unwrap();
        let mut out = String::new();
        template.render(&mut out, &Event);
        assert_eq!(out, expected);
    }

    #[test]
    fn fields_are_put_in() {
        check("{{host}}: CPU busy {{metric | percent}}", "web1: CPU busy 95 %");
        check("{{ metric }} {{metric|percent}}", "95 95 %");
        check("no field, { and } and }} stay", "no field, { and } and }} stay");
        check("", "");
    }

    #[test]
    fn a_ratio_is_shown_times_100_and_a_percentage_as_it_is() {
        check("{{ratio | percent}}", "95.3 %");
        check("{{metric | percent}}", "95 %");
        check("{{digits | percent}}", "50 %");
    }

    #[test]
    fn sizes_and_times_have_units() {
        check("{{size | bytes}} {{since | duration}}", "1.5 MiB 1h30m");
    }

    #[test]
    fn a_field_that_is_missing_is_a_dash_and_text_passes_every_filter() {
        check("{{nothing}} {{nothing | percent}} {{host | bytes}}", "- - web1");
    }

    #[test]
    fn arithmetic_is_put_in_and_a_filter_takes_its_result() {
        check("{{host}} is {{metric * 8 / 1000}}", "web1 is 0.76");
        check("{{size / 1024 | bytes}}, {{max(ratio, 1)|percent}}", "1.5 KiB, 100 %");
        check("{{digits + 1}} {{-digits}} {{(metric)}}", "1.5 -0.5 95");
        check("{{nothing * 8}} {{metric / (digits - 0.5) | bytes}}", "- -");
    }

    #[test]
    fn fields_are_told_with_the_place_of_their_braces() {
        let template = Template::parse("a {{host}}{{ metric | percent }}").unwrap();
        assert_eq!(template.fields().collect::<Vec<_>>(), [("host", 2..10), ("metric", 10..32)]);
        let template = Template::parse("{{ a - b }}").unwrap();
        assert_eq!(template.fields().collect::<Vec<_>>(), [("a", 0..11), ("b", 0..11)]);
    }
}
