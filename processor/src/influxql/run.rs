//! From stored values to rows.

mod fold;

use std::collections::BTreeMap;

use event::Metric;

use super::ast::{Column, Condition, Fill, Select, Test};
use crate::store::SeriesData;
use fold::{Point, apply, fold, is_selector};

/// Values of an answer, those of all its statements and columns and also those that a limit cuts off; more is an error.
pub(crate) const MAX_VALUES: usize = 500_000;

/// One series of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The tags of `GROUP BY`.
    pub(crate) tags: Vec<(String, String)>,
    /// Nanoseconds, and a value for each column.
    pub(crate) values: Vec<Line>,
}

type Line = (i64, Vec<Option<Metric>>);
type Tags = Vec<(String, String)>;

/// The fields that a select reads, each once.
pub(crate) fn fields(select: &Select) -> Vec<&str> {
    let mut fields: Vec<_> = select.columns.iter().map(|column| column.field.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// What the store itself can look for: tags that must be equal to a text.
pub(crate) fn filters(condition: Option<&Condition>) -> Tags {
    match condition {
        Some(Condition::And(a, b)) => [filters(Some(a)), filters(Some(b))].concat(),
        Some(Condition::Tag(tag, Test::Is(text))) if !text.is_empty() => vec![(tag.clone(), text.clone())],
        _ => Vec::new(),
    }
}

/// Whether a series with these tags is meant.
pub(crate) fn selects(condition: Option<&Condition>, tags: &[(String, String)]) -> bool {
    match condition {
        None => true,
        Some(Condition::And(a, b)) => selects(Some(a), tags) && selects(Some(b), tags),
        Some(Condition::Or(a, b)) => selects(Some(a), tags) || selects(Some(b), tags),
        Some(Condition::Tag(tag, test)) => {
            let value = tag_of(tags, tag);
            match test {
                Test::Is(text) => value == text,
                Test::IsNot(text) => value != text,
                Test::Matches(regex) => regex.is_match(value),
                Test::MatchesNot(regex) => !regex.is_match(value),
            }
        }
    }
}

fn tag_of<'a>(tags: &'a [(String, String)], tag: &str) -> &'a str {
    tags.iter().find(|(key, _)| key == tag).map_or("", |(_, value)| value)
}

/// Makes the rows of a select; `data` has what is stored of each of its [`fields`], `now` is in nanoseconds. What is `left` of
/// [`MAX_VALUES`] becomes less.
///
/// # Errors
/// More values than are left.
pub(crate) fn run(select: &Select, data: &[(String, Vec<SeriesData>)], now: i64, left: &mut usize) -> Result<Vec<Row>, String> {
    let mut groups: BTreeMap<Tags, Vec<(&str, &SeriesData)>> = BTreeMap::new();
    for (field, series) in data {
        for series in series.iter().filter(|series| selects(select.condition.as_ref(), &series.tags)) {
            groups.entry(key(select, &series.tags)).or_default().push((field, series));
        }
    }
    let mut rows = Vec::new();
    for (tags, series) in groups.into_iter().take(select.slimit.unwrap_or(usize::MAX)) {
        let is_folded = select.columns.iter().any(|column| column.call.is_some());
        let mut values = if is_folded { folded(select, &series, now, left)? } else { raw(select, &series, left)? };
        if select.descending {
            values.reverse();
        }
        values.truncate(select.limit.unwrap_or(usize::MAX));
        if !values.is_empty() {
            rows.push(Row { tags, values });
        }
    }
    Ok(rows)
}

fn too_many() -> String {
    format!("the answer has more than {MAX_VALUES} values; ask for a shorter time, a longer step, fewer series or fewer columns")
}

/// Takes so many lines of all columns from what is left.
fn charge(select: &Select, n_lines: usize, left: &mut usize) -> Result<(), String> {
    *left = left.checked_sub(n_lines.saturating_mul(select.columns.len())).ok_or_else(too_many)?;
    Ok(())
}

fn key(select: &Select, tags: &[(String, String)]) -> Tags {
    if select.all_tags {
        return tags.to_vec();
    }
    let mut names = select.tags.clone();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| (tag_of(tags, &name).to_owned(), name)).map(|(value, name)| (name, value)).collect()
}

fn raw(select: &Select, series: &[(&str, &SeriesData)], left: &mut usize) -> Result<Vec<Line>, String> {
    charge(select, series.iter().map(|(_, series)| series.points.len()).sum(), left)?;
    let mut lines: BTreeMap<(i64, &Tags), Vec<Option<Metric>>> = BTreeMap::new();
    for (place, column) in select.columns.iter().enumerate() {
        for (_, series) in series.iter().filter(|(field, _)| *field == column.field) {
            for (time, value) in &series.points {
                let line = lines.entry((nanos(*time), &series.tags)).or_insert_with(|| vec![None; select.columns.len()]);
                if let Some(cell) = line.get_mut(place) {
                    *cell = Some(apply(*value, &column.arithmetic));
                }
            }
        }
    }
    Ok(lines.into_iter().map(|((time, _), line)| (time, line)).collect())
}

fn nanos(time: event::Timestamp) -> i64 {
    time.micros().saturating_mul(1000)
}

fn folded(select: &Select, series: &[(&str, &SeriesData)], now: i64, left: &mut usize) -> Result<Vec<Line>, String> {
    let points: Vec<Vec<Point>> = select.columns.iter().map(|column| points(column, series)).collect();
    let Some(first) = points.iter().filter_map(|points| points.first()).map(|point| point.0).min() else { return Ok(Vec::new()) };
    let Some(step) = select.step else {
        charge(select, 1, left)?;
        return Ok(whole(select, &points));
    };
    // A derivative looks at the step before the first as well.
    let is_derived = select.columns.iter().any(|column| column.derivative.is_some());
    let wanted = floor(select.start.unwrap_or(first), step);
    let start = if is_derived { wanted.saturating_sub(step) } else { wanted };
    let end = select.end.unwrap_or(now);
    let n = usize::try_from((end.saturating_sub(start).saturating_add(step - 1)) / step).unwrap_or(0);
    charge(select, n, left)?;
    let mut lines: Vec<Line> = (0..n).map(|at| (start.saturating_add(step.saturating_mul(at as i64)), Vec::new())).collect();
    for (column, points) in select.columns.iter().zip(&points) {
        for (line, value) in lines.iter_mut().zip(steps(column, points, select.fill, start, step, n)) {
            line.1.push(value);
        }
    }
    let is_kept = |line: &Line| {
        let has_value = line.1.iter().any(Option::is_some);
        line.0 >= wanted && (has_value || !(is_derived || select.fill == Fill::Skip))
    };
    lines.retain(is_kept);
    Ok(lines)
}

/// Start of the step that holds a moment.
fn floor(time: i64, step: i64) -> i64 {
    time.saturating_sub(time.rem_euclid(step))
}

/// The values of a field, of all series of a group, in the order of time.
fn points(column: &Column, series: &[(&str, &SeriesData)]) -> Vec<Point> {
    let of_field = series.iter().filter(|(field, _)| *field == column.field);
    let mut points: Vec<_> = of_field.flat_map(|(_, series)| series.points.iter().map(|(time, value)| (nanos(*time), *value))).collect();
    points.sort_by_key(|point| point.0);
    points
}

/// One line for all there is.
fn whole(select: &Select, points: &[Vec<Point>]) -> Vec<Line> {
    let mut time = select.start.unwrap_or(0);
    let mut cells = Vec::with_capacity(points.len());
    for (column, points) in select.columns.iter().zip(points) {
        let Some((aggregate, argument)) = column.call else { continue };
        let found = fold(aggregate, argument, points);
        if let [only] = select.columns.as_slice()
            && only.call.is_some_and(|(aggregate, _)| is_selector(aggregate))
            && let Some((at, _)) = found
        {
            time = at;
        }
        cells.push(found.map(|(_, value)| apply(value, &column.arithmetic)));
    }
    vec![(time, cells)]
}

/// A column's value in each of `n` steps.
fn steps(column: &Column, points: &[Point], fill: Fill, start: i64, step: i64, n: usize) -> Vec<Option<Metric>> {
    let Some((aggregate, argument)) = column.call else { return Vec::new() };
    let mut cells = vec![None; n];
    for chunk in points.chunk_by(|a, b| floor(a.0, step) == floor(b.0, step)) {
        let Some((time, _)) = chunk.first() else { continue };
        let at = usize::try_from(time.saturating_sub(start).div_euclid(step)).ok();
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            *cell = fold(aggregate, argument, chunk).map(|(_, value)| value);
        }
    }
    let mut before = None;
    for cell in &mut cells {
        *cell = cell.or(match fill {
            Fill::Null if aggregate == super::ast::Aggregate::Count => Some(Metric::Int(0)),
            Fill::Null | Fill::Skip => None,
            Fill::Previous => before,
            Fill::Number(number) => Metric::float(number),
        });
        before = *cell;
    }
    if let Some((is_non_negative, unit)) = column.derivative {
        cells = fold::derived(&cells, step, unit, is_non_negative);
    }
    cells.into_iter().map(|cell| cell.map(|value| apply(value, &column.arithmetic))).collect()
}
