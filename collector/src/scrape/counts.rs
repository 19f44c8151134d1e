//! What the scraping thread has counted, for the sampling thread to tell.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counters since the start, and how many there are now.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Targets that are scraped now.
    pub(super) targets: AtomicUsize,
    /// Targets left out now: too many of them, or they cannot be reached from here.
    pub(super) left_out: AtomicUsize,
    /// Scrapes that failed.
    pub(super) failed: AtomicU64,
    /// Samples that were not told: of series beyond the most, too long, there twice, or without room.
    pub(super) dropped: AtomicU64,
    /// Series known now, of all targets together.
    pub(super) series: AtomicUsize,
}

/// Adds to a counter.
pub(super) fn add(counter: &AtomicU64, n: usize) {
    counter.fetch_add(n as u64, Ordering::Relaxed);
}
