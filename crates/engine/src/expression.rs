//! Arithmetic over the fields of an event, for `set`, `value` and templates: `metric * 8 / 1000`, `max(metric, 0)`.
//!
//! [`Expression::parse`] makes a small program of a text once; running it allocates nothing. Whole numbers stay whole as long as 64 bits
//! hold them; `/` gives a float unless it divides evenly. A field without a number, a division by zero and a result that is not finite
//! give no value.

mod lexer;
mod parser;
mod program;
#[cfg(test)]
mod properties;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use event::{Metric, View};

use crate::Mistake;
use crate::query::Field;

use program::Op;

/// Longest text of an expression in bytes.
pub const MAX_BYTES: usize = 4096;
/// How deep parentheses, functions and signs may nest; reading recurses so deep and no deeper.
pub const MAX_DEPTH: usize = 16;

/// An expression, checked. Cheap to clone; equal when the texts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expression {
    source: Arc<str>,
    program: Arc<[Op]>,
    fields: Arc<[(Field, Range<usize>)]>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        parser::parse(text)
    }

    /// The fields that it names, each with its place, in the order of the text.
    pub fn fields(&self) -> impl Iterator<Item = (&Field, Range<usize>)> {
        self.fields.iter().map(|(field, span)| (field, span.clone()))
    }

    /// What it is worth with these values; `None` when one is missing, something is divided by zero, or the result is not finite.
    pub fn evaluate(&self, value: impl Fn(&Field) -> Option<Metric>) -> Option<Metric> {
        program::run(&self.program, value)
    }

    /// What it is worth for this event: time and ttl in seconds, attributes where they hold a number.
    pub fn of(&self, event: &View<'_>) -> Option<Metric> {
        self.evaluate(|field| number(field, event))
    }
}

/// The text it was read from.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// A field's value where it is a number.
fn number(field: &Field, event: &View<'_>) -> Option<Metric> {
    match field {
        Field::Metric => event.metric,
        Field::Time => Metric::float(event.time?.as_secs_f64()),
        Field::Ttl => Metric::float(f64::from(event.ttl?)),
        Field::Host | Field::Service | Field::State | Field::Description | Field::Tags => None,
        Field::Attribute(name) => number_of(std::str::from_utf8(event.labels.attribute(name.as_bytes())?).ok()?),
    }
}

/// The number that a text holds.
pub(crate) fn number_of(text: &str) -> Option<Metric> {
    let text = text.trim();
    text.parse().map(Metric::Int).ok().or_else(|| text.parse().ok().and_then(Metric::float))
}

#[cfg(test)]
mod tests {
    use event::{LabelsBuf, Timestamp};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Metric>) {
        let mut labels = LabelsBuf::new();
        labels.attribute(b"limit", b"500");
        labels.attribute(b"x-share", b"0.25");
        labels.attribute(b"app/size", b" 12 ");
        labels.attribute(b"image", b"nginx");
        let event = View {
            metric: Some(Metric::Int(250)),
            time: Some(Timestamp::from_micros(10_500_000)),
            ttl: Some(60.0),
            labels: labels.view(),
            ..View::default()
        };
        assert_eq!(Expression::parse(text).unwrap().of(&event), expected, "{text}");
    }

    fn int(number: i64) -> Option<Metric> {
        Some(Metric::Int(number))
    }

    #[test]
    fn times_and_division_bind_stronger_and_all_go_from_left_to_right() {
        check("metric * 8 / 1000", int(2));
        check("metric - 100 - 50", int(100));
        check("1000 / 10 / 10 * 2", int(20));
        check("2 + 3 * (4 - 1)", int(11));
        check("-metric + -(-1)", int(-249));
        check("x-share*4+2", Metric::float(3.0));
        check("17 % 5 * 2", int(4));
        check("-17 % 5", int(-2));
    }

    #[test]
    fn fields_that_hold_numbers_take_part() {
        check("metric / limit", Metric::float(0.5));
        check("time + ttl", Metric::float(70.5));
        check("limit * x-share", Metric::float(125.0));
        check("`app/size` + 1", int(13));
    }

    #[test]
    fn functions_take_what_they_say() {
        check("max(metric, 300, limit)", int(500));
        check("min( metric,300 )", int(250));
        check("abs(metric - limit)", int(250));
        check("round(2.5)", int(3));
        check("round(-2.5)", int(-3));
        check("floor(-0.5)", int(-1));
        check("ceil(metric / 100)", int(3));
        check("round(1e300)", Metric::float(1e300));
    }

    #[test]
    fn whole_numbers_stay_whole_while_they_fit() {
        check("9007199254740993 + 0", int(9_007_199_254_740_993));
        check("6 / 3", int(2));
        check("7 / 2", Metric::float(3.5));
        check("9223372036854775807 + 1", Metric::float(9_223_372_036_854_775_808.0));
        check("9223372036854775807 * 2", Metric::float(18_446_744_073_709_551_614.0));
        check("abs(-9223372036854775807 - 1)", Metric::float(9_223_372_036_854_775_808.0));
    }

    #[test]
    fn there_is_no_value_where_one_is_missing_or_none_can_be() {
        check("metric / (limit - 500)", None);
        check("metric % (limit - 500)", None);
        check("nothing + 1", None);
        check("max(nothing, 1)", None);
        check("image * 2", None);
        check("1e308 * 10", None);
    }
}
