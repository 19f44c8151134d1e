//! Reads `/proc/meminfo` and `/proc/vmstat` for `mem` and `swap`.

use super::mem::Mem;
use super::swap::Swap;
use crate::kept::{File, Shape};
use crate::kernel::meminfo::Meminfo;
use crate::kernel::vmstat::Vmstat;
use crate::{Error, Root, Sampler, Samples, Switches, Turn};

/// The open files and what they feed.
#[derive(Debug)]
pub(super) struct MemoryFiles {
    meminfo: File,
    vmstat: Option<File>,
    mem: Option<Mem>,
    swap: Option<Swap>,
}

impl MemoryFiles {
    pub(super) fn open(root: &Root, switches: Switches) -> Result<Self, Error> {
        Ok(Self {
            meminfo: File::open(root.proc("meminfo"), Shape::Whole)?,
            // A kernel may be built without it; then swap has no counters.
            vmstat: File::open(root.proc("vmstat"), Shape::Records).ok(),
            mem: switches.mem.then(Mem::new),
            swap: switches.swap.then(Swap::new),
        })
    }

    /// The file costs as much as all others together: where there is no swap it is not read.
    fn vmstat(&self, info: &Meminfo, buffer: &mut Vec<u8>) -> Result<Vmstat, Error> {
        match &self.vmstat {
            Some(file) if info.swap_total.is_some_and(|total| total > 0) => Ok(Vmstat::parse(file.read(buffer)?)),
            _ => Ok(Vmstat::default()),
        }
    }
}

impl Sampler for MemoryFiles {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let info = Meminfo::parse(self.meminfo.read(turn.buffer)?);
        if let Some(mem) = &self.mem {
            mem.put(&info, out);
        }
        if let Some(swap) = &self.swap {
            swap.put(&info, self.vmstat(&info, turn.buffer)?, out);
        }
        if info.total.is_none() {
            return Err(self.meminfo.lacks("MemTotal"));
        }
        Ok(())
    }
}
