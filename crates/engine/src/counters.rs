//! What the engine counts about itself; every drop is here.

/// Totals since the engine was made; kept in snapshots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Events applied, those of rules included.
    pub events: u64,
    /// Events with the mark `late`: to sinks and store only.
    pub late: u64,
    /// Events of new series beyond `max_series`: to sinks and store only.
    pub overflow: u64,
    /// Events that came without a service and got the one that collectd had lost.
    pub rebuilt: u64,
    /// Entries that left the index because their time was up.
    pub expired: u64,
    /// Labels of a series that were given up because it had more than the few that are kept.
    pub variants_replaced: u64,
    /// Events made by rules that were dropped because rules on rules went too deep.
    pub too_deep: u64,
    /// Events that would have made an instance beyond `max_instances` of their rule.
    pub instances_over: u64,
    /// Changes of an alert instance's state.
    pub transitions: u64,
    /// Messages given out.
    pub messages: u64,
    /// Events that a step of a stream could do nothing with; they went no further there.
    pub unfit: u64,
    /// Events beyond what a step of a stream may hold.
    pub samples_over: u64,
    /// Events and rows that `throttle` held back.
    pub throttled: u64,
}
