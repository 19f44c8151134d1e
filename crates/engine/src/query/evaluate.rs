//! Asks one event. Nothing is allocated, but for texts that are not UTF-8, which are taken lossily.

use event::View;

use super::node::{Field, Node, Operand};
use super::number::Number;
use super::text;

/// What an operand is worth for an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Nil,
    Bool(bool),
    Number(Number),
    Text(&'a [u8]),
    /// The event's marks, where it has any.
    Marks,
}

pub(super) fn holds(node: &Node, event: &View<'_>) -> bool {
    match node {
        Node::Const(value) => *value,
        Node::Not(node) => !holds(node, event),
        Node::And(nodes) => nodes.iter().all(|node| holds(node, event)),
        Node::Or(nodes) => nodes.iter().any(|node| holds(node, event)),
        Node::Has(field) => is_truthy(value_of(field, event)),
        Node::Equal(left, right) => are_equal(value(left, event), value(right, event)),
        Node::Unequal(left, right) => !are_equal(value(left, event), value(right, event)),
        Node::Order(left, order, right) => match value(left, event) {
            Value::Number(left) => order.holds(left, *right),
            Value::Nil | Value::Bool(_) | Value::Text(_) | Value::Marks => false,
        },
        Node::Like(left, like) => text_holds(value(left, event), |subject| like.matches(subject)),
        Node::Search(left, pattern) => text_holds(value(left, event), |subject| pattern.matches(subject)),
        Node::Tagged(mark) => event.labels.marks().any(|found| text::same(found, mark.as_bytes())),
    }
}

fn value<'a>(operand: &'a Operand, event: &View<'a>) -> Value<'a> {
    match operand {
        Operand::Nil => Value::Nil,
        Operand::Bool(value) => Value::Bool(*value),
        Operand::Number(number) => Value::Number(*number),
        Operand::Text(text) => Value::Text(text.as_bytes()),
        Operand::Field(field) => value_of(field, event),
    }
}

fn value_of<'a>(field: &Field, event: &View<'a>) -> Value<'a> {
    let text = |text: Option<&'a [u8]>| text.map_or(Value::Nil, Value::Text);
    let float = |value: Option<f64>| value.map_or(Value::Nil, |value| Value::Number(Number::Float(value)));
    match field {
        Field::Host => text(event.host),
        Field::Service => text(event.service),
        Field::State => text(event.state),
        Field::Description => text(event.description),
        Field::Metric => event.metric.map_or(Value::Nil, |metric| Value::Number(metric.into())),
        Field::Time => float(event.time.map(event::Timestamp::as_secs_f64)),
        Field::Ttl => float(event.ttl.map(f64::from)),
        Field::Tags if event.labels.marks().next().is_some() => Value::Marks,
        Field::Tags => Value::Nil,
        Field::Attribute(name) => text(event.labels.attribute(name.as_bytes())),
    }
}

fn is_truthy(value: Value<'_>) -> bool {
    !matches!(value, Value::Nil | Value::Bool(false))
}

fn are_equal(left: Value<'_>, right: Value<'_>) -> bool {
    match (left, right) {
        (Value::Nil, Value::Nil) | (Value::Marks, Value::Marks) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a.compare(b).is_some_and(std::cmp::Ordering::is_eq),
        (Value::Text(a), Value::Text(b)) => text::same(a, b),
        _ => false,
    }
}

fn text_holds(value: Value<'_>, holds: impl FnOnce(&str) -> bool) -> bool {
    match value {
        Value::Text(bytes) => holds(&String::from_utf8_lossy(bytes)),
        Value::Nil | Value::Bool(_) | Value::Number(_) | Value::Marks => false,
    }
}
