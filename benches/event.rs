//! What does an event cost on its way in and out, beside what is done with it? A prototype decoded 18, 22 and 38 ns an event (lean, with marks, with
//! marks and three attributes), encoded 16, and wrote line protocol at 10 ns a field of a wide line and 40 ns a narrow line.
//!
//! Messages of 100 events; each case is one message or one batch of lines, the figures are for one event.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use event::line::{self, Lines, Value};
use event::msg::{Encoder, Msg, events};
use event::{LabelsBuf, Metric, Timestamp, View};

mod cpu_time;
use cpu_time::CpuTime;

/// Events of a message.
const N: usize = 100;

/// What an event carries: by name, its marks and attributes.
fn loads() -> [(&'static str, LabelsBuf); 3] {
    let lean = LabelsBuf::new();
    let mut marks = LabelsBuf::new();
    marks.mark(b"skep").mark(b"production");
    let mut attributes = marks.clone();
    attributes.attribute(b"container_name", b"web_api.3").attribute(b"swarm_service", b"web_api").attribute(b"task_slot", b"3");
    [("lean", lean), ("marks", marks), ("attributes", attributes)]
}

fn batch(labels: &LabelsBuf) -> Vec<View<'_>> {
    let event = |number: i32| View {
        time: Some(Timestamp::from_micros(1_795_332_051_250_000)),
        state: Some(b"ok"),
        service: Some(b"web_api.3/cpu/user"),
        host: Some(b"swarm-worker-0012"),
        ttl: Some(5.0),
        metric: Some(Metric::Float(f64::from(number) * 1.37)),
        labels: labels.view(),
        ..View::default()
    };
    (0..N as i32).map(event).collect()
}

fn encode(encoder: &mut Encoder, batch: &[View<'_>]) {
    encoder.clear();
    batch.iter().for_each(|event| encoder.event(event));
}

fn wire(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("event");
    group.throughput(Throughput::Elements(N as u64));
    for (load, labels) in loads() {
        let batch = batch(&labels);
        let mut encoder = Encoder::new();
        encode(&mut encoder, &batch);
        let bytes = encoder.bytes().to_vec();
        group.bench_function(BenchmarkId::new("check", load), |bench| {
            bench.iter(|| Msg::decode(black_box(&bytes)).map(|msg| msg.n_events));
        });
        group.bench_function(BenchmarkId::new("decode", load), |bench| {
            bench.iter(|| events(black_box(&bytes)).for_each(|view| _ = black_box(&view)));
        });
        group.bench_function(BenchmarkId::new("encode", load), |bench| {
            bench.iter(|| {
                encode(&mut encoder, black_box(&batch));
                black_box(encoder.bytes().len())
            });
        });
    }
    group.finish();
}

/// A batch of `N` fields, `width` of them on a line.
fn write(lines: &mut Lines, head: &[u8], keys: &[Vec<u8>], width: usize) -> usize {
    lines.clear();
    for at in 0..N {
        let key = keys.get(at % width).map_or(&b"value"[..], Vec::as_slice);
        let value = Value::Metric(Metric::Float(at as f64 * 1.37));
        lines.field((at / width) as u32, head, Timestamp::from_micros(1_795_332_051_250_000), key, value);
    }
    lines.finish().len()
}

fn line_protocol(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("line protocol");
    group.throughput(Throughput::Elements(N as u64));
    let mut head = Vec::new();
    let tags = [("host", "swarm-worker-0012"), ("container_name", "web_api.3"), ("swarm_service", "web_api"), ("task_slot", "3")];
    line::head(&mut head, "docker_container_mem", &tags);
    let keys: Vec<Vec<u8>> = catalogue::fields("mem").map(|metric| metric.field.as_bytes().to_vec()).collect();
    let mut lines = Lines::default();
    for (shape, width) in [("wide, 20 fields", 20), ("narrow", 1)] {
        group.bench_function(shape, |bench| bench.iter(|| write(&mut lines, black_box(&head), &keys, width)));
    }
    group.finish();
}

criterion_group!(name = benches; config = Criterion::default().with_measurement(CpuTime); targets = wire, line_protocol);
criterion_main!(benches);
