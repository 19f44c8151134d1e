//! `mdstat`: arrays of disks; off unless asked for.

use event::Duration;

use super::listed::Listed;
use crate::kept::{File, Shape};
use crate::kernel::mdstat::{Array, arrays};
use crate::{Error, Root, Sampler, Samples, Series, Turn, float, int};

const EVERY: Duration = Duration::from_secs(10);
const FIELDS: [&str; 7] = ["active", "blocks_total", "disks_total", "disks_active", "disks_failed", "disks_spare", "sync_percent"];

/// The open file and the arrays in it.
#[derive(Debug)]
pub(super) struct Mdstat {
    file: File,
    arrays: Listed<Series<7>>,
}

impl Mdstat {
    pub(super) fn open(root: &Root) -> Result<Self, Error> {
        Ok(Self { file: File::open(root.proc("mdstat"), Shape::Records)?, arrays: Listed::new() })
    }
}

impl Sampler for Mdstat {
    fn name(&self) -> &'static str {
        "mdstat"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.arrays.begin();
        for array in arrays(self.file.read(turn.buffer)?) {
            if let Some(series) = self.arrays.entry(array.name, |name| Series::of("mdstat", name, FIELDS, &[("name", name)])) {
                let Array { is_active, failed, spare, blocks, disks, progress, .. } = array;
                let [total, working] = disks.map_or([None; 2], |disks| disks.map(Some));
                let int_of = |value: Option<u64>| value.and_then(int);
                series.put(
                    out,
                    [
                        int(u64::from(is_active)),
                        int_of(blocks),
                        int_of(total),
                        int_of(working),
                        int(failed),
                        int(spare),
                        progress.and_then(float),
                    ],
                );
            }
        }
        self.arrays.end();
        Ok(())
    }
}
