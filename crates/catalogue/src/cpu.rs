//! Processor time of the host, from `/proc/stat`.

use crate::metric::{Group, Metric, Unit};

const GROUP: Group = Group::of("cpu", &["cpu"]);

const fn time(field: &'static str, about: &'static str) -> Metric {
    GROUP.counter(field, Unit::Seconds, about).float().needs("the setting samplers.cpu_time")
}

/// Shares of the time since the last turn: of all processors together (`cpu=cpu-total`) and of each.
pub(crate) const CPU: &[Metric] = &[
    GROUP.percent("usage_active", "Share of time in which the processor was not idle; waiting for a disk counts, as in Telegraf."),
    GROUP.percent("usage_user", "Share of time in programs, those of a lowered priority left out."),
    GROUP.percent("usage_system", "Share of time in the kernel on behalf of programs."),
    GROUP.percent("usage_idle", "Share of time in which there was nothing to do."),
    GROUP.percent("usage_iowait", "Share of time in which there was nothing to do but wait for a disk."),
    GROUP.percent("usage_nice", "Share of time in programs of a lowered priority."),
    GROUP.percent("usage_irq", "Share of time in handlers of hardware interrupts."),
    GROUP.percent("usage_softirq", "Share of time in the deferred part of interrupts, mostly network."),
    GROUP.percent("usage_steal", "Share of time in which the hypervisor ran somebody else."),
    GROUP.percent("usage_guest", "Share of time in virtual machines that run here; it is not part of usage_user."),
    GROUP.percent("usage_guest_nice", "Share of time in virtual machines of a lowered priority; it is not part of usage_nice."),
    time("time_active", "Time since boot in which the processor was not idle."),
    time("time_user", "Time since boot in programs, virtual machines among them."),
    time("time_system", "Time since boot in the kernel on behalf of programs."),
    time("time_idle", "Time since boot in which there was nothing to do."),
    time("time_iowait", "Time since boot in which there was nothing to do but wait for a disk; it may go back."),
    time("time_nice", "Time since boot in programs of a lowered priority, virtual machines among them."),
    time("time_irq", "Time since boot in handlers of hardware interrupts."),
    time("time_softirq", "Time since boot in the deferred part of interrupts."),
    time("time_steal", "Time since boot in which the hypervisor ran somebody else."),
    time("time_guest", "Time since boot in virtual machines."),
    time("time_guest_nice", "Time since boot in virtual machines of a lowered priority."),
];
