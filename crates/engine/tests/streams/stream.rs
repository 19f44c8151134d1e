//! An engine with one stream, fed with random samples; what comes out of it as plain numbers.

use std::sync::Arc;

use engine::query::Query;
use engine::rules::{Plan, Settings};
use engine::streams::{Node, Out, Outgoing, Signal, Step, Stream, Take, Takes, Way};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::msg::Encoder;
use event::{Duration, Metric, Timestamp, View};

/// Numbers that are the same for the same seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    pub(crate) fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    /// From 0 to 1, now and then one of few, so that equals come about.
    pub(crate) fn part(&mut self) -> f64 {
        if self.one_in(4) { self.below(4) as f64 / 4.0 } else { self.below(1 << 40) as f64 / (1_u64 << 40) as f64 }
    }
}

/// A sample, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) time: i64,
    pub(crate) metric: Option<f64>,
    /// When it came.
    pub(crate) now: i64,
}

pub(crate) const SECOND: i64 = 1_000_000;
/// Samples begin after this.
pub(crate) const START: i64 = 1_795_540_000 * SECOND;

/// Samples of one series: steady, at equal times, with gaps, late by up to four seconds, some without a number.
pub(crate) fn samples(random: &mut Random, n: usize, step: i64) -> Vec<Sample> {
    let mut now = START;
    let (level, width) = ([0.0, 1.0, 1e6, -50.0][random.below(4) as usize], [1.0, 100.0, 1e5][random.below(3) as usize]);
    let lateness = if random.one_in(2) { 0 } else { 4 * SECOND };
    (0..n)
        .map(|_| {
            now += match random.below(20) {
                0..3 => 0,
                3 if step > 1000 => random.below(40 * step as u64) as i64,
                _ => random.below(2 * step as u64) as i64,
            };
            let late = if lateness > 0 && random.one_in(6) { random.below(lateness as u64) as i64 } else { 0 };
            let metric = (!random.one_in(10)).then(|| level + width * random.part());
            Sample { time: now - late, metric, now }
        })
        .collect()
}

/// What came out: with which `take`, when, with which time and number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) take: String,
    pub(crate) service: String,
    pub(crate) now: i64,
    pub(crate) time: Option<i64>,
    pub(crate) metric: Option<f64>,
}

#[derive(Default)]
struct Tap(Vec<Given>);

impl Effects for Tap {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
        let Signal::One(event) = out.signal else { panic!("a row") };
        self.0.push(Given {
            take: text(event.labels.attribute(b"take")),
            service: text(event.service),
            now: out.now.micros(),
            time: event.time.map(Timestamp::micros),
            metric: event.metric.map(Metric::as_f64),
        });
    }
}

/// An engine with one stream of one step.
pub(crate) struct Machine {
    engine: Engine,
    plan: Arc<Plan>,
    tap: Tap,
}

impl Machine {
    pub(crate) fn new(step: Step) -> Self {
        let tap = Node { step: Step::Out(Out(vec![Way::Tap("out".to_owned())])), then: Vec::new(), ways: Vec::new() };
        let steps = vec![Node { step, then: vec![tap], ways: Vec::new() }];
        let where_ = Query::parse("true").unwrap();
        let stream = Stream { name: "s".to_owned(), where_, steps, max_instances: 10, forget: Duration::from_secs(1_000_000) };
        let plan = Arc::new(Plan::new(Vec::new(), Settings::default()).with_streams(&[stream]));
        Self { engine: Engine::new(Arc::clone(&plan), Limits::default()), plan, tap: Tap::default() }
    }

    /// Feeds a sample, and gives what comes out.
    pub(crate) fn feed(&mut self, sample: &Sample) -> Vec<Given> {
        let mut encoder = Encoder::new();
        encoder.event(&View {
            time: Some(Timestamp::from_micros(sample.time)),
            service: Some(b"s"),
            host: Some(b"h"),
            metric: sample.metric.and_then(Metric::float),
            ..View::default()
        });
        self.engine.on_batch(Timestamp::from_micros(sample.now), encoder.bytes(), &mut self.tap);
        std::mem::take(&mut self.tap.0)
    }

    pub(crate) fn tick(&mut self, now: i64) -> Vec<Given> {
        self.engine.on_tick(Timestamp::from_micros(now), &mut self.tap);
        std::mem::take(&mut self.tap.0)
    }

    /// Goes on from a snapshot.
    pub(crate) fn restart(&mut self) {
        let mut bytes = Vec::new();
        self.engine.snapshot(&mut bytes);
        self.engine = Engine::restore(&bytes, Arc::clone(&self.plan), Limits::default()).unwrap();
    }
}

pub(crate) fn takes(all: &[(&str, Take)]) -> Takes {
    Takes::new(all.iter().map(|(name, take)| ((*name).to_owned(), take.clone())).collect())
}

/// Equal but for what sums of floats lose.
#[track_caller]
pub(crate) fn near(found: f64, expected: f64, within: f64, what: &dyn std::fmt::Debug) {
    assert!((found - expected).abs() <= within, "found {found}, expected {expected} within {within}: {what:?}");
}
