//! The last event of every key.

use event::{Timestamp, View};

use crate::Series;

/// An event in the index.
#[derive(Clone, Copy, Debug)]
pub struct Indexed<'a> {
    /// Its series.
    pub series: Series<'a>,
    /// The event, its time set.
    pub event: View<'a>,
    /// When it leaves.
    pub deadline: Timestamp,
}
