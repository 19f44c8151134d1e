//! Windows that slide: exact up to 256 samples, then by sixtieths of the window.

use engine::streams::{Sliding, Step, Take};
use event::Duration;

use crate::folds::{self, POINTS};
use crate::stream::{Given, Machine, Random, SECOND, Sample, near, samples, takes};

/// So many samples are held one by one.
const EXACT: usize = 256;

/// What a window holds, and when it forgets what, as docs/rules.md has it.
struct Model {
    over: i64,
    cutoff: i64,
    held: Vec<Sample>,
    is_summed: bool,
    in_panes: bool,
}

impl Model {
    fn pane(&self, time: i64) -> i64 {
        time.div_euclid((self.over + 59) / 60)
    }

    /// `false`: the sample is too old.
    fn push(&mut self, sample: Sample) -> bool {
        self.cutoff = self.cutoff.max(sample.time - self.over);
        if sample.time <= self.cutoff {
            return false;
        }
        self.forget();
        if self.is_summed && self.held.len() >= EXACT {
            self.in_panes = true;
        }
        self.held.push(sample);
        let pane = |sample: &Sample| sample.time.div_euclid((self.over + 59) / 60);
        if self.in_panes && !self.held.is_sorted_by_key(pane) {
            self.held.sort_by_key(pane);
        }
        true
    }

    fn forget(&mut self) {
        let cutoff = self.cutoff;
        let mut held = std::mem::take(&mut self.held);
        if self.in_panes {
            // They are in the order of their panes.
            let panes = held.chunk_by(|a, b| self.pane(a.time) == self.pane(b.time));
            held = panes.filter(|pane| pane.iter().any(|sample| sample.time > cutoff)).flatten().copied().collect();
        } else {
            held.retain(|sample| sample.time > cutoff);
        }
        self.in_panes &= !held.is_empty();
        self.held = held;
    }
}

fn check(given: &[Given], all: &[(&str, Take)], model: &Model, now: i64, seed: u64) {
    for (take, _) in all {
        let found = given.iter().find(|given| given.take == *take);
        let what = (seed, take, model.held.len(), model.in_panes);
        if let Some((_, point)) = POINTS.iter().find(|(name, _)| name == take) {
            let metrics: Vec<f64> = model.held.iter().filter_map(|sample| sample.metric).collect();
            let expected = folds::point(&metrics, *point);
            assert_eq!(found.and_then(|given| given.metric).is_some(), expected.is_some(), "{what:?}");
            if let (Some(found), Some(expected)) = (found.and_then(|given| given.metric), expected) {
                near(found, expected, if model.in_panes { expected.abs() * 0.008 } else { 0.0 }, &what);
            }
            continue;
        }
        let by_panes = model.in_panes && matches!(*take, "first" | "last" | "rate");
        let expected = if by_panes { by_panes_of(take, model, now) } else { folds::of(take, &model.held, now) };
        match (found.and_then(|given| given.metric), expected) {
            (Some(found), Some((expected, within))) => near(found, expected, within, &what),
            (None, None) => {}
            (found, expected) => {
                assert!(folds::is_delicate(take) || (*take == "last" && model.in_panes), "{found:?} is not {expected:?}: {what:?}")
            }
        }
    }
    // Riemann's folds have the time of the oldest, the smallest and largest their own.
    if let (Some(sum), false) = (given.iter().find(|given| given.take == "sum"), model.in_panes) {
        assert_eq!(sum.time, model.held.first().map(|sample| sample.time));
    }
    if let Some(max) = given.iter().find(|given| given.take == "max") {
        assert!(model.held.iter().any(|sample| Some(sample.time) == max.time && sample.metric == max.metric), "{seed}: {max:?}");
    }
}

/// The first is the first with a number, the last the one that came last, wherever its pane is; a rate goes by the times of all events.
fn by_panes_of(take: &str, model: &Model, now: i64) -> Option<(f64, f64)> {
    match take {
        "first" => return model.held.iter().find_map(|sample| sample.metric).map(|metric| (metric, 0.0)),
        "last" => return None,
        _ => {}
    }
    let (increase, within) = folds::of("increase", &model.held, now)?;
    let times = || model.held.iter().map(|sample| sample.time);
    let span = (times().max()? - times().min()?) as f64 / 1e6;
    Some(if span > 0.0 { (increase / span, within / span) } else { (0.0, 0.0) })
}

/// Runs samples through a window and its model; says how many of the looks were by panes.
fn run(seed: u64, n: usize, step: i64, every_nth: usize, all: &[(&str, Take)]) -> usize {
    let mut random = Random(seed);
    let over = [5 * SECOND, 10 * SECOND, 7 * SECOND + 1][random.below(3) as usize];
    let is_summed = all.iter().all(|(name, _)| !folds::whole().iter().any(|(whole, _)| whole == name));
    let sliding = Sliding { over: Duration::from_micros(over), every: None, takes: takes(all), max: 10_000 };
    let mut machine = Machine::new(Step::Sliding(sliding));
    let mut model = Model { over, cutoff: 0, held: Vec::new(), is_summed, in_panes: false };
    let mut n_panes = 0;
    for (at, sample) in samples(&mut random, n, step).into_iter().enumerate() {
        if random.one_in(40) {
            machine.restart();
        }
        let given = machine.feed(&sample);
        if !model.push(sample) {
            assert_eq!(given, []);
        } else if at % every_nth == 0 {
            n_panes += usize::from(model.in_panes);
            check(&given, all, &model, sample.now, seed);
        }
    }
    n_panes
}

#[test]
fn few_samples_are_exact() {
    let all: Vec<_> = folds::summed().into_iter().chain(folds::points()).collect();
    for seed in 0..100 {
        assert_eq!(run(seed, 60, SECOND / 2, 1, &all), 0);
    }
}

#[test]
fn what_needs_every_event_has_every_event() {
    for seed in 0..30 {
        assert_eq!(run(seed, 60, SECOND / 2, 1, &folds::whole()), 0);
        assert_eq!(run(seed, 400, SECOND / 80, 83, &folds::whole()), 0);
    }
}

#[test]
fn many_samples_go_by_sixtieths_of_the_window() {
    let all: Vec<_> = folds::summed().into_iter().chain(folds::points()).collect();
    let n_panes: usize = (0..12).map(|seed| run(seed, 1200, SECOND / 120, 41, &all)).sum();
    assert!(n_panes > 50, "{n_panes}");
}

#[test]
fn a_window_that_only_sums_goes_by_sixtieths_too() {
    let all = &folds::summed()[..3];
    let n_panes: usize = (0..12).map(|seed| run(seed, 1200, SECOND / 120, 41, all)).sum();
    assert!(n_panes > 50, "{n_panes}");
}

#[test]
fn each_take_alone_says_what_it_says_beside_the_others() {
    for (at, take) in folds::summed().into_iter().chain(folds::points()).chain(folds::whole()).enumerate() {
        run(at as u64, 400, SECOND / 60, 29, &[take.clone(), ("count", Take::Fold(engine::streams::Fold::Count))]);
    }
}

#[test]
fn a_window_that_is_given_at_intervals_holds_what_the_clock_leaves_it() {
    for seed in 0..30 {
        let mut random = Random(seed);
        let (over, every) = (10 * SECOND, 3 * SECOND);
        let sliding = Sliding {
            over: Duration::from_micros(over),
            every: Some(Duration::from_micros(every)),
            takes: takes(&folds::summed()),
            max: 10_000,
        };
        let mut machine = Machine::new(Step::Sliding(sliding));
        let mut model = Model { over, cutoff: 0, held: Vec::new(), is_summed: true, in_panes: false };
        let mut due: Option<i64> = None;
        let step = if seed % 2 == 0 { SECOND / 2 } else { SECOND / 100 };
        for sample in samples(&mut random, 500, step) {
            let mut given = machine.feed(&sample);
            while let Some(now) = due.filter(|due| *due <= sample.now) {
                model.cutoff = model.cutoff.max(now - over);
                model.forget();
                due = (!model.held.is_empty()).then_some(now + every);
                let of_look: Vec<Given> = given.extract_if(.., |given| given.now == now).collect();
                assert_eq!(of_look.is_empty(), model.held.is_empty());
                if !of_look.is_empty() {
                    check(&of_look, &folds::summed(), &model, now, seed);
                }
            }
            assert_eq!(given, []);
            if model.push(sample) && due.is_none() {
                due = Some(sample.now + every);
            }
        }
    }
}
