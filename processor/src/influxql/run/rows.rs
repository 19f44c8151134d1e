//! The rows of a group.

use std::collections::BTreeMap;

use super::Line;
use super::condition;
use super::emit::{self, Emitted, Spend};
use super::many;
use super::table::Table;
use super::value::{Value, arithmetic};
use crate::influxql::ast::{Call, Expr, Function, Select};

/// What a group gives, in the order of time.
pub(super) fn lines(select: &Select, tables: &[Table], spend: &mut Spend<'_>) -> Result<Vec<Line>, String> {
    let mut calls: Vec<&Call> = Vec::new();
    for call in select.columns.iter().flat_map(|column| column.expr.calls()) {
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    match calls.as_slice() {
        [] => raw(select, tables, spend),
        [call] => {
            let is_many = call.function.is_top() || call.function == Function::Distinct;
            let emitted =
                if is_many { many::emitted(call, select, tables, spend)? } else { emit::emitted(call, select, tables, 0, spend)? };
            spend(emitted.len().saturating_mul(select.columns.len() - 1))?;
            Ok(emitted.into_iter().map(|emitted| of_one(select, call, tables, &emitted)).collect())
        }
        calls => of_all(select, calls, tables, spend),
    }
}

/// Every row that has one of the fields.
fn raw(select: &Select, tables: &[Table], spend: &mut Spend<'_>) -> Result<Vec<Line>, String> {
    let names: Vec<&str> = select.columns.iter().flat_map(|column| column.expr.bare()).collect();
    let mut lines = Vec::new();
    for table in tables {
        let fields: Vec<_> = names.iter().filter_map(|name| table.column(name)).collect();
        let rows = (0..table.times.len()).filter(|row| fields.iter().any(|column| matches!(column.get(*row), Some(Some(_)))));
        let before = lines.len();
        for (row, time) in rows.filter_map(|row| Some((row, *table.times.get(row)?))) {
            let cell = |expr: &Expr| condition::value(expr, &|name| table.cell(name, row));
            lines.push((time, select.columns.iter().map(|column| cell(&column.expr)).collect::<Vec<_>>()));
        }
        spend((lines.len() - before).saturating_mul(select.columns.len()))?;
    }
    if tables.len() > 1 {
        lines.sort_by_key(|line| line.0);
    }
    Ok(lines)
}

/// The row of one function's value; names beside it are of the point that it picked.
fn of_one(select: &Select, call: &Call, tables: &[Table], emitted: &Emitted) -> Line {
    let of_name = |name: &str| {
        let (table, row) = emitted.place?;
        tables.get(table as usize)?.cell(name, row as usize)
    };
    let of_call = |found: &Call| if found == call { emitted.value.clone() } else { None };
    let cells = select.columns.iter().map(|column| cell(&column.expr, &of_name, &of_call));
    (emitted.time, cells.collect())
}

/// Rows of all moments that any function has.
fn of_all(select: &Select, calls: &[&Call], tables: &[Table], spend: &mut Spend<'_>) -> Result<Vec<Line>, String> {
    let mut moments: BTreeMap<i64, Vec<Option<Value>>> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        for emitted in emit::emitted(call, select, tables, 0, spend)? {
            let cells = moments.entry(emitted.time).or_insert_with(|| vec![None; calls.len()]);
            if let Some(cell) = cells.get_mut(at) {
                *cell = emitted.value;
            }
        }
    }
    spend(moments.len().saturating_mul(select.columns.len().saturating_sub(calls.len())))?;
    let line = |(time, values): (i64, Vec<Option<Value>>)| {
        let of_call = |found: &Call| values.get(calls.iter().position(|call| *call == found)?).cloned().flatten();
        (time, select.columns.iter().map(|column| cell(&column.expr, &|_| None, &of_call)).collect())
    };
    Ok(moments.into_iter().map(line).collect())
}

fn cell(expr: &Expr, of_name: &dyn Fn(&str) -> Option<Value>, of_call: &dyn Fn(&Call) -> Option<Value>) -> Option<Value> {
    match expr {
        Expr::Call(call) => of_call(call),
        Expr::Binary(op, left, right) => arithmetic(*op, &cell(left, of_name, of_call)?, &cell(right, of_name, of_call)?),
        other => condition::value(other, of_name),
    }
}
