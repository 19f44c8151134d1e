//! What a sink has done, for `/metrics` and the status page.

use std::sync::atomic::AtomicU64;

/// Counts since the start; each may be read at any time.
#[derive(Debug, Default)]
pub struct Counters {
    /// Lines that the server has taken, late ones from the spool included.
    pub lines_written: AtomicU64,
    /// Bytes of request bodies that the server has taken, as sent.
    pub bytes_written: AtomicU64,
    /// Requests that were sent.
    pub requests: AtomicU64,
    /// Requests that failed in a way that a later try can mend.
    pub retries: AtomicU64,
    /// Batches cut in two because the server found them too large.
    pub splits: AtomicU64,
    /// Answers `partial write`.
    pub partial_writes: AtomicU64,
    /// Lines that the server refused and that stand in `rejected.lp`, and those that a partial write says it dropped.
    pub lines_rejected: AtomicU64,
    /// Lines written to the spool.
    pub lines_spooled: AtomicU64,
    /// Lines lost: the spool was full or could not be written, or they waited too long.
    pub lines_dropped: AtomicU64,
    /// Lines now in the memory queue.
    pub queue_lines: AtomicU64,
    /// Bytes now in the memory queue.
    pub queue_bytes: AtomicU64,
    /// Bytes now in the spool.
    pub spool_bytes: AtomicU64,
    /// How old the oldest batch of the spool is, in seconds; 0 when none waits.
    pub spool_age_secs: AtomicU64,
    /// 1 while the spool's disk is nearly full, so that it does not grow.
    pub spool_disk_low: AtomicU64,
    /// Bytes that the spool may hold.
    pub spool_max: AtomicU64,
    /// For how many seconds the server has taken nothing; 0 while it does.
    pub failing_secs: AtomicU64,
    /// 1 while somebody has to set something right before the server takes anything.
    pub paused: AtomicU64,
}
