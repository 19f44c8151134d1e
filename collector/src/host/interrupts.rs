//! `interrupts` and `soft_interrupts`: each kind by itself; off unless asked for.

use super::listed::Listed;
use crate::kept::{File, Shape};
use crate::kernel::interrupts::kinds;
use crate::{Error, Root, Sampler, Samples, Series, Turn, int};

/// The open file and the kinds in it.
#[derive(Debug)]
pub(super) struct Interrupts {
    measurement: &'static str,
    file: File,
    kinds: Listed<Series<1>>,
}

impl Interrupts {
    /// Those of devices.
    pub(super) fn hard(root: &Root) -> Result<Self, Error> {
        Self::open("interrupts", root, "interrupts")
    }

    /// Their deferred parts.
    pub(super) fn soft(root: &Root) -> Result<Self, Error> {
        Self::open("soft_interrupts", root, "softirqs")
    }

    fn open(measurement: &'static str, root: &Root, file: &str) -> Result<Self, Error> {
        Ok(Self { measurement, file: File::open(root.proc(file), Shape::Records)?, kinds: Listed::new() })
    }
}

impl Sampler for Interrupts {
    fn name(&self) -> &'static str {
        self.measurement
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let mut n_kinds = 0;
        self.kinds.begin();
        for line in kinds(self.file.read(turn.buffer)?) {
            n_kinds += 1;
            if let Some(series) = self.kinds.entry(line.name, |name| Series::of(self.measurement, name, ["total"], &[("irq", name)])) {
                series.put(out, [int(line.total)]);
            }
        }
        self.kinds.end();
        if n_kinds == 0 {
            return Err(self.file.lacks("interrupts"));
        }
        Ok(())
    }
}
