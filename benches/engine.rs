//! What does an event cost on the engine's thread? The budget is 150 ns for decoding, index, three rules and line protocol at 100,000 series in
//! batches of 100; a prototype took 28 ns for the index and 122 ns for the whole.
//!
//! Nodes send 100 samples each, always in the same order; the nodes' batches come in another order each second.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use engine::query::Query;
use engine::rules::{Alert, Level, Plan, Settings};
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::line::{self, Lines, Value};
use event::msg::Encoder;
use event::{LabelsBuf, Metric, Name, Timestamp, View, msg};

mod cpu_time;
use cpu_time::CpuTime;

/// Samples of a node, and of a batch.
const PER_NODE: usize = 100;

/// Encoded rounds: the numbers differ from one to the next.
const ROUNDS: usize = 4;

/// Bytes of line protocol that are handed over at once.
const HAND_OVER: usize = 64 << 10;

/// What a cluster sends: by round, by node, an encoded message.
struct Load {
    rounds: Vec<Vec<Vec<u8>>>,
    order: Vec<usize>,
    random: u64,
}

impl Load {
    fn new(n_series: usize) -> Self {
        let n_nodes = n_series / PER_NODE;
        let rounds = (0..ROUNDS).map(|round| (0..n_nodes).map(|node| batch(round, node)).collect()).collect();
        Self { rounds, order: (0..n_nodes).collect(), random: 1 }
    }

    fn shuffle(&mut self) {
        for at in (1..self.order.len()).rev() {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.order.swap(at, (self.random >> 33) as usize % (at + 1));
        }
    }
}

fn services() -> Vec<(String, LabelsBuf)> {
    let fields =
        ["cpu/user", "cpu/system", "mem/used", "mem/limit", "net/rx_bytes", "net/tx_bytes", "io/read", "io/write", "pids/n", "status/up"];
    let mut services = Vec::new();
    for task in 0..PER_NODE / fields.len() {
        for field in fields {
            let mut labels = LabelsBuf::new();
            labels.mark(b"skep").mark(b"swarm");
            let (measurement, field) = field.split_once('/').unwrap_or((field, field));
            services.push((format!("{measurement}/web_api.{task}/{field}"), labels));
        }
    }
    services
}

fn batch(round: usize, node: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    let host = format!("swarm-worker-{node:04}");
    for (at, (service, labels)) in services().iter().enumerate() {
        encoder.event(&View {
            time: Some(Timestamp::from_secs(1_700_000_000 + round as i64)),
            state: Some(b"ok"),
            service: Some(service.as_bytes()),
            host: Some(host.as_bytes()),
            ttl: Some(15.0),
            metric: Metric::float((node * 31 + at * 17 + round) as f64 % 80.0 + 0.25),
            labels: labels.view(),
            ..View::default()
        });
    }
    encoder.bytes().to_vec()
}

/// Takes nothing.
struct Nothing;

impl Effects for Nothing {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, _: Kind) {
        black_box((series, event));
    }
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}
}

/// Writes lines as a sink does: heads rendered once per series.
#[derive(Default)]
struct Sink {
    heads: Vec<Option<Head>>,
    lines: Lines,
}

/// Head and key of a line, one after the other.
struct Head {
    text: Box<[u8]>,
    head_len: usize,
}

impl Sink {
    fn head(series: &Series<'_>) -> Head {
        let name = Name::split(series.service.unwrap_or_default()).unwrap_or(Name::plain("other", "value"));
        let tags = [("host", series.host.unwrap_or_default()), ("instance", name.instance.unwrap_or_default())];
        let mut text = Vec::new();
        line::head(&mut text, name.measurement, &tags);
        let head_len = text.len();
        line::key(&mut text, name.field);
        Head { text: text.into(), head_len }
    }
}

impl Effects for Sink {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, _: Kind) {
        let (Some(SeriesId(id)), Some(time), Some(metric)) = (series.id, event.time, event.metric) else { return };
        if self.heads.len() <= id as usize {
            self.heads.resize_with(id as usize + 1, || None);
        }
        let Some(place) = self.heads.get_mut(id as usize) else { return };
        let head = place.get_or_insert_with(|| Self::head(&series));
        let (head, key) = head.text.split_at(head.head_len);
        // No two samples of this load share a line: each is its own device.
        self.lines.field(id, head, time, key, Value::Metric(metric));
        if self.lines.n_bytes() >= HAND_OVER {
            black_box(self.lines.finish());
            self.lines.clear();
        }
    }
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, _: &Message<'_>) {}
}

fn alert(name: &str, where_: &str, warn: &str) -> Alert {
    let query = |text| Query::parse(text).unwrap_or(Query::ALL);
    let mut alert = Alert::new(name, query(where_));
    alert.warn = Some(Level::new(query(warn)));
    alert
}

/// One in ten series, one in ten, one in five.
fn three_rules() -> Vec<Alert> {
    vec![
        alert("cpu", "service =~ \"cpu/%/user\"", "metric > 90"),
        alert("mem", "service =~ \"mem/%/used\" and state = \"ok\"", "metric > 95"),
        alert("net", "service =~ \"net/%\" and host =~ \"swarm-worker-%\"", "metric > 99"),
    ]
}

/// Three that pick every event.
fn three_hungry_rules() -> Vec<Alert> {
    ["a", "b", "c"].map(|name| alert(name, "host =~ \"swarm-worker-%\"", "metric > 90")).into()
}

fn idle_rules() -> Vec<Alert> {
    let rule = |at: usize| match at % 4 {
        0 => format!("service = \"none/{at}\" and metric > 1"),
        1 => format!("host = \"none-{at}\""),
        2 => format!("service =~ \"none-{at}/%\""),
        _ => format!("stack = \"none-{at}\" and metric > 1"),
    };
    (0..1000).map(|at| alert(&format!("idle-{at}"), &rule(at), "metric > 2")).collect()
}

/// Applies whole rounds; the CPU time of it.
fn run(engine: &mut Engine, load: &mut Load, now: &mut Timestamp, rounds: u64, fx: &mut impl Effects) -> Duration {
    let mut taken = Duration::ZERO;
    for round in 0..rounds {
        load.shuffle();
        *now = *now + event::Duration::from_secs(1);
        let Some(nodes) = load.rounds.get(round as usize % ROUNDS) else { continue };
        taken += CpuTime::of(|| {
            for node in &load.order {
                let Some(msg) = nodes.get(*node) else { continue };
                engine.on_batch(*now, black_box(msg), fx);
            }
        });
    }
    taken
}

fn bench(criterion: &mut Criterion<CpuTime>, name: &str, n_series: usize, rules: Vec<Alert>, mut fx: impl Effects) {
    let plan = Arc::new(Plan::new(rules, Settings::default()));
    let mut engine = Engine::new(plan, Limits { max_instances: 1_000_000, ..Limits::default() });
    let mut load = Load::new(n_series);
    let mut now = Timestamp::from_secs(1_700_000_000);
    run(&mut engine, &mut load, &mut now, 3, &mut fx);
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(n_series as u64)).sample_size(20).measurement_time(Duration::from_secs(4));
    let id = BenchmarkId::new(name, n_series);
    group.bench_function(id, |bencher| bencher.iter_custom(|rounds| run(&mut engine, &mut load, &mut now, rounds, &mut fx)));
    group.finish();
}

fn decode(criterion: &mut Criterion<CpuTime>) {
    let msg = batch(0, 0);
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(PER_NODE as u64));
    group.bench_function("decode alone", |bencher| {
        bencher.iter(|| msg::events(black_box(&msg)).filter(|event| event.metric.is_some()).count())
    });
    group.finish();
}

fn all(criterion: &mut Criterion<CpuTime>) {
    decode(criterion);
    for n_series in [10_000, 100_000] {
        bench(criterion, "decode and index", n_series, Vec::new(), Nothing);
        bench(criterion, "whole path", n_series, three_rules(), Sink::default());
        bench(criterion, "whole path, rules that pick every event", n_series, three_hungry_rules(), Sink::default());
        let with_idle = three_rules().into_iter().chain(idle_rules()).collect();
        bench(criterion, "whole path and 1,000 rules that match nothing", n_series, with_idle, Sink::default());
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = all
}
criterion_main!(benches);
