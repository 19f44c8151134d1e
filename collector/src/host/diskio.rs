//! `diskio`: what block devices do.
//!
//! Whole devices only, as `/sys/block` lists them: what a partition does is in its disk's numbers too. Loop devices and RAM
//! disks are left out, and whatever has not done anything since boot.

use std::path::{Path, PathBuf};

use event::{Metric, Timestamp};

use super::listed::Listed;
use crate::kept::{File, Shape};
use crate::kernel::diskstats::{Device, devices};
use crate::{Error, Root, Sampler, Samples, Series, Turn, float, int};

const FIELDS: [&str; 14] = [
    "reads",
    "writes",
    "read_bytes",
    "write_bytes",
    "read_time",
    "write_time",
    "io_time",
    "weighted_io_time",
    "iops_in_progress",
    "merged_reads",
    "merged_writes",
    "io_util",
    "io_await",
    "io_svctm",
];

/// Devices of these names are no disks.
const NO_DISKS: [&str; 4] = ["loop", "ram", "zram", "fd"];

/// The open file and the devices in it.
#[derive(Debug)]
pub(super) struct Diskio {
    file: File,
    /// Lists whole devices; may be missing.
    block: PathBuf,
    devices: Listed<Option<Disk>>,
}

/// A device that is sampled.
#[derive(Debug)]
struct Disk {
    series: Series<14>,
    last: Option<Reading>,
}

/// What rates are made from.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reading {
    at: Timestamp,
    operations: u64,
    spent_ms: u64,
    busy_ms: u64,
}

impl Diskio {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        let file = File::open(root.proc("diskstats"), Shape::Records)?;
        Ok(Self { file, block: root.path("/sys/block"), devices: Listed::new() })
    }
}

impl Sampler for Diskio {
    fn name(&self) -> &'static str {
        "diskio"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.devices.begin();
        for device in devices(self.file.read(turn.buffer)?) {
            let disk = self.devices.entry(device.name, |name| is_disk(name, &self.block).then(|| Disk::new(name)));
            if let Some(Some(disk)) = disk {
                disk.put(&device, turn.now, out);
            }
        }
        self.devices.end();
        Ok(())
    }
}

/// Where `/sys` is not mounted every device counts as whole. In `/sys/block` a slash in a name is written as `!`.
fn is_disk(name: &str, block: &Path) -> bool {
    let is_none =
        NO_DISKS.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    !is_none && (block.join(name.replace('/', "!")).exists() || !block.exists())
}

impl Disk {
    fn new(name: &str) -> Self {
        Self { series: Series::of("diskio", name, FIELDS, &[("name", name)]), last: None }
    }

    fn put(&mut self, device: &Device<'_>, at: Timestamp, out: &mut Samples) {
        let operations = device.reads.saturating_add(device.writes);
        if operations == 0 {
            return;
        }
        let spent_ms = device.read_ms.saturating_add(device.write_ms);
        let now = Reading { at, operations, spent_ms, busy_ms: device.busy_ms };
        let last = self.last.replace(now);
        self.series.put(
            out,
            [
                int(device.reads),
                int(device.writes),
                int(device.read_bytes),
                int(device.write_bytes),
                int(device.read_ms),
                int(device.write_ms),
                int(device.busy_ms),
                int(device.weighted_ms),
                int(device.in_progress),
                int(device.merged_reads),
                int(device.merged_writes),
                last.and_then(|last| utilisation(last, now)),
                last.and_then(|last| wait(last, now)),
                last.and_then(|last| service(last, now)),
            ],
        );
    }
}

/// Percent of the time in which there was something to do. The kernel rounds to its ticks, so it may count a little more
/// time than has passed.
fn utilisation(last: Reading, now: Reading) -> Option<Metric> {
    let passed_ms = (now.at - last.at).micros() as f64 / 1000.0;
    let busy_ms = now.busy_ms.checked_sub(last.busy_ms)?;
    (passed_ms > 0.0).then(|| float((busy_ms as f64 * 100.0 / passed_ms).min(100.0)))?
}

/// Milliseconds for each request that was finished.
fn wait(last: Reading, now: Reading) -> Option<Metric> {
    let operations = now.operations.checked_sub(last.operations)?;
    let spent_ms = now.spent_ms.checked_sub(last.spent_ms)?;
    float(if operations == 0 { 0.0 } else { spent_ms as f64 / operations as f64 })
}

/// Milliseconds in which the device was busy for each request that was finished.
fn service(last: Reading, now: Reading) -> Option<Metric> {
    let operations = now.operations.checked_sub(last.operations)?;
    let busy_ms = now.busy_ms.checked_sub(last.busy_ms)?;
    float(if operations == 0 { 0.0 } else { busy_ms as f64 / operations as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(secs: i64, operations: u64, spent_ms: u64, busy_ms: u64) -> Reading {
        Reading { at: Timestamp::from_secs(secs), operations, spent_ms, busy_ms }
    }

    #[track_caller]
    fn check(last: Reading, now: Reading, util: Option<f64>, each: Option<f64>) {
        assert_eq!((utilisation(last, now), wait(last, now)), (util.and_then(float), each.and_then(float)));
    }

    #[test]
    fn use_and_wait_are_of_the_time_since_the_last_reading() {
        check(reading(0, 100, 1000, 500), reading(2, 140, 1100, 1000), Some(25.0), Some(2.5));
    }

    #[test]
    fn an_idle_disk_waits_for_nothing() {
        check(reading(0, 100, 1000, 500), reading(2, 100, 1000, 500), Some(0.0), Some(0.0));
    }

    #[test]
    fn use_is_a_hundred_percent_at_the_most() {
        check(reading(0, 0, 0, 0), reading(1, 1, 1008, 1008), Some(100.0), Some(1008.0));
    }

    #[test]
    fn counters_that_began_anew_and_clocks_that_stand_give_none() {
        check(reading(0, 100, 1000, 500), reading(1, 5, 7, 3), None, None);
        check(reading(1, 100, 1000, 500), reading(1, 100, 1000, 500), None, Some(0.0));
    }

    #[test]
    fn partitions_and_loop_devices_are_no_disks() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["vda", "dm-0", "cciss!c0d0", "loop0"] {
            std::fs::create_dir_all(folder.path().join("block").join(name)).unwrap();
        }
        let block = folder.path().join("block");
        let disks: Vec<&str> =
            ["vda", "vda1", "dm-0", "cciss/c0d0", "loop0", "ram7"].into_iter().filter(|name| is_disk(name, &block)).collect();
        assert_eq!(disks, ["vda", "dm-0", "cciss/c0d0"]);
        assert!(is_disk("vda1", &folder.path().join("no-sys")));
    }
}
