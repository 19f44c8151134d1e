//! `kernel`: counters since boot.

use crate::kernel::stat::Stat;
use crate::{Samples, Series, int};

/// Its series.
#[derive(Debug)]
pub(super) struct Kernel(Series<4>);

impl Kernel {
    pub(super) fn new() -> Self {
        Self(Series::plain("kernel", ["context_switches", "interrupts", "processes_forked", "boot_time"]))
    }

    pub(super) fn put(&self, stat: &Stat, out: &mut Samples) {
        let Stat { context_switches, interrupts, forks, boot_time, .. } = stat;
        self.0.put(out, [context_switches, interrupts, forks, boot_time].map(|value| value.and_then(int)));
    }
}
