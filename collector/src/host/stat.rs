//! Reads `/proc/stat` for `cpu`, `kernel` and `processes`.

use super::cpu::Cpu;
use super::kernel::Kernel;
use super::processes::Processes;
use crate::kept::{File, Shape};
use crate::kernel::stat::Stat;
use crate::{Error, Root, Sampler, Samples, Switches, Turn};

/// The open file and what it feeds.
#[derive(Debug)]
pub(super) struct StatFile {
    file: File,
    stat: Stat,
    cpu: Option<Cpu>,
    kernel: Option<Kernel>,
    processes: Option<Processes>,
}

impl StatFile {
    pub(super) fn open(root: &Root, switches: Switches) -> Result<Self, Error> {
        Ok(Self {
            file: File::open(root.proc("stat"), Shape::Whole)?,
            stat: Stat::default(),
            cpu: switches.cpu.then(|| Cpu::new(switches.per_core, switches.cpu_time)),
            kernel: switches.kernel.then(Kernel::new),
            processes: switches.processes.then(Processes::new),
        })
    }
}

impl Sampler for StatFile {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.stat.parse(self.file.read(turn.buffer)?);
        if let Some(cpu) = &mut self.cpu {
            cpu.put(&self.stat, out);
        }
        if let Some(kernel) = &self.kernel {
            kernel.put(&self.stat, out);
        }
        if let Some(processes) = &self.processes {
            processes.put(&self.stat, out);
        }
        if self.stat.total.is_none() {
            return Err(self.file.lacks("processor times"));
        }
        Ok(())
    }
}
