//! The times at which alert instances are to be looked at, soonest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use event::Timestamp;

/// Times by instance. An instance whose time moved is in it twice; only the one that the instance itself names counts.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, u32, u32)>>,
}

impl Timers {
    /// Of one instant the rules come in their order: what holds others down is asked before these.
    pub(crate) fn push(&mut self, at: Timestamp, rule: u32, instance: u32) {
        self.heap.push(Reverse((at, rule, instance)));
    }

    #[inline]
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    pub(crate) fn pop(&mut self) -> Option<(Timestamp, u32)> {
        self.heap.pop().map(|Reverse((at, _, instance))| (at, instance))
    }

    pub(crate) fn clear(&mut self) {
        self.heap.clear();
    }
}
