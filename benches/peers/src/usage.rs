//! What a process has used, by `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// Processor time of the process.
///
/// Of the threads that are there, to the nanosecond: the kernel's `stat` rounds to hundredths of a second, which is more than skep uses
/// in one. Where threads have ended, `stat`, which counts them, has the larger sum, and that one holds.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("the peer has ended")? {
        // A thread may end at any time.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanos += text.split_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos).max(with_ended_threads(pid)?))
}

/// Ticks of `/proc/PID/stat`, of which Linux tells a hundred a second whatever its own are.
fn with_ended_threads(pid: u32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name stands in brackets and may hold anything.
    let fields = text.rsplit_once(')').context("no name in stat")?.1.split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Its memory in bytes, what it shares with others divided among them.
pub(crate) fn pss(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let kib = text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    Ok(kib.context("no Pss")? << 10)
}
