//! The engine's end: gathers its messages into notices, and hands those to the thread "post".

use std::io;
use std::path::Path;
use std::sync::Arc;

use engine::Message;
use event::Timestamp;
use transport::log::Position;

use super::counters::Handle;
use super::office::{Job, Office};
use crate::driver::taken::Later;
use crate::hand_over::{HandOver, InFlight};
use crate::notify::{Notice, Notices, Peace, Plan};

/// The outlet on the engine's thread.
#[derive(Debug)]
pub struct Outlet {
    notices: Notices,
    due: Vec<Notice>,
    jobs: HandOver<Job>,
}

/// Starts the thread, whose outboxes are in `folder`; `host` is this machine's name.
///
/// # Errors
/// When the folder or an outbox cannot be read or made, or no thread can be had.
pub fn open(folder: &Path, host: &str, plan: Arc<Plan>) -> io::Result<(Outlet, Handle)> {
    let (handle, in_flight) = (Handle::default(), InFlight::default());
    let office = Office::open(folder, host, &plan, handle.clone(), in_flight.clone())?;
    let jobs = HandOver::start("post", in_flight, move |given| office.run(given))?;
    Ok((Outlet { notices: Notices::new(plan), due: Vec::new(), jobs }, handle))
}

impl Outlet {
    /// Goes on from the state that [`Outlet::save`] wrote, as far as it is about what `is_open`, by rule and instance.
    pub fn restore(&mut self, saved: &[u8], is_open: &dyn Fn(&str, &str) -> bool, now: Timestamp) {
        self.notices = Notices::restore(Arc::clone(self.notices.plan()), saved);
        self.notices.retain_open(is_open, now);
    }

    /// An instance ended of which nothing more is told: it is muted, or its rule is gone.
    pub fn withdraw(&mut self, rule: &str, instance: &str, now: Timestamp) {
        self.notices.withdraw(rule, instance, now);
    }

    /// Takes a change of an instance that is muted.
    pub fn muted(&mut self, message: &Message<'_>, now: Timestamp) {
        self.notices.mute(message, now);
    }

    /// Other alerts may be muted or silenced than before.
    pub fn look_again(&mut self, now: Timestamp) {
        self.notices.look_again(now);
    }

    /// What has been gathered and told.
    pub fn save(&self) -> Later {
        let notices = self.notices.clone();
        Later::new(move || {
            let mut out = Vec::new();
            notices.save(&mut out);
            out
        })
    }

    /// Who is told.
    pub fn plan(&self) -> &Plan {
        self.notices.plan()
    }

    /// Another plan from now on.
    pub fn load(&mut self, plan: &Arc<Plan>) {
        self.notices.load(Arc::clone(plan));
        self.jobs.push(Job::Plan(Arc::clone(plan)));
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
    pub fn tick(&mut self, now: Timestamp, peace: Peace<'_>) {
        self.notices.tick(now, peace, &mut self.due);
        for notice in self.due.drain(..) {
            if let Some(notifier) = self.notices.plan().notifiers.get(notice.notifier) {
                self.jobs.push(Job::Letter(notice.letter(&notifier.name)));
            }
        }
    }

    /// Hands over what fits.
    pub fn flush(&mut self, position: Position) {
        self.jobs.flush(position);
    }

    /// Whether all could be handed over.
    pub fn has_room(&self) -> bool {
        self.jobs.has_room()
    }

    /// Up to where every message is written down.
    pub fn safe(&self) -> Position {
        self.jobs.safe()
    }

    /// Hands over the rest and waits until it is written down.
    pub fn finish(&mut self, position: Position) {
        self.jobs.finish(position);
    }
}
