//! Which event stands at a point of a row: exact up to 256 samples, then counted in buckets whose error is below 0.8 %.

use event::{Metric, View};

use super::events::Events;
use super::kept::Kept;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// So many samples are kept as they are.
const EXACT: usize = 256;

/// Bits of a float's mantissa that a bucket tells apart, besides sign and exponent: 64 buckets for each doubling.
const SHIFT: u32 = 52 - 6;

/// The samples of one interval.
#[derive(Debug, Default)]
pub(super) struct Quantiles {
    exact: Events,
    /// Bucket and how many samples it has, in their order.
    buckets: Vec<(i32, u32)>,
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
                self.count(metric.map_or(0.0, Metric::as_f64));
            }
            self.exact.clear();
        }
        self.last.set(event);
        self.count(metric.as_f64());
    }

    fn count(&mut self, metric: f64) {
        let bucket = bucket(metric);
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => {
                if let Some((_, n)) = self.buckets.get_mut(at) {
                    *n += 1;
                }
            }
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
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
        let last = self.n.checked_sub(1)?;
        let rank = ((self.n as f64 * point).floor().max(0.0) as u64).min(last);
        if self.buckets.is_empty() {
            let (_, at) = self.order.get(rank as usize)?;
            return self.exact.get(*at as usize);
        }
        let mut seen = 0;
        let found = self.buckets.iter().find(|(_, n)| {
            seen += u64::from(*n);
            seen > rank
        });
        let (bucket, _) = found.or(self.buckets.last())?;
        Some(View { metric: Metric::float(middle(*bucket)), ..self.last.view() })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        self.exact.write(writer);
        writer.u32(self.buckets.len() as u32);
        for (bucket, n) in &self.buckets {
            writer.u32(*bucket as u32);
            writer.u32(*n);
        }
        writer.u64(self.n);
        self.last.write(writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let exact = Events::read(reader)?;
        let n_buckets = reader.count()?;
        let buckets = (0..n_buckets).map(|_| Ok((reader.u32()? as i32, reader.u32()?))).collect::<Result<_, _>>()?;
        Ok(Self { exact, buckets, n: reader.u64()?, last: Kept::read(reader)?, order: Vec::new() })
    }
}

/// Buckets are in the order of the numbers they stand for.
fn bucket(metric: f64) -> i32 {
    let magnitude = (metric.abs().to_bits() >> SHIFT) as i32;
    if metric < 0.0 { -magnitude - 1 } else { magnitude }
}

fn middle(bucket: i32) -> f64 {
    let magnitude = if bucket < 0 { -(bucket + 1) } else { bucket } as u64;
    if magnitude == 0 {
        return 0.0;
    }
    let low = f64::from_bits(magnitude << SHIFT);
    let high = f64::from_bits((magnitude + 1) << SHIFT);
    // Above the last bucket is infinity, which is no metric.
    let middle = if high.is_finite() { low + (high - low) / 2.0 } else { low };
    if bucket < 0 { -middle } else { middle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_numbers_have_a_bucket_too() {
        for metric in [f64::MAX, f64::MIN, 0.0] {
            let found = middle(bucket(metric));
            assert!((found - metric).abs() <= metric.abs() * 0.02, "{found} is not {metric}");
        }
    }

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
