//! `swap`: how much there is, and what goes in and out.

use crate::kernel::meminfo::Meminfo;
use crate::kernel::vmstat::Vmstat;
use crate::{Samples, Series, float, int};

/// Its series.
#[derive(Debug)]
pub(super) struct Swap {
    series: Series<6>,
    page_size: u64,
}

impl Swap {
    pub(super) fn new() -> Self {
        let series = Series::plain("swap", ["total", "used", "free", "used_percent", "in", "out"]);
        Self { series, page_size: rustix::param::page_size() as u64 }
    }

    pub(super) fn put(&self, info: &Meminfo, vmstat: Vmstat, out: &mut Samples) {
        let (Some(total), Some(free)) = (info.swap_total, info.swap_free) else { return };
        let used = total.saturating_sub(free);
        let percent = if total == 0 { 0.0 } else { used as f64 * 100.0 / total as f64 };
        let bytes = |pages: Option<u64>| int(pages?.saturating_mul(self.page_size));
        let values = [int(total), int(used), int(free), float(percent), bytes(vmstat.swapped_in), bytes(vmstat.swapped_out)];
        self.series.put(out, values);
    }
}
