//! A snapshot as the engine's thread takes it: what is dear to encode is copied only, and encoded by the thread that writes it.

use std::fmt;

use event::Timestamp;
use transport::log::Position;

use super::snapshots::Snapshot;

/// Bytes that are made where they are wanted.
pub struct Later(Box<dyn FnOnce() -> Vec<u8> + Send>);

impl Later {
    /// Of what `encode` holds.
    pub fn new(encode: impl FnOnce() -> Vec<u8> + Send + 'static) -> Self {
        Self(Box::new(encode))
    }

    /// Makes them.
    pub fn make(self) -> Vec<u8> {
        (self.0)()
    }
}

impl Default for Later {
    /// No bytes.
    fn default() -> Self {
        Self::new(Vec::new)
    }
}

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Later")
    }
}

/// The state at one position.
#[derive(Debug)]
pub struct Taken {
    /// Everything up to and with the frame at this position is in it.
    pub position: Position,
    /// The engine's `now` then.
    pub now: Timestamp,
    /// The engine's own bytes.
    pub engine: Vec<u8>,
    /// What the notifiers have gathered and told.
    pub notices: Later,
    /// Silences and acknowledgements.
    pub quiet: Later,
}

impl Taken {
    /// As it is written.
    pub fn encode(self) -> Snapshot {
        let Self { position, now, engine, notices, quiet } = self;
        Snapshot { position, now, engine, notices: notices.make(), quiet: quiet.make() }
    }
}
