//! Which event stands at a point of a row: exact up to 256 samples, then counted in buckets whose error is below 0.8 %.

use event::{Metric, View};

use super::buckets::{Buckets, rank};
use super::events::Events;
use super::kept::Kept;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// So many samples are kept as they are.
pub(super) const EXACT: usize = 256;

/// The samples of one interval.
#[derive(Debug, Default)]
pub(super) struct Quantiles {
    exact: Events,
    buckets: Buckets,
    n: u64,
    last: Kept,
    /// Metric and place of the exact samples, in order.
    order: Vec<(f64, u32)>,
}

impl Quantiles {
    pub(super) fn clear(&mut self) {
        self.exact.clear();
        self.buckets.clear();
        self.order.clear();
        self.n = 0;
    }

    /// Events without metric do not count.
    pub(super) fn push(&mut self, event: &View<'_>) {
        let Some(metric) = event.metric else { return };
        self.n += 1;
        if self.exact.len() < EXACT && self.buckets.is_empty() {
            self.exact.push(event);
            return;
        }
        if self.buckets.is_empty() {
            for at in 0..self.exact.len() {
                let metric = self.exact.get(at).and_then(|event| event.metric);
                self.buckets.add(metric.map_or(0.0, Metric::as_f64));
            }
            self.exact.clear();
        }
        self.last.set(event);
        self.buckets.add(metric.as_f64());
    }

    /// Must come between the last sample and [`Quantiles::at`].
    pub(super) fn order(&mut self) {
        self.order.clear();
        let metrics = self.exact.iter().map(|event| event.and_then(|event| event.metric).map_or(0.0, Metric::as_f64));
        self.order.extend(metrics.zip(0..));
        self.order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }

    /// The event at a point from 0 to 1, without interpolation; of buckets, the last event with the bucket's middle as its metric.
    pub(super) fn at(&self, point: f64) -> Option<View<'_>> {
        if self.buckets.is_empty() {
            let (_, at) = self.order.get(rank(self.n, point)? as usize)?;
            return self.exact.get(*at as usize);
        }
        let last = self.last.view();
        Some(View { metric: like(last.metric, self.buckets.at(point)?), ..last })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        self.exact.write(writer);
        self.buckets.write(writer);
        writer.u64(self.n);
        self.last.write(writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let exact = Events::read(reader)?;
        let buckets = Buckets::read(reader)?;
        Ok(Self { exact, buckets, n: reader.u64()?, last: Kept::read(reader)?, order: Vec::new() })
    }
}

/// A number made of others, whole where those are.
pub(super) fn like(metric: Option<Metric>, number: f64) -> Option<Metric> {
    match metric {
        Some(Metric::Int(_)) => Some(Metric::Int(number.trunc() as i64)),
        _ => Metric::float(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn buckets_are_near_what_is_exact(metrics in proptest::collection::vec(-1e6..1e6f64, 1..2000), point in 0.0..=1.0f64) {
            let mut quantiles = Quantiles::default();
            for metric in &metrics {
                quantiles.push(&View { metric: Metric::float(*metric), ..View::default() });
            }
            quantiles.order();
            let found = quantiles.at(point).unwrap().metric.unwrap().as_f64();
            let mut sorted = metrics.clone();
            sorted.sort_by(f64::total_cmp);
            let exact = sorted[((sorted.len() as f64 * point).floor() as usize).min(sorted.len() - 1)];
            let error = (found - exact).abs();
            proptest::prop_assert!(if metrics.len() <= EXACT { error == 0.0 } else { error <= exact.abs() * 0.008 }, "{found} is not {exact}");
        }
    }
}
