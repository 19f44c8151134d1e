//! What a function gives for a group: moments with values.

use event::Metric;

use super::fold::fold;
use super::grid::Grid;
use super::table::{Point, Table, points};
use super::transform::transformed;
use super::value::Value;
use crate::influxql::ast::{Call, Fill, Function, Of, Select};

/// One moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Emitted {
    /// Nanoseconds.
    pub(super) time: i64,
    /// `None` where a step had no value and is not left out.
    pub(super) value: Option<Value>,
    /// The point that a selector picked.
    pub(super) place: Option<(u32, u32)>,
}

/// Asked before so many values are made.
pub(super) type Spend<'a> = dyn FnMut(usize) -> Result<(), String> + 'a;

/// What a function gives, in the order of time; `before` steps are looked at before the first.
pub(super) fn emitted(call: &Call, select: &Select, tables: &[Table], before: i64, spend: &mut Spend<'_>) -> Result<Vec<Emitted>, String> {
    match (&call.of, call.function) {
        (Of::Call(inner), Function::Count) => Ok(folded(&Folding { call: inner, is_distinct: true }, select, tables, before, spend)?),
        (Of::Call(inner), _) => Ok(transformed(call, select.step, emitted(inner, select, tables, before.max(call.steps_before()), spend)?)),
        (Of::Field(_), function) if function.is_transformation() => {
            let points = points(tables, call);
            spend(points.len())?;
            let plain = points.into_iter().map(|point| Emitted { time: point.time, value: Some(point.value.into()), place: None });
            Ok(transformed(call, None, plain.collect()))
        }
        (Of::Field(_) | Of::All, _) => folded(&Folding { call, is_distinct: false }, select, tables, before, spend),
    }
}

/// What is folded, and how.
struct Folding<'a> {
    call: &'a Call,
    /// Whether this is `count(distinct(field))`.
    is_distinct: bool,
}

impl Folding<'_> {
    fn is_count(&self) -> bool {
        self.is_distinct || self.call.function == Function::Count
    }

    fn fold(&self, points: &[Point]) -> Option<Point> {
        if !self.is_distinct {
            return fold(self.call, points);
        }
        let n = super::many::distinct(points).len();
        Some(Point { value: Metric::Int(i64::try_from(n).ok()?), ..*points.first()? })
    }
}

fn folded(folding: &Folding<'_>, select: &Select, tables: &[Table], before: i64, spend: &mut Spend<'_>) -> Result<Vec<Emitted>, String> {
    let points = points(tables, folding.call);
    let Some(first) = points.first().map(|point| point.time) else { return Ok(Vec::new()) };
    let picked = |point: &Point| folding.call.function.is_selector().then_some(point.place);
    let Some(grid) = Grid::of(select) else {
        spend(1)?;
        let whole = folding.fold(&points).map(|point| {
            let keeps_time = folding.call.function.is_selector() && select.columns.iter().map(|c| c.expr.calls().len()).sum::<usize>() == 1;
            let time = if keeps_time { point.time } else { select.start.unwrap_or(0) };
            Emitted { time, value: Some(point.value.into()), place: picked(&point) }
        });
        return Ok(whole.into_iter().collect());
    };
    let wanted = grid.window(select.start.unwrap_or(first)).0;
    let (start, end) = (grid.before(wanted, before), select.end.unwrap_or(i64::MAX));
    let found = buckets(&points, grid).into_iter().filter(|(at, _)| *at >= start).filter_map(|(time, points)| {
        let point = folding.fold(points)?;
        Some(Emitted { time, value: Some(point.value.into()), place: picked(&point) })
    });
    let found: Vec<Emitted> = found.collect();
    if select.fill == Fill::Skip {
        spend(found.len())?;
        return Ok(found);
    }
    spend(grid.count(start, end))?;
    Ok(filled(found, select.fill, folding.is_count(), grid.starts(start, end)))
}

/// The points of each step that has any.
pub(super) fn buckets<'a>(points: &'a [Point], grid: Grid<'_>) -> Vec<(i64, &'a [Point])> {
    let mut buckets = Vec::new();
    let mut rest = points;
    while let Some(first) = rest.first() {
        let (start, end) = grid.window(first.time);
        let n = rest.partition_point(|point| point.time < end).max(1);
        let (bucket, after) = rest.split_at(n);
        buckets.push((start, bucket));
        rest = after;
    }
    buckets
}

/// Puts something where a step has no value.
fn filled(found: Vec<Emitted>, fill: Fill, is_count: bool, starts: impl Iterator<Item = i64>) -> Vec<Emitted> {
    let mut found = found.into_iter().peekable();
    let mut before: Option<Emitted> = None;
    let mut all = Vec::new();
    for time in starts {
        while found.next_if(|emitted| emitted.time < time).is_some() {}
        if let Some(emitted) = found.next_if(|emitted| emitted.time == time) {
            before = Some(emitted.clone());
            all.push(emitted);
            continue;
        }
        let value = match fill {
            Fill::Null if is_count => Some(Value::Int(0)),
            Fill::Null | Fill::Skip => None,
            Fill::Previous => before.as_ref().and_then(|emitted| emitted.value.clone()),
            Fill::Linear => before.as_ref().zip(found.peek()).and_then(|(before, after)| between(before, after, time)),
            Fill::Number(number) => Metric::float(number).map(Value::from),
        };
        all.push(Emitted { time, value, place: None });
    }
    all
}

fn between(before: &Emitted, after: &Emitted, time: i64) -> Option<Value> {
    let (low, high) = (before.value.as_ref()?.metric()?, after.value.as_ref()?.metric()?);
    let share = time.saturating_sub(before.time) as f64 / after.time.saturating_sub(before.time) as f64;
    let value = low.as_f64() + (high.as_f64() - low.as_f64()) * share;
    match (low, high) {
        (Metric::Int(_), Metric::Int(_)) => Some(Value::Int(value as i64)),
        _ => Metric::float(value).map(Value::from),
    }
}
