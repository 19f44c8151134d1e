//! The thread that writes snapshots.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use transport::log::Position;

use super::outlets::Keeper;
use super::snapshots::Snapshots;
use super::taken::Taken;

/// Jobs that wait: there is never more than one snapshot under way, with two jobs.
const MAX_JOBS: usize = 2;

/// Writes snapshots in a thread of its own; ends, when dropped, with what it was given.
#[derive(Debug)]
pub struct KeeperThread {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    state: Arc<State>,
    /// Begun, and not yet told to count.
    unpublished: Option<Position>,
}

#[derive(Debug)]
enum Job {
    Write(Taken),
    Publish(Position),
}

#[derive(Debug)]
struct State {
    busy: AtomicBool,
    written: AtomicU64,
    published: AtomicU64,
    n_bytes: AtomicU64,
}

impl KeeperThread {
    /// Starts the thread. `newest` is the position of the snapshot that counts now.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(snapshots: Snapshots, newest: Position) -> io::Result<Self> {
        let newest = AtomicU64::new(newest.as_u64());
        let state =
            Arc::new(State { busy: AtomicBool::new(false), written: AtomicU64::new(0), published: newest, n_bytes: AtomicU64::new(0) });
        let (jobs, given) = bounded(MAX_JOBS);
        let work = state.clone();
        let thread = thread::Builder::new().name("snapshot".to_owned()).spawn(move || run(&snapshots, &given, &work))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), state, unpublished: None })
    }

    /// Writes a last snapshot, makes it count, and ends; for when all up to it is safe.
    pub fn finish(&mut self, last: Option<Taken>) {
        if let Some(snapshot) = last {
            let position = snapshot.position;
            self.tell(Job::Write(snapshot));
            self.tell(Job::Publish(position));
        }
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its hook; the snapshot before stands.
            let _ = thread.join();
        }
    }

    fn tell(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The thread ends only after this sender.
            let _ = jobs.send(job);
        }
    }
}

impl Keeper for KeeperThread {
    fn write(&mut self, snapshot: Taken) {
        self.state.busy.store(true, Ordering::Release);
        self.unpublished = Some(snapshot.position);
        self.tell(Job::Write(snapshot));
    }

    fn is_idle(&self) -> bool {
        !self.state.busy.load(Ordering::Acquire)
    }

    fn advance(&mut self, safe: Position) -> Option<Position> {
        if let Some(position) = self.unpublished
            && position <= safe
            && self.state.written.load(Ordering::Acquire) == position.as_u64()
        {
            self.unpublished = None;
            self.tell(Job::Publish(position));
        }
        let published = Position::from_u64(self.state.published.load(Ordering::Acquire));
        (published > Position::START).then_some(published)
    }

    fn n_bytes(&self) -> u64 {
        self.state.n_bytes.load(Ordering::Relaxed)
    }
}

impl Drop for KeeperThread {
    fn drop(&mut self) {
        self.finish(None);
    }
}

fn run(snapshots: &Snapshots, jobs: &Receiver<Job>, state: &State) {
    for job in jobs {
        let result = match job {
            Job::Write(taken) => {
                let position = taken.position;
                snapshots.write(&taken.encode()).map(|n_bytes| {
                    state.n_bytes.store(n_bytes, Ordering::Relaxed);
                    state.written.store(position.as_u64(), Ordering::Release);
                })
            }
            // What was not wholly written must not take the place of what was.
            Job::Publish(position) if state.written.load(Ordering::Acquire) != position.as_u64() => Ok(()),
            Job::Publish(position) => snapshots.publish(position).map(|()| {
                state.published.store(position.as_u64(), Ordering::Release);
                state.busy.store(false, Ordering::Release);
            }),
        };
        if let Err(error) = result {
            tracing::warn!("a snapshot could not be written ({error}); the one before stands, and the journal after it is kept");
            state.busy.store(false, Ordering::Release);
        }
    }
}
