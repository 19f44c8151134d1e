//! From stored values to rows.

mod condition;
mod emit;
mod fold;
mod grid;
mod many;
mod rows;
mod table;
mod transform;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::plan::{Input, Plan};
use crate::store::{Part, SeriesData};
pub(crate) use condition::fits;
use table::Table;
pub(crate) use value::Value;

/// Values of an answer, those of all its statements and columns and also those that a limit cuts off; more is an error.
pub(crate) const MAX_VALUES: usize = 500_000;

/// Values that one statement may hold in memory, over all its fields, and again over the answers of the queries within it.
pub(crate) const MAX_HELD: usize = 4_000_000;

/// Keys and values.
pub(crate) type Tags = Vec<(String, String)>;

/// One series of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The measurement.
    pub(crate) name: String,
    /// The tags of `GROUP BY`.
    pub(crate) tags: Tags,
    /// Nanoseconds, and a value for each column.
    pub(crate) values: Vec<Line>,
}

/// Nanoseconds and cells.
pub(crate) type Line = (i64, Vec<Option<Value>>);

/// The stored series of each field of a [`super::plan::Read`].
pub(crate) type Stored = Vec<((String, Part), Vec<SeriesData>)>;

/// What a statement may still cost.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Values of the answer.
    pub(crate) left: usize,
    /// Values of queries within queries.
    pub(crate) held: usize,
    /// Set when nobody waits any more.
    pub(crate) stop: Arc<AtomicBool>,
}

impl Budget {
    fn spend(&mut self, n: usize, is_inner: bool) -> Result<(), String> {
        self.go_on()?;
        if is_inner {
            let too_many = || format!("the queries within the statement have more than {MAX_HELD} values; {ADVICE}");
            self.held = self.held.checked_sub(n).ok_or_else(too_many)?;
        } else {
            let too_many = || format!("the answer has more than {MAX_VALUES} values; {ADVICE}");
            self.left = self.left.checked_sub(n).ok_or_else(too_many)?;
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), String> {
        if self.stop.load(Ordering::Relaxed) { Err("the query took too long and was given up".to_owned()) } else { Ok(()) }
    }
}

/// What to do about too many values.
pub(crate) const ADVICE: &str = "ask for a shorter time, a longer step, fewer series or fewer columns";

/// Makes the rows of a select; `stored` answers its [`Plan::reads`], in their order.
///
/// # Errors
/// More values than the budget has, or no time left.
pub(crate) fn run(plan: &Plan, stored: Vec<Stored>, budget: &mut Budget) -> Result<Vec<Row>, String> {
    answer(plan, &mut stored.into_iter(), budget, false)
}

fn answer(plan: &Plan, stored: &mut dyn Iterator<Item = Stored>, budget: &mut Budget, is_inner: bool) -> Result<Vec<Row>, String> {
    let select = &plan.select;
    let mut groups: BTreeMap<(String, Tags), Vec<Table>> = BTreeMap::new();
    for input in &plan.inputs {
        let tables = match input {
            Input::Stored(read) => table::of_stored(read, stored.next().unwrap_or_default()),
            Input::Query(inner) => {
                let rows = answer(inner, stored, budget, true)?;
                let names: Vec<String> = inner.select.columns.iter().map(|column| column.name.clone()).collect();
                rows.into_iter().map(|row| Table::of_row(row, &names)).collect()
            }
        };
        for table in tables.into_iter().filter_map(|table| condition::filtered(table, select.condition.as_ref())) {
            budget.go_on()?;
            groups.entry((table.name.clone(), table.key(&select.tags))).or_default().push(table);
        }
    }
    let mut rows = Vec::new();
    let wanted = groups.into_iter().skip(select.soffset).take(select.slimit.unwrap_or(usize::MAX));
    for ((name, tags), tables) in wanted {
        let mut values = rows::lines(select, &tables, &mut |n| budget.spend(n, is_inner))?;
        if select.descending {
            values.reverse();
        }
        values.drain(..select.offset.min(values.len()));
        values.truncate(select.limit.unwrap_or(usize::MAX));
        if !values.is_empty() {
            rows.push(Row { name, tags, values });
        }
    }
    Ok(rows)
}
