//! What a process has used, by `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

/// Processor time of all threads that are there, to the nanosecond; the kernel's `stat` would round to hundredths of a second, which
/// is more than skep uses in one.
pub(crate) fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).context("the peer has ended")? {
        // A thread may end at any time.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        nanos += text.split_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// Its memory in bytes, what it shares with others divided among them.
pub(crate) fn pss(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let kib = text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    Ok(kib.context("no Pss")? << 10)
}
