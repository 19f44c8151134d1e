//! How long a container's processes stood still for want of CPU, memory or IO: `cpu.pressure` and so on, in version 2 groups.

use super::series::{Out, Series, Value};
use crate::kernel::pressure::{Pressure, Stall};

/// Hands out what such a file says, in the series of what it is about.
pub(super) fn put(text: &str, series: &mut Series, out: &mut impl Out) {
    let Pressure { some, full } = Pressure::parse(text.as_bytes());
    let avg10 = |stall: Option<Stall>| stall.and_then(|stall| Value::float(stall.avg10));
    let total = |stall: Option<Stall>| stall.map(|stall| Value::int(stall.total));
    series.put(
        out,
        &[
            ("pressure_some_avg10", avg10(some)),
            ("pressure_some_total", total(some)),
            ("pressure_full_avg10", avg10(full)),
            ("pressure_full_total", total(full)),
        ],
    );
}
