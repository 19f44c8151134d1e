//! What does one sample of one container cost? The floor, measured by hand: eleven kept-open files, one `pread` each and a
//! parse, is 18 µs of CPU for ten containers and 32 µs for a hundred in a tight loop, 34 to 37 µs at a real agent's pace.
//!
//! The files are the kernel's own: those of the control groups that this process is in, opened once for each container, so
//! that neither dockerd nor root is needed. Most of the cost is the kernel's; the network file is this process's own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use collector::Root;
use collector::container::{Change, Containers, Facts, Id, Identity, Out, Status, Value};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use event::msg::Encoder;
use event::{Duration, Labels, Timestamp, View};

/// Encodes samples as they go out.
#[derive(Default)]
struct Encoded {
    message: Encoder,
    n_samples: usize,
}

impl Out for Encoded {
    fn every(&mut self, _: Duration) {}

    fn sample(&mut self, service: &str, labels: Labels<'_>, value: Value<'_>) {
        let (metric, state) = match value {
            Value::Metric(metric) => (Some(metric), None),
            Value::Text(text) => (None, Some(text.as_bytes())),
        };
        self.n_samples += 1;
        self.event(&View { metric, state, service: Some(service.as_bytes()), labels, ..View::default() });
    }

    fn event(&mut self, event: &View<'_>) {
        self.message.event(&View { host: Some(b"node1"), ttl: Some(5.0), time: Some(Timestamp::from_secs(1)), ..*event });
    }
}

/// A tree in which each process `1..=n` is in this process's groups and in one that bears its container's id.
fn tree(root: &Path, n: u32) {
    symlink("/sys", root.join("sys")).expect("a link");
    let groups = fs::read_to_string("/proc/self/cgroup").expect("this kernel has control groups");
    for pid in 1..=n {
        let process = root.join("proc").join(pid.to_string());
        fs::create_dir_all(&process).expect("a folder");
        fs::write(process.join("cgroup"), format!("{groups}99:name=bench:/docker/{}\n", id(pid).as_str())).expect("a file");
        symlink("/proc/self/net", process.join("net")).expect("a link");
        symlink("/proc/self/mountinfo", process.join("mountinfo")).expect("a link");
    }
}

fn id(pid: u32) -> Id {
    Id::new(&format!("{pid:064x}")).expect("64 digits")
}

fn facts(pid: u32) -> Facts {
    let identity = Identity {
        name: format!("web.{pid}"),
        service: Some("web".to_owned()),
        stack: Some("shop".to_owned()),
        slot: Some(pid.to_string()),
        ..Identity::default()
    };
    let image = "registry:5000/shop/web:2".to_owned();
    Facts { id: id(pid), identity, image, status: Status::Running, pid: Some(pid), ..Facts::default() }
}

fn containers(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("container sample");
    for n in [10, 100] {
        let root = tempfile::tempdir().expect("a temporary folder");
        tree(root.path(), n);
        let mut containers = Containers::new(Root::new(Some(root.path())), Duration::from_secs(1));
        let mut out = Encoded::default();
        containers.apply(Change::All((1..=n).map(facts).collect()), &mut out);
        let mut now = Timestamp::from_secs(1_795_539_971);
        let mut turn = |out: &mut Encoded| {
            now = Timestamp::from_micros(now.micros() + 1_000_000);
            out.message.clear();
            containers.sample(now, now, out);
        };
        turn(&mut out);
        out.n_samples = 0;
        turn(&mut out);
        assert!(out.n_samples > 20 * n as usize, "{} samples of {n} containers: is there no cgroup mounted?", out.n_samples);
        group.throughput(Throughput::Elements(u64::from(n)));
        group.bench_function(format!("{n} containers, {} samples each", out.n_samples / n as usize), |bencher| {
            bencher.iter(|| turn(&mut out))
        });
    }
    group.finish();
}

criterion_group!(benches, containers);
criterion_main!(benches);
