//! `/proc/diskstats`: what block devices have done since boot.

use super::number::{fill, lines, words};

/// A sector is 512 bytes here, whatever the device has.
const SECTOR: u64 = 512;

/// One device. All but the requests under way only grow, until the device goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Device<'a> {
    /// `vda`, `nvme0n1p1`, `dm-0`
    pub name: &'a [u8],
    /// Reads finished.
    pub reads: u64,
    /// Reads joined with a neighbour.
    pub merged_reads: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Milliseconds that reads took, each for itself.
    pub read_ms: u64,
    /// Writes finished.
    pub writes: u64,
    /// Writes joined with a neighbour.
    pub merged_writes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Milliseconds that writes took, each for itself.
    pub write_ms: u64,
    /// Requests under way now.
    pub in_progress: u64,
    /// Milliseconds in which there was something to do.
    pub busy_ms: u64,
    /// Milliseconds that requests spent under way, added up over the requests.
    pub weighted_ms: u64,
}

/// The devices, in the kernel's order; lines that are cut off are passed over. Discards (since 4.18) and flushes (5.5) are
/// not read.
pub fn devices(text: &[u8]) -> impl Iterator<Item = Device<'_>> {
    lines(text).filter_map(device)
}

/// Partitions of kernels before 2.6.25 have four columns only: they are no devices to us.
fn device(line: &[u8]) -> Option<Device<'_>> {
    let mut words = words(line).skip(2);
    let name = words.next()?;
    let mut slots = [0; 11];
    if fill(words, &mut slots) < slots.len() {
        return None;
    }
    let [reads, merged_reads, read, read_ms, writes, merged_writes, written, write_ms, in_progress, busy_ms, weighted_ms] = slots;
    let (read_bytes, write_bytes) = (read.saturating_mul(SECTOR), written.saturating_mul(SECTOR));
    Some(Device {
        name,
        reads,
        merged_reads,
        read_bytes,
        read_ms,
        writes,
        merged_writes,
        write_bytes,
        write_ms,
        in_progress,
        busy_ms,
        weighted_ms,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VDA: &str = " 254       0 vda 190787 38479 23848394 196556 23258 76226 25117672 127381 2 29484 325332";

    fn vda() -> Device<'static> {
        Device {
            name: b"vda",
            reads: 190_787,
            merged_reads: 38479,
            read_bytes: 23_848_394 * 512,
            read_ms: 196_556,
            writes: 23258,
            merged_writes: 76226,
            write_bytes: 25_117_672 * 512,
            write_ms: 127_381,
            in_progress: 2,
            busy_ms: 29484,
            weighted_ms: 325_332,
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[Device<'_>]) {
        assert_eq!(devices(text.as_bytes()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn kernels_differ_in_what_follows_the_eleven_columns() {
        check(&format!("{VDA}\n"), &[vda()]);
        check(&format!("{VDA} 8244 38 960784 1255\n"), &[vda()]);
        check(&format!("{VDA} 8244 38 960784 1255 1857 138\n"), &[vda()]);
    }

    #[test]
    fn each_line_is_a_device() {
        let idle = Device { name: b"loop0", ..Device::default() };
        check(&format!("   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n{VDA}\n"), &[idle, vda()]);
    }

    #[test]
    fn lines_that_are_cut_off_are_passed_over() {
        check("", &[]);
        check(" 254 0 vda 190787 38479 23848394\n 254 0\n 254 0 vda 1 2 3 4 5 6 7 8 9 x 11\n", &[]);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cut in 0..VDA.len()) {
            devices(&bytes).count();
            devices(VDA.get(..cut).unwrap().as_bytes()).count();
        }
    }
}
