//! How the values of a step become one: the catalogue knows which metrics only grow.

use catalogue::Kind;

/// What one point stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// Gauges: the mean.
    Mean,
    /// Counters: the last value, so that differences between points stay true.
    Last,
}

/// How a metric is folded; what the catalogue does not know counts as a gauge.
pub(crate) fn fold_of(measurement: &str, field: &str) -> Fold {
    match catalogue::find(measurement, field).map(|metric| metric.kind) {
        Some(Kind::Counter) => Fold::Last,
        Some(_) | None => Fold::Mean,
    }
}
