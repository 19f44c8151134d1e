//! What the outlet hands to the store's thread.

use event::{Metric, Timestamp};

use super::TransitionRecord;

/// The series id of a value whose series the engine does not keep: named anew before each.
pub(crate) const UNKEPT: u32 = u32::MAX;

/// A value of a series that has been named before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// The engine's id of the series, or [`UNKEPT`].
    pub(crate) series: u32,
    /// The event's time.
    pub(crate) time: Timestamp,
    /// The event's metric.
    pub(crate) value: Metric,
}

/// What happens to series between two samples.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// From here on this id means this series.
    Named { series: u32, measurement: String, tags: Vec<(String, String)>, field: String },
    /// From here on this id means nothing.
    Forgotten(u32),
}

/// Everything that the engine said since the batch before.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The values, in their order.
    pub(crate) samples: Vec<Sample>,
    /// Each with the number of samples that come before it.
    pub(crate) changes: Vec<(usize, Change)>,
    /// Changes of alert instances.
    pub(crate) transitions: Vec<TransitionRecord>,
    /// The last journal frame whose effects are all in here or before.
    pub(crate) position: u64,
    /// The engine's time at its end.
    pub(crate) now: Timestamp,
}
