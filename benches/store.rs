//! What does the store cost, and how large is it? A prototype took 106 ns of CPU and 1.5 bytes for a value, and 0.1 ms for one series of an hour.
//!
//! A hundred devices of forty metrics, one value a second each (`mix`). One batch and one commit for each second, as in a running skep;
//! the CPU time is that of the whole process, so the store's thread counts.

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::{Kind, Series, SeriesId};
use event::{LabelsBuf, Timestamp, View};
use processor::sink::Flush;
use processor::store::{self, Handle, Outlet, SeriesRequest, Settings, Thread};
use rustix::time::{ClockId, clock_gettime};
use tempfile::TempDir;
use transport::log::Position;

mod mix;
use mix::{MEASUREMENT, Mix, N_ENTITIES, N_FIELDS};

const START: i64 = 1_795_332_000;

/// Simulated seconds before anything is measured: windows are being sealed by then.
const WARM_UP: i64 = 700;

/// A store and what feeds it.
struct Load {
    outlet: Outlet,
    handle: Handle,
    _thread: Thread,
    _folder: TempDir,
    /// Service and labels of each series.
    series: Vec<(String, LabelsBuf)>,
    mix: Mix,
    second: i64,
}

impl Load {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let settings = Settings { commit_every: event::Duration::ZERO, ..Settings::new(folder.path()) };
        let (outlet, handle, thread) = store::open(&settings).expect("a store");
        Self { outlet, handle, _thread: thread, _folder: folder, series: Mix::series(), mix: Mix::new(), second: START }
    }

    /// One second of all series, handed over.
    fn second(&mut self) {
        self.second += 1;
        let time = Timestamp::from_secs(self.second);
        for id in 0..N_ENTITIES * N_FIELDS {
            let value = self.mix.value(id as usize);
            let Some((service, labels)) = self.series.get(id as usize) else { continue };
            let series =
                Series { id: Some(SeriesId(id)), host: Some("node1"), service: Some(service), labels: labels.view(), sample: true };
            self.outlet.event(series, &View { time: Some(time), metric: Some(value), ..View::default() }, Kind::Live);
        }
        while self.outlet.flush(Position::from_u64(self.second.unsigned_abs()), time) == Flush::Full {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn wait(&self) {
        let safe = self.outlet.safe();
        while safe.load(Ordering::Acquire) < self.second.unsigned_abs() {
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    fn seconds(&mut self, n: u64) {
        (0..n).for_each(|_| self.second());
        self.wait();
    }

    fn ask(&self, from: i64, measurement: &str, entity: Option<u32>, step: Option<i64>) -> usize {
        let request = SeriesRequest {
            measurement: measurement.to_owned(),
            field: "f20".to_owned(),
            from: Timestamp::from_secs(self.second - from),
            to: Timestamp::from_secs(self.second + 1),
            step: step.map(event::Duration::from_secs),
            filters: entity.map(|entity| ("container_name".to_owned(), format!("web.{entity}"))).into_iter().collect(),
            ..SeriesRequest::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let found = runtime.block_on(self.handle.series(request)).expect("an answer");
        found.iter().map(|series| series.points.len()).sum()
    }
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[expect(clippy::print_stderr, reason = "a figure that criterion does not know")]
fn keeping(c: &mut Criterion) {
    let mut group = c.benchmark_group("store");
    let mut load = Load::new();
    load.seconds(WARM_UP.unsigned_abs());
    group.throughput(Throughput::Elements(u64::from(N_ENTITIES * N_FIELDS))).sample_size(10);
    // The generator's own share is measured by itself and taken off.
    group.bench_function("4,000 values, CPU of the process", |b| {
        b.iter_custom(|seconds| {
            let generator = process_cpu();
            (0..seconds).for_each(|_| (0..4000).for_each(|at| _ = black_box(load.mix.value(at))));
            let begin = process_cpu();
            load.seconds(seconds);
            (process_cpu() - begin).saturating_sub(begin - generator)
        });
    });
    let counters = load.handle.counters();
    let (values, bytes) = (counters.sealed_values.load(Ordering::Relaxed), counters.sealed_bytes.load(Ordering::Relaxed));
    eprintln!("sealed: {values} values in {bytes} bytes, {:.2} bytes each", bytes as f64 / values as f64);
    eprintln!("file: {} bytes", counters.file_bytes.load(Ordering::Relaxed));
    let missing = (3700 - (load.second - START)).max(0);
    load.seconds(missing.unsigned_abs());
    group.throughput(Throughput::Elements(1));
    for (name, entity, step) in [
        ("one series, one hour", Some(7), None),
        ("one series, one hour, steps of 10 s", Some(7), Some(10)),
        ("100 series, one hour, steps of 60 s", None, Some(60)),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched(|| (), |()| load.ask(3600, MEASUREMENT, entity, step), BatchSize::PerIteration);
        });
    }
}

criterion_group!(benches, keeping);
criterion_main!(benches);
