//! The files of control groups version 1: `cpuacct`, `cpu`, `memory`, `blkio`.

use super::cgroup::{Device, Io, MemoryStat, Quota, Throttling, keyed, number};

/// `cpuacct.stat`: user and system time in clock ticks.
pub fn cpuacct_stat(text: &str) -> Option<(u64, u64)> {
    let (mut user, mut system) = (None, None);
    for (key, value) in keyed(text) {
        match key {
            "user" => user = Some(value),
            "system" => system = Some(value),
            _ => {}
        }
    }
    Some((user?, system?))
}

/// `cpu.stat`.
pub fn cpu_stat(text: &str) -> Throttling {
    let mut throttling = Throttling::default();
    for (key, value) in keyed(text) {
        match key {
            "nr_periods" => throttling.periods = value,
            "nr_throttled" => throttling.throttled_periods = value,
            "throttled_time" => throttling.throttled_ns = value,
            _ => {}
        }
    }
    throttling
}

/// `cpu.cfs_quota_us` (-1, no number of ours: none) and the text of `cpu.cfs_period_us`.
pub fn quota(quota_us: Option<u64>, period_us: &str) -> Option<Quota> {
    let period_us = number(period_us).filter(|period| *period > 0)?;
    Some(Quota { quota_us: quota_us?, period_us })
}

/// `memory.stat`: its `total_…` lines, which hold the groups below as well.
pub fn memory_stat(text: &str) -> MemoryStat {
    let mut stat = MemoryStat::default();
    for (key, value) in keyed(text) {
        let Some(key) = key.strip_prefix("total_") else { continue };
        match key {
            "rss" => stat.rss = Some(value),
            "cache" => stat.cache = Some(value),
            "mapped_file" => stat.mapped_file = Some(value),
            "swap" => stat.swap = Some(value),
            "inactive_file" => stat.inactive_file = Some(value),
            "pgfault" => stat.pgfault = Some(value),
            "pgmajfault" => stat.pgmajfault = Some(value),
            _ => {}
        }
    }
    stat
}

/// `memory.oom_control`: how many processes the kernel has killed for want of memory; since kernel 4.13.
pub fn oom_kill(text: &str) -> Option<u64> {
    keyed(text).find(|(key, _)| *key == "oom_kill").map(|(_, value)| value)
}

/// Which of the two files a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// `blkio.throttle.io_service_bytes`.
    Bytes,
    /// `blkio.throttle.io_serviced`.
    Operations,
}

/// Adds a `blkio.throttle.…` file to the devices seen so far, which are few.
pub fn blkio(text: &str, counts: Counts, devices: &mut Vec<(Device, Io)>) {
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        // The last line, `Total 0`, has no device.
        let Some(device) = words.next().and_then(Device::parse) else { continue };
        let (Some(operation), Some(value)) = (words.next(), words.next().and_then(|word| word.parse::<u64>().ok())) else { continue };
        let index = devices.iter().position(|(found, _)| *found == device).unwrap_or_else(|| {
            devices.push((device, Io::default()));
            devices.len() - 1
        });
        let Some((_, io)) = devices.get_mut(index) else { continue };
        match (operation, counts) {
            ("Read", Counts::Bytes) => io.read_bytes = value,
            ("Write", Counts::Bytes) => io.write_bytes = value,
            ("Read", Counts::Operations) => io.reads = value,
            ("Write", Counts::Operations) => io.writes = value,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cpuacct_stat_counts_ticks() {
        assert_eq!(cpuacct_stat("user 1907\nsystem 2\n"), Some((1907, 2)));
        assert_eq!(cpuacct_stat("user 1907\n"), None);
        assert_eq!(cpuacct_stat(""), None);
    }

    #[test]
    fn cpu_stat_counts_throttling() {
        let text = "nr_periods 31\nnr_throttled 12\nthrottled_time 804512345\nnr_bursts 0\nburst_time 0\n";
        assert_eq!(cpu_stat(text), Throttling { periods: 31, throttled_periods: 12, throttled_ns: 804_512_345 });
        assert_eq!(cpu_stat(""), Throttling::default());
    }

    #[test]
    fn a_quota_of_minus_one_is_none() {
        assert_eq!(quota(number("50000\n"), "100000\n"), Some(Quota { quota_us: 50_000, period_us: 100_000 }));
        assert_eq!(quota(number("-1\n"), "100000\n"), None);
        assert_eq!(quota(number("50000\n"), "0\n"), None);
    }

    #[test]
    fn memory_stat_is_read_from_its_totals() {
        let text = "cache 1\nrss 2\nrss_huge 0\nmapped_file 3\npgfault 4\npgmajfault 5\ninactive_file 6\n\
                    hierarchical_memory_limit 67108864\nhierarchical_memsw_limit 134217728\n\
                    total_cache 8192\ntotal_rss 53248\ntotal_rss_huge 0\ntotal_shmem 0\ntotal_mapped_file 4096\ntotal_dirty 0\n\
                    total_swap 12288\ntotal_pgpgin 831\ntotal_pgpgout 818\ntotal_pgfault 1139\ntotal_pgmajfault 7\n\
                    total_inactive_anon 49152\ntotal_active_anon 4096\ntotal_inactive_file 2048\ntotal_active_file 0\n";
        let expected = MemoryStat {
            rss: Some(53_248),
            cache: Some(8192),
            mapped_file: Some(4096),
            swap: Some(12_288),
            inactive_file: Some(2048),
            kernel: None,
            pgfault: Some(1139),
            pgmajfault: Some(7),
        };
        assert_eq!(memory_stat(text), expected);
        assert_eq!(memory_stat("rss 2\n"), MemoryStat::default());
    }

    #[test]
    fn oom_kill_is_counted_where_the_kernel_does() {
        assert_eq!(oom_kill("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), Some(3));
        assert_eq!(oom_kill("oom_kill_disable 0\nunder_oom 0\n"), None);
    }

    #[test]
    fn blkio_files_are_joined_by_device() {
        let bytes = "253:0 Read 4096\n253:0 Write 8192\n253:0 Sync 0\n253:0 Async 12288\n253:0 Discard 0\n253:0 Total 12288\n\
                     8:16 Read 512\n8:16 Write 0\nTotal 12800\n";
        let serviced = "253:0 Read 1\n253:0 Write 2\n8:16 Read 1\n8:16 Write 0\nTotal 4\n";
        let mut devices = Vec::new();
        blkio(bytes, Counts::Bytes, &mut devices);
        blkio(serviced, Counts::Operations, &mut devices);
        let first = Io { read_bytes: 4096, write_bytes: 8192, reads: 1, writes: 2 };
        let second = Io { read_bytes: 512, write_bytes: 0, reads: 1, writes: 0 };
        assert_eq!(devices, [(Device { major: 253, minor: 0 }, first), (Device { major: 8, minor: 16 }, second)]);
    }

    #[test]
    fn a_group_without_io_has_no_device() {
        let mut devices = Vec::new();
        blkio("Total 0\n", Counts::Bytes, &mut devices);
        assert_eq!(devices, []);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "([a-z_]{0,9}[ :]?[0-9:]{0,22}[ \n]?){0,9}|\\PC{0,60}") {
            cpuacct_stat(&text);
            cpu_stat(&text);
            quota(number(&text), &text);
            memory_stat(&text);
            oom_kill(&text);
            blkio(&text, Counts::Bytes, &mut Vec::new());
        }
    }
}
