//! Cells, and what can be done with two of them.

use std::cmp::Ordering;
use std::sync::Arc;

use event::Metric;

use crate::influxql::ast::Op;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    /// A tag.
    Text(Arc<str>),
}

impl Value {
    /// `None` for what is no number.
    pub(super) fn metric(&self) -> Option<Metric> {
        match self {
            Self::Int(number) => Some(Metric::Int(*number)),
            Self::Float(number) => Metric::float(*number),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }
}

impl From<Metric> for Value {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Int(number) => Self::Int(number),
            Metric::Float(number) => Self::Float(number),
        }
    }
}

/// The result of `+ - * / %`; `None` of what is no number. By zero is zero, as InfluxDB has it.
pub(super) fn arithmetic(op: Op, left: &Value, right: &Value) -> Option<Value> {
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        let exact = match op {
            Op::Add => left.checked_add(*right),
            Op::Subtract => left.checked_sub(*right),
            Op::Multiply => left.checked_mul(*right),
            Op::Modulo => Some(left.checked_rem(*right).unwrap_or(0)),
            _ => None,
        };
        if let Some(number) = exact {
            return Some(Value::Int(number));
        }
    }
    let (left, right) = (left.metric()?.as_f64(), right.metric()?.as_f64());
    let number = match op {
        Op::Add => left + right,
        Op::Subtract => left - right,
        Op::Multiply => left * right,
        Op::Divide if right == 0.0 => 0.0,
        Op::Divide => left / right,
        Op::Modulo if right == 0.0 => 0.0,
        Op::Modulo => left % right,
        _ => return None,
    };
    Metric::float(number).map(Value::from)
}

/// Whether a comparison holds; never between things of different kinds.
pub(super) fn compares(op: Op, left: &Value, right: &Value) -> bool {
    let Some(order) = order(left, right) else { return false };
    match op {
        Op::Equal => order == Ordering::Equal,
        Op::NotEqual => order != Ordering::Equal,
        Op::Less => order == Ordering::Less && is_number(left),
        Op::LessOrEqual => order != Ordering::Greater && is_number(left),
        Op::Greater => order == Ordering::Greater && is_number(left),
        Op::GreaterOrEqual => order != Ordering::Less && is_number(left),
        _ => false,
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Float(_))
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => left.metric()?.as_f64().partial_cmp(&right.metric()?.as_f64()),
    }
}
