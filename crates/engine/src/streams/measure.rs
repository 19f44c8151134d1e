//! Numbers that are told from the samples of a row: changes, rates, lines, distances.

use event::{Duration, Timestamp};

use super::buckets::rank;
use super::events::Sample;

/// What is sorted to find a number in the middle: numbers, each with its place.
pub(crate) type Scratch = Vec<(f64, u32)>;

/// How far a counter rose from one sample to the next; after a reset it began at 0.
#[inline]
pub(super) fn rise(before: f64, now: f64) -> f64 {
    if now >= before { now - before } else { now }
}

/// The sum of all rises.
pub(super) fn increase(metrics: impl Iterator<Item = f64>) -> Option<f64> {
    let mut metrics = metrics;
    let mut before = metrics.next()?;
    let mut sum = 0.0;
    for now in metrics {
        sum += rise(before, now);
        before = now;
    }
    Some(sum)
}

/// What rose by so much in that time, per second; 0 where no time passed.
pub(super) fn per_second(increase: f64, passed: Duration) -> f64 {
    let seconds = passed.as_secs_f64();
    if seconds > 0.0 { increase / seconds } else { 0.0 }
}

/// From the first sample to the last; both have a number.
pub(super) fn span(samples: impl DoubleEndedIterator<Item = Sample> + Clone) -> Option<Duration> {
    let mut times = samples.filter(|sample| sample.metric.is_some()).filter_map(|sample| sample.time);
    let first = times.next()?;
    Some(times.next_back().map_or(Duration::ZERO, |last| last - first))
}

/// Numbers weighted by their age: after each `halflife` a number counts for half.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aged {
    pub(super) sum: f64,
    pub(super) weight: f64,
}

impl Aged {
    pub(super) fn age(&mut self, by: Duration, halflife: Duration) {
        let part = (-by.as_secs_f64() / halflife.as_secs_f64()).exp2();
        (self.sum, self.weight) = (self.sum * part, self.weight * part);
    }

    pub(super) fn mean(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    /// Of samples as old as they are beside the newest.
    pub(super) fn of(samples: impl Iterator<Item = Sample> + Clone, halflife: Duration) -> Self {
        let newest = samples.clone().filter_map(|sample| sample.time).max().unwrap_or_default();
        let mut all = Self::default();
        for sample in samples {
            let Some(metric) = sample.metric else { continue };
            let mut one = Self { sum: metric, weight: 1.0 };
            one.age(newest - sample.time.unwrap_or(newest), halflife);
            (all.sum, all.weight) = (all.sum + one.sum, all.weight + one.weight);
        }
        all
    }
}

/// Numbers over time, as much as is needed of them for the straight line that is nearest to all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    pub(super) n: f64,
    /// Mean time, in seconds after `origin`.
    pub(super) time: f64,
    pub(super) origin: Timestamp,
    pub(super) mean: f64,
    /// Sum of the squared distances from the mean time.
    pub(super) squares: f64,
    /// Sum of the products of both distances.
    pub(super) products: f64,
}

impl Line {
    pub(super) fn add(&mut self, time: Timestamp, metric: f64) {
        if self.n == 0.0 {
            self.origin = time;
        }
        self.n += 1.0;
        let from = (time - self.origin).as_secs_f64() - self.time;
        self.time += from / self.n;
        self.mean += (metric - self.mean) / self.n;
        let left = (time - self.origin).as_secs_f64() - self.time;
        self.squares += from * left;
        self.products += from * (metric - self.mean);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        if self.n == 0.0 || other.n == 0.0 {
            if self.n == 0.0 {
                *self = *other;
            }
            return;
        }
        let n = self.n + other.n;
        let time = (other.origin - self.origin).as_secs_f64() + other.time - self.time;
        let metric = other.mean - self.mean;
        let both = self.n * other.n / n;
        self.squares += other.squares + time * time * both;
        self.products += other.products + time * metric * both;
        self.time += time * other.n / n;
        self.mean += metric * other.n / n;
        self.n = n;
    }

    pub(super) fn of(samples: impl Iterator<Item = Sample>) -> Self {
        let mut line = Self::default();
        for sample in samples {
            if let (Some(time), Some(metric)) = (sample.time, sample.metric) {
                line.add(time, metric);
            }
        }
        line
    }

    fn slope(&self, min_points: u32) -> Option<f64> {
        (self.n >= f64::from(min_points.max(2)) && self.squares > 0.0).then(|| self.products / self.squares)
    }

    /// Where the line is at a time.
    pub(super) fn at(&self, time: Timestamp, min_points: u32) -> Option<f64> {
        let slope = self.slope(min_points)?;
        Some(self.mean + slope * ((time - self.origin).as_secs_f64() - self.time))
    }

    /// Seconds from `now` on until the line meets a number; none when it moves away from it.
    pub(super) fn reaches(&self, number: f64, now: Timestamp, min_points: u32) -> Option<f64> {
        let seconds = (number - self.at(now, min_points)?) / self.slope(min_points)?;
        (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
    }
}

/// How far the last number is from the mean of those before it, in their standard deviations.
pub(super) fn zscore(mut metrics: impl DoubleEndedIterator<Item = f64> + Clone) -> Option<f64> {
    let last = metrics.next_back()?;
    let n = metrics.clone().count() as f64;
    let mean = metrics.clone().sum::<f64>() / n;
    let deviation = (metrics.map(|metric| (metric - mean).powi(2)).sum::<f64>() / n).sqrt();
    (deviation > 0.0).then(|| (last - mean) / deviation)
}

/// How far the last number is from the median, in median distances from it.
pub(super) fn mad(metrics: impl DoubleEndedIterator<Item = f64> + Clone, scratch: &mut Scratch) -> Option<f64> {
    let last = metrics.clone().next_back()?;
    fill(scratch, metrics.clone());
    let median = pick(scratch, 0.5)?.0;
    fill(scratch, metrics.map(|metric| (metric - median).abs()));
    let distance = pick(scratch, 0.5)?.0;
    (distance > 0.0).then(|| (last - median).abs() / distance)
}

/// How many different numbers there are.
pub(super) fn distinct(metrics: impl Iterator<Item = f64>, scratch: &mut Scratch) -> usize {
    fill(scratch, metrics);
    sort(scratch);
    scratch.dedup_by(|a, b| a.0 == b.0);
    scratch.len()
}

pub(super) fn fill(scratch: &mut Scratch, metrics: impl Iterator<Item = f64>) {
    scratch.clear();
    scratch.extend(metrics.zip(0..));
}

/// The smallest first, equals in their order.
pub(super) fn sort(scratch: &mut Scratch) {
    scratch.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
}

/// The number at a point from 0 (the smallest) to 1 (the largest), without interpolation, and its place.
pub(super) fn pick(scratch: &mut Scratch, point: f64) -> Option<(f64, u32)> {
    let at = rank(scratch.len() as u64, point)? as usize;
    let (_, found, _) = scratch.select_nth_unstable_by(at, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Some(*found)
}
