//! The whole state at one position, as bytes.

/// Why bytes are no snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Another format.
    #[error("this is not an engine's snapshot")]
    Magic,
    /// Written by another version.
    #[error("the snapshot has version {0}, expected {VERSION}")]
    Version(u32),
    /// It was cut short or damaged.
    #[error("the snapshot is damaged")]
    Damaged,
}

/// Of the format; whoever changes what is written raises it.
pub(crate) const VERSION: u32 = 1;
