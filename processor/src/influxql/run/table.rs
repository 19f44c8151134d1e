//! The values of one series, a column for each field.

use std::collections::BTreeMap;
use std::sync::Arc;

use event::Metric;

use super::value::Value;
use super::{Row, Stored, Tags};
use crate::influxql::ast::Call;
use crate::influxql::plan::Read;
use crate::store::{Part, SeriesData};

/// One series: rows by time, as many cells in each column.
#[derive(Debug)]
pub(super) struct Table {
    /// The measurement.
    pub(super) name: String,
    pub(super) tags: Tags,
    /// Nanoseconds, in order.
    pub(super) times: Vec<i64>,
    /// The columns' names, and what of coarse steps they hold.
    pub(super) names: Arc<[(String, Part)]>,
    /// A column for each name.
    pub(super) columns: Vec<Vec<Option<Value>>>,
}

impl Table {
    /// The answer of a query.
    pub(super) fn of_row(row: Row, names: &[String]) -> Self {
        let mut values = row.values;
        // A descending query within another.
        values.sort_by_key(|line| line.0);
        let mut columns: Vec<Vec<Option<Value>>> = names.iter().map(|_| Vec::with_capacity(values.len())).collect();
        let mut times = Vec::with_capacity(values.len());
        for (time, cells) in values {
            times.push(time);
            columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
        Self { name: row.name, tags: row.tags, times, names: names.iter().map(|name| (name.clone(), Part::Mean)).collect(), columns }
    }

    /// The values of a column, `None` where there is no such column.
    pub(super) fn column(&self, name: &str) -> Option<&[Option<Value>]> {
        self.part(name, Part::Mean)
    }

    /// The same of what a function wants, or of what there is.
    fn part(&self, name: &str, part: Part) -> Option<&[Option<Value>]> {
        let is = |part: Option<Part>| self.names.iter().position(|(known, of)| known == name && part.is_none_or(|part| part == *of));
        let at = is(Some(part)).or_else(|| is(None))?;
        self.columns.get(at).map(Vec::as_slice)
    }

    /// A tag's value; a series without it has it empty.
    pub(super) fn tag(&self, name: &str) -> &str {
        self.tags.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// What a name means in a row: the value of a field, or else the tag, `None` where the series has neither.
    pub(super) fn cell(&self, name: &str, row: usize) -> Option<Value> {
        match self.column(name) {
            Some(column) => column.get(row).cloned().flatten(),
            None => self.tags.iter().find(|(key, _)| key == name).map(|(_, value)| Value::Text(value.as_str().into())),
        }
    }

    /// These tags with their values, sorted.
    pub(super) fn key(&self, names: &[String]) -> Tags {
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| (self.tag(&name).to_owned(), name)).map(|(value, name)| (name, value)).collect()
    }

    /// Only these rows.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let kept = |at: &mut usize| {
            let is = keep.get(*at).copied().unwrap_or(false);
            *at += 1;
            is
        };
        let mut at = 0;
        self.times.retain(|_| kept(&mut at));
        for column in &mut self.columns {
            let mut at = 0;
            column.retain(|_| kept(&mut at));
        }
    }
}

/// The tables of what is stored, sorted by their tags.
pub(super) fn of_stored(read: &Read, stored: Stored) -> Vec<Table> {
    let names: Arc<[(String, Part)]> = stored.iter().map(|(field, _)| field.clone()).collect();
    let mut by_tags: BTreeMap<Tags, Vec<(usize, SeriesData)>> = BTreeMap::new();
    for (at, (_, series)) in stored.into_iter().enumerate() {
        for series in series {
            by_tags.entry(series.tags.clone()).or_default().push((at, series));
        }
    }
    by_tags.into_iter().map(|(tags, fields)| joined(read, &names, tags, fields)).collect()
}

fn joined(read: &Read, names: &Arc<[(String, Part)]>, tags: Tags, fields: Vec<(usize, SeriesData)>) -> Table {
    let nanos = |time: event::Timestamp| time.micros().saturating_mul(1000);
    let mut times: Vec<i64> = fields.iter().flat_map(|(_, series)| series.points.iter().map(|(time, _)| nanos(*time))).collect();
    if fields.len() > 1 {
        times.sort_unstable();
        times.dedup();
    }
    let mut columns: Vec<Vec<Option<Value>>> = vec![Vec::new(); names.len()];
    for (at, series) in fields {
        let Some(column) = columns.get_mut(at) else { continue };
        let mut points = series.points.iter().peekable();
        let cell = |time: &i64| points.next_if(|(at, _)| nanos(*at) == *time).map(|(_, value)| Value::from(*value));
        *column = times.iter().map(cell).collect();
    }
    columns.iter_mut().for_each(|column| column.resize(times.len(), None));
    Table { name: read.measurement.clone(), tags, times, names: Arc::clone(names), columns }
}

/// A number with its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Nanoseconds.
    pub(super) time: i64,
    pub(super) value: Metric,
    /// The table and the row in it.
    pub(super) place: (u32, u32),
}

/// The numbers of a function's field, of all tables, in the order of time.
pub(super) fn points(tables: &[Table], call: &Call) -> Vec<Point> {
    let (field, part) = (call.field(), call.part());
    let mut points = Vec::new();
    for (n, table) in (0_u32..).zip(tables) {
        let Some(column) = table.part(field, part) else { continue };
        for (row, (time, cell)) in (0_u32..).zip(table.times.iter().zip(column)) {
            if let Some(value) = cell.as_ref().and_then(Value::metric) {
                points.push(Point { time: *time, value, place: (n, row) });
            }
        }
    }
    if tables.len() > 1 {
        points.sort_by_key(|point| point.time);
    }
    points
}
