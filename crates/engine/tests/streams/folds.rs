//! What is taken of samples, told from all of them.

use engine::streams::{Fold, Take};
use event::Duration;

use crate::stream::{SECOND, Sample};

pub(crate) const HALFLIFE: i64 = 3 * SECOND;
pub(crate) const AHEAD: i64 = 20 * SECOND;
pub(crate) const REACH: f64 = 1000.0;
pub(crate) const MIN_POINTS: u32 = 5;

/// Takes for which sums are enough, besides percentiles.
pub(crate) fn summed() -> Vec<(&'static str, Take)> {
    vec![
        ("count", Take::Fold(Fold::Count)),
        ("sum", Take::Fold(Fold::Sum)),
        ("mean", Take::Fold(Fold::Mean)),
        ("min", Take::Fold(Fold::Minimum)),
        ("max", Take::Fold(Fold::Maximum)),
        ("std_dev", Take::Fold(Fold::StdDev)),
        ("first", Take::First),
        ("last", Take::Last),
        ("range", Take::Range),
        ("delta", Take::Delta),
        ("increase", Take::Increase),
        ("rate", Take::Rate),
        ("ewma", Take::Ewma { halflife: Duration::from_micros(HALFLIFE) }),
        ("predict", Take::Predict { ahead: Duration::from_micros(AHEAD), min_points: MIN_POINTS }),
        ("time_to", Take::TimeTo { reach: REACH, min_points: MIN_POINTS }),
        ("zscore", Take::ZScore),
    ]
}

pub(crate) const POINTS: [(&str, f64); 4] = [("p0", 0.0), ("median", 0.5), ("p95", 0.95), ("p100", 1.0)];

/// Percentiles.
pub(crate) fn points() -> Vec<(&'static str, Take)> {
    POINTS.iter().map(|(name, point)| (*name, if *name == "median" { Take::Fold(Fold::Median) } else { Take::Point(*point) })).collect()
}

/// Takes that need every event.
pub(crate) fn whole() -> Vec<(&'static str, Take)> {
    vec![("mad", Take::Mad), ("distinct", Take::Distinct), ("mode", Take::Fold(Fold::Mode)), ("product", Take::Fold(Fold::Product))]
}

pub(crate) fn point(metrics: &[f64], point: f64) -> Option<f64> {
    let mut sorted = metrics.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(((sorted.len() as f64 * point).floor() as usize).min(sorted.len().saturating_sub(1))).copied()
}

fn deviation(metrics: &[f64]) -> f64 {
    let mean = metrics.iter().sum::<f64>() / metrics.len() as f64;
    (metrics.iter().map(|metric| (metric - mean).powi(2)).sum::<f64>() / metrics.len() as f64).sqrt()
}

/// Slope, and where the line is at a time.
fn line(samples: &[(i64, f64)], at: i64) -> Option<(f64, f64)> {
    let n = samples.len() as f64;
    let seconds = |time: i64| (time - at) as f64 / 1e6;
    let (x, y) = (samples.iter().map(|s| seconds(s.0)).sum::<f64>() / n, samples.iter().map(|s| s.1).sum::<f64>() / n);
    let xx: f64 = samples.iter().map(|s| (seconds(s.0) - x).powi(2)).sum();
    let xy: f64 = samples.iter().map(|s| (seconds(s.0) - x) * (s.1 - y)).sum();
    // Below that the times are equal but for the last digits.
    (samples.len() >= MIN_POINTS as usize && xx > 1e-9).then(|| (xy / xx, y - xy / xx * x))
}

/// What a take gives of samples in the order in which they are held, and how near it must be met.
pub(crate) fn of(take: &str, samples: &[Sample], now: i64) -> Option<(f64, f64)> {
    let pairs: Vec<(i64, f64)> = samples.iter().filter_map(|sample| Some((sample.time, sample.metric?))).collect();
    let metrics: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let largest = metrics.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    let (n, sum) = (metrics.len() as f64, metrics.iter().sum::<f64>());
    let small = largest * 1e-9 + 1e-12;
    if take == "count" {
        return Some((samples.len() as f64, 0.0));
    }
    if take == "sum" {
        return (!samples.is_empty()).then_some((sum, small * n));
    }
    if take == "distinct" {
        let mut sorted = metrics.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        return (!samples.is_empty()).then_some((sorted.len() as f64, 0.0));
    }
    if take == "product" {
        let product = metrics.iter().product::<f64>();
        return (!samples.is_empty() && product.is_finite()).then_some((product, product.abs() * 1e-9));
    }
    let (first, last) = (*metrics.first()?, *metrics.last()?);
    let (min, max) = (metrics.iter().copied().fold(f64::MAX, f64::min), metrics.iter().copied().fold(f64::MIN, f64::max));
    let increase = || metrics.windows(2).map(|pair| if pair[1] >= pair[0] { pair[1] - pair[0] } else { pair[1] }).sum::<f64>();
    Some(match take {
        "mean" => (sum / n, small),
        "min" => (min, 0.0),
        "max" => (max, 0.0),
        // What is left when nearly all of the squares cancel out.
        "std_dev" => (deviation(&metrics), largest * 1e-7 + 1e-12),
        "first" => (samples.first()?.metric?, 0.0),
        "last" => (samples.last()?.metric?, 0.0),
        "range" => (max - min, small),
        "delta" => (last - first, small),
        "increase" => (increase(), small * n),
        "rate" => {
            let span = (pairs.last()?.0 - pairs.first()?.0) as f64 / 1e6;
            (if span > 0.0 { increase() / span } else { 0.0 }, if span > 0.0 { small * n / span } else { 0.0 })
        }
        "ewma" => {
            let newest = samples.iter().map(|sample| sample.time).max()?;
            let weight = |time: i64| (-((newest - time) as f64) / HALFLIFE as f64).exp2();
            let weighted: f64 = pairs.iter().map(|pair| pair.1 * weight(pair.0)).sum();
            (weighted / pairs.iter().map(|pair| weight(pair.0)).sum::<f64>(), small)
        }
        "predict" => {
            let (slope, at) = line(&pairs, now)?;
            let ahead = AHEAD as f64 / 1e6;
            (at + slope * ahead, (largest + slope.abs() * ahead) * 1e-6)
        }
        "time_to" => {
            let (slope, at) = line(&pairs, now)?;
            let seconds = (REACH - at) / slope;
            // A line that is nearly level meets a number anywhere.
            if !(0.0..1e5).contains(&seconds) || slope.abs() < largest * 1e-6 {
                return None;
            }
            (seconds, seconds * 1e-4 + 1e-4)
        }
        "zscore" => {
            let before = &metrics[..metrics.len() - 1];
            let deviation = deviation(before);
            if before.is_empty() || deviation <= largest * 1e-6 {
                return None;
            }
            let score = (last - before.iter().sum::<f64>() / before.len() as f64) / deviation;
            (score, score.abs() * 1e-5 + 1e-5)
        }
        "mad" => {
            let median = point(&metrics, 0.5)?;
            let apart: Vec<f64> = metrics.iter().map(|metric| (metric - median).abs()).collect();
            let distance = point(&apart, 0.5).filter(|distance| *distance > 0.0)?;
            ((last - median).abs() / distance, 1e-9)
        }
        "mode" => {
            let times = |wanted: Option<f64>| samples.iter().filter(|sample| sample.metric == wanted).count();
            let most = samples.iter().map(|sample| times(sample.metric)).max()?;
            (samples.iter().find(|sample| times(sample.metric) == most)?.metric?, 0.0)
        }
        _ => panic!("no model of {take}"),
    })
}

/// Whether something may be said or not: the model and the engine may differ on which side of nothing they are.
pub(crate) fn is_delicate(take: &str) -> bool {
    matches!(take, "time_to" | "zscore" | "predict")
}
