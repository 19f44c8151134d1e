//! What the outlet hands to the sink's thread.

use event::Timestamp;
use transport::log::Position;

/// Finished lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Line protocol, each line ended; microseconds.
    pub(crate) body: Vec<u8>,
    /// How many lines.
    pub(crate) n_lines: u32,
    /// The last journal frame whose effects are all in here or before.
    pub(crate) position: Position,
    /// The engine's time at its end.
    pub(crate) now: Timestamp,
}
