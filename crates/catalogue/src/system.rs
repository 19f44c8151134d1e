//! The machine as a whole: `/proc/loadavg`, `/proc/uptime` and the lower half of `/proc/stat`.

use crate::metric::{Group, Metric, Pace, Unit};

const MACHINE: Group = Group::of("system", &[]);
const COUNTED: Group = Group::of("kernel", &[]);
const TASKS: Group = Group::of("processes", &[]);
const SLOW: Pace = Pace::Seconds(10);
const LISTED: Group = Group { pace: SLOW, ..TASKS };
const CHOSEN: Group = Group { measurement: "procstat", attributes: &["process_name"], pace: SLOW };
const RIGHTS: &str = "root, or the processes' own user";
const PAGING: Group = Group { measurement: "kernel_vmstat", attributes: &[], pace: Pace::Seconds(5) };
const POOLS: Group = Group { measurement: "hugepages_root", attributes: &["size_kb"], pace: SLOW };
const ARRAYS: Group = Group { measurement: "mdstat", attributes: &["name"], pace: SLOW };
const LIMITS: Group = Group { measurement: "linux_sysctl_fs", attributes: &[], pace: SLOW };
const HEAT: Group = Group { measurement: "temp", attributes: &["sensor"], pace: SLOW };
const FANS: Group = Group { measurement: "sensors", attributes: &["chip", "feature"], pace: SLOW };
const CLOCKS: Group = Group { measurement: "linux_cpu", attributes: &["cpu"], pace: SLOW };

/// Load and uptime.
pub(crate) const SYSTEM: &[Metric] = &[
    MACHINE.gauge("load1", Unit::Number, "Tasks that ran, wanted to run or waited for a disk, averaged over a minute.").float(),
    MACHINE.gauge("load5", Unit::Number, "The same, averaged over 5 minutes.").float(),
    MACHINE.gauge("load15", Unit::Number, "The same, averaged over 15 minutes.").float(),
    MACHINE.gauge("load1_per_cpu", Unit::Number, "load1 divided by the number of processors.").float(),
    MACHINE.gauge("load5_per_cpu", Unit::Number, "load5 divided by the number of processors.").float(),
    MACHINE.gauge("load15_per_cpu", Unit::Number, "load15 divided by the number of processors.").float(),
    MACHINE.gauge("n_cpus", Unit::Number, "Processors that are online."),
    MACHINE.gauge("uptime", Unit::Seconds, "Time since boot."),
    MACHINE.gauge("n_users", Unit::Number, "Sessions of users who are logged in.").pace(SLOW).needs("a system that keeps /run/utmp"),
    MACHINE.gauge("n_unique_users", Unit::Number, "Users who are logged in, each once.").pace(SLOW).needs("a system that keeps /run/utmp"),
    MACHINE.text("os_name", "The host's system, as /etc/os-release names it: Debian GNU/Linux 12 (bookworm).").pace(Pace::Seconds(60)),
    MACHINE.text("kernel_version", "The release of its kernel.").pace(Pace::Seconds(60)),
];

/// Counters of the kernel.
pub(crate) const KERNEL: &[Metric] = &[
    COUNTED.counter("context_switches", Unit::Number, "Switches from one task to another since boot."),
    COUNTED.counter("interrupts", Unit::Number, "Interrupts served since boot."),
    COUNTED.counter("processes_forked", Unit::Number, "Processes and threads started since boot."),
    COUNTED.gauge("boot_time", Unit::UnixSeconds, "When the machine was booted."),
    COUNTED.gauge("entropy_avail", Unit::Number, "Bits of randomness at hand; always 256 since kernel 5.18.").pace(SLOW),
];

/// Tasks by state.
pub(crate) const PROCESSES: &[Metric] = &[
    TASKS.gauge("running", Unit::Number, "Tasks that run or want to run."),
    TASKS.gauge("blocked", Unit::Number, "Tasks that wait for a disk and cannot be interrupted."),
    TASKS.gauge("total_threads", Unit::Number, "All tasks: every thread of every process."),
    LISTED.gauge("total", Unit::Number, "Processes."),
    LISTED.gauge("sleeping", Unit::Number, "Processes that wait for something."),
    LISTED.gauge("idle", Unit::Number, "Threads of the kernel that have nothing to do."),
    LISTED.gauge("stopped", Unit::Number, "Processes that were stopped or are traced."),
    LISTED.gauge("zombies", Unit::Number, "Processes that have ended and whose parent has not noticed."),
    LISTED.gauge("dead", Unit::Number, "Processes that are being taken away."),
    LISTED.gauge("paging", Unit::Number, "Processes that are being paged; kernels since 2.6 have none."),
    LISTED.gauge("parked", Unit::Number, "Threads of the kernel that are parked."),
];

/// Processes of the user's choice.
pub(crate) const PROCSTAT: &[Metric] = &[
    CHOSEN.gauge("pid_count", Unit::Number, "Processes that match and have not ended."),
    CHOSEN.percent("cpu_usage", "Processor time in percent of one core; of several cores more than 100."),
    CHOSEN.counter("cpu_time_user", Unit::Seconds, "Processor time outside the kernel.").float(),
    CHOSEN.counter("cpu_time_system", Unit::Seconds, "Processor time in the kernel.").float(),
    CHOSEN.gauge("memory_rss", Unit::Bytes, "Memory in use; what processes share counts for each."),
    CHOSEN.gauge("memory_vms", Unit::Bytes, "Size of the address spaces."),
    CHOSEN.gauge("num_threads", Unit::Number, "Threads."),
    CHOSEN.gauge("num_fds", Unit::Number, "Open files.").needs(RIGHTS),
    CHOSEN.counter("minor_faults", Unit::Number, "Page faults that read nothing from a disk."),
    CHOSEN.counter("major_faults", Unit::Number, "Page faults that had to read from a disk."),
    CHOSEN.counter("voluntary_context_switches", Unit::Number, "Times that a process' first thread had nothing to do."),
    CHOSEN.counter("involuntary_context_switches", Unit::Number, "Times that another task was let in before a process' first thread."),
    CHOSEN.counter("read_bytes", Unit::Bytes, "Read from disks, by children that have ended, too.").needs(RIGHTS),
    CHOSEN.counter("write_bytes", Unit::Bytes, "Written to disks, by children that have ended, too.").needs(RIGHTS),
    CHOSEN.counter("read_count", Unit::Number, "Calls that read.").needs(RIGHTS),
    CHOSEN.counter("write_count", Unit::Number, "Calls that wrote.").needs(RIGHTS),
];

/// Paging.
pub(crate) const VMSTAT: &[Metric] = &[
    PAGING.counter("pgpgin", Unit::Number, "KiB read from block devices."),
    PAGING.counter("pgpgout", Unit::Number, "KiB written to block devices."),
    PAGING.counter("pswpin", Unit::Number, "Pages read back from swap."),
    PAGING.counter("pswpout", Unit::Number, "Pages written to swap."),
    PAGING.counter("pgfault", Unit::Number, "Page faults."),
    PAGING.counter("pgmajfault", Unit::Number, "Page faults that had to read from a disk."),
    PAGING.counter("pgscan_kswapd", Unit::Number, "Pages that the kernel looked at in the background to free memory."),
    PAGING.counter("pgscan_direct", Unit::Number, "Pages that a process had to look at itself because memory was short."),
    PAGING.counter("pgsteal_kswapd", Unit::Number, "Pages freed in the background."),
    PAGING.counter("pgsteal_direct", Unit::Number, "Pages that a process had to free itself."),
    PAGING.counter("oom_kill", Unit::Number, "Processes killed for want of memory.").needs("kernel 4.13"),
];

/// Open files and inodes.
pub(crate) const SYSCTL_FS: &[Metric] = &[
    LIMITS.gauge("file-nr", Unit::Number, "Files that are open."),
    LIMITS.gauge("file-max", Unit::Number, "The most that can be."),
    LIMITS.percent("file_used_percent", "Share of the possible open files that are open."),
    LIMITS.gauge("inode-nr", Unit::Number, "Inodes in memory."),
    LIMITS.gauge("inode-free-nr", Unit::Number, "Inodes in memory that nobody uses."),
    LIMITS.gauge("dentry-nr", Unit::Number, "Names of files in memory."),
];

/// Interrupts.
pub(crate) const INTERRUPTS: &[Metric] = &[Group::of("interrupts", &["irq"])
    .counter("total", Unit::Number, "Interrupts of this kind since boot.")
    .needs("the setting samplers.irq")];

/// Their deferred parts.
pub(crate) const SOFT_INTERRUPTS: &[Metric] = &[Group::of("soft_interrupts", &["irq"])
    .counter("total", Unit::Number, "Soft interrupts of this kind since boot.")
    .needs("the setting samplers.softirq")];

/// Pools of huge pages.
pub(crate) const HUGEPAGES: &[Metric] = &[
    POOLS.gauge("total", Unit::Number, "Pages of this size in the pool.").needs("the setting samplers.hugepages"),
    POOLS.gauge("free", Unit::Number, "Those that nobody uses.").needs("the setting samplers.hugepages"),
    POOLS.gauge("reserved", Unit::Number, "Those that are promised and not yet used.").needs("the setting samplers.hugepages"),
    POOLS.gauge("surplus", Unit::Number, "Those beyond the pool's size.").needs("the setting samplers.hugepages"),
];

/// Arrays of disks.
pub(crate) const MDSTAT: &[Metric] = &[
    ARRAYS.gauge("active", Unit::Flag, "Whether the array runs.").needs("the setting samplers.md"),
    ARRAYS.gauge("blocks_total", Unit::Number, "KiB that it holds.").needs("the setting samplers.md"),
    ARRAYS.gauge("disks_total", Unit::Number, "Disks that it should have.").needs("an array that survives the loss of a disk"),
    ARRAYS.gauge("disks_active", Unit::Number, "Those of them that work.").needs("an array that survives the loss of a disk"),
    ARRAYS.gauge("disks_failed", Unit::Number, "Disks that have failed.").needs("the setting samplers.md"),
    ARRAYS.gauge("disks_spare", Unit::Number, "Disks that wait for another to fail.").needs("the setting samplers.md"),
    ARRAYS.percent("sync_percent", "How far a resync, a recovery, a reshape or a check is.").needs("an array that does one of them"),
];

/// Temperatures.
pub(crate) const TEMP: &[Metric] =
    &[HEAT.gauge("temp", Unit::Number, "Temperature in degrees Celsius.").float().needs("sensors; virtual machines have none")];

/// Fans.
pub(crate) const SENSORS: &[Metric] =
    &[FANS.gauge("fan_input", Unit::Number, "Turns of a fan each minute.").needs("fans that the kernel can see")];

/// Frequencies.
pub(crate) const LINUX_CPU: &[Metric] =
    &[CLOCKS.gauge("scaling_cur_freq", Unit::Number, "Frequency of the processor in kHz.").needs("a driver that sets it")];
