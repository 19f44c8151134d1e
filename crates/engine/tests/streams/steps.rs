//! Steps that keep a number, and steps by the clock.

use engine::streams::{Count, Derive, DeriveEvery, Percentiles, Predict, Rate, Smooth, SmoothEach, Step};
use event::Duration;

use crate::folds;
use crate::stream::{Given, Machine, Random, SECOND, Sample, near, samples};

const CASES: u64 = 100;

/// Feeds a step; gives what came out with each sample, restarting now and then.
fn feed(step: Step, samples: &[Sample], random: &mut Random) -> Vec<Vec<Given>> {
    let mut machine = Machine::new(step);
    let mut fed = |sample: &Sample| {
        if random.one_in(30) {
            machine.restart();
        }
        machine.feed(sample)
    };
    samples.iter().map(&mut fed).collect()
}

/// The numbers that came out with each sample that has one; without, the event passes as it is or not at all.
fn numbers(given: &[Vec<Given>], samples: &[Sample]) -> Vec<Option<f64>> {
    let with = given.iter().zip(samples).filter(|(_, sample)| sample.metric.is_some());
    with.map(|(given, _)| given.first().and_then(|given| given.metric)).collect()
}

fn with_metric(samples: &[Sample]) -> Vec<(i64, f64)> {
    samples.iter().filter_map(|sample| Some((sample.time, sample.metric?))).collect()
}

#[test]
fn count_is_the_sum_so_far() {
    for seed in 0..CASES {
        let mut random = Random(seed);
        let samples = samples(&mut random, 100, SECOND);
        let mut sum = 3.0;
        let expected: Vec<_> = with_metric(&samples)
            .iter()
            .map(|(_, metric)| {
                sum += metric;
                Some(sum)
            })
            .collect();
        let given = feed(Step::Count(Count { init: 3.0 }), &samples, &mut random);
        assert_eq!(numbers(&given, &samples), expected, "{seed}");
    }
}

#[test]
fn derive_is_the_slope_between_neighbours() {
    for seed in 0..CASES {
        let mut random = Random(seed);
        let samples = samples(&mut random, 100, SECOND);
        let given = numbers(&feed(Step::Derive(Derive), &samples, &mut random), &samples);
        let pairs = with_metric(&samples);
        assert_eq!(given[0], None);
        for (pair, found) in pairs.windows(2).zip(&given[1..]) {
            let passed = (pair[1].0 - pair[0].0) as f64 / 1e6;
            match found {
                None => assert_eq!(passed, 0.0),
                Some(found) => near(*found, (pair[1].1 - pair[0].1) / passed, found.abs() * 1e-9, &seed),
            }
        }
    }
}

#[test]
fn a_moving_average_by_events_is_the_sum_of_weighted_numbers() {
    for seed in 0..CASES {
        let mut random = Random(seed);
        let samples = samples(&mut random, 60, SECOND);
        let ratio = random.part();
        let given = numbers(&feed(Step::SmoothEach(SmoothEach { ratio }), &samples, &mut random), &samples);
        let pairs = with_metric(&samples);
        for (at, found) in given.iter().enumerate() {
            let parts = pairs[..=at].iter().rev().zip(0..).map(|((_, metric), age)| ratio * metric * (1.0 - ratio).powi(age));
            let largest = pairs.iter().fold(0.0, |a: f64, b| a.max(b.1.abs()));
            near(found.unwrap(), parts.sum(), largest * 1e-9 + 1e-12, &seed);
        }
    }
}

#[test]
fn a_moving_average_by_time_is_the_sum_of_numbers_by_their_age() {
    for seed in 0..CASES {
        let mut random = Random(seed);
        let samples = samples(&mut random, 60, SECOND);
        let halflife = 5.0;
        let smooth = Smooth { halflife: Duration::from_secs(5) };
        let given = numbers(&feed(Step::Smooth(smooth), &samples, &mut random), &samples);
        let (pairs, keep) = (with_metric(&samples), 0.5_f64.powf(1.0 / halflife));
        for (at, found) in given.iter().enumerate() {
            let newest = pairs[..=at].iter().map(|pair| pair.0).max().unwrap();
            let parts = pairs[..=at].iter().map(|(time, metric)| (1.0 - keep) * metric * keep.powf((newest - time) as f64 / 1e6));
            // Riemann takes an event of the newest time to be late by nothing: nothing ages then.
            let largest = pairs.iter().fold(0.0, |a: f64, b| a.max(b.1.abs()));
            near(found.unwrap(), parts.sum(), largest * 1e-9 + 1e-12, &seed);
        }
    }
}

#[test]
fn predict_is_the_line_through_the_last_events() {
    for seed in 0..CASES {
        let mut random = Random(seed);
        let samples: Vec<Sample> = samples(&mut random, 60, SECOND).into_iter().filter(|sample| sample.metric.is_some()).collect();
        let n = 2 + random.below(20) as usize;
        let predict = Predict { n, ahead: Duration::from_micros(folds::AHEAD) };
        let given = numbers(&feed(Step::Predict(predict), &samples, &mut random), &samples);
        for (at, found) in given.iter().enumerate() {
            let held = &samples[(at + 1).saturating_sub(n)..=at];
            // The model of windows wants five.
            if held.len() < folds::MIN_POINTS as usize {
                continue;
            }
            match (found, folds::of("predict", held, samples[at].time)) {
                (Some(found), Some((expected, within))) => near(*found, expected, within, &seed),
                (found, expected) => assert!(expected.is_none(), "{seed}: {found:?} {expected:?}"),
            }
        }
    }
}

/// Samples by interval from the first one on; one that comes at an interval's end belongs to the next.
fn bins(samples: &[Sample], every: i64) -> Vec<Vec<Sample>> {
    let mut bins = vec![Vec::new()];
    for sample in samples {
        let number = ((sample.now - samples[0].now) / every) as usize;
        bins.resize(bins.len().max(number + 1), Vec::new());
        bins[number].push(*sample);
    }
    bins
}

/// Feeds a step by the clock, and lets the last interval end.
fn clocked(step: Step, samples: &[Sample], every: i64, seed: u64) -> Vec<Given> {
    let mut machine = Machine::new(step);
    let mut random = Random(seed);
    let mut given = Vec::new();
    for sample in samples {
        if random.one_in(30) {
            machine.restart();
        }
        given.extend(machine.feed(sample));
    }
    let n = (samples.last().unwrap().now - samples[0].now) / every + 1;
    given.extend(machine.tick(samples[0].now + n * every));
    given
}

#[test]
fn rate_is_the_sum_of_each_interval_by_its_seconds() {
    for seed in 0..CASES {
        let samples = samples(&mut Random(seed), 200, SECOND / 2);
        let every = 5 * SECOND;
        let given = clocked(Step::Rate(Rate { every: Duration::from_micros(every) }), &samples, every, seed);
        let bins = bins(&samples, every);
        assert_eq!(given.len(), bins.len(), "{seed}");
        for ((given, bin), at) in given.iter().zip(&bins).zip(1..) {
            assert_eq!(given.time, Some(samples[0].now + at * every));
            let sum: f64 = bin.iter().filter_map(|sample| sample.metric).sum();
            near(given.metric.unwrap(), sum / 5.0, sum.abs() * 1e-9, &seed);
        }
    }
}

#[test]
fn derive_by_the_clock_is_the_slope_between_the_last_of_two_intervals() {
    for seed in 0..CASES {
        // Late events would make the intervals' last ones stand in the wrong order.
        let samples: Vec<Sample> =
            samples(&mut Random(seed), 200, SECOND / 2).into_iter().map(|sample| Sample { time: sample.now, ..sample }).collect();
        let every = 5 * SECOND;
        let given = clocked(Step::DeriveEvery(DeriveEvery { every: Duration::from_micros(every) }), &samples, every, seed);
        let mut lasts: Vec<Option<(i64, f64)>> = vec![with_metric(&samples[..1]).last().copied()];
        let bins = bins(&samples, every);
        // The first look comes with the first event.
        lasts.extend(bins.iter().map(|bin| with_metric(bin).last().copied()));
        let (mut before, mut expected) = (None, Vec::new());
        for (new, at) in lasts.iter().zip(0..) {
            let last = new.or(before);
            if let (Some(last), Some(before)) = (last, before) {
                let before: (i64, f64) = before;
                let passed = (last.0 - before.0) as f64 / 1e6;
                expected.push((samples[0].now + at * every, if passed == 0.0 { 0.0 } else { (last.1 - before.1) / passed }));
            }
            before = last;
        }
        let found: Vec<_> = given.iter().map(|given| (given.time.unwrap(), given.metric.unwrap())).collect();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.0, expected.0, "{seed}");
            near(found.1, expected.1, expected.1.abs() * 1e-9, &seed);
        }
        assert_eq!(found.len(), expected.len(), "{seed}");
    }
}

#[test]
fn percentiles_of_an_interval_are_exact_or_near() {
    for seed in 0..60 {
        let step = if seed % 2 == 0 { SECOND / 4 } else { SECOND / 100 };
        let samples = samples(&mut Random(seed), 800, step);
        let every = 5 * SECOND;
        let points = vec![(0.5, " median".to_owned()), (0.99, " 0.99".to_owned())];
        let given =
            clocked(Step::Percentiles(Percentiles { every: Duration::from_micros(every), points: points.clone() }), &samples, every, seed);
        let mut given = given.into_iter();
        for bin in bins(&samples, every) {
            let metrics: Vec<f64> = bin.iter().filter_map(|sample| sample.metric).collect();
            for (point, name) in &points {
                let Some(expected) = folds::point(&metrics, *point) else { continue };
                let found = given.next().unwrap();
                assert_eq!(found.service, format!("s{name}"));
                near(found.metric.unwrap(), expected, if metrics.len() > 256 { expected.abs() * 0.008 } else { 0.0 }, &seed);
            }
        }
        assert_eq!(given.next(), None);
    }
}
