//! `processes`: tasks by state, as far as the kernel counts them itself. How many there are in all comes from
//! `/proc/loadavg` and is written by [`super::system`].

use crate::kernel::stat::Stat;
use crate::{Samples, Series, int};

/// Its series.
#[derive(Debug)]
pub(super) struct Processes(Series<2>);

impl Processes {
    pub(super) fn new() -> Self {
        Self(Series::plain("processes", ["running", "blocked"]))
    }

    pub(super) fn put(&self, stat: &Stat, out: &mut Samples) {
        self.0.put(out, [stat.running, stat.blocked].map(|value| value.and_then(int)));
    }
}
