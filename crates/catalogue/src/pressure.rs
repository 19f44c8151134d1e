//! Pressure stall information: how long tasks stood still for want of a resource, from `/proc/pressure`.

use crate::metric::{Group, Metric, Unit};

const GROUP: Group = Group::of("pressure", &["resource", "type"]);
const PSI: &str = "kernel 4.20 with PSI on; 5.13 for cpu-full";

/// For each of cpu, memory and io: `some` tasks stood still, or all (`full`).
pub(crate) const PRESSURE: &[Metric] = &[
    GROUP.percent("avg10", "Share of time in which tasks stood still, averaged over 10 seconds.").needs(PSI),
    GROUP.percent("avg60", "Share of time in which tasks stood still, averaged over a minute.").needs(PSI),
    GROUP.percent("avg300", "Share of time in which tasks stood still, averaged over 5 minutes.").needs(PSI),
    GROUP.counter("total", Unit::Microseconds, "Time in which tasks stood still, since boot.").needs(PSI),
];
