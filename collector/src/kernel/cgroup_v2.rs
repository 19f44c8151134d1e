//! The files of control groups version 2: `cpu`, `memory` and `io`.

use super::cgroup::{CpuTime, Device, Io, MemoryStat, Quota, Throttling, keyed};

/// `cpu.stat`: CPU time and throttling. The first three lines are there even where the controller is off.
pub fn cpu_stat(text: &str) -> (CpuTime, Throttling) {
    let (mut time, mut throttling) = (CpuTime::default(), Throttling::default());
    for (key, micros) in keyed(text) {
        let nanos = micros.saturating_mul(1000);
        match key {
            "usage_usec" => time.total = nanos,
            "user_usec" => time.user = nanos,
            "system_usec" => time.system = nanos,
            "nr_periods" => throttling.periods = micros,
            "nr_throttled" => throttling.throttled_periods = micros,
            "throttled_usec" => throttling.throttled_ns = nanos,
            _ => {}
        }
    }
    (time, throttling)
}

/// `cpu.max`: `QUOTA PERIOD`, where the quota may be `max`.
pub fn cpu_max(text: &str) -> Option<Quota> {
    let (quota_us, period_us) = text.trim_ascii_end().split_once(' ')?;
    let period_us = period_us.parse().ok().filter(|period| *period > 0)?;
    Some(Quota { quota_us: quota_us.parse().ok()?, period_us })
}

/// `memory.stat`; it always holds the groups below as well.
pub fn memory_stat(text: &str) -> MemoryStat {
    let mut stat = MemoryStat::default();
    for (key, value) in keyed(text) {
        match key {
            "anon" => stat.rss = Some(value),
            "file" => stat.cache = Some(value),
            "file_mapped" => stat.mapped_file = Some(value),
            "inactive_file" => stat.inactive_file = Some(value),
            "kernel" => stat.kernel = Some(value),
            "pgfault" => stat.pgfault = Some(value),
            "pgmajfault" => stat.pgmajfault = Some(value),
            _ => {}
        }
    }
    stat
}

/// `memory.events`: how often the group ran into a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryEvents {
    /// Allocations that were slowed down because the group is over `memory.high`.
    pub high: Option<u64>,
    /// Allocations that were about to go over `memory.max`: what v1 counts in `memory.failcnt`.
    pub max: Option<u64>,
    /// Times that the limit was reached and nothing could be taken back.
    pub oom: Option<u64>,
    /// Processes killed for want of memory; since kernel 4.13.
    pub oom_kill: Option<u64>,
}

/// `memory.events`.
pub fn memory_events(text: &str) -> MemoryEvents {
    let mut events = MemoryEvents::default();
    for (key, value) in keyed(text) {
        match key {
            "high" => events.high = Some(value),
            "max" => events.max = Some(value),
            "oom" => events.oom = Some(value),
            "oom_kill" => events.oom_kill = Some(value),
            _ => {}
        }
    }
    events
}

/// Adds `io.stat`, a line for each device, to the devices.
pub fn io_stat(text: &str, devices: &mut Vec<(Device, Io)>) {
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        // A device without IO in this group may stand there alone; one that is gone has no number.
        let Some(device) = words.next().and_then(Device::parse) else { continue };
        let mut io = Io::default();
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            let Ok(value) = value.parse() else { continue };
            match key {
                "rbytes" => io.read_bytes = value,
                "wbytes" => io.write_bytes = value,
                "rios" => io.reads = value,
                "wios" => io.writes = value,
                _ => {}
            }
        }
        devices.push((device, io));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cpu_stat_is_in_microseconds() {
        let text = "usage_usec 24446\nuser_usec 14702\nsystem_usec 9743\nnice_usec 0\ncore_sched.force_idle_usec 0\n\
                    nr_periods 31\nnr_throttled 12\nthrottled_usec 804512\nnr_bursts 0\nburst_usec 0\n";
        let time = CpuTime { total: 24_446_000, user: 14_702_000, system: 9_743_000 };
        let throttling = Throttling { periods: 31, throttled_periods: 12, throttled_ns: 804_512_000 };
        assert_eq!(cpu_stat(text), (time, throttling));
    }

    #[test]
    fn cpu_stat_without_the_controller_has_no_throttling() {
        let text = "usage_usec 24446\nuser_usec 14702\nsystem_usec 9743\nnice_usec 0\n";
        assert_eq!(cpu_stat(text).1, Throttling::default());
    }

    #[test]
    fn cpu_max_may_be_none() {
        assert_eq!(cpu_max("50000 100000\n"), Some(Quota { quota_us: 50_000, period_us: 100_000 }));
        for text in ["max 100000\n", "50000\n", "50000 0\n", ""] {
            assert_eq!(cpu_max(text), None, "{text:?}");
        }
    }

    #[test]
    fn memory_stat_has_other_names_than_version_1() {
        let text = "anon 53248\nfile 8192\nkernel 360448\nkernel_stack 16384\npagetables 61440\nsec_pagetables 0\npercpu 1200\nsock 0\n\
                    vmalloc 0\nshmem 0\nzswap 0\nzswapped 0\nfile_mapped 4096\nfile_dirty 0\nfile_writeback 0\nswapcached 0\n\
                    inactive_anon 49152\nactive_anon 4096\ninactive_file 2048\nactive_file 6144\nunevictable 0\n\
                    slab_reclaimable 101008\nslab_unreclaimable 134048\nslab 235056\npgfault 1139\npgmajfault 7\n";
        let expected = MemoryStat {
            rss: Some(53_248),
            cache: Some(8192),
            mapped_file: Some(4096),
            swap: None,
            inactive_file: Some(2048),
            kernel: Some(360_448),
            pgfault: Some(1139),
            pgmajfault: Some(7),
        };
        assert_eq!(memory_stat(text), expected);
    }

    #[test]
    fn memory_events_count_limits_and_kills() {
        let text = "low 0\nhigh 0\nmax 431\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(memory_events(text), MemoryEvents { high: Some(0), max: Some(431), oom: Some(2), oom_kill: Some(1) });
        assert_eq!(memory_events("low 0\n"), MemoryEvents::default());
    }

    #[test]
    fn io_stat_has_a_line_for_each_device() {
        let text = "253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 \n7:0\n(unknown) rbytes=1\n";
        let mut devices = Vec::new();
        io_stat(text, &mut devices);
        let first = Io { read_bytes: 4096, write_bytes: 8192, reads: 1, writes: 2 };
        let device = |major, minor| Device { major, minor };
        assert_eq!(devices, [(device(253, 0), first), (device(8, 16), Io::default()), (device(7, 0), Io::default())]);
    }

    /// Files of a container with half a CPU less than it wants, as Linux 6.1 wrote them.
    #[test]
    fn files_of_a_real_kernel_are_read() {
        let (time, throttling) = cpu_stat(
            "usage_usec 12330000\nuser_usec 12299975\nsystem_usec 30024\nnr_periods 392\nnr_throttled 381\nthrottled_usec 18090000\nnr_bursts 0\nburst_usec 0\n",
        );
        assert_eq!(time, CpuTime { total: 12_330_000_000, user: 12_299_975_000, system: 30_024_000 });
        assert_eq!(throttling, Throttling { periods: 392, throttled_periods: 381, throttled_ns: 18_090_000_000 });
        let text = "anon 57344\nfile 188416\nkernel 225280\nkernel_stack 16384\npagetables 20480\nsec_pagetables 0\n\
                    percpu 996\nsock 0\nvmalloc 8192\nshmem 0\nzswap 0\nzswapped 0\nfile_mapped 0\nfile_dirty 0\n\
                    file_writeback 0\nswapcached 0\ninactive_anon 53248\nactive_anon 4096\ninactive_file 36864\n\
                    active_file 151552\nunevictable 0\nslab_reclaimable 59536\nslab_unreclaimable 115912\nslab 175448\n\
                    workingset_refault_anon 0\nworkingset_refault_file 0\nworkingset_activate_anon 0\n\
                    workingset_activate_file 0\nworkingset_restore_anon 0\nworkingset_restore_file 0\n\
                    workingset_nodereclaim 0\npgscan 0\npgsteal 0\npgscan_kswapd 0\npgscan_direct 0\npgsteal_kswapd 0\n\
                    pgsteal_direct 0\npgfault 2015\npgmajfault 2\npgrefill 0\npgactivate 37\npgdeactivate 0\n\
                    pglazyfree 0\npglazyfreed 0\nzswpin 0\nzswpout 0\n";
        let stat = memory_stat(text);
        assert_eq!((stat.rss, stat.cache, stat.kernel), (Some(57_344), Some(188_416), Some(225_280)));
        assert_eq!((stat.inactive_file, stat.pgfault, stat.pgmajfault), (Some(36_864), Some(2015), Some(2)));
        let mut devices = Vec::new();
        io_stat("98:0 rbytes=0 wbytes=524288000 rios=0 wios=16046 dbytes=0 dios=0\n", &mut devices);
        let io = Io { read_bytes: 0, write_bytes: 524_288_000, reads: 0, writes: 16_046 };
        assert_eq!(devices, [(Device { major: 98, minor: 0 }, io)]);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "([a-z_]{0,9}[ :=]?[0-9:]{0,22}[ \n]?){0,9}|\\PC{0,60}") {
            cpu_stat(&text);
            cpu_max(&text);
            memory_stat(&text);
            memory_events(&text);
            io_stat(&text, &mut Vec::new());
        }
    }
}
