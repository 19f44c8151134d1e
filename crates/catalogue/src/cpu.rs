//! Processor time of the host, from `/proc/stat`.

use crate::metric::{Group, Metric};

const GROUP: Group = Group::of("cpu", &["cpu"]);

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
];
