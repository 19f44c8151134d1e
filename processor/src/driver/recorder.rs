//! The journal as the machine sees it: gives every input its position, and can be off.

use event::Timestamp;
use transport::log::Position;

use super::recording::Tap;

/// What a journal's frame holds. The numbers are written to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The framed messages of one delivery.
    Batch = 1,
    /// Time that passed; no content.
    Tick = 2,
    /// A stretch that does not count: its length and the grace, each in microseconds, little-endian.
    Gap = 3,
    /// The hash of the rule set that runs from here on, little-endian.
    Plan = 4,
    /// A silence, its end, or an acknowledgement, as JSON.
    Quiet = 5,
}

impl Kind {
    /// From the number on disk.
    pub fn of(number: u8) -> Option<Self> {
        [Self::Batch, Self::Tick, Self::Gap, Self::Plan, Self::Quiet].into_iter().find(|kind| *kind as u8 == number)
    }
}

/// Why a frame was not written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The journal has reached its bound; once a segment is released there is room again.
    #[error("the journal is full")]
    Full,
    /// The disk does not take it.
    #[error("{0}")]
    Disk(Box<dyn std::error::Error + Send + Sync>),
}

/// Where frames are written.
pub trait Journal {
    /// Adds a frame to what [`Journal::commit`] writes. Positions grow.
    ///
    /// # Errors
    /// [`Failure::Full`], and nothing was added; or [`Failure::Disk`].
    fn append(&mut self, kind: Kind, now: Timestamp, parts: &[&[u8]]) -> Result<Position, Failure>;

    /// Writes what was added, with one call.
    ///
    /// # Errors
    /// [`Failure::Disk`].
    fn commit(&mut self) -> Result<(), Failure>;

    /// Nothing up to this position is needed any more.
    fn release(&mut self, position: Position);
}

/// The journal is full: nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Gives positions, writes frames as long as there is a journal, and switches it off when the disk refuses.
#[derive(Debug)]
pub struct Recorder<J> {
    journal: Option<J>,
    failed: bool,
    last: Position,
    n_bytes: u64,
    tap: Option<Tap>,
}

impl<J: Journal> Recorder<J> {
    /// Goes on after `last`; `None` when no journal is wanted.
    pub fn new(journal: Option<J>, last: Position) -> Self {
        Self { journal, failed: false, last, n_bytes: 0, tap: None }
    }

    /// Adds a frame and gives its position.
    ///
    /// # Errors
    /// [`Full`].
    pub fn record(&mut self, kind: Kind, now: Timestamp, parts: &[&[u8]]) -> Result<Position, Full> {
        let appended = match &mut self.journal {
            Some(journal) => journal.append(kind, now, parts),
            None => Ok(self.next()),
        };
        self.last = match appended {
            Ok(position) => position,
            Err(Failure::Full) => return Err(Full),
            Err(Failure::Disk(error)) => {
                self.switch_off(&*error);
                self.next()
            }
        };
        if self.tap.as_ref().is_some_and(|tap| !tap.put(kind, now, parts)) {
            tracing::info!("a recording has ended, or was too slow");
            self.tap = None;
        }
        self.n_bytes += parts.iter().map(|part| part.len() as u64).sum::<u64>();
        Ok(self.last)
    }

    /// Writes what was added. Afterwards it is safe from the death of this process, unless the journal is off.
    pub fn commit(&mut self) {
        if let Some(journal) = &mut self.journal
            && let Err(Failure::Disk(error)) = journal.commit()
        {
            self.switch_off(&*error);
        }
    }

    /// Hands every further frame to a recording, beginning with the rules; the one before ends.
    pub fn tap(&mut self, tap: Tap, now: Timestamp, plan: u64) {
        self.tap = Some(tap).filter(|tap| tap.put(Kind::Plan, now, &[&plan.to_le_bytes()]));
    }

    /// Nothing up to this position is needed any more.
    pub fn release(&mut self, position: Position) {
        if let Some(journal) = &mut self.journal {
            journal.release(position);
        }
    }

    /// Position of the last frame.
    pub fn last(&self) -> Position {
        self.last
    }

    /// Bytes of all frames so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Whether the disk refused the journal.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Without a journal frames are only counted.
    fn next(&self) -> Position {
        Position::from_u64(self.last.as_u64() + 1)
    }

    fn switch_off(&mut self, error: &dyn std::error::Error) {
        tracing::error!(
            "the journal cannot be written ({error}) and is off: until a restart an acknowledgement means applied, not written down. \
             Make room on the disk of the data folder, or make it writable, and restart"
        );
        self.journal = None;
        self.failed = true;
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Takes `room` frames, then fails as told.
    struct Disk {
        room: u64,
        then: fn() -> Failure,
    }

    impl Journal for Disk {
        fn append(&mut self, _: Kind, _: Timestamp, _: &[&[u8]]) -> Result<Position, Failure> {
            if self.room == 0 {
                return Err((self.then)());
            }
            self.room -= 1;
            Ok(Position::from_u64(100 - self.room))
        }

        fn commit(&mut self) -> Result<(), Failure> {
            Ok(())
        }

        fn release(&mut self, _: Position) {}
    }

    fn tick(recorder: &mut Recorder<Disk>) -> Result<Position, Full> {
        recorder.record(Kind::Tick, Timestamp::default(), &[])
    }

    #[test]
    fn a_full_journal_refuses_and_stays_on() {
        let mut recorder = Recorder::new(Some(Disk { room: 1, then: || Failure::Full }), Position::from_u64(7));
        assert_eq!(tick(&mut recorder), Ok(Position::from_u64(100)));
        assert_eq!(tick(&mut recorder), Err(Full));
        assert!(!recorder.failed());
    }

    #[test]
    fn a_disk_that_refuses_switches_the_journal_off_and_positions_go_on() {
        let broken = || Failure::Disk(io::Error::from(io::ErrorKind::StorageFull).into());
        let mut recorder = Recorder::new(Some(Disk { room: 1, then: broken }), Position::from_u64(7));
        assert_eq!(tick(&mut recorder), Ok(Position::from_u64(100)));
        assert_eq!(tick(&mut recorder), Ok(Position::from_u64(101)));
        assert_eq!(tick(&mut recorder), Ok(Position::from_u64(102)));
        assert!(recorder.failed());
    }
}
