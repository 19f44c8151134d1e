//! What the store has done, for `/metrics` and the status page.

use std::sync::atomic::AtomicU64;

/// Counts since the start; each may be read at any time.
#[derive(Debug, Default)]
pub struct Counters {
    /// Values that were taken.
    pub values: AtomicU64,
    /// Values among them that came after their window had been sealed.
    pub late: AtomicU64,
    /// Values not taken: a time that no store can hold, or one series too many.
    pub refused: AtomicU64,
    /// Values that are lost to a crash, or lost altogether, because the file could not be written for too long.
    pub dropped: AtomicU64,
    /// Transactions.
    pub commits: AtomicU64,
    /// Microseconds spent in transactions.
    pub commit_micros: AtomicU64,
    /// Transactions that failed; each is tried again a second later.
    pub failures: AtomicU64,
    /// Values in sealed blocks so far.
    pub sealed_values: AtomicU64,
    /// Bytes of sealed blocks so far.
    pub sealed_bytes: AtomicU64,
    /// Series that the catalogue holds now.
    pub series: AtomicU64,
    /// Bytes of the file now.
    pub file_bytes: AtomicU64,
}
