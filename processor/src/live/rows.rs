//! The rows that live clients may see: one per host and service, under a small number of its own.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use engine::{Series, SeriesId};
use event::{Labels, Metric, Name, Timestamp, View};

use crate::web::json;

/// A row's number. Given again once the row is forgotten.
pub(super) type RowId = u32;

/// Which row, and whether more than state, metric and time of it changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    pub(super) row: RowId,
    pub(super) wholly: bool,
}

/// Rows by number, and the numbers by series and by the hash of host and service.
///
/// Every series that is seen while somebody watches has a row, so that no event needs a hash; only rows that a query
/// shows hold values.
#[derive(Debug, Default)]
pub(super) struct Rows {
    hasher: RandomState,
    by_key: HashMap<u64, RowId>,
    by_series: Vec<Option<RowId>>,
    rows: Vec<Row>,
    free: Vec<RowId>,
}

#[derive(Debug, Default)]
struct Row {
    key: u64,
    n_series: u32,
    values: Option<Box<Values>>,
}

#[derive(Debug, Default)]
struct Values {
    host: Option<Box<str>>,
    service: Option<Box<str>>,
    state: Option<Vec<u8>>,
    metric: Option<Metric>,
    time: Option<Timestamp>,
    ttl: Option<f32>,
    description: Option<Vec<u8>>,
    labels: Vec<u8>,
    sample: bool,
}

impl Rows {
    /// The row of a series, made if there is none.
    pub(super) fn of(&mut self, id: SeriesId, series: &Series<'_>) -> RowId {
        match self.by_series.get(id.0 as usize) {
            Some(Some(row)) => *row,
            _ => self.enter(id, series),
        }
    }

    fn enter(&mut self, id: SeriesId, series: &Series<'_>) -> RowId {
        let key = self.hasher.hash_one((series.host, series.service));
        let row = match self.by_key.get(&key) {
            Some(row) => *row,
            None => self.add(key),
        };
        let index = id.0 as usize;
        if self.by_series.len() <= index {
            self.by_series.resize(index + 1, None);
        }
        if let Some(slot) = self.by_series.get_mut(index) {
            *slot = Some(row);
        }
        if let Some(row) = self.rows.get_mut(row as usize) {
            row.n_series += 1;
        }
        row
    }

    fn add(&mut self, key: u64) -> RowId {
        let row = self.free.pop().unwrap_or(self.rows.len() as RowId);
        let fresh = Row { key, ..Row::default() };
        match self.rows.get_mut(row as usize) {
            Some(slot) => *slot = fresh,
            None => self.rows.push(fresh),
        }
        self.by_key.insert(key, row);
        row
    }

    /// The series is gone; gives its row when it was the last one of it.
    pub(super) fn forget(&mut self, series: SeriesId) -> Option<RowId> {
        let row = self.by_series.get_mut(series.0 as usize)?.take()?;
        let entry = self.rows.get_mut(row as usize)?;
        entry.n_series -= 1;
        if entry.n_series > 0 {
            return None;
        }
        self.by_key.remove(&entry.key);
        entry.values = None;
        self.free.push(row);
        Some(row)
    }

    /// Takes an event's values over.
    pub(super) fn update(&mut self, row: RowId, series: &Series<'_>, event: &View<'_>) -> Touched {
        let Some(entry) = self.rows.get_mut(row as usize) else { return Touched { row, wholly: false } };
        let first = entry.values.is_none();
        let values = entry.values.get_or_insert_default();
        values.metric = event.metric;
        values.time = event.time;
        set(&mut values.state, event.state);
        let wholly = first
            || values.ttl != event.ttl
            || values.description.as_deref() != event.description
            || !event.labels.same(&Labels::new(&values.labels));
        if wholly {
            values.host = series.host.map(Into::into);
            values.service = series.service.map(Into::into);
            values.sample = series.sample;
            values.ttl = event.ttl;
            set(&mut values.description, event.description);
            values.labels.clear();
            values.labels.extend_from_slice(event.labels.as_bytes());
        }
        Touched { row, wholly }
    }

    /// Appends a row as an array, in the order of [`super::frame::COLUMNS`], wholly or up to `time`.
    pub(super) fn put(&self, out: &mut Vec<u8>, touched: Touched) {
        let values = self.rows.get(touched.row as usize).and_then(|row| row.values.as_deref());
        let Some(values) = values else { return out.extend_from_slice(b"[]") };
        out.push(b'[');
        out.extend_from_slice(touched.row.to_string().as_bytes());
        out.push(b',');
        json::optional(out, values.state.as_deref());
        out.push(b',');
        json::metric(out, values.metric);
        out.push(b',');
        let seconds = values.time.map_or_else(|| "null".to_owned(), |time| time.as_secs_f64().to_string());
        out.extend_from_slice(seconds.as_bytes());
        if touched.wholly {
            put_rest(out, values);
        }
        out.push(b']');
    }
}

fn put_rest(out: &mut Vec<u8>, values: &Values) {
    let labels = Labels::new(&values.labels);
    out.push(b',');
    json::optional(out, values.host.as_deref().map(str::as_bytes));
    out.push(b',');
    json::optional(out, values.service.as_deref().map(str::as_bytes));
    let name = values.service.as_deref().filter(|_| values.sample).and_then(Name::split);
    let parts = name.map(|name| [Some(name.measurement), name.instance, Some(name.field)]).unwrap_or_default();
    for part in parts {
        out.push(b',');
        json::optional(out, part.map(str::as_bytes));
    }
    out.push(b',');
    json::ttl(out, values.ttl);
    out.push(b',');
    json::optional(out, values.description.as_deref());
    out.push(b',');
    json::array(out, labels.marks(), json::text);
    out.extend_from_slice(b",{");
    for (index, (key, value)) in labels.attributes().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::text(out, key);
        out.push(b':');
        json::text(out, value);
    }
    out.push(b'}');
}

/// Sets a kept text, in the memory that it has.
fn set(kept: &mut Option<Vec<u8>>, given: Option<&[u8]>) {
    match given {
        None => *kept = None,
        Some(given) => {
            let kept = kept.get_or_insert_default();
            kept.clear();
            kept.extend_from_slice(given);
        }
    }
}
