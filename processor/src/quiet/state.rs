//! All silences and acknowledgements, and the messages that are held back.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use engine::rules::Plan;
use engine::{Change, Engine, Message, State, Transition};
use event::{Timestamp, View};
use serde_json::Value;

use super::command::{Acknowledge, Disable, Done, QuietError};
use super::held::{Held, Told};
use super::silence::{Silence, SilenceError, Wish};
use crate::notify::{Entry, Say};

/// Silences besides those of rule files: a person makes dozens, a script that forgets to end them shall not fill the memory.
pub const MAX_SILENCES: usize = 1000;

/// Instances whose messages are held back; those of further ones go out.
const MAX_HELD: usize = 100_000;

/// Rule and instance.
pub(super) type Who = (String, String);

/// Somebody looks after an open alert: there are no reminders of it until it ends or rises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// What is being done.
    pub note: String,
    /// Who.
    pub author: String,
    /// Since when.
    pub at: Timestamp,
    /// The level that is looked after; a higher one ends it.
    pub level: State,
}

/// What becomes of a message.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It goes out as it is.
    Send,
    /// It goes out as an opening: nobody was told of that.
    SendOpened,
    /// Not now, and perhaps never.
    Hold,
}

/// Everything that keeps messages back. The default keeps none.
#[derive(Debug, Default)]
pub struct Quiet {
    /// Silences that were ever made, for their ids.
    pub(super) n_made: u64,
    pub(super) silences: Vec<Kept>,
    of_files: Vec<Kept>,
    pub(super) acks: BTreeMap<Who, Ack>,
    pub(super) held: BTreeMap<Who, Arc<Held>>,
    plan: Option<Arc<Plan>>,
    /// The fields of `by` of each rule; filled when first needed.
    by: HashMap<String, Vec<String>>,
    /// Until when `is_active` of every silence stays as it is.
    settled_until: Option<Timestamp>,
    /// When held messages are to be looked at.
    due: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct Kept {
    pub(super) silence: Silence,
    is_active: bool,
}

impl Kept {
    pub(super) fn new(silence: Silence) -> Self {
        Self { silence, is_active: false }
    }
}

impl Quiet {
    /// Other rules run from now on, with the silences of their files.
    pub fn set_rules(&mut self, plan: Arc<Plan>, of_files: Vec<Silence>, now: Timestamp) {
        self.plan = Some(plan);
        self.by.clear();
        self.of_files = of_files.into_iter().map(Kept::new).collect();
        self.look_anew(now);
    }

    /// A new silence, of a wish that is settled.
    ///
    /// # Errors
    /// [`QuietError`] when there are too many.
    pub(crate) fn silence(&mut self, wish: Wish, now: Timestamp) -> Result<Done, QuietError> {
        self.add(now, |id| Silence::new(id, Some(now), wish))
    }

    /// A rule tells nobody any more; whether there is one of that name is the asker's matter.
    ///
    /// # Errors
    /// [`QuietError`] when it is disabled already, or there are too many silences.
    pub(crate) fn disable(&mut self, wish: Disable, now: Timestamp) -> Result<Done, QuietError> {
        if self.disabled(&wish.alert).is_some() {
            return Err(QuietError::Disabled(wish.alert));
        }
        self.add(now, |id| Silence::disabling(id, Some(now), wish))
    }

    /// A rule tells again; what it holds back is looked at next.
    ///
    /// # Errors
    /// [`QuietError`] when it is not disabled.
    pub(crate) fn enable(&mut self, alert: &str, now: Timestamp) -> Result<Done, QuietError> {
        let id = self.disabled(alert).map(|silence| silence.id.clone());
        self.end(&id.ok_or_else(|| QuietError::NotDisabled(alert.to_owned()))?, now)
    }

    /// The silence that disables a rule.
    pub(crate) fn disabled(&self, alert: &str) -> Option<&Silence> {
        self.silences.iter().map(|kept| &kept.silence).find(|silence| silence.disables.as_deref() == Some(alert))
    }

    fn add(&mut self, now: Timestamp, make: impl FnOnce(String) -> Result<Silence, SilenceError>) -> Result<Done, QuietError> {
        self.refresh(now);
        if self.silences.len() >= MAX_SILENCES {
            return Err(QuietError::TooMany(MAX_SILENCES));
        }
        let id = (self.n_made + 1).to_string();
        let silence = make(id.clone()).map_err(|error| QuietError::Wrong(error.to_string()))?;
        self.n_made += 1;
        self.silences.push(Kept::new(silence));
        self.look_anew(now);
        Ok(Done::Silenced(id))
    }

    /// Ends a silence: what it holds back is looked at next.
    ///
    /// # Errors
    /// [`QuietError`] when there is none that can be ended.
    pub(crate) fn end(&mut self, id: &str, now: Timestamp) -> Result<Done, QuietError> {
        if let Some(at) = self.silences.iter().position(|kept| kept.silence.id == id) {
            self.silences.remove(at);
            self.look_anew(now);
            return Ok(Done::Ended);
        }
        let is_of_file = self.of_files.iter().any(|kept| kept.silence.id == id);
        Err(if is_of_file { QuietError::OfFile(id.to_owned()) } else { QuietError::Unknown(id.to_owned()) })
    }

    /// Somebody looks after these instances, which are open at these levels.
    ///
    /// # Errors
    /// [`QuietError`] when there are none.
    pub(crate) fn acknowledge(&mut self, wish: &Acknowledge, open: Vec<(String, State)>, now: Timestamp) -> Result<Done, QuietError> {
        if open.is_empty() {
            return Err(QuietError::NotOpen(wish.alert.clone()));
        }
        let n_open = open.len();
        for (instance, level) in open {
            let ack = Ack { note: wish.note.clone(), author: wish.author.clone(), at: now, level };
            self.acks.insert((wish.alert.clone(), instance), ack);
        }
        Ok(Done::Acknowledged(n_open))
    }

    /// An instance changed: what ended or rose is looked after no more.
    pub(crate) fn transition(&mut self, transition: &Transition<'_>) {
        if self.acks.is_empty() {
            return;
        }
        let who = (transition.rule.to_owned(), transition.instance.to_owned());
        if self.acks.get(&who).is_some_and(|ack| !transition.to.is_open() || transition.to > ack.level) {
            self.acks.remove(&who);
        }
    }

    /// An instance ended of which no message comes: there is nothing to tell of it when its silence ends.
    pub(crate) fn ended_untold(&mut self, rule: &str, instance: &str) {
        if !self.held.is_empty() {
            self.held.remove(&(rule.to_owned(), instance.to_owned()));
        }
    }

    /// After a restart with other rules: of what is not open in `engine` any more only the end is left to tell of what was told, and that
    /// only while its rule is there.
    pub fn retain_open(&mut self, engine: &Engine) {
        let open = engine.alerts().filter(|alert| alert.state.is_open());
        let open: HashSet<Who> = open.map(|alert| (alert.rule.to_owned(), alert.instance.to_owned())).collect();
        let rules: HashSet<&str> = engine.plan().alerts().map(|alert| alert.name.as_str()).collect();
        self.held.retain(|who, held| open.contains(who) || held.is_told_end() && rules.contains(who.0.as_str()));
        self.acks.retain(|who, _| open.contains(who));
    }

    /// Whether the end of an instance is held back that was told to be open.
    pub fn holds_end(&self, rule: &str, instance: &str) -> bool {
        !self.held.is_empty() && self.held.get(&(rule.to_owned(), instance.to_owned())).is_some_and(|held| held.is_told_end())
    }

    /// A change of which no message comes: what is told when its silence ends is how it is then.
    pub(crate) fn muted(&mut self, message: &Message<'_>) {
        if self.held.is_empty() {
            return;
        }
        if let Some(held) = self.held.get_mut(&(message.key.rule.to_owned(), message.key.instance.to_owned())) {
            Arc::make_mut(held).last = Told::new(message);
        }
    }

    /// What becomes of a message of the engine.
    pub(crate) fn message(&mut self, message: &Message<'_>, now: Timestamp) -> Verdict {
        if self.silences.is_empty() && self.of_files.is_empty() && self.held.is_empty() {
            return Verdict::Send;
        }
        let entry = self.entry(message);
        if self.settled_until.is_some_and(|until| until <= now) {
            self.refresh(now);
        }
        let who = (entry.rule.clone(), entry.instance.clone());
        let is_silenced = self.silencer(&entry).is_some();
        let has_room = self.held.len() < MAX_HELD;
        match self.held.get_mut(&who) {
            Some(held) if is_silenced => Arc::make_mut(held).last = Told::new(message),
            Some(held) => {
                let is_unseen = held.is_unseen;
                self.held.remove(&who);
                return match (is_unseen, message.change.is_end()) {
                    (true, true) => Verdict::Hold,
                    (true, false) => Verdict::SendOpened,
                    (false, _) => Verdict::Send,
                };
            }
            None if is_silenced && has_room => {
                let held = Held { is_unseen: message.change == Change::Opened, last: Told::new(message) };
                self.held.insert(who.clone(), Arc::new(held));
            }
            None => return Verdict::Send,
        }
        // It opened and ended without anybody having been told.
        if self.held.get(&who).is_some_and(|held| held.is_unseen && held.last.change.is_end()) {
            self.held.remove(&who);
        }
        Verdict::Hold
    }

    /// Hands over what is silenced no more at `now`; gives whether other alerts may be silenced now than before.
    pub(crate) fn tick(&mut self, now: Timestamp, mut send: impl FnMut(&Message<'_>)) -> bool {
        if self.due.is_none_or(|due| due > now) {
            return false;
        }
        self.refresh(now);
        for (who, held) in std::mem::take(&mut self.held) {
            let entry = self.entry(&held.last.as_message());
            if self.silencer(&entry).is_some() {
                self.held.insert(who, held);
            } else if let Some(told) = Arc::unwrap_or_clone(held).into_told() {
                send(&told.as_message());
            }
        }
        self.due = self.settled_until;
        true
    }

    /// When `Quiet::tick` is wanted.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The silences that hold back messages about an alert at the time of the last look.
    pub(crate) fn silencing(&mut self, message: &Message<'_>) -> Vec<&Silence> {
        if self.silences.is_empty() && self.of_files.is_empty() {
            return Vec::new();
        }
        let entry = self.entry(message);
        entry.with_view(|view| self.holding(view).collect())
    }

    /// Who looks after an instance.
    pub fn ack(&self, rule: &str, instance: &str) -> Option<&Ack> {
        if self.acks.is_empty() {
            return None;
        }
        self.acks.get(&(rule.to_owned(), instance.to_owned()))
    }

    /// What may be said of an open alert: nothing while another one mutes it or it is silenced, no reminders while somebody looks after it.
    pub(crate) fn say(&self, engine: &Engine, entry: &Entry) -> Say {
        if engine.is_muted(&entry.rule, &entry.instance) || self.silencer(entry).is_some() {
            Say::Nothing
        } else if self.ack(&entry.rule, &entry.instance).is_some() {
            Say::News
        } else {
            Say::All
        }
    }

    /// The id of the silence that holds back messages about an alert, by the alert's event; `None` for every other event.
    pub(crate) fn silence_of(&self, event: &View<'_>) -> Option<&str> {
        if self.silences.is_empty() && self.of_files.is_empty() || event.labels.attribute(b"alert").is_none() {
            return None;
        }
        self.all().find(|kept| kept.is_active && kept.silence.matches(event)).map(|kept| kept.silence.id.as_str())
    }

    /// Every silence, those of rule files first.
    pub(crate) fn list(&self, now: Timestamp) -> Vec<Value> {
        self.all().map(|kept| kept.silence.json(now)).collect()
    }

    fn all(&self) -> impl Iterator<Item = &Kept> {
        self.of_files.iter().chain(&self.silences)
    }

    fn silencer(&self, entry: &Entry) -> Option<&Silence> {
        entry.with_view(|view| self.holding(view).next())
    }

    fn holding(&self, view: &View<'_>) -> impl Iterator<Item = &Silence> {
        self.all().filter(|kept| kept.is_active && kept.silence.matches(view)).map(|kept| &kept.silence)
    }

    fn entry(&mut self, message: &Message<'_>) -> Entry {
        if self.by.is_empty()
            && let Some(plan) = &self.plan
        {
            self.by.extend(plan.alerts().map(|alert| (alert.name.clone(), alert.by.clone())));
        }
        Entry::new(message, self.by.get(message.key.rule).map(Vec::as_slice).unwrap_or_default())
    }

    /// Something changed: all that is held back is looked at as soon as time passes.
    pub(super) fn look_anew(&mut self, now: Timestamp) {
        self.refresh(now);
        self.due = Some(if self.held.is_empty() { self.settled_until.unwrap_or(now) } else { now });
    }

    /// Which silences are on at `now`, and until when that stays so; those that are over are forgotten.
    fn refresh(&mut self, now: Timestamp) {
        self.silences.retain(|kept| !kept.silence.is_over(now));
        self.settled_until = None;
        for kept in self.of_files.iter_mut().chain(&mut self.silences) {
            kept.is_active = kept.silence.is_active(now);
            let change = kept.silence.next_change(now);
            self.settled_until = self.settled_until.into_iter().chain(change).min();
        }
    }
}

#[cfg(test)]
mod tests;
