//! Filesystems (`statvfs`) and block devices (`/proc/diskstats`).

use crate::metric::{Group, Metric, Pace, Unit};

const MOUNT: Group = Group { measurement: "disk", attributes: &["path", "device", "fstype"], pace: Pace::Seconds(10) };
const DEVICE: Group = Group::of("diskio", &["name"]);

/// Each filesystem that is mounted from a disk.
pub(crate) const DISK: &[Metric] = &[
    MOUNT.gauge("total", Unit::Bytes, "Size of the filesystem."),
    MOUNT.gauge("free", Unit::Bytes, "Space that anybody can fill."),
    MOUNT.gauge("used", Unit::Bytes, "Space that is filled."),
    MOUNT.gauge("reserved", Unit::Bytes, "Free space that only root can fill."),
    MOUNT.percent("used_percent", "Filled share of what anybody can fill: used of used and free."),
    MOUNT.gauge("inodes_total", Unit::Number, "Files that the filesystem can hold; 0 where it sets no limit."),
    MOUNT.gauge("inodes_free", Unit::Number, "Files that can still be made."),
    MOUNT.gauge("inodes_used", Unit::Number, "Files that there are."),
    MOUNT.percent("inodes_used_percent", "Share of the possible files that there are.").needs("a filesystem that limits its files"),
];

/// Each block device.
pub(crate) const DISKIO: &[Metric] = &[
    DEVICE.counter("reads", Unit::Number, "Reads that were finished."),
    DEVICE.counter("writes", Unit::Number, "Writes that were finished."),
    DEVICE.counter("read_bytes", Unit::Bytes, "Bytes read."),
    DEVICE.counter("write_bytes", Unit::Bytes, "Bytes written."),
    DEVICE.counter("read_time", Unit::Milliseconds, "Time that reads took, each for itself."),
    DEVICE.counter("write_time", Unit::Milliseconds, "Time that writes took, each for itself."),
    DEVICE.counter("io_time", Unit::Milliseconds, "Time in which the device had something to do."),
    DEVICE.counter("weighted_io_time", Unit::Milliseconds, "Time that requests spent under way, added up over the requests."),
    DEVICE.gauge("iops_in_progress", Unit::Number, "Requests under way now."),
    DEVICE.counter("merged_reads", Unit::Number, "Reads that were joined with a neighbour before they were done."),
    DEVICE.counter("merged_writes", Unit::Number, "Writes that were joined with a neighbour before they were done."),
    DEVICE.percent("io_util", "Share of time since the last turn in which the device had something to do."),
    DEVICE.gauge("io_await", Unit::Milliseconds, "Time that a request took on average since the last turn; 0 when there was none.").float(),
    DEVICE
        .gauge(
            "io_svctm",
            Unit::Milliseconds,
            "Time that the device was busy for a request on average since the last turn; 0 when there was none.",
        )
        .float(),
];
