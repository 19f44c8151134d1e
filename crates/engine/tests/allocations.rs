//! In its steady state the engine allocates nothing for an event, whatever streams keep of it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may panic: that is how they fail")]

use std::sync::Arc;

use engine::query::{Field, Query};
use engine::rules::{Alert, Level, Plan, Settings};
use engine::streams::{By, Fixed, Fold, Node, Out, Outgoing, Percentiles, Rate, Sliding, Step, Stream, Take, Takes, Way};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::msg::Encoder;
use event::{Duration, Metric, Timestamp, View};

const SERIES: usize = 20;
const START: i64 = 1_795_540_000;

/// Counts what comes out.
#[derive(Default)]
struct Count(u64);

impl Effects for Count {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {
        self.0 += 1;
    }
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}
    fn outgoing(&mut self, _: &Outgoing<'_>) {
        self.0 += 1;
    }
}

fn stream(name: &str, step: Step) -> Stream {
    let tap = Node { step: Step::Out(Out(vec![Way::Tap("out".to_owned())])), then: Vec::new(), ways: Vec::new() };
    let step = Node { step, then: vec![tap], ways: Vec::new() };
    let by = Node { step: Step::By(By { fields: vec![Field::Host, Field::Service] }), then: vec![step], ways: Vec::new() };
    let where_ = Query::parse("metric >= 0").unwrap();
    Stream { name: name.to_owned(), where_, steps: vec![by], max_instances: 1000, forget: Duration::from_secs(3600) }
}

fn takes(all: &[Take]) -> Takes {
    Takes::new(all.iter().enumerate().map(|(at, take)| (format!("take{at}"), take.clone())).collect())
}

fn streams() -> Vec<Stream> {
    let sums = [Take::Fold(Fold::Mean)];
    let many = [
        Take::Fold(Fold::Sum),
        Take::Fold(Fold::Maximum),
        Take::Fold(Fold::StdDev),
        Take::Rate,
        Take::Ewma { halflife: Duration::from_secs(5) },
        Take::Predict { ahead: Duration::from_secs(60), min_points: 2 },
        Take::Point(0.5),
        Take::Point(0.99),
    ];
    let seconds = Duration::from_secs;
    let sliding = |over, every: Option<Duration>, all: &[Take]| Step::Sliding(Sliding { over, every, takes: takes(all), max: 10_000 });
    vec![
        // Ten events a second: the short windows hold each of them, the long ones panes.
        stream("mean", sliding(seconds(5), None, &sums)),
        stream("many", sliding(seconds(5), None, &many)),
        stream("long-mean", sliding(seconds(60), None, &sums)),
        stream("long-many", sliding(seconds(60), Some(seconds(2)), &many)),
        stream("whole", sliding(seconds(5), None, &[Take::Mad, Take::Distinct, Take::Fold(Fold::Mode)])),
        stream("fixed", Step::Fixed(Fixed { every: seconds(5), is_aligned: true, wait: seconds(1), takes: takes(&many), max: 1000 })),
        stream("fixed-long", Step::Fixed(Fixed { every: seconds(40), is_aligned: true, wait: seconds(0), takes: takes(&many), max: 1000 })),
        stream("rate", Step::Rate(Rate { every: seconds(5) })),
        stream(
            "points",
            Step::Percentiles(Percentiles { every: seconds(5), points: vec![(0.5, " 0.5".to_owned()), (0.99, " 0.99".to_owned())] }),
        ),
    ]
}

fn alert() -> Alert {
    let mut alert = Alert::new("high", Query::parse("service =~ \"s%\"").unwrap());
    alert.crit = Some(Level::new(Query::parse("metric > 1000000").unwrap()));
    alert
}

/// One batch: each series once, a tenth of a second after the batch before.
fn batch(at: i64, encoder: &mut Encoder, services: &[String]) -> Timestamp {
    let now = Timestamp::from_micros(START * 1_000_000 + at * 100_000);
    encoder.clear();
    for (service, n) in services.iter().zip(0..) {
        encoder.event(&View {
            time: Some(now),
            state: Some(b"ok"),
            service: Some(service.as_bytes()),
            host: Some(b"h"),
            ttl: Some(60.0),
            metric: Metric::float(((at * 7 + n * 13) % 101) as f64),
            ..View::default()
        });
    }
    now
}

#[test]
fn events_of_known_series_allocate_nothing() {
    let plan = Arc::new(Plan::new(vec![alert()], Settings::default()).with_streams(&streams()));
    let mut engine = Engine::new(plan, Limits::default());
    let services: Vec<String> = (0..SERIES).map(|n| format!("s{n}")).collect();
    let (mut encoder, mut out) = (Encoder::new(), Count::default());
    let mut feed = |from: i64, to: i64| {
        for at in from..to {
            let now = batch(at, &mut encoder, &services);
            engine.on_batch(now, encoder.bytes(), &mut out);
        }
        out.0
    };
    // Twice the longest window: all that grows has grown.
    let before = feed(0, 1500);
    let mut after = 0;
    let counted = allocation_counter::measure(|| after = feed(1500, 3000));
    assert!(after - before > 100_000, "{} came out", after - before);
    assert_eq!(counted.count_total, 0, "allocations for {} events", 1500 * SERIES);
}
