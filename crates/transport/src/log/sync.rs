//! Bringing what was written down to the disk, from another thread than the writer's.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

/// What the writer tells and the syncer does.
#[derive(Debug)]
pub(super) struct Shared {
    /// Something was written since the last time.
    written: AtomicBool,
    /// Held only to take or to note what is to be done, never over IO.
    pending: Mutex<Pending>,
}

#[derive(Debug)]
struct Pending {
    current: Arc<File>,
    /// Segments that were ended since the last time.
    ended: Vec<Arc<File>>,
    /// The folder, when files were made or renamed in it since the last time.
    dir_changed: bool,
    dir: Arc<File>,
    error: Option<io::Error>,
}

impl Shared {
    pub(super) fn new(dir: &Path, current: Arc<File>) -> io::Result<Self> {
        let dir = Arc::new(File::open(dir)?);
        let pending = Pending { current, ended: Vec::new(), dir_changed: true, dir, error: None };
        Ok(Self { written: AtomicBool::new(true), pending: Mutex::new(pending) })
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        // Nothing is left half done by a panic: every change is one assignment.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_written(&self) {
        self.written.store(true, Ordering::Release);
    }

    pub(super) fn note_rolled(&self, current: Arc<File>) {
        let mut pending = self.pending();
        let ended = std::mem::replace(&mut pending.current, current);
        pending.ended.push(ended);
        pending.dir_changed = true;
        self.note_written();
    }

    /// Why the last sync failed, once.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        self.pending().error.take()
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        if !self.written.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let (files, dir) = {
            let mut pending = self.pending();
            let mut files = std::mem::take(&mut pending.ended);
            files.push(pending.current.clone());
            let dir = std::mem::take(&mut pending.dir_changed).then(|| pending.dir.clone());
            (files, dir)
        };
        files.iter().try_for_each(|file| file.sync_data())?;
        dir.map_or(Ok(()), |dir| dir.sync_all())
    }
}

/// Brings a log down to the disk; may be sent to another thread.
#[derive(Clone, Debug)]
pub struct Syncer(pub(super) Arc<Shared>);

impl Syncer {
    /// Waits until all that was committed so far lies on the disk; costs nothing when nothing was. An error is also given to the next
    /// [`super::Log::commit`], since what was written before may be lost.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync().inspect_err(|error| {
            let copy = error.raw_os_error().map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error);
            self.0.pending().error = Some(copy);
        })
    }

    /// A thread that syncs so often, and once more when it is dropped.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn spawn(self, every: Duration) -> io::Result<SyncThread> {
        let (end, ended) = bounded::<()>(0);
        let thread = thread::Builder::new().name("sync".to_owned()).spawn(move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                // The writer is told at its next commit.
                let _ = self.sync();
            }
            let _ = self.sync();
        })?;
        Ok(SyncThread { end: Some(end), thread: Some(thread) })
    }
}

/// Syncs until it is dropped.
#[derive(Debug)]
pub struct SyncThread {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for SyncThread {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
