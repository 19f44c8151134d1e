//! Memory and swap of the host, from `/proc/meminfo` and `/proc/vmstat`.

use crate::metric::{Group, Metric, Unit};

const MEMORY: Group = Group::of("mem", &[]);
const SWAPPING: Group = Group::of("swap", &[]);

const fn bytes(field: &'static str, about: &'static str) -> Metric {
    MEMORY.gauge(field, Unit::Bytes, about)
}

/// Memory.
pub(crate) const MEM: &[Metric] = &[
    bytes("total", "Memory that the kernel can use."),
    bytes("available", "Memory that programs can get without swapping, as the kernel estimates it."),
    bytes("used", "Memory in use: total less available."),
    MEMORY.percent("used_percent", "Share of the memory that is in use."),
    MEMORY.percent("available_percent", "Share of the memory that is available."),
    bytes("free", "Memory that holds nothing at all."),
    bytes("buffered", "Memory that holds blocks of raw disks."),
    bytes("cached", "Memory that holds contents of files, shared memory included."),
    bytes("active", "Memory used of late, which is given up last."),
    bytes("inactive", "Memory not used of late, which is given up first."),
    bytes("anon", "Memory of programs that no file stands behind."),
    bytes("mapped", "Contents of files that programs have mapped."),
    bytes("shared", "Shared memory and tmpfs files."),
    bytes("slab", "The kernel's own data structures."),
    bytes("sreclaimable", "The part of slab that can be given up."),
    bytes("sunreclaim", "The part of slab that cannot be given up."),
    bytes("page_tables", "Memory of the page tables."),
    bytes("dirty", "Memory that waits to be written to disk."),
    bytes("write_back", "Memory that is being written to disk."),
    bytes("swap_cached", "Memory that is in swap as well, from where it can be taken back without reading."),
    bytes("commit_limit", "Memory that may be promised to programs where overcommitting is off."),
    bytes("committed_as", "Memory that is promised to programs."),
    bytes("huge_page_size", "Size of one huge page."),
    MEMORY.gauge("huge_pages_total", Unit::Number, "Huge pages set aside."),
    MEMORY.gauge("huge_pages_free", Unit::Number, "Huge pages set aside that nobody uses."),
];

/// Swap.
pub(crate) const SWAP: &[Metric] = &[
    SWAPPING.gauge("total", Unit::Bytes, "Size of all swap areas."),
    SWAPPING.gauge("used", Unit::Bytes, "Swap in use."),
    SWAPPING.gauge("free", Unit::Bytes, "Swap that is free."),
    SWAPPING.percent("used_percent", "Share of the swap that is in use; 0 where there is no swap."),
    SWAPPING.counter("in", Unit::Bytes, "Bytes read back from swap since boot."),
    SWAPPING.counter("out", Unit::Bytes, "Bytes written to swap since boot."),
];
