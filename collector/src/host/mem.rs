//! `mem`: what memory is used for.

use crate::kernel::meminfo::Meminfo;
use crate::{Samples, Series, float, int};

const FIELDS: [&str; 25] = [
    "total",
    "available",
    "used",
    "used_percent",
    "available_percent",
    "free",
    "buffered",
    "cached",
    "active",
    "inactive",
    "anon",
    "mapped",
    "shared",
    "slab",
    "sreclaimable",
    "sunreclaim",
    "page_tables",
    "dirty",
    "write_back",
    "swap_cached",
    "commit_limit",
    "committed_as",
    "huge_page_size",
    "huge_pages_total",
    "huge_pages_free",
];

/// Its series.
#[derive(Debug)]
pub(super) struct Mem(Series<25>);

impl Mem {
    pub(super) fn new() -> Self {
        Self(Series::plain("mem", FIELDS))
    }

    pub(super) fn put(&self, info: &Meminfo, out: &mut Samples) {
        let available = available(info);
        let used = info.total.zip(available).map(|(total, available)| total.saturating_sub(available));
        let share = |part: Option<u64>| float(part? as f64 * 100.0 / info.total? as f64);
        let bytes = |value: Option<u64>| value.and_then(int);
        self.0.put(
            out,
            [
                bytes(info.total),
                bytes(available),
                bytes(used),
                share(used),
                share(available),
                bytes(info.free),
                bytes(info.buffers),
                bytes(info.cached),
                bytes(info.active),
                bytes(info.inactive),
                bytes(info.anon),
                bytes(info.mapped),
                bytes(info.shared),
                bytes(info.slab),
                bytes(info.slab_reclaimable),
                bytes(info.slab_unreclaimable),
                bytes(info.page_tables),
                bytes(info.dirty),
                bytes(info.writeback),
                bytes(info.swap_cached),
                bytes(info.commit_limit),
                bytes(info.committed),
                bytes(info.huge_page_size),
                bytes(info.huge_pages_total),
                bytes(info.huge_pages_free),
            ],
        );
    }
}

/// The kernel's own estimate; before 3.14 what is free or holds contents of files.
fn available(info: &Meminfo) -> Option<u64> {
    info.available.or_else(|| Some(info.free?.saturating_add(info.buffers?).saturating_add(info.cached?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_kernels_available_is_what_could_be_given_up() {
        let info = Meminfo { free: Some(7), buffers: Some(2), cached: Some(3), ..Meminfo::default() };
        assert_eq!(available(&info), Some(12));
        assert_eq!(available(&Meminfo { available: Some(9), ..info }), Some(9));
        assert_eq!(available(&Meminfo::default()), None);
    }
}
