//! Folds of values, as InfluxDB 1 makes them.

use event::Metric;

use super::table::Point;
use crate::influxql::ast::{Call, Function};

/// The value of ordered points, with the point that was picked, or the first.
pub(super) fn fold(call: &Call, points: &[Point]) -> Option<Point> {
    let first = *points.first()?;
    let pick =
        |better: fn(&Point, &Point) -> bool| points.iter().copied().reduce(|best, point| if better(&point, &best) { point } else { best });
    let n = points.len() as f64;
    let sum = || points.iter().map(|point| point.value.as_f64()).sum::<f64>();
    let number = |value: f64| Some(Point { value: Metric::float(value)?, ..first });
    let whole = |value: i64| Some(Point { value: Metric::Int(value), ..first });
    match call.function {
        Function::Max => pick(|a, b| a.value.as_f64() > b.value.as_f64()),
        Function::Min => pick(|a, b| a.value.as_f64() < b.value.as_f64()),
        // Of two at the same time the larger.
        Function::Last => pick(|a, b| a.time > b.time || a.time == b.time && a.value.as_f64() > b.value.as_f64()),
        Function::First => pick(|a, b| a.time < b.time || a.time == b.time && a.value.as_f64() > b.value.as_f64()),
        Function::Count => whole(i64::try_from(points.len()).ok()?),
        Function::Sum => match whole_sum(points) {
            Some(sum) => whole(sum),
            None => number(sum()),
        },
        Function::Mean => number(sum() / n),
        Function::Median => number(median(&sorted(points))?),
        Function::Mode => mode(points),
        Function::Spread => {
            let values = sorted(points);
            let (low, high) = (values.first()?.value, values.last()?.value);
            match (low, high) {
                (Metric::Int(low), Metric::Int(high)) => whole(high.checked_sub(low)?),
                _ => number(high.as_f64() - low.as_f64()),
            }
        }
        Function::Stddev => {
            let mean = sum() / n;
            let squares: f64 = points.iter().map(|point| (point.value.as_f64() - mean).powi(2)).sum();
            number((squares / (n - 1.0)).sqrt())
        }
        Function::Percentile => {
            let at = (n * call.number / 100.0 + 0.5).floor() - 1.0;
            sorted(points).get((at >= 0.0).then_some(at as usize)?).copied()
        }
        Function::Distinct
        | Function::Top
        | Function::Bottom
        | Function::CumulativeSum
        | Function::Derivative
        | Function::NonNegativeDerivative
        | Function::Difference
        | Function::NonNegativeDifference
        | Function::Elapsed
        | Function::MovingAverage => None,
    }
}

fn whole_sum(points: &[Point]) -> Option<i64> {
    points.iter().try_fold(0_i64, |sum, point| match point.value {
        Metric::Int(value) => sum.checked_add(value),
        Metric::Float(_) => None,
    })
}

/// By value, those of the same value in the order of time.
pub(super) fn sorted(points: &[Point]) -> Vec<Point> {
    let mut values = points.to_vec();
    values.sort_by(|a, b| a.value.as_f64().total_cmp(&b.value.as_f64()));
    values
}

fn median(values: &[Point]) -> Option<f64> {
    let middle = values.len() / 2;
    let high = values.get(middle)?.value.as_f64();
    if values.len() % 2 == 1 {
        return Some(high);
    }
    Some(f64::midpoint(values.get(middle.checked_sub(1)?)?.value.as_f64(), high))
}

/// The value that comes most often; of those that come twice or more as often the one that came first, else the smallest.
fn mode(points: &[Point]) -> Option<Point> {
    let values = sorted(points);
    let runs = values.chunk_by(|a, b| a.value.as_f64() == b.value.as_f64());
    let best = runs.reduce(|best, run| {
        let first = |run: &[Point]| run.first().map(|point| point.time);
        let is_earlier = run.len() > 1 && run.len() == best.len() && first(run) < first(best);
        if run.len() > best.len() || is_earlier { run } else { best }
    });
    best?.first().copied()
}
