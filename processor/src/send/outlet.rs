//! The engine's end: gathers its messages into notices, and hands those to the thread "post".

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use engine::Message;
use event::Timestamp;
use transport::log::Position;

use super::counters::Handle;
use super::office::{Job, Office};
use crate::notify::{Notice, Notices, Plan};
use crate::quiet::Quiet;

/// Messages that wait for the thread. Full, the engine takes no further batch until the disk has taken some.
const MAX_WAITING: usize = 1024;

/// The outlet on the engine's thread.
#[derive(Debug)]
pub struct Outlet {
    notices: Notices,
    due: Vec<Notice>,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// What did not fit, in its order; all of one turn at most.
    pending: VecDeque<Job>,
    in_flight: Arc<AtomicUsize>,
    safe: Position,
}

/// Starts the thread, whose outboxes are in `folder`; `host` is this machine's name.
///
/// # Errors
/// When the folder or an outbox cannot be read or made, or no thread can be had.
pub fn open(folder: &Path, host: &str, plan: Arc<Plan>) -> io::Result<(Outlet, Handle)> {
    let (handle, in_flight) = (Handle::default(), Arc::new(AtomicUsize::new(0)));
    let office = Office::open(folder, host, &plan, handle.clone(), in_flight.clone())?;
    let (jobs, given) = bounded(MAX_WAITING);
    let thread = thread::Builder::new().name("post".to_owned()).spawn(move || office.run(&given))?;
    let (notices, due, pending) = (Notices::new(plan), Vec::new(), VecDeque::new());
    Ok((Outlet { notices, due, jobs: Some(jobs), thread: Some(thread), pending, in_flight, safe: Position::START }, handle))
}

impl Outlet {
    /// Goes on from the state that [`Outlet::save`] wrote, as far as it is about what `is_open`, by rule and instance.
    pub fn restore(&mut self, saved: &[u8], is_open: &dyn Fn(&str, &str) -> bool) {
        self.notices = Notices::restore(Arc::clone(self.notices.plan()), saved);
        self.notices.retain_open(is_open);
    }

    /// The rule of an instance is gone: nothing more is told of it.
    pub fn withdraw(&mut self, rule: &str, instance: &str) {
        self.notices.withdraw(rule, instance);
    }

    /// Appends what has been gathered and told.
    pub fn save(&self, out: &mut Vec<u8>) {
        self.notices.save(out);
    }

    /// Another plan from now on.
    pub fn load(&mut self, plan: &Arc<Plan>) {
        self.notices.load(Arc::clone(plan));
        self.pending.push_back(Job::Plan(Arc::clone(plan)));
    }

    /// Takes a message of the engine.
    pub fn message(&mut self, message: &Message<'_>, now: Timestamp) {
        self.notices.enter(message, now);
    }

    /// When [`Outlet::tick`] is wanted.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.notices.next_due()
    }

    /// Makes messages of what has waited long enough. Called with each tick of the journal and at no other time, so that a replay makes the same.
    pub fn tick(&mut self, now: Timestamp, quiet: &Quiet) {
        self.notices.tick(now, &|entry| quiet.wants_peace(entry), &mut self.due);
        for notice in self.due.drain(..) {
            if let Some(notifier) = self.notices.plan().notifiers.get(notice.notifier) {
                self.pending.push_back(Job::Letter(notice.letter(&notifier.name)));
            }
        }
    }

    /// Hands over what fits.
    pub fn flush(&mut self, position: Position) {
        while let (Some(jobs), Some(job)) = (&self.jobs, self.pending.pop_front()) {
            self.in_flight.fetch_add(1, Ordering::AcqRel);
            if let Err(refused) = jobs.try_send(job) {
                self.in_flight.fetch_sub(1, Ordering::AcqRel);
                self.pending.push_front(refused.into_inner());
                return;
            }
        }
        if self.in_flight.load(Ordering::Acquire) == 0 {
            self.safe = position;
        }
    }

    /// Whether all could be handed over.
    pub fn has_room(&self) -> bool {
        self.pending.is_empty()
    }

    /// Up to where every message is written down.
    pub fn safe(&self) -> Position {
        self.safe
    }

    /// Hands over the rest and waits until it is written down.
    pub fn finish(&mut self, position: Position) {
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
