//! What a select reads, once it is known what is stored: names become fields or tags, sources become questions to the store.

use std::collections::BTreeSet;

use super::ast::{Call, Column, Expr, Found, Of, Op, Select, Source};
use crate::store::{Measurement, Part};

/// Measurements that one statement reads.
const MAX_MEASUREMENTS: usize = 100;

/// A select with its sources.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// With `*` written out, and its bounds within those of the select around it.
    pub(crate) select: Select,
    /// Where it reads.
    pub(crate) inputs: Vec<Input>,
}

/// One source.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// A measurement.
    Stored(Read),
    /// The answer of another select.
    Query(Box<Plan>),
}

/// A question to the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Read {
    pub(crate) measurement: String,
    /// What is read of which stored fields, sorted.
    pub(crate) fields: Vec<(String, Part)>,
    /// From then on, in nanoseconds.
    pub(crate) from: i64,
    /// Up to before then, in nanoseconds.
    pub(crate) to: i64,
    /// Tags that must have these values.
    pub(crate) filters: Vec<(String, String)>,
}

impl Plan {
    /// What is asked of the store, in the order in which [`super::run`] takes the answers.
    pub(crate) fn reads(&self) -> Vec<&Read> {
        let of_all = self.inputs.iter().flat_map(|input| match input {
            Input::Stored(read) => vec![read],
            Input::Query(plan) => plan.reads(),
        });
        of_all.collect()
    }
}

/// Makes the plan of a select; `now` is in nanoseconds.
///
/// # Errors
/// A field that the store does not keep, or too many measurements.
pub(crate) fn plan(select: Select, names: &[Measurement], now: i64) -> Result<Plan, String> {
    let mut n_measurements = 0;
    planned(select, names, now, &mut n_measurements)
}

fn planned(mut select: Select, names: &[Measurement], now: i64, n_measurements: &mut usize) -> Result<Plan, String> {
    if select.step.is_some() && select.end.is_none() {
        select.end = Some(now);
    }
    let sources = std::mem::take(&mut select.from);
    let mut found: Vec<&Measurement> = Vec::new();
    let mut queries = Vec::new();
    for source in sources {
        match source {
            Source::Named(name) => found.extend(names.iter().filter(|known| known.name == name)),
            Source::Matching(regex) => found.extend(names.iter().filter(|known| regex.is_match(&known.name))),
            Source::Query(inner) => queries.push(planned(within(*inner, &select), names, now, n_measurements)?),
        }
    }
    *n_measurements += found.len();
    if *n_measurements > MAX_MEASUREMENTS {
        return Err(format!("the statement reads more than {MAX_MEASUREMENTS} measurements; name fewer"));
    }
    write_out(&mut select, &found, &queries);
    let mut inputs = Vec::new();
    for measurement in found {
        inputs.push(Input::Stored(read(&select, measurement)?));
    }
    inputs.extend(queries.into_iter().map(|plan| Input::Query(Box::new(plan))));
    Ok(Plan { select, inputs })
}

/// What a query within another takes over from it.
fn within(mut inner: Select, outer: &Select) -> Select {
    inner.start = [inner.start, outer.start.map(|_| before(outer))].into_iter().flatten().max();
    inner.end = [inner.end, outer.end].into_iter().flatten().min();
    let is_folded = inner.columns.iter().any(|column| !column.expr.calls().is_empty());
    if inner.step.is_none() && is_folded {
        inner.step = outer.step;
        inner.shift = outer.shift;
    }
    // A step without a value is nothing to fold.
    if inner.fill == super::ast::Fill::Null {
        inner.fill = super::ast::Fill::Skip;
    }
    let more = outer.tags.iter().filter(|tag| !inner.tags.contains(tag)).cloned().collect::<Vec<_>>();
    inner.tags.extend(more);
    inner
}

/// Puts names in the place of `*`.
fn write_out(select: &mut Select, found: &[&Measurement], queries: &[Plan]) {
    let (mut fields, mut tags) = (BTreeSet::new(), BTreeSet::new());
    for measurement in found {
        fields.extend(measurement.fields.iter().cloned());
        tags.extend(measurement.tags.iter().cloned());
    }
    for plan in queries {
        fields.extend(plan.select.columns.iter().map(|column| column.name.clone()));
        tags.extend(plan.select.tags.iter().cloned());
    }
    if select.all_tags {
        select.tags.extend(tags.iter().cloned());
    }
    let mut columns = Vec::new();
    for column in std::mem::take(&mut select.columns) {
        match &column.expr {
            Expr::All => {
                let of_tags = tags.iter().filter(|tag| !select.tags.contains(tag) && !fields.contains(*tag));
                let all: BTreeSet<&String> = fields.iter().chain(of_tags).collect();
                columns.extend(all.into_iter().map(|name| Column { expr: Expr::Name(name.clone()), name: name.clone() }));
            }
            Expr::Call(call) if call.field() == "*" => columns.extend(fields.iter().map(|field| {
                let name = format!("{}_{field}", column.name);
                Column { expr: Expr::Call(Box::new(of_field(call, field))), name }
            })),
            Expr::Call(call) => {
                // The tags of `top` are columns of their own behind it.
                let tags = call.tags.clone();
                columns.push(column);
                columns.extend(tags.into_iter().map(|tag| Column { expr: Expr::Name(tag.clone()), name: tag }));
            }
            _ => columns.push(column),
        }
    }
    select.columns = columns;
}

fn of_field(call: &Call, field: &str) -> Call {
    let of = match &call.of {
        Of::All => Of::Field(field.to_owned()),
        Of::Field(known) => Of::Field(known.clone()),
        Of::Call(inner) => Of::Call(Box::new(of_field(inner, field))),
    };
    Call { of, ..call.clone() }
}

fn read(select: &Select, measurement: &Measurement) -> Result<Read, String> {
    let mut wanted = BTreeSet::new();
    let mut take = |found: Found<'_>| match found {
        Found::Name(name) => wanted.extend([(name.to_owned(), Part::Mean)]),
        Found::Call(call) => {
            wanted.extend(call.tags.iter().map(|tag| (tag.clone(), Part::Mean)));
            wanted.extend([(call.field().to_owned(), call.part())]);
        }
    };
    select.columns.iter().for_each(|column| column.expr.walk(&mut take));
    select.condition.iter().for_each(|condition| condition.walk(&mut take));
    let is_text = |name: &str| catalogue::find(&measurement.name, name).is_some_and(|metric| metric.kind == catalogue::Kind::Text);
    let is_tag = |name: &String| measurement.tags.contains(name);
    if let Some(text) = wanted.iter().map(|(name, _)| name).find(|name| is_text(name) && !is_tag(name)) {
        return Err(format!(
            "`{text}` of `{}` is a text, and the embedded store keeps numbers alone; `skep query` shows it, an InfluxDB keeps it",
            measurement.name
        ));
    }
    let fields: Vec<(String, Part)> = wanted.into_iter().filter(|(name, _)| measurement.fields.contains(name)).collect();
    let mut filters = Vec::new();
    select.condition.iter().for_each(|condition| equal_tags(condition, &fields, &mut filters));
    let (from, to) = (before(select), select.end.unwrap_or(i64::MAX));
    Ok(Read { measurement: measurement.name.clone(), fields, from, to, filters })
}

/// The first moment that is read: a derivative looks at the step before the first.
fn before(select: &Select) -> i64 {
    let start = select.start.unwrap_or(0);
    let steps = select.columns.iter().flat_map(|column| column.expr.calls()).map(Call::steps_before).max().unwrap_or(0);
    match select.step {
        Some(step) if steps > 0 && select.start.is_some() => floor(start, step, select.shift).saturating_sub(step.saturating_mul(steps)),
        _ => start,
    }
}

/// Start of the step that holds a moment.
pub(super) fn floor(time: i64, step: i64, shift: i64) -> i64 {
    time.saturating_sub(time.saturating_sub(shift).rem_euclid(step))
}

/// What the store itself can look for.
fn equal_tags(condition: &Expr, fields: &[(String, Part)], filters: &mut Vec<(String, String)>) {
    match condition {
        Expr::Binary(Op::And, left, right) => {
            equal_tags(left, fields, filters);
            equal_tags(right, fields, filters);
        }
        Expr::Binary(Op::Equal, left, right) => {
            if let (Expr::Name(tag), Expr::Text(text)) = (&**left, &**right)
                && !fields.iter().any(|(field, _)| field == tag)
            {
                filters.push((tag.clone(), text.clone()));
            }
        }
        _ => {}
    }
}

impl Call {
    /// What it wants of steps that stand for many values.
    pub(crate) fn part(&self) -> Part {
        use super::ast::Function::{Bottom, Max, Min, Top};
        match (&self.of, self.function) {
            (Of::Call(inner), _) => inner.part(),
            (_, Max | Top) => Part::Max,
            (_, Min | Bottom) => Part::Min,
            _ => Part::Mean,
        }
    }

    /// How many steps before the first it looks at.
    pub(crate) fn steps_before(&self) -> i64 {
        use super::ast::Function::{Derivative, Difference, Elapsed, MovingAverage, NonNegativeDerivative, NonNegativeDifference};
        match self.function {
            Derivative | NonNegativeDerivative | Difference | NonNegativeDifference | Elapsed => 1,
            MovingAverage => (self.number as i64 - 1).max(0),
            _ => 0,
        }
    }
}
