//! What the whole process costs.

use super::{Kind, Sample, gauge, level, whole};

/// What it costs.
pub(super) fn samples(samples: &mut Vec<Sample>) {
    let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let secs = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    samples.extend(gauge("cpu_seconds", secs, "CPU time of the process.").map(|sample| Sample { kind: Kind::Counter, ..sample }));
    // Where there is no /proc the process does not know its memory.
    let resident = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    if let Some(pages) = resident {
        let bytes = (pages * rustix::param::page_size() as f64) as u64;
        samples.push(level("resident_bytes", whole(bytes), "Memory of the process."));
    }
}
