//! Why a file told nothing.

use std::io;
use std::path::PathBuf;

/// A file of the kernel that could not be read, or holds what its parser does not know.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be opened or read.
    #[error("could not read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the kernel says.
        source: io::Error,
    },
    /// It was read, but what must be there is not.
    #[error("{} holds no {expected}", path.display())]
    Text {
        /// Which file.
        path: PathBuf,
        /// What was looked for.
        expected: &'static str,
    },
}

impl Error {
    /// The error and its cause on one line, for the log.
    pub fn told(&self) -> String {
        match self {
            Self::Read { source, .. } => format!("{self}: {source}"),
            Self::Text { .. } => self.to_string(),
        }
    }

    /// Whether this kernel does not have the file at all.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}
