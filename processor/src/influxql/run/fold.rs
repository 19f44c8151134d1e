//! Folds of values, as InfluxDB 1 makes them.

use event::Metric;

use crate::influxql::ast::Aggregate;

/// Nanoseconds and a value.
pub(super) type Point = (i64, Metric);

/// Whether the fold picks a point, whose time it then keeps.
pub(super) fn is_selector(aggregate: Aggregate) -> bool {
    use Aggregate::{First, Last, Max, Min, Percentile};
    matches!(aggregate, Max | Min | First | Last | Percentile)
}

/// The value of ordered points, with the time of the point that was picked.
pub(super) fn fold(aggregate: Aggregate, argument: f64, points: &[Point]) -> Option<Point> {
    let (first_time, _) = *points.first()?;
    let pick =
        |better: fn(&Point, &Point) -> bool| points.iter().copied().reduce(|best, point| if better(&point, &best) { point } else { best });
    let n = points.len() as f64;
    let sum = || points.iter().map(|point| point.1.as_f64()).sum::<f64>();
    let number = |value: f64| Some((first_time, Metric::float(value)?));
    match aggregate {
        Aggregate::Max => pick(|a, b| a.1.as_f64() > b.1.as_f64()),
        Aggregate::Min => pick(|a, b| a.1.as_f64() < b.1.as_f64()),
        // Of two at the same time the larger.
        Aggregate::Last => pick(|a, b| a.0 > b.0 || a.0 == b.0 && a.1.as_f64() > b.1.as_f64()),
        Aggregate::First => pick(|a, b| a.0 < b.0 || a.0 == b.0 && a.1.as_f64() > b.1.as_f64()),
        Aggregate::Count => Some((first_time, Metric::Int(i64::try_from(points.len()).ok()?))),
        Aggregate::Sum => match whole_sum(points) {
            Some(sum) => Some((first_time, Metric::Int(sum))),
            None => number(sum()),
        },
        Aggregate::Mean => number(sum() / n),
        Aggregate::Median => number(median(&sorted(points))?),
        Aggregate::Spread => {
            let values = sorted(points);
            number(values.last()?.1.as_f64() - values.first()?.1.as_f64())
        }
        Aggregate::Stddev => {
            let mean = sum() / n;
            let squares: f64 = points.iter().map(|point| (point.1.as_f64() - mean).powi(2)).sum();
            number((squares / (n - 1.0)).sqrt())
        }
        Aggregate::Percentile => {
            let at = (n * argument / 100.0 + 0.5).floor() - 1.0;
            sorted(points).get((at >= 0.0).then_some(at as usize)?).copied()
        }
    }
}

fn whole_sum(points: &[Point]) -> Option<i64> {
    points.iter().try_fold(0_i64, |sum, point| match point.1 {
        Metric::Int(value) => sum.checked_add(value),
        Metric::Float(_) => None,
    })
}

fn sorted(points: &[Point]) -> Vec<Point> {
    let mut values = points.to_vec();
    values.sort_by(|a, b| a.1.as_f64().total_cmp(&b.1.as_f64()));
    values
}

fn median(values: &[Point]) -> Option<f64> {
    let middle = values.len() / 2;
    let high = values.get(middle)?.1.as_f64();
    if values.len() % 2 == 1 {
        return Some(high);
    }
    Some(f64::midpoint(values.get(middle.checked_sub(1)?)?.1.as_f64(), high))
}

/// Changes per unit from each value to the next; steps without a value are passed over.
pub(super) fn derived(cells: &[Option<Metric>], step: i64, unit: i64, is_non_negative: bool) -> Vec<Option<Metric>> {
    let mut before: Option<(usize, f64)> = None;
    let change = |(at, cell): (usize, &Option<Metric>)| {
        let value = cell.as_ref()?.as_f64();
        let (earlier, old) = before.replace((at, value))?;
        let elapsed = (at - earlier) as f64 * step as f64 / unit as f64;
        let change = (value - old) / elapsed;
        if is_non_negative && change < 0.0 { None } else { Metric::float(change) }
    };
    cells.iter().enumerate().map(change).collect()
}

/// Does the arithmetic behind a column, from left to right. By zero is zero, as InfluxDB has it.
pub(super) fn apply(value: Metric, arithmetic: &[(char, f64)]) -> Metric {
    arithmetic.iter().fold(value, |value, (sign, number)| {
        let left = value.as_f64();
        let result = match sign {
            '+' => left + number,
            '-' => left - number,
            '*' => left * number,
            _ if *number == 0.0 => 0.0,
            _ => left / number,
        };
        Metric::float(result).unwrap_or(Metric::Float(0.0))
    })
}
