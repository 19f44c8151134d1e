//! After a restart: the newest snapshot that is whole, then the frames after it through the very same engine.

use std::path::Path;
use std::sync::Arc;

use engine::rules::Plan;
use engine::{Engine, Limits};
use event::{Duration, Timestamp};
use transport::log::{self, Log, Position, Reader, Syncer};

use super::machine::Machine;
use super::outlets::{Keeper, Outlets};
use super::recorder::{Kind, Recorder};
use super::snapshots::Snapshots;
use crate::quiet::Quiet;

/// Folder of the journal's segments, in the data folder.
const JOURNAL: &str = "journal";

/// Folder of the snapshots, in the data folder.
const SNAPSHOTS: &str = "snapshots";

/// Why the state cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The snapshots' folder.
    #[error("could not open the snapshots")]
    Snapshots(#[from] std::io::Error),
    /// The journal.
    #[error("could not open the journal")]
    Journal(#[from] log::Error),
}

/// State as it lies on disk, opened.
#[derive(Debug)]
pub struct Opened {
    /// The engine as of the snapshot, or a new one.
    pub engine: Engine,
    /// What the notifiers had gathered and told in the snapshot, as they wrote it.
    pub notices: Vec<u8>,
    /// Silences and acknowledgements as of the snapshot; those of rule files are for whoever opened it to add.
    pub quiet: Quiet,
    /// For new frames; `None` when no journal is wanted.
    pub journal: Option<Log>,
    /// Brings the journal to the disk.
    pub syncer: Syncer,
    /// Where snapshots go.
    pub snapshots: Snapshots,
    /// Position of the snapshot that was taken up.
    pub snapshot: Position,
    /// Where new frames go on.
    pub end: Position,
    /// The engine's `now` in the snapshot; `None` for an engine that is new.
    pub now: Option<Timestamp>,
    frames: Reader,
    /// Held so that nothing is released or written by others while it is read, where no journal is wanted.
    _read_only: Option<Log>,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Frames applied after the snapshot.
    pub n_frames: u64,
    /// Bytes of the journal that could not be read, up to the last frame that could.
    pub bytes_lost: u64,
    /// The last `now`; `None` when there was no state at all.
    pub now: Option<Timestamp>,
}

impl Opened {
    /// Opens the state in a data folder. Without `journal` what an earlier run wrote is still taken up.
    ///
    /// # Errors
    /// [`RecoverError`] when snapshots or journal cannot be read, or the journal cannot be written.
    pub fn open(folder: &Path, journal: bool, options: log::Options, plan: Arc<Plan>, limits: Limits) -> Result<Self, RecoverError> {
        let snapshots = Snapshots::open(&folder.join(SNAPSHOTS))?;
        let (newest, n_broken) = snapshots.newest()?;
        if n_broken > 0 {
            tracing::warn!("{n_broken} snapshots are damaged and were passed over");
        }
        let restored = newest.and_then(|snapshot| match Engine::restore(&snapshot.engine, plan.clone(), limits) {
            Ok(engine) => Some((engine, snapshot)),
            Err(error) => {
                tracing::warn!("the snapshot cannot be taken up ({error}); what the journal still holds is");
                None
            }
        });
        let (engine, notices, quiet, position, now) = match restored {
            Some((engine, snapshot)) => {
                let quiet = Quiet::restore(&snapshot.quiet, snapshot.now);
                (engine, snapshot.notices, quiet, snapshot.position, Some(snapshot.now))
            }
            None => (Engine::new(plan, limits), Vec::new(), Quiet::default(), Position::START, None),
        };
        let options = log::Options { after: position, ..options };
        let (log, found) = Log::open(&folder.join(JOURNAL), options)?;
        if !found.damaged.is_empty() {
            let n_bytes = found.damaged.iter().map(|damage| damage.n_bytes).sum::<u64>();
            tracing::warn!("the journal is damaged in {} places; the {n_bytes} bytes there are lost", found.damaged.len());
        }
        let (frames, syncer, end) = (log.read_after(position), log.syncer(), log.end().max(position));
        let (journal, read_only) = if journal { (Some(log), None) } else { (None, Some(log)) };
        Ok(Self { engine, notices, quiet, journal, syncer, snapshots, snapshot: position, end, now, frames, _read_only: read_only })
    }

    /// Applies the frames after the snapshot. `wait` is called while the outlets have no room.
    ///
    /// # Errors
    /// [`log::Error`] when the disk fails.
    pub fn replay<O: Outlets, K: Keeper>(
        self,
        outlets: O,
        keeper: impl FnOnce(Snapshots) -> K,
        mut wait: impl FnMut(),
    ) -> Result<(Machine<Log, O, K>, Recovered), log::Error> {
        let Self { engine, quiet, journal, snapshots, end, mut now, mut frames, .. } = self;
        let mut machine = Machine::new(engine, Recorder::new(journal, end), outlets, keeper(snapshots)).with_quiet(quiet);
        let mut n_frames = 0;
        while let Some(frame) = frames.next()? {
            // A kind that is not known was written by a newer version; it holds nothing that this one could apply.
            let Some(kind) = Kind::of(frame.kind) else { continue };
            machine.replay(frame.position, kind, frame.now, frame.payload);
            now = now.max(Some(frame.now));
            n_frames += 1;
            while !machine.outlets().has_room() {
                wait();
                machine.outlets_mut().flush(frame.position, frame.now);
            }
        }
        let bytes_lost = frames.bytes_lost();
        Ok((machine, Recovered { n_frames, bytes_lost, now }))
    }
}

/// How long nothing was heard before a start at `start`, of which [`Machine::gap`] is told.
pub fn gap(recovered: &Recovered, start: Timestamp) -> Option<Duration> {
    recovered.now.map(|last| (start - last).max(Duration::ZERO))
}
