//! The files of a container's control groups, kept open between samples, and what one turn reads from them.

use std::path::PathBuf;

use super::kept::{Gone, Kept};
use super::limits::{LimitFiles, Limits};
use super::seldom::Seldom;
use crate::Error;
use crate::kernel::cgroup::{CpuTime, Device, Io, MemoryStat, Throttling, number};
use crate::kernel::cgroup_place::{Controller, Hierarchies, Place, Version};
use crate::kernel::{cgroup_v1, cgroup_v2};

/// What a container has used until now. Empty where the kernel does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// CPU time.
    pub cpu: Option<CpuTime>,
    /// Stops by a CPU quota.
    pub throttling: Option<Throttling>,
    /// Memory.
    pub memory: Memory,
    /// Whether there is a controller for block devices.
    pub counts_io: bool,
    /// Bytes and operations of each block device that was used.
    pub io: Vec<(Device, Io)>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// Memory of a container, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    /// All of it, page cache included.
    pub usage: Option<u64>,
    /// The most it ever was; in version 2 since kernel 5.19.
    pub max_usage: Option<u64>,
    /// How often it ran into its limit.
    pub failcnt: Option<u64>,
    /// How often it was slowed down over `memory.high`; version 2 alone.
    pub high: Option<u64>,
    /// How often it was at its limit and nothing could be taken back; version 2 alone.
    pub oom: Option<u64>,
    /// Processes killed for want of memory.
    pub oom_kill: Option<u64>,
    /// What it is made of. `swap` and `kernel` are filled in both versions.
    pub stat: MemoryStat,
}

impl Memory {
    /// What the kernel cannot take back at once: usage without inactive page cache, as `docker stats` shows it.
    pub(super) fn working_set(&self) -> Option<u64> {
        Some(self.usage?.saturating_sub(self.stat.inactive_file.unwrap_or(0)))
    }
}

/// The kept-open files of one container's groups; those that this kernel lacks are `None`.
#[derive(Debug, Default)]
pub(super) struct Files {
    cpu_time: Option<CpuTimeFiles>,
    /// v1 `cpu.stat`; in v2 it holds the times as well.
    throttling: Option<Kept>,
    memory: Option<MemoryFiles>,
    io: Option<IoFiles>,
    pids: Option<Kept>,
    /// Where the limits of CPU, memory and pids stand, which are read now and then.
    limits: LimitFiles,
    /// Where the pressure stands, which is read now and then.
    pressure: Option<[Seldom; 3]>,
}

#[derive(Debug)]
enum CpuTimeFiles {
    V1 { usage: Option<Kept>, stat: Option<Kept> },
    V2 { stat: Option<Kept> },
}

#[derive(Debug)]
struct MemoryFiles {
    version: Version,
    usage: Option<Kept>,
    stat: Option<Kept>,
    max_usage: Option<Kept>,
    /// v1 `memory.failcnt`, v2 `memory.events`.
    failures: Option<Kept>,
    /// v1 `memory.oom_control`, v2 `memory.swap.current`.
    other: Option<Kept>,
    /// v1 `memory.kmem.usage_in_bytes`; in v2 it is a line of `memory.stat`.
    kernel: Option<Kept>,
}

#[derive(Debug)]
enum IoFiles {
    V1 { bytes: Option<Kept>, operations: Option<Kept> },
    V2 { stat: Option<Kept> },
}

impl Files {
    /// Opens the files of the container whose first process has this `/proc/PID/cgroup`.
    ///
    /// `translate` turns a folder of `mountinfo` into one that this process can open.
    ///
    /// # Errors
    /// What kept a file that exists from being opened: no permission, too many open files.
    pub(super) fn open(
        hierarchies: &Hierarchies,
        cgroup: &str,
        container: &str,
        translate: impl Fn(&str) -> PathBuf,
    ) -> Result<Self, Error> {
        let place = |controller| {
            let places = hierarchies.places(cgroup, controller, container).into_iter();
            places
                .map(|place| (translate(&place.folder), place))
                .find(|(folder, _)| folder.is_dir())
                .map(|(folder, place)| Place { folder: folder.to_string_lossy().into_owned(), ..place })
        };
        let (cpu, memory, pids) = (place(Controller::Cpu), place(Controller::Memory), place(Controller::Pids));
        let throttling = match &cpu {
            Some(place) if place.version == Version::V1 => Kept::open(&place.folder, "cpu.stat")?,
            _ => None,
        };
        Ok(Self {
            cpu_time: place(Controller::Cpuacct).map(|place| CpuTimeFiles::open(&place)).transpose()?,
            throttling,
            memory: memory.as_ref().map(MemoryFiles::open).transpose()?,
            io: place(Controller::Blkio).map(|place| IoFiles::open(&place)).transpose()?,
            pids: pids.as_ref().map_or(Ok(None), |place| Kept::open(&place.folder, "pids.current"))?,
            limits: LimitFiles::of(cpu.as_ref(), memory.as_ref(), pids.as_ref()),
            pressure: place(Controller::Pressure)
                .map(|place| ["cpu.pressure", "memory.pressure", "io.pressure"].map(|file| Seldom::of(&place, file))),
        })
    }

    /// Nothing could be found: the groups are not mounted where this process can see them.
    pub(super) fn is_empty(&self) -> bool {
        self.cpu_time.is_none() && self.memory.is_none() && self.io.is_none() && self.pids.is_none()
    }

    /// Reads all of them into `usage`, by way of `buffer`.
    ///
    /// # Errors
    /// [`Gone`] when the groups are no more.
    pub(super) fn read(&self, buffer: &mut Vec<u8>, usage: &mut Usage) -> Result<(), Gone> {
        (usage.cpu, usage.throttling) = self.read_cpu(buffer)?;
        usage.memory = match &self.memory {
            Some(files) => files.read(buffer)?,
            None => Memory::default(),
        };
        usage.pids = Kept::ask(self.pids.as_ref(), buffer, number)?;
        usage.counts_io = self.io.is_some();
        usage.io.clear();
        match &self.io {
            Some(files) => files.read(buffer, &mut usage.io),
            None => Ok(()),
        }
    }

    fn read_cpu(&self, buffer: &mut Vec<u8>) -> Result<(Option<CpuTime>, Option<Throttling>), Gone> {
        match &self.cpu_time {
            Some(CpuTimeFiles::V1 { usage, stat }) => {
                let total = Kept::ask(usage.as_ref(), buffer, number)?;
                let ticks = Kept::ask(stat.as_ref(), buffer, cgroup_v1::cpuacct_stat)?;
                let throttling = Kept::ask(self.throttling.as_ref(), buffer, |text| Some(cgroup_v1::cpu_stat(text)))?;
                Ok((cpu_time(total, ticks), throttling))
            }
            Some(CpuTimeFiles::V2 { stat }) => {
                let both = Kept::ask(stat.as_ref(), buffer, |text| Some(cgroup_v2::cpu_stat(text)))?;
                Ok(both.unzip())
            }
            None => Ok((None, None)),
        }
    }

    /// Where CPU, memory and IO pressure stand; `None` where the kernel does not keep it.
    pub(super) fn pressure(&self) -> Option<&[Seldom; 3]> {
        self.pressure.as_ref()
    }

    /// Reads the limits, which `docker update` may change, from files opened for it.
    pub(super) fn limits(&self, buffer: &mut Vec<u8>) -> Limits {
        self.limits.read(buffer)
    }
}

/// In v1 the total is exact and its two parts come in clock ticks.
fn cpu_time(total: Option<u64>, ticks: Option<(u64, u64)>) -> Option<CpuTime> {
    let nanos = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    let (user, system) = ticks?;
    Some(CpuTime { total: total?, user: user.saturating_mul(nanos), system: system.saturating_mul(nanos) })
}

impl CpuTimeFiles {
    fn open(place: &Place) -> Result<Self, Error> {
        let open = |file| Kept::open(&place.folder, file);
        Ok(match place.version {
            Version::V1 => Self::V1 { usage: open("cpuacct.usage")?, stat: open("cpuacct.stat")? },
            Version::V2 => Self::V2 { stat: open("cpu.stat")? },
        })
    }
}

impl MemoryFiles {
    fn open(place: &Place) -> Result<Self, Error> {
        let [usage, max_usage, failures, other] = match place.version {
            Version::V1 => ["memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt", "memory.oom_control"],
            Version::V2 => ["memory.current", "memory.peak", "memory.events", "memory.swap.current"],
        };
        let open = |file| Kept::open(&place.folder, file);
        Ok(Self {
            version: place.version,
            usage: open(usage)?,
            stat: open("memory.stat")?,
            max_usage: open(max_usage)?,
            failures: open(failures)?,
            other: open(other)?,
            kernel: if place.version == Version::V1 { open("memory.kmem.usage_in_bytes")? } else { None },
        })
    }

    fn read(&self, buffer: &mut Vec<u8>) -> Result<Memory, Gone> {
        let [usage, stat, max_usage, failures, other] =
            [&self.usage, &self.stat, &self.max_usage, &self.failures, &self.other].map(Option::as_ref);
        let usage = Kept::ask(usage, buffer, number)?;
        let max_usage = Kept::ask(max_usage, buffer, number)?;
        match self.version {
            Version::V1 => {
                let mut stat = Kept::ask(stat, buffer, |text| Some(cgroup_v1::memory_stat(text)))?.unwrap_or_default();
                stat.kernel = Kept::ask(self.kernel.as_ref(), buffer, number)?;
                let failcnt = Kept::ask(failures, buffer, number)?;
                let oom_kill = Kept::ask(other, buffer, cgroup_v1::oom_kill)?;
                Ok(Memory { usage, max_usage, failcnt, oom_kill, stat, ..Memory::default() })
            }
            Version::V2 => {
                let mut stat = Kept::ask(stat, buffer, |text| Some(cgroup_v2::memory_stat(text)))?.unwrap_or_default();
                let events = Kept::ask(failures, buffer, |text| Some(cgroup_v2::memory_events(text)))?.unwrap_or_default();
                stat.swap = Kept::ask(other, buffer, number)?;
                let cgroup_v2::MemoryEvents { high, max, oom, oom_kill } = events;
                Ok(Memory { usage, max_usage, failcnt: max, high, oom, oom_kill, stat })
            }
        }
    }
}

impl IoFiles {
    fn open(place: &Place) -> Result<Self, Error> {
        let open = |file| Kept::open(&place.folder, file);
        Ok(match place.version {
            Version::V1 => Self::V1 { bytes: open("blkio.throttle.io_service_bytes")?, operations: open("blkio.throttle.io_serviced")? },
            Version::V2 => Self::V2 { stat: open("io.stat")? },
        })
    }

    fn read(&self, buffer: &mut Vec<u8>, devices: &mut Vec<(Device, Io)>) -> Result<(), Gone> {
        let mut ask = |file: &Option<Kept>, add: &mut dyn FnMut(&str)| {
            let done = Kept::ask(file.as_ref(), buffer, |text| {
                add(text);
                Some(())
            });
            done.map(drop)
        };
        match self {
            Self::V1 { bytes, operations } => {
                ask(bytes, &mut |text| cgroup_v1::blkio(text, cgroup_v1::Counts::Bytes, devices))?;
                ask(operations, &mut |text| cgroup_v1::blkio(text, cgroup_v1::Counts::Operations, devices))
            }
            Self::V2 { stat } => ask(stat, &mut |text| cgroup_v2::io_stat(text, devices)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::kernel::cgroup::Quota;

    const ID: &str = "59bfc5f995fa4a93a9edc94449955ddf645795c2a9f1a1a8ab404143e2783f3c";

    fn write(folder: &Path, files: &[(&str, &str)]) {
        std::fs::create_dir_all(folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    fn read(root: &Path, mountinfo: &str, cgroup: &str) -> (Usage, Limits) {
        let translate = |folder: &str| root.join(folder.trim_start_matches('/'));
        let files = Files::open(&Hierarchies::parse(mountinfo), cgroup, ID, translate).unwrap();
        let mut usage = Usage::default();
        files.read(&mut Vec::new(), &mut usage).unwrap();
        (usage, files.limits(&mut Vec::new()))
    }

    #[test]
    fn version_2_is_read_from_one_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sys/fs/cgroup/system.slice").join(format!("docker-{ID}.scope"));
        write(
            &folder,
            &[
                ("cpu.stat", "usage_usec 24446\nuser_usec 14702\nsystem_usec 9743\nnr_periods 31\nnr_throttled 12\nthrottled_usec 804\n"),
                ("cpu.max", "50000 100000\n"),
                ("memory.current", "573440\n"),
                ("memory.max", "67108864\n"),
                ("memory.stat", "anon 53248\nfile 8192\ninactive_file 3440\n"),
                ("memory.events", "low 0\nhigh 0\nmax 431\noom 2\noom_kill 1\n"),
                ("memory.swap.current", "4096\n"),
                ("io.stat", "253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n"),
                ("pids.current", "3\n"),
                ("pids.max", "max\n"),
            ],
        );
        let mounts = "26 23 0:24 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let (usage, limits) = read(root.path(), mounts, &format!("0::/system.slice/docker-{ID}.scope\n"));
        assert_eq!(usage.cpu, Some(CpuTime { total: 24_446_000, user: 14_702_000, system: 9_743_000 }));
        assert_eq!(usage.throttling, Some(Throttling { periods: 31, throttled_periods: 12, throttled_ns: 804_000 }));
        assert_eq!((usage.memory.usage, usage.memory.max_usage, usage.memory.working_set()), (Some(573_440), None, Some(570_000)));
        assert_eq!((usage.memory.failcnt, usage.memory.oom_kill, usage.memory.stat.swap), (Some(431), Some(1), Some(4096)));
        assert_eq!(usage.io.len(), 1);
        assert_eq!((usage.pids, limits.pids, limits.memory), (Some(3), None, Some(67_108_864)));
        assert_eq!(limits.cpu.map(Quota::cpus), Some(0.5));
    }

    #[test]
    fn a_hybrid_machine_is_read_from_both() {
        let root = tempfile::tempdir().unwrap();
        let cpuacct = [("cpuacct.usage", "19095729967\n"), ("cpuacct.stat", "user 1907\nsystem 2\n")];
        write(&root.path().join("sys/fs/cgroup/cpuacct/docker").join(ID), &cpuacct);
        write(&root.path().join("sys/fs/cgroup/unified/docker").join(ID), &[("pids.current", "1\n"), ("pids.max", "100\n")]);
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let (usage, limits) = read(root.path(), mounts, &format!("2:cpuacct:/docker/{ID}\n0::/docker/{ID}\n"));
        assert_eq!(usage.cpu.map(|time| (time.total, time.user)), Some((19_095_729_967, 19_070_000_000)));
        assert_eq!((usage.throttling, usage.memory, usage.counts_io), (None, Memory::default(), true));
        assert_eq!((usage.pids, limits.pids, limits.cpu), (Some(1), Some(100), None));
    }

    #[test]
    fn groups_that_cannot_be_seen_leave_it_empty() {
        let mounts = Hierarchies::parse("26 23 0:24 / /nowhere rw - cgroup2 cgroup2 rw\n");
        let files = Files::open(&mounts, &format!("0::/../docker-{ID}.scope\n"), ID, |folder| PathBuf::from(folder)).unwrap();
        assert!(files.is_empty());
    }
}
