//! Functions that look from each value at those before.

use event::Metric;

use super::emit::Emitted;
use super::value::Value;
use crate::influxql::ast::{Call, Function};

/// The unit of a derivative of single points, where nobody names one; one of steps has the step as its unit.
const SECOND: i64 = 1_000_000_000;

/// What becomes of values in the order of time; those without a number are passed over.
pub(super) fn transformed(call: &Call, step: Option<i64>, values: Vec<Emitted>) -> Vec<Emitted> {
    let numbers = values.into_iter().filter_map(|emitted| Some((emitted.time, emitted.value?.metric()?)));
    match call.function {
        Function::CumulativeSum => running_sum(numbers),
        Function::MovingAverage => moving_average(numbers, (call.number as usize).max(1)),
        _ => changes(call.function, call.unit.or(step).unwrap_or(SECOND), numbers),
    }
}

fn emitted(time: i64, value: Metric) -> Emitted {
    Emitted { time, value: Some(Value::from(value)), place: None }
}

fn running_sum(numbers: impl Iterator<Item = (i64, Metric)>) -> Vec<Emitted> {
    let mut sum = Metric::Int(0);
    let add = |(time, value): (i64, Metric)| {
        sum = match (sum, value) {
            (Metric::Int(sum), Metric::Int(value)) => Metric::Int(sum.saturating_add(value)),
            (sum, value) => Metric::float(sum.as_f64() + value.as_f64())?,
        };
        Some(emitted(time, sum))
    };
    numbers.filter_map(add).collect()
}

fn moving_average(numbers: impl Iterator<Item = (i64, Metric)>, n: usize) -> Vec<Emitted> {
    let mut last = std::collections::VecDeque::new();
    let add = |(time, value): (i64, Metric)| {
        if last.len() == n {
            last.pop_front();
        }
        last.push_back(value.as_f64());
        let mean = last.iter().sum::<f64>() / last.len() as f64;
        (last.len() == n).then(|| Metric::float(mean)).flatten().map(|mean| emitted(time, mean))
    };
    numbers.filter_map(add).collect()
}

/// From each value to the next; of several at one moment the first counts.
fn changes(function: Function, unit: i64, numbers: impl Iterator<Item = (i64, Metric)>) -> Vec<Emitted> {
    let mut before: Option<(i64, Metric)> = None;
    let change = |(time, value): (i64, Metric)| {
        if before.is_some_and(|(at, _)| at == time) && function != Function::Elapsed {
            return None;
        }
        let (at, old) = before.replace((time, value))?;
        let elapsed = time.saturating_sub(at);
        let difference = match (old, value) {
            (Metric::Int(old), Metric::Int(value)) => value.checked_sub(old).map(Metric::Int),
            _ => Metric::float(value.as_f64() - old.as_f64()),
        }?;
        let is_less = difference.as_f64() < 0.0;
        let result = match function {
            Function::Elapsed => Metric::Int(elapsed / unit.max(1)),
            Function::NonNegativeDerivative | Function::NonNegativeDifference if is_less => return None,
            Function::Difference | Function::NonNegativeDifference => difference,
            _ => Metric::float(difference.as_f64() / (elapsed as f64 / unit as f64))?,
        };
        Some(emitted(time, result))
    };
    numbers.filter_map(change).collect()
}
