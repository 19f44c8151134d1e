//! Which series and which rows are meant.

use super::Tags;
use super::table::Table;
use super::value::{Value, arithmetic, compares};
use crate::influxql::ast::{Expr, Op};

/// Whether a series with these tags is meant; a name that is no tag of it is empty.
pub(crate) fn fits(condition: Option<&Expr>, tags: &Tags) -> bool {
    let Some(condition) = condition else { return true };
    let get = |name: &str| Some(Value::Text(tags.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value).into()));
    holds(condition, &get)
}

/// The rows for which the condition holds; `None` when there are none.
pub(super) fn filtered(mut table: Table, condition: Option<&Expr>) -> Option<Table> {
    let Some(condition) = condition else { return Some(table) };
    match known(condition, &table) {
        Some(true) => {}
        Some(false) => return None,
        None => {
            let keep: Vec<bool> = (0..table.times.len()).map(|row| holds(condition, &|name| cell(&table, name, row))).collect();
            table.retain(&keep);
        }
    }
    (!table.times.is_empty()).then_some(table)
}

/// As in a column, but that a tag which the series does not have is empty.
fn cell(table: &Table, name: &str, row: usize) -> Option<Value> {
    match table.column(name) {
        Some(_) => table.cell(name, row),
        None => Some(Value::Text(table.tag(name).into())),
    }
}

/// What holds whatever the row.
fn known(condition: &Expr, table: &Table) -> Option<bool> {
    match condition {
        Expr::Binary(Op::And, left, right) => match (known(left, table), known(right, table)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Expr::Binary(Op::Or, left, right) => match (known(left, table), known(right, table)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        other => {
            let of_tags = other.bare().iter().all(|name| table.column(name).is_none());
            of_tags.then(|| holds(other, &|name| Some(Value::Text(table.tag(name).into()))))
        }
    }
}

fn holds(condition: &Expr, get: &dyn Fn(&str) -> Option<Value>) -> bool {
    match condition {
        Expr::Binary(Op::And, left, right) => holds(left, get) && holds(right, get),
        Expr::Binary(Op::Or, left, right) => holds(left, get) || holds(right, get),
        Expr::Binary(op @ (Op::Matches | Op::MatchesNot), left, right) => match (value(left, get), &**right) {
            (Some(Value::Text(text)), Expr::Regex(regex)) => regex.is_match(&text) == (*op == Op::Matches),
            _ => false,
        },
        Expr::Binary(op, left, right) => match (value(left, get), value(right, get)) {
            (Some(left), Some(right)) => compares(*op, &left, &right),
            _ => false,
        },
        other => value(other, get) == Some(Value::Bool(true)),
    }
}

/// The value of something without functions.
pub(super) fn value(expr: &Expr, get: &dyn Fn(&str) -> Option<Value>) -> Option<Value> {
    match expr {
        Expr::Integer(number) => Some(Value::Int(*number)),
        Expr::Float(number) => Some(Value::Float(*number)),
        Expr::Bool(is) => Some(Value::Bool(*is)),
        Expr::Text(text) => Some(Value::Text(text.as_str().into())),
        Expr::Name(name) => get(name),
        Expr::Binary(op, left, right) => arithmetic(*op, &value(left, get)?, &value(right, get)?),
        Expr::Regex(_) | Expr::All | Expr::Call(_) | Expr::Time(..) => None,
    }
}
