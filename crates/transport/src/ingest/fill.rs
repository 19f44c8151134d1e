//! How full the ways in are: bounds, for who is shown what waits beside what may.

use super::{Ingest, Requests};

impl Ingest {
    /// Bytes that may wait for the engine.
    pub fn bytes_bound(&self) -> usize {
        self.credits.total
    }
}

impl<R> Requests<R> {
    /// Requests that wait.
    pub fn n_waiting(&self) -> usize {
        self.0.len()
    }

    /// How many may wait.
    pub fn bound(&self) -> usize {
        super::MAX_REQUESTS
    }
}
