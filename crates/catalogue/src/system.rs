//! The machine as a whole: `/proc/loadavg`, `/proc/uptime` and the lower half of `/proc/stat`.

use crate::metric::{Group, Metric, Unit};

const MACHINE: Group = Group::of("system", &[]);
const COUNTED: Group = Group::of("kernel", &[]);
const TASKS: Group = Group::of("processes", &[]);

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
];

/// Counters of the kernel.
pub(crate) const KERNEL: &[Metric] = &[
    COUNTED.counter("context_switches", Unit::Number, "Switches from one task to another since boot."),
    COUNTED.counter("interrupts", Unit::Number, "Interrupts served since boot."),
    COUNTED.counter("processes_forked", Unit::Number, "Processes and threads started since boot."),
    COUNTED.gauge("boot_time", Unit::UnixSeconds, "When the machine was booted."),
];

/// Tasks by state.
pub(crate) const PROCESSES: &[Metric] = &[
    TASKS.gauge("running", Unit::Number, "Tasks that run or want to run."),
    TASKS.gauge("blocked", Unit::Number, "Tasks that wait for a disk and cannot be interrupted."),
    TASKS.gauge("total_threads", Unit::Number, "All tasks: every thread of every process."),
];
