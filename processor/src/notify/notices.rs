//! All notifiers together: the engine's messages in, what each is to send out.

use std::sync::Arc;

use engine::Message;
use event::Timestamp;

use super::desk::Desk;
use super::{Entry, Plan};

/// A message that a notifier is to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its place in [`Plan::notifiers`].
    pub notifier: usize,
    /// Why now.
    pub kind: Kind,
    /// What it tells, in the order in which it happened; of a reminder all that is open.
    pub entries: Vec<Entry>,
    /// Entries that found no room: counted only.
    pub n_more: u64,
}

impl Notice {
    /// How many entries it tells of.
    pub fn count(&self) -> u64 {
        self.entries.len() as u64 + self.n_more
    }
}

/// Why a message goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something happened.
    News,
    /// What `at_most` held back.
    Digest,
    /// Something is still open.
    Reminder,
}

/// The state of all notifiers.
#[derive(Clone, Debug)]
pub struct Notices {
    plan: Arc<Plan>,
    /// As [`Plan::notifiers`].
    desks: Vec<Desk>,
}

impl Notices {
    /// Nothing was told yet.
    pub fn new(plan: Arc<Plan>) -> Self {
        let desks = plan.notifiers.iter().map(Desk::new).collect();
        Self { plan, desks }
    }

    /// Takes a message of the engine; alerts that go to nobody are passed over.
    pub fn enter(&mut self, message: &Message<'_>, now: Timestamp) {
        let plan = Arc::clone(&self.plan);
        let Some(route) = plan.routes.get(message.key.rule) else { return };
        let entry = Entry::new(message, &route.by);
        for &place in &route.to {
            if let Some((desk, notifier)) = self.desks.get_mut(place).zip(plan.notifiers.get(place)) {
                desk.enter(notifier, &entry, now);
            }
        }
    }

    /// An instance was muted by another alert: what waits of it is not told, and its end is not either.
    pub fn withdraw(&mut self, rule: &str, instance: &str) {
        for desk in &mut self.desks {
            desk.withdraw(rule, instance);
        }
    }

    /// Appends what is due at `now`, in the order of the notifiers.
    pub fn tick(&mut self, now: Timestamp, out: &mut Vec<Notice>) {
        for (place, (desk, notifier)) in self.desks.iter_mut().zip(&self.plan.notifiers).enumerate() {
            desk.tick(place, notifier, now, out);
        }
    }

    /// When [`Notices::tick`] is wanted.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.desks.iter().zip(&self.plan.notifiers).filter_map(|(desk, notifier)| desk.due(notifier)).min()
    }
}
