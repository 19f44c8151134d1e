//! What does a turn of the host cost, and which file costs what?
//!
//! The floor, measured by hand: one `pread` of each of seven kept-open files, `poll` of the list of mounts and `statvfs` of
//! eight mounts is 193 µs of CPU at a real agent's pace, when the caches have gone cold between two turns; in a tight loop as
//! here it is less. Nearly all of it is the kernel writing the texts: `read` is that part alone, `turn` has parsing, rates
//! and encoding besides. Between two turns of a loop no tick of 10 ms passes, so that shares of processor time are encoded in
//! few of them: some 33 samples of 40 ns less than at a real pace.

use std::hint::black_box;

use collector::kept::{File, Shape};
use collector::kernel::{diskstats, loadavg, meminfo, net_dev, pressure, stat, uptime, vmstat};
use collector::{Root, Switches, Turns, host};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use event::{Duration, Timestamp};

mod cpu_time;
use cpu_time::CpuTime;

/// The files of a turn.
const FILES: [(&str, Shape); 8] = [
    ("stat", Shape::Whole),
    ("meminfo", Shape::Whole),
    ("vmstat", Shape::Records),
    ("loadavg", Shape::Whole),
    ("uptime", Shape::Whole),
    ("diskstats", Shape::Records),
    ("net/dev", Shape::Records),
    ("pressure/cpu", Shape::Whole),
];

fn turn(bench: &mut Criterion<CpuTime>) {
    let mut group = bench.benchmark_group("collector/host");
    for (name, per_core) in [("turn", true), ("turn, without cores", false)] {
        let switches = Switches { per_core, ..Switches::default() };
        let mut turns = Turns::new("node1", Duration::from_secs(1), host::samplers(&Root::new(None), switches, &[]));
        let mut secs = 0;
        let mut take = || {
            secs += 1;
            let due = Timestamp::from_secs(1_795_540_000 + secs);
            turns.take(due, Timestamp::from_secs(secs));
            turns.end(due);
            turns.samples().n_samples()
        };
        take();
        group.bench_function(name, |bench| bench.iter(&mut take));
    }
    group.finish();
}

fn files(bench: &mut Criterion<CpuTime>) {
    let root = Root::new(None);
    let mut group = bench.benchmark_group("collector/read");
    for (name, shape) in FILES {
        // What this kernel lacks is not measured.
        let Ok(file) = File::open(root.proc(name), shape) else { continue };
        let mut buffer = Vec::new();
        group.bench_function(name, |bench| bench.iter(|| file.read(&mut buffer).map(<[u8]>::len)));
    }
    group.finish();
}

fn parsers(bench: &mut Criterion<CpuTime>) {
    let root = Root::new(None);
    let mut group = bench.benchmark_group("collector/parse");
    for (name, shape) in FILES {
        let Ok(file) = File::open(root.proc(name), shape) else { continue };
        let mut buffer = Vec::new();
        let Ok(text) = file.read(&mut buffer) else { continue };
        let mut kept = stat::Stat::default();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bench| bench.iter(|| parse(name, black_box(text), &mut kept)));
    }
    group.finish();
}

/// Parses the text of the file of this name; gives something that cannot be known without.
fn parse(name: &str, text: &[u8], stat: &mut stat::Stat) -> Option<u64> {
    match name {
        "stat" => {
            stat.parse(text);
            stat.context_switches
        }
        "meminfo" => meminfo::Meminfo::parse(text).committed,
        "vmstat" => vmstat::Vmstat::parse(text).swapped_out,
        "loadavg" => loadavg::Loadavg::parse(text).map(|load| load.threads),
        "uptime" => uptime::parse(text).map(|secs| secs as u64),
        "diskstats" => diskstats::devices(text).map(|device| device.reads).max(),
        "net/dev" => net_dev::interfaces(text).map(|interface| interface.sent.packets).max(),
        _ => pressure::Pressure::parse(text).some.map(|stall| stall.total),
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = turn, files, parsers
}
criterion_main!(benches);
