//! `processes`: how many there are in each state.

use crate::{Samples, Series, int};

const FIELDS: [&str; 8] = ["total", "sleeping", "idle", "stopped", "zombies", "dead", "paging", "parked"];

/// The counts of a turn and the series.
#[derive(Debug)]
pub(super) struct ProcessStates {
    counts: [u64; 8],
    series: Series<8>,
}

impl ProcessStates {
    pub(super) fn new() -> Self {
        Self { counts: [0; 8], series: Series::plain("processes", FIELDS) }
    }

    /// Begins a turn.
    pub(super) fn begin(&mut self) {
        self.counts = [0; 8];
    }

    /// Counts a process. What runs or is blocked is counted by the kernel itself, each turn.
    pub(super) fn see(&mut self, state: u8) {
        let [total, sleeping, idle, stopped, zombies, dead, paging, parked] = &mut self.counts;
        *total += 1;
        match state {
            b'S' => *sleeping += 1,
            b'I' => *idle += 1,
            b'T' | b't' => *stopped += 1,
            b'Z' => *zombies += 1,
            b'X' | b'x' => *dead += 1,
            b'W' => *paging += 1,
            b'P' => *parked += 1,
            _ => {}
        }
    }

    pub(super) fn put(&self, out: &mut Samples) {
        self.series.put(out, self.counts.map(int));
    }

    #[cfg(test)]
    pub(super) fn counts(&self) -> [u64; 8] {
        self.counts
    }
}
