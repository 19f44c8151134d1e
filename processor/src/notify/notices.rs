//! All notifiers together: the engine's messages in, what each is to send out.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::Message;
use event::Timestamp;

use super::desk::Desk;
use super::{Entry, Id, Letter, Notifier, Plan, kept};

/// A message that a notifier is to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its place in [`Plan::notifiers`].
    pub notifier: usize,
    /// The same when the same inputs are applied again.
    pub id: Id,
    /// Why now.
    pub kind: Kind,
    /// When.
    pub at: Timestamp,
    /// The message that told of the opening of the first of its entries that was told before.
    pub thread: Option<Id>,
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

    /// As it goes to `notifier`.
    pub fn letter(self, notifier: &str) -> Letter {
        let Self { id, kind, at, thread, entries, n_more, .. } = self;
        Letter { id, notifier: notifier.to_owned(), kind, at, thread, entries, n_more }
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
    /// Something ended of which nobody is told but those ways that would take it for open for ever.
    End,
    /// Somebody tries whether messages arrive.
    Test,
}

impl Kind {
    /// In one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Digest => "digest",
            Self::Reminder => "reminder",
            Self::End => "end",
            Self::Test => "test",
        }
    }

    /// From [`Kind::as_str`].
    pub fn parse(word: &str) -> Option<Self> {
        [Self::News, Self::Digest, Self::Reminder, Self::End, Self::Test].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What may be said of an open alert now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// All that happens, and reminders.
    All,
    /// No reminders: somebody looks after it.
    News,
    /// Not before another time: it is silenced, or another alert mutes it.
    Nothing,
}

/// Asks what may be said of an alert.
pub type Peace<'a> = &'a dyn Fn(&Entry) -> Say;

/// Notifiers that are remembered after the rules have lost them; a further one is forgotten with all that it told.
const MAX_AWAY: usize = 64;

/// The state of all notifiers.
#[derive(Clone, Debug)]
pub struct Notices {
    plan: Arc<Plan>,
    /// As [`Plan::notifiers`].
    desks: Vec<Desk>,
    /// Those of notifiers that the plan names no more, and told of what is open: named again, they have its ends to tell.
    away: BTreeMap<String, Desk>,
    /// When the first of them is due, or somewhat earlier: to ask all of them at each turn would take long.
    due: Option<Timestamp>,
}

impl Notices {
    /// Nothing was told yet.
    pub fn new(plan: Arc<Plan>) -> Self {
        let desks = plan.notifiers.iter().map(Desk::new).collect();
        Self { plan, desks, away: BTreeMap::new(), due: None }
    }

    /// Goes on with another plan: notifiers of the same name keep what waits and what was told; one that is gone tells what ended meanwhile
    /// when it is back.
    pub fn load(&mut self, plan: Arc<Plan>) {
        let names = self.plan.notifiers.iter().map(|notifier| notifier.name.clone());
        let known = names.zip(self.desks.drain(..)).collect();
        self.take_over(plan, known);
    }

    /// Gives each notifier of a plan what was its own.
    fn take_over(&mut self, plan: Arc<Plan>, mut known: BTreeMap<String, Desk>) {
        let desk = |notifier: &Notifier| match (known.remove(&notifier.name), self.away.remove(&notifier.name)) {
            (Some(desk), _) => desk.under(notifier),
            (None, Some(desk)) => desk.back(notifier),
            (None, None) => Desk::new(notifier),
        };
        self.desks = plan.notifiers.iter().map(desk).collect();
        self.plan = plan;
        for (name, desk) in known.into_iter().filter(|(_, desk)| !desk.is_idle()) {
            if self.away.len() < MAX_AWAY {
                self.away.insert(name, desk);
            }
        }
        self.find_due();
    }

    /// The notifiers.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Appends the state of all desks, as [`Notices::restore`] takes it.
    pub fn save(&self, out: &mut Vec<u8>) {
        let names = self.plan.notifiers.iter().map(|notifier| notifier.name.as_str());
        let away = self.away.iter().map(|(name, desk)| (name.as_str(), desk));
        kept::save(names.zip(&self.desks).chain(away), out);
    }

    /// With the state that was saved under another plan perhaps; what cannot be read is left out.
    pub fn restore(plan: Arc<Plan>, saved: &[u8]) -> Self {
        let mut notices = Self { plan: Arc::clone(&plan), desks: Vec::new(), away: BTreeMap::new(), due: None };
        notices.take_over(plan, kept::restore(saved));
        notices
    }

    /// After a restart with other rules: what was told as open and is not is told no more, and what waits of it neither.
    pub fn retain_open(&mut self, is_open: &dyn Fn(&str, &str) -> bool, now: Timestamp) {
        for desk in self.desks.iter_mut().chain(self.away.values_mut()) {
            desk.retain_open(is_open, now);
            desk.look_again(now);
        }
        self.find_due();
    }

    fn find_due(&mut self) {
        self.due = self.desks.iter().zip(&self.plan.notifiers).filter_map(|(desk, notifier)| desk.due(notifier)).min();
    }

    /// Takes a message of the engine; alerts that go to nobody are passed over.
    pub fn enter(&mut self, message: &Message<'_>, now: Timestamp) {
        self.away.values_mut().for_each(|desk| desk.miss(message, now));
        let plan = Arc::clone(&self.plan);
        let Some(route) = plan.routes.get(message.key.rule) else { return };
        let entry = Entry::new(message, &route.by);
        for &place in &route.to {
            if let Some((desk, notifier)) = self.desks.get_mut(place).zip(plan.notifiers.get(place)) {
                desk.enter(notifier, &entry, now);
                // The tick that finds nothing due finds the right time.
                sooner(&mut self.due, if desk.ends.is_empty() { now + notifier.wait } else { now });
            }
        }
    }

    /// An instance ended while another alert muted it, or with its rule: what waits of it is not told, and its end only to who would take it
    /// for open for ever.
    pub fn withdraw(&mut self, rule: &str, instance: &str, now: Timestamp) {
        for desk in &mut self.desks {
            if desk.withdraw(rule, instance, now) {
                sooner(&mut self.due, now);
            }
        }
        self.away.values_mut().for_each(|desk| _ = desk.withdraw(rule, instance, now));
    }

    /// Takes a change of an instance that another alert mutes: it waits until that is over, and for [`Notices::look_again`].
    pub fn mute(&mut self, message: &Message<'_>, now: Timestamp) {
        let plan = Arc::clone(&self.plan);
        let Some(route) = plan.routes.get(message.key.rule) else { return };
        let entry = Entry::new(message, &route.by);
        for &place in &route.to {
            if let Some(desk) = self.desks.get_mut(place) {
                desk.mute(&entry);
            }
        }
        self.look_again(now);
    }

    /// What `peace` says may be another than before: at the next tick it is asked of all that is held back.
    pub fn look_again(&mut self, now: Timestamp) {
        for desk in &mut self.desks {
            if desk.look_again(now) {
                sooner(&mut self.due, now);
            }
        }
    }

    /// Appends what is due at `now`, in the order of the notifiers, as far as `peace` lets it.
    pub fn tick(&mut self, now: Timestamp, peace: Peace<'_>, out: &mut Vec<Notice>) {
        if self.due.is_none_or(|due| due > now) {
            return;
        }
        for (place, (desk, notifier)) in self.desks.iter_mut().zip(&self.plan.notifiers).enumerate() {
            desk.tick(place, notifier, now, peace, out);
        }
        self.find_due();
    }

    /// When [`Notices::tick`] is wanted.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due
    }
}

/// Makes a deadline one that is no later than `due`.
fn sooner(deadline: &mut Option<Timestamp>, due: Timestamp) {
    *deadline = Some(deadline.map_or(due, |earlier| earlier.min(due)));
}
