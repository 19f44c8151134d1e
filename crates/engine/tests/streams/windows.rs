//! Windows one after the other, and windows by events.

use engine::streams::{EveryEvents, Fixed, Fold, LastEvents, Step, Take};
use event::Duration;

use crate::folds::{self, POINTS};
use crate::stream::{Given, Machine, Random, SECOND, START, Sample, near, samples, takes};

const EVERY: i64 = 5 * SECOND;

fn all() -> Vec<(&'static str, Take)> {
    folds::summed().into_iter().chain(folds::points()).filter(|(name, _)| *name != "predict" && *name != "time_to").collect()
}

/// Checks what was given of the samples of one window.
fn check(given: &[Given], all: &[(&str, Take)], held: &[Sample], is_exact: bool, seed: u64) {
    for (take, _) in all {
        let found = given.iter().find(|given| given.take == *take).and_then(|given| given.metric);
        let what = (seed, take, held.len());
        let expected = match POINTS.iter().find(|(name, _)| name == take) {
            Some((_, point)) => {
                let metrics: Vec<f64> = held.iter().filter_map(|sample| sample.metric).collect();
                folds::point(&metrics, *point).map(|metric| (metric, if is_exact { 0.0 } else { metric.abs() * 0.008 }))
            }
            None => folds::of(take, held, 0),
        };
        match (found, expected) {
            (Some(found), Some((expected, within))) => near(found, expected, within, &what),
            (None, None) => {}
            (found, expected) => assert!(folds::is_delicate(take) || *take == "last", "{found:?} is not {expected:?}: {what:?}"),
        }
    }
}

/// Samples by window, each in the order in which they came; those of windows that a later one or the clock has closed are dropped.
fn tumble(samples: &[Sample], anchor: i64) -> Vec<Vec<Sample>> {
    let mut windows: Vec<Vec<Sample>> = Vec::new();
    // The number of the open window, and when the clock closes it.
    let (mut open, mut closes) = (0, i64::MIN);
    for sample in samples {
        let number = (sample.time - anchor).div_euclid(EVERY);
        if windows.is_empty() {
            open = number;
        } else if closes <= sample.now {
            (open, closes) = (open + 1, i64::MAX);
        }
        if number < open {
            continue;
        }
        if number > open || closes == i64::MAX || windows.is_empty() {
            windows.push(Vec::new());
            let end = anchor + (number + 1) * EVERY;
            (open, closes) = (number, sample.now + end - sample.time);
        }
        windows.last_mut().unwrap().push(*sample);
    }
    windows
}

#[test]
fn tumbling_windows_hold_each_sample_once() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let is_aligned = random.one_in(2);
        let step = [SECOND / 2, SECOND / 2, SECOND / 100][random.below(3) as usize];
        let samples = samples(&mut random, 600, step);
        let fixed = Fixed { every: Duration::from_micros(EVERY), is_aligned, wait: Duration::ZERO, takes: takes(&all()), max: 10_000 };
        let mut machine = Machine::new(Step::Fixed(fixed));
        let mut given = Vec::new();
        for sample in &samples {
            if random.one_in(40) {
                machine.restart();
            }
            given.extend(machine.feed(sample));
        }
        given.extend(machine.tick(samples.last().unwrap().now + 2 * EVERY));
        let anchor = if is_aligned { 0 } else { samples[0].time };
        let mut windows = tumble(&samples, anchor).into_iter();
        // Empty windows say that they have none.
        for of_window in given.chunk_by(|_, b| b.take != "count").filter(|of_window| of_window[0].metric != Some(0.0)) {
            let held = windows.next().unwrap();
            // Of many, the first is the first with a number, and a rate goes by the times of all.
            let all: Vec<_> = all().into_iter().filter(|(name, _)| !matches!(*name, "first" | "rate") || held.len() <= 256).collect();
            let held = if held.len() > 256 { by_panes(held) } else { held };
            check(of_window, &all, &held, held.len() <= 256, seed);
        }
        assert_eq!(windows.next(), None, "{seed}");
    }
}

/// Of many samples those of a sixtieth are together.
fn by_panes(mut held: Vec<Sample>) -> Vec<Sample> {
    held.sort_by_key(|sample| sample.time.div_euclid((EVERY + 59) / 60));
    held
}

#[test]
fn sums_of_tumbling_windows_need_no_events() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let samples = samples(&mut random, 600, SECOND / 100);
        let all = &folds::summed()[..5];
        let fixed = Fixed { every: Duration::from_micros(EVERY), is_aligned: false, wait: Duration::ZERO, takes: takes(all), max: 10 };
        let mut machine = Machine::new(Step::Fixed(fixed));
        let mut given: Vec<Given> = samples.iter().flat_map(|sample| machine.feed(sample)).collect();
        given.extend(machine.tick(samples.last().unwrap().now + 2 * EVERY));
        let mut windows = tumble(&samples, samples[0].time).into_iter();
        for of_window in given.chunk_by(|_, b| b.take != "count").filter(|of_window| of_window[0].metric != Some(0.0)) {
            check(of_window, all, &windows.next().unwrap(), true, seed);
        }
        assert_eq!(windows.next(), None);
    }
}

#[test]
fn windows_by_events_hold_so_many() {
    let all: Vec<_> = all().into_iter().chain(folds::whole()).collect();
    for seed in 0..40 {
        let mut random = Random(seed);
        let n = 1 + random.below(12) as usize;
        let samples = samples(&mut random, 80, SECOND);
        let mut last = Machine::new(Step::LastEvents(LastEvents { n, takes: takes(&all) }));
        let mut every = Machine::new(Step::EveryEvents(EveryEvents { n, takes: takes(&all) }));
        for (at, sample) in samples.iter().enumerate() {
            if random.one_in(20) {
                last.restart();
                every.restart();
            }
            let held = &samples[(at + 1).saturating_sub(n)..=at];
            check(&last.feed(sample), &all, held, true, seed);
            let given = every.feed(sample);
            if (at + 1) % n == 0 {
                check(&given, &all, held, true, seed);
            } else {
                assert_eq!(given, []);
            }
        }
    }
}

#[test]
fn the_median_of_a_row_is_its_upper_middle() {
    let mut machine = Machine::new(Step::LastEvents(LastEvents { n: 4, takes: takes(&[("median", Take::Fold(Fold::Median))]) }));
    let feed = |machine: &mut Machine, at: i64, metric: f64| {
        machine.feed(&Sample { time: START + at, metric: Some(metric), now: START + at })[0].metric
    };
    let found: Vec<_> =
        [5.0, 1.0, 9.0, 7.0, 2.0].into_iter().enumerate().map(|(at, metric)| feed(&mut machine, at as i64, metric)).collect();
    assert_eq!(found, [Some(5.0), Some(5.0), Some(5.0), Some(7.0), Some(7.0)]);
}
