//! Functions that give several points: `top`, `bottom` and `distinct`.

use std::collections::BTreeMap;

use super::emit::{Emitted, Spend, buckets};
use super::fold::sorted;
use super::grid::Grid;
use super::table::{Point, Table, points};
use crate::influxql::ast::{Call, Function, Select};

/// What such a function gives, in the order of time.
pub(super) fn emitted(call: &Call, select: &Select, tables: &[Table], spend: &mut Spend<'_>) -> Result<Vec<Emitted>, String> {
    let points = points(tables, call);
    let steps = match Grid::of(select) {
        Some(grid) => buckets(&points, grid),
        None if points.is_empty() => Vec::new(),
        None => vec![(select.start.unwrap_or(0), points.as_slice())],
    };
    let mut all = Vec::new();
    for (start, points) in steps {
        let found = if call.function == Function::Distinct { distinct(points) } else { best(call, tables, points) };
        spend(found.len())?;
        all.extend(found.into_iter().map(|point| {
            let time = if call.function == Function::Distinct { start } else { point.time };
            Emitted { time, value: Some(point.value.into()), place: Some(point.place) }
        }));
    }
    Ok(all)
}

/// Each value once, in the order in which they came.
pub(super) fn distinct(points: &[Point]) -> Vec<Point> {
    let mut values = sorted(points);
    values.dedup_by(|a, b| a.value.as_f64() == b.value.as_f64());
    values.sort_by_key(|point| (point.time, point.place));
    values
}

/// The largest or smallest, of each of the tags' values one.
fn best(call: &Call, tables: &[Table], points: &[Point]) -> Vec<Point> {
    let is_better = |a: &Point, b: &Point| {
        let (a, b) = (a.value.as_f64(), b.value.as_f64());
        if call.function == Function::Top { a > b } else { a < b }
    };
    let mut candidates = points.to_vec();
    if !call.tags.is_empty() {
        let mut by_tags: BTreeMap<Vec<&str>, Point> = BTreeMap::new();
        for point in points {
            let Some(table) = tables.get(point.place.0 as usize) else { continue };
            let key = call.tags.iter().map(|tag| table.tag(tag)).collect();
            let known = by_tags.entry(key).or_insert(*point);
            if is_better(point, known) {
                *known = *point;
            }
        }
        candidates = by_tags.into_values().collect();
    }
    candidates.sort_by(|a, b| {
        let order = a.value.as_f64().total_cmp(&b.value.as_f64());
        let order = if call.function == Function::Top { order.reverse() } else { order };
        order.then(a.time.cmp(&b.time)).then(b.place.cmp(&a.place))
    });
    candidates.truncate(call.number as usize);
    candidates.sort_by_key(|point| point.time);
    candidates
}
