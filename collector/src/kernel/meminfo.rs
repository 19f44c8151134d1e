//! `/proc/meminfo`: what memory and swap are used for.

use super::number::{lines, whole, words};

/// Bytes, or a number of pages for the two counts of huge pages. `None` is a line that this kernel does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meminfo {
    /// `MemTotal`
    pub total: Option<u64>,
    /// `MemFree`
    pub free: Option<u64>,
    /// `MemAvailable`; since 3.14.
    pub available: Option<u64>,
    /// `Buffers`
    pub buffers: Option<u64>,
    /// `Cached`
    pub cached: Option<u64>,
    /// `SwapCached`
    pub swap_cached: Option<u64>,
    /// `Active`
    pub active: Option<u64>,
    /// `Inactive`
    pub inactive: Option<u64>,
    /// `SwapTotal`
    pub swap_total: Option<u64>,
    /// `SwapFree`
    pub swap_free: Option<u64>,
    /// `Dirty`
    pub dirty: Option<u64>,
    /// `Writeback`
    pub writeback: Option<u64>,
    /// `AnonPages`
    pub anon: Option<u64>,
    /// `Mapped`
    pub mapped: Option<u64>,
    /// `Shmem`
    pub shared: Option<u64>,
    /// `Slab`
    pub slab: Option<u64>,
    /// `SReclaimable`
    pub slab_reclaimable: Option<u64>,
    /// `SUnreclaim`
    pub slab_unreclaimable: Option<u64>,
    /// `PageTables`
    pub page_tables: Option<u64>,
    /// `CommitLimit`
    pub commit_limit: Option<u64>,
    /// `Committed_AS`
    pub committed: Option<u64>,
    /// `HugePages_Total`, a number of pages.
    pub huge_pages_total: Option<u64>,
    /// `HugePages_Free`, a number of pages.
    pub huge_pages_free: Option<u64>,
    /// `Hugepagesize`
    pub huge_page_size: Option<u64>,
}

impl Meminfo {
    /// Reads the text.
    pub fn parse(text: &[u8]) -> Self {
        let mut info = Self::default();
        for line in lines(text) {
            let mut words = words(line);
            let slot = words.next().and_then(|key| key.strip_suffix(b":")).and_then(|key| info.slot(key));
            if let Some(slot) = slot {
                *slot = quantity(words);
            }
        }
        info
    }

    fn slot(&mut self, key: &[u8]) -> Option<&mut Option<u64>> {
        Some(match key {
            b"MemTotal" => &mut self.total,
            b"MemFree" => &mut self.free,
            b"MemAvailable" => &mut self.available,
            b"Buffers" => &mut self.buffers,
            b"Cached" => &mut self.cached,
            b"SwapCached" => &mut self.swap_cached,
            b"Active" => &mut self.active,
            b"Inactive" => &mut self.inactive,
            b"SwapTotal" => &mut self.swap_total,
            b"SwapFree" => &mut self.swap_free,
            b"Dirty" => &mut self.dirty,
            b"Writeback" => &mut self.writeback,
            b"AnonPages" => &mut self.anon,
            b"Mapped" => &mut self.mapped,
            b"Shmem" => &mut self.shared,
            b"Slab" => &mut self.slab,
            b"SReclaimable" => &mut self.slab_reclaimable,
            b"SUnreclaim" => &mut self.slab_unreclaimable,
            b"PageTables" => &mut self.page_tables,
            b"CommitLimit" => &mut self.commit_limit,
            b"Committed_AS" => &mut self.committed,
            b"HugePages_Total" => &mut self.huge_pages_total,
            b"HugePages_Free" => &mut self.huge_pages_free,
            b"Hugepagesize" => &mut self.huge_page_size,
            _ => return None,
        })
    }
}

/// `24684084 kB`, or a bare number.
fn quantity<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Option<u64> {
    let number = whole(words.next()?)?;
    match words.next() {
        Some(b"kB") => number.checked_mul(1024),
        Some(_) => None,
        None => Some(number),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KERNEL_6: &[u8] = b"\
MemTotal:       24684084 kB
MemFree:        22144076 kB
MemAvailable:   23524616 kB
Active(anon):       1596 kB
Shmem:              8872 kB
Committed_AS:     506200 kB
VmallocTotal:   34359738367 kB
HugePages_Total:       3
Hugepagesize:       2048 kB
DirectMap1G:    25165824 kB
";

    #[track_caller]
    fn check(text: &[u8], expected: Meminfo) {
        assert_eq!(Meminfo::parse(text), expected);
    }

    #[test]
    fn kilobytes_become_bytes_and_counts_stay() {
        let expected = Meminfo {
            total: Some(24_684_084 * 1024),
            free: Some(22_144_076 * 1024),
            available: Some(23_524_616 * 1024),
            shared: Some(8872 * 1024),
            committed: Some(506_200 * 1024),
            huge_pages_total: Some(3),
            huge_page_size: Some(2048 * 1024),
            ..Meminfo::default()
        };
        check(KERNEL_6, expected);
    }

    #[test]
    fn an_old_kernel_has_no_available() {
        let expected = Meminfo { total: Some(1024 * 1024), free: Some(512 * 1024), ..Meminfo::default() };
        check(b"MemTotal:   1024 kB\nMemFree:   512 kB\n", expected);
    }

    #[test]
    fn what_is_cut_off_or_odd_is_none() {
        check(b"", Meminfo::default());
        check(b"MemTotal:", Meminfo::default());
        check(b"MemTotal: x kB\nMemFree: 7 MB\nCached 7 kB\nSlab: 18446744073709551615 kB\n", Meminfo::default());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..KERNEL_6.len()) {
            Meminfo::parse(&bytes);
            Meminfo::parse(KERNEL_6.get(..cut).unwrap());
        }
    }
}
