//! Numbers counted in buckets that are narrower the smaller the numbers are: what is read from them is within 0.8 %.

use crate::snapshot::{Reader, SnapshotError, Writer};

/// Bits of a float's mantissa that a bucket tells apart, besides sign and exponent: 64 buckets for each doubling.
const SHIFT: u32 = 52 - 6;

/// How many numbers each bucket has, in the order of the numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets(Vec<(i32, u32)>);

impl Buckets {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn add(&mut self, metric: f64) {
        let bucket = bucket(metric);
        match self.0.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => {
                if let Some((_, n)) = self.0.get_mut(at) {
                    *n = n.saturating_add(1);
                }
            }
            Err(at) => self.0.insert(at, (bucket, 1)),
        }
    }

    /// Takes away what was added before.
    pub(super) fn subtract(&mut self, other: &Self) {
        let mut gone = other.0.iter().peekable();
        self.0.retain_mut(|(bucket, n)| {
            while gone.next_if(|(other, _)| other < bucket).is_some() {}
            if let Some((_, less)) = gone.next_if(|(other, _)| other == bucket) {
                *n = n.saturating_sub(*less);
            }
            *n > 0
        });
    }

    /// The number at a point from 0 (the smallest) to 1 (the largest): the middle of its bucket.
    pub(super) fn at(&self, point: f64) -> Option<f64> {
        at(self.0.iter().map(|(bucket, n)| (middle(*bucket), *n)), point)
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.0.len() as u32);
        for (bucket, n) in &self.0 {
            writer.u32(*bucket as u32);
            writer.u32(*n);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n = reader.count()?;
        Ok(Self((0..n).map(|_| Ok((reader.u32()? as i32, reader.u32()?))).collect::<Result<_, SnapshotError>>()?))
    }
}

/// The rank of a point among so many numbers, without interpolation; Riemann's.
pub(super) fn rank(n: u64, point: f64) -> Option<u64> {
    let last = n.checked_sub(1)?;
    Some(((n as f64 * point).floor().max(0.0) as u64).min(last))
}

/// Of numbers in their order, each there so many times.
fn at(counted: impl Iterator<Item = (f64, u32)> + Clone, point: f64) -> Option<f64> {
    let rank = rank(counted.clone().map(|(_, n)| u64::from(n)).sum(), point)?;
    let mut seen = 0;
    let mut counted = counted;
    let found = counted.find(|(_, n)| {
        seen += u64::from(*n);
        seen > rank
    });
    found.map(|(number, _)| number)
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
        fn what_is_taken_away_leaves_the_rest(
            kept in proptest::collection::vec(-1e3..1e3f64, 1..100),
            gone in proptest::collection::vec(-1e3..1e3f64, 0..100),
        ) {
            let (mut all, mut rest, mut less) = (Buckets::default(), Buckets::default(), Buckets::default());
            kept.iter().chain(&gone).for_each(|metric| all.add(*metric));
            kept.iter().for_each(|metric| rest.add(*metric));
            gone.iter().for_each(|metric| less.add(*metric));
            all.subtract(&less);
            proptest::prop_assert_eq!(all.0, rest.0);
        }
    }
}
