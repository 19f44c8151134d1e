//! Timers of steps: due in the order of their times, those of one instant in the order in which they were started.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use event::{Duration, Timestamp};

use crate::snapshot::{Reader, SnapshotError, Writer};

const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// The timer of one step in one branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timer {
    pub(super) due: Timestamp,
    /// Under which time it stands in the heap; never later than `due`.
    filed: Timestamp,
    id: u64,
}

impl Default for Timer {
    fn default() -> Self {
        Self { due: NEVER, filed: NEVER, id: 0 }
    }
}

impl Timer {
    pub(super) fn is_running(&self) -> bool {
        self.due != NEVER
    }

    pub(super) fn stop(&mut self) {
        self.due = NEVER;
    }

    pub(super) fn shift(&mut self, by: Duration) {
        if self.is_running() {
            self.due = self.due + by;
        }
        self.filed = NEVER;
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.due);
        writer.u64(self.id);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { due: reader.time()?, filed: NEVER, id: reader.u64()? })
    }
}

/// Where a timer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Filed {
    pub(super) due: Timestamp,
    id: u64,
    pub(super) branch: u32,
    pub(super) slot: u32,
}

/// All timers of all branches.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<Filed>>,
    pub(super) next_id: u64,
}

impl Timers {
    /// Starts a timer.
    pub(super) fn start(&mut self, timer: &mut Timer, due: Timestamp, branch: u32, slot: u32) {
        self.next_id += 1;
        timer.id = self.next_id;
        timer.filed = NEVER;
        self.set(timer, due, branch, slot);
    }

    /// Moves a timer that was started.
    pub(super) fn set(&mut self, timer: &mut Timer, due: Timestamp, branch: u32, slot: u32) {
        timer.due = due;
        if due < timer.filed {
            timer.filed = due;
            self.heap.push(Reverse(Filed { due, id: timer.id, branch, slot }));
        }
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(filed)| filed.due)
    }

    pub(super) fn pop(&mut self) -> Option<Filed> {
        self.heap.pop().map(|Reverse(filed)| filed)
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
    }

    /// Whether the timer, which was taken from the heap, is due; one that was moved on is filed anew.
    pub(super) fn is_due(&mut self, timer: &mut Timer, filed: Filed) -> bool {
        if timer.id != filed.id || timer.filed != filed.due {
            return false;
        }
        timer.filed = NEVER;
        if timer.due > filed.due {
            if timer.is_running() {
                self.set(timer, timer.due, filed.branch, filed.slot);
            }
            return false;
        }
        timer.due = NEVER;
        true
    }
}
