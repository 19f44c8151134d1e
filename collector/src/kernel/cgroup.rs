//! What both versions of control groups tell, and the shapes their files have in common.

/// CPU time used, in nanoseconds since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTime {
    /// All of it.
    pub total: u64,
    /// In user mode.
    pub user: u64,
    /// In kernel mode.
    pub system: u64,
}

/// How often a CPU quota stopped the group; all three stay 0 where there is no quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttling {
    /// Enforcement periods that have passed while the group had something to run.
    pub periods: u64,
    /// Periods in which it was stopped.
    pub throttled_periods: u64,
    /// How long it stood still, in nanoseconds, summed over CPUs.
    pub throttled_ns: u64,
}

/// A CPU quota: so much CPU time in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// CPU time allowed in a period, in microseconds.
    pub quota_us: u64,
    /// Length of the period, in microseconds; never 0.
    pub period_us: u64,
}

impl Quota {
    /// How many CPUs the group may keep busy.
    pub fn cpus(self) -> f64 {
        self.quota_us as f64 / self.period_us as f64
    }
}

/// `memory.stat` of a group and all below it; bytes, and counts of page faults. `None` where this kernel does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStat {
    /// Anonymous memory: v1 `total_rss`, v2 `anon`.
    pub rss: Option<u64>,
    /// Page cache, shared memory included: v1 `total_cache`, v2 `file`.
    pub cache: Option<u64>,
    /// Mapped files: v1 `total_mapped_file`, v2 `file_mapped`.
    pub mapped_file: Option<u64>,
    /// Swapped out; only v1 has it here (`total_swap`), v2 has a file of its own.
    pub swap: Option<u64>,
    /// Page cache that the kernel takes back first: v1 `total_inactive_file`, v2 `inactive_file`.
    pub inactive_file: Option<u64>,
    /// Memory of the kernel on behalf of the group; v2 `kernel` since 5.18, v1 has a file of its own.
    pub kernel: Option<u64>,
    /// Page faults since the group was made.
    pub pgfault: Option<u64>,
    /// Page faults that had to read from a disk.
    pub pgmajfault: Option<u64>,
}

/// Bytes and operations of one block device, or of all, since the group was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Io {
    /// Bytes read.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Read operations.
    pub reads: u64,
    /// Write operations.
    pub writes: u64,
}

impl Io {
    /// Adds another device's counters.
    pub fn add(&mut self, other: Self) {
        self.read_bytes = self.read_bytes.saturating_add(other.read_bytes);
        self.write_bytes = self.write_bytes.saturating_add(other.write_bytes);
        self.reads = self.reads.saturating_add(other.reads);
        self.writes = self.writes.saturating_add(other.writes);
    }
}

/// A block device's number, as cgroup files name it: `253:0`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    /// The driver's number.
    pub major: u32,
    /// The driver's own count.
    pub minor: u32,
}

impl Device {
    /// Reads `MAJOR:MINOR`.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once(':')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

/// A file that holds one number: `memory.current`, `cpuacct.usage`, `pids.current` …
pub fn number(text: &str) -> Option<u64> {
    text.trim_ascii_end().parse().ok()
}

/// A file that holds a limit; `None` when there is none: `max` in v2, a number near the end of the range in v1.
pub fn limit(text: &str) -> Option<u64> {
    // v1 says "no limit" as the largest whole number of pages, whatever the page size.
    number(text).filter(|limit| *limit < 1 << 62)
}

/// The lines `KEY NUMBER` of a flat keyed file (`cpu.stat`, `memory.stat`, `memory.events` …); others are passed over.
pub fn keyed(text: &str) -> impl Iterator<Item = (&str, u64)> {
    text.lines().filter_map(|line| {
        let (key, value) = line.split_once(' ')?;
        Some((key, value.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_ends_with_its_line() {
        assert_eq!(number("67108864\n"), Some(67_108_864));
        assert_eq!(number("0\n"), Some(0));
        for text in ["", "\n", "max\n", "-1\n", "12 13\n"] {
            assert_eq!(number(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_limit_is_none_in_both_versions() {
        assert_eq!(limit("67108864\n"), Some(67_108_864));
        assert_eq!(limit("max\n"), None);
        assert_eq!(limit("9223372036854771712\n"), None);
        assert_eq!(limit("9223372036854710272\n"), None, "64 KiB pages");
    }

    #[test]
    fn a_device_has_two_numbers() {
        assert_eq!(Device::parse("253:16"), Some(Device { major: 253, minor: 16 }));
        assert_eq!(Device { major: 253, minor: 16 }.to_string(), "253:16");
        for text in ["", "Total", "8", "8:", ":0", "a:b"] {
            assert_eq!(Device::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_quota_is_a_number_of_cpus() {
        assert_eq!(Quota { quota_us: 50_000, period_us: 100_000 }.cpus(), 0.5);
    }
}
