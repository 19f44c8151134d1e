//! What the engine's thread tells about itself, for other threads to read at any time.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use event::Timestamp;

macro_rules! stats {
    ($($(#[$about:meta])* $name:ident,)*) => {
        /// Numbers that the engine's thread sets after each turn; read without order among them.
        #[derive(Debug, Default)]
        pub struct Stats {
            now: AtomicI64,
            $($(#[$about])* pub $name: AtomicU64,)*
        }
    };
}

stats! {
    /// Events applied, those of rules included.
    events,
    /// Messages applied.
    messages,
    /// Events marked late by their sender.
    late,
    /// Events of new series beyond the limit.
    overflow,
    /// Events whose lost service was made of their attributes.
    rebuilt,
    /// Entries that left the index because their time was up.
    expired,
    /// Events of rules on rules that went too deep.
    too_deep,
    /// Events that would have made an instance beyond the limit of their rule.
    instances_over,
    /// Events that a step of a stream could do nothing with.
    unfit,
    /// Events beyond what a step of a stream may keep.
    samples_over,
    /// Events and rows that a stream throttled.
    throttled,
    /// Keys that the streams hold.
    stream_keys,
    /// Changes of alert instances.
    transitions,
    /// Messages given out.
    notifications,
    /// Keys in the index now.
    series,
    /// Ticks given.
    ticks,
    /// Turns of the loop that applied something.
    turns,
    /// Queries answered.
    queries,
    /// Requests that failed.
    refused,
    /// Sets of labels that a series' latest one took the place of.
    variants_replaced,
    /// Distinct live queries now.
    live_queries,
    /// Times that a live page was too slow for a frame.
    live_lost,
    /// Queries of live pages that are behind now: a whole picture follows.
    live_behind,
    /// Bytes that went into the journal.
    journal_bytes,
    /// 1 when the disk refused the journal.
    journal_failed,
    /// Times that ingest waited because an outlet's disk, or the journal's bound, held it up.
    held_up,
    /// Snapshots taken.
    snapshots,
    /// Bytes of the last snapshot.
    snapshot_bytes,
    /// Microseconds that encoding the last snapshot kept the engine.
    snapshot_micros,
}

impl Stats {
    /// The engine's present.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.load(Ordering::Relaxed))
    }

    /// Sets the engine's present.
    pub fn set_now(&self, now: Timestamp) {
        self.now.store(now.micros(), Ordering::Relaxed);
    }
}

/// Sets a number.
pub(super) fn set(number: &AtomicU64, value: u64) {
    number.store(value, Ordering::Relaxed);
}
