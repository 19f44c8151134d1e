//! The journal on disk: a [`Log`] of segment files.

use event::Timestamp;
use transport::log::{Error, Log, Position};

use super::recorder::{Failure, Journal, Kind};

impl Journal for Log {
    fn append(&mut self, kind: Kind, now: Timestamp, parts: &[&[u8]]) -> Result<Position, Failure> {
        Log::append(self, kind as u8, now, parts).map_err(failure)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        Log::commit(self).map(drop).map_err(failure)
    }

    fn release(&mut self, position: Position) {
        // Tried again with the next release; a journal that cannot be recycled fills up, and that is said.
        if let Err(error) = Log::release(self, position) {
            tracing::debug!("a segment of the journal could not be recycled: {error}");
        }
    }
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Full { .. } => Failure::Full,
        Error::InUse { .. } | Error::TooLong { .. } | Error::Io { .. } => Failure::Disk(error.into()),
    }
}
