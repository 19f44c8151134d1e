//! From the engine's thread to one that writes: jobs in their order, and up to where all of them are done.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};
use transport::log::Position;

/// Jobs that wait for the thread. Full, the engine takes no further batch until the disk has taken some.
const MAX_WAITING: usize = 1024;

/// How many jobs were handed over and are not done.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<AtomicUsize>);

impl InFlight {
    /// The thread has done `n` of them: what they are about is written down.
    pub(crate) fn done(&self, n: usize) {
        self.0.fetch_sub(n, Ordering::AcqRel);
    }
}

/// The engine's end.
#[derive(Debug)]
pub(crate) struct HandOver<T> {
    jobs: Option<Sender<T>>,
    thread: Option<JoinHandle<()>>,
    /// What did not fit, in its order; all of one turn at most.
    pending: VecDeque<T>,
    in_flight: InFlight,
    safe: Position,
}

impl<T: Send + 'static> HandOver<T> {
    /// Starts the thread `name`, which does `work`: it ends when its receiver does, and tells `in_flight` what is done.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start(name: &str, in_flight: InFlight, work: impl FnOnce(&Receiver<T>) + Send + 'static) -> io::Result<Self> {
        let (jobs, given) = bounded(MAX_WAITING);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || work(&given))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), pending: VecDeque::new(), in_flight, safe: Position::START })
    }

    /// Puts a job behind those that wait.
    pub(crate) fn push(&mut self, job: T) {
        self.pending.push_back(job);
    }

    /// Hands over what fits.
    pub(crate) fn flush(&mut self, position: Position) {
        while let (Some(jobs), Some(job)) = (&self.jobs, self.pending.pop_front()) {
            self.in_flight.0.fetch_add(1, Ordering::AcqRel);
            if let Err(refused) = jobs.try_send(job) {
                self.in_flight.done(1);
                self.pending.push_front(refused.into_inner());
                return;
            }
        }
        if self.in_flight.0.load(Ordering::Acquire) == 0 {
            self.safe = position;
        }
    }

    /// Whether all could be handed over.
    pub(crate) fn has_room(&self) -> bool {
        self.pending.is_empty()
    }

    /// Up to where every job is done.
    pub(crate) fn safe(&self) -> Position {
        self.safe
    }

    /// Hands over the rest and waits until it is done.
    pub(crate) fn finish(&mut self, position: Position) {
        if let Some(jobs) = self.jobs.take() {
            for job in self.pending.drain(..) {
                // The thread ends only after this sender.
                let _ = jobs.send(job);
            }
        }
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported by its hook.
            let _ = thread.join();
        }
        self.safe = position;
    }
}
