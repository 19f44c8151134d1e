//! How much the store keeps, and where.

use std::path::PathBuf;

use event::Duration;

/// Series that the catalogue holds whatever is asked for: each costs one to two kB of memory while it has values.
pub(crate) const MAX_SERIES: usize = 1_000_000;

/// Everything that the store needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder that holds `store.db`.
    pub folder: PathBuf,
    /// How long values are kept, by their own time. At least ten minutes.
    pub retention: Duration,
    /// How large the file may grow, in bytes; beyond it the retention shrinks until it fits.
    pub max_bytes: u64,
    /// How long the alert history is kept.
    pub history: Duration,
    /// Series that the store knows at most; values of further ones are refused and counted.
    pub max_series: usize,
    /// Time between two commits, on the machine's clock; the journal has what came since.
    pub commit_every: Duration,
}

impl Settings {
    /// Two hours at full rate in at most 512 MiB; alerts of the last 90 days.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            retention: Duration::from_secs(2 * 3600),
            max_bytes: 512 << 20,
            history: Duration::from_secs(90 * 86_400),
            max_series: MAX_SERIES,
            commit_every: Duration::from_secs(1),
        }
    }
}
