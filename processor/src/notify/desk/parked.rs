//! What must not be told now: held back while its alert is muted or silenced, or never told for it ended meanwhile.

use std::collections::BTreeSet;

use engine::{Change, State};
use event::Timestamp;

use super::{Desk, Who, who};
use crate::notify::limit::Limit;
use crate::notify::{Entry, Notifier, Peace, Say};

impl Desk {
    /// Takes a change of an instance that is muted: it waits, with what waited of it before. One that fell is told only where its opening was
    /// not; reminders tell of it as it is now.
    pub(in crate::notify) fn mute(&mut self, entry: &Entry) {
        let who = who(entry);
        self.take_now_of(&who, |_| true).into_iter().for_each(|entry| self.park(entry));
        if let Some((_, told)) = self.told.get_mut(&who) {
            *told = Entry { thread: told.thread, ..entry.clone() };
        }
        if entry.change != Change::Fell || self.parked.contains_key(&who) {
            self.park(entry.clone());
        }
    }

    /// Holds an entry back. It is bounded by what is open: the last of each instance counts, as an opening where that was not told.
    fn park(&mut self, entry: Entry) {
        let before = self.parked.get(&who(&entry)).map(|before| before.change);
        let change = if before == Some(Change::Opened) { Change::Opened } else { entry.change };
        if change == Change::Opened {
            // What a digest was to tell counts as told.
            self.not_told(&who(&entry));
        }
        self.parked.insert(who(&entry), entry.but(|what| what.change = change));
    }

    /// Holds back those of which nothing may be said now; gives whether there were any. What ended since may be told: that came before.
    pub(super) fn park_muted(&mut self, entries: &mut Vec<Entry>, peace: Peace<'_>) -> bool {
        let is_muted = |entry: &Entry| !entry.is_end() && peace(entry) == Say::Nothing;
        if !entries.iter().any(is_muted) {
            return false;
        }
        let mut ended: BTreeSet<Who> = BTreeSet::new();
        let (mut told, mut muted) = (Vec::new(), Vec::new());
        for entry in entries.drain(..).rev() {
            if entry.is_end() {
                ended.insert(who(&entry));
            }
            let has_ended = |who: &Who| ended.contains(who) || self.pending.end_of(who).is_some();
            let kept = if is_muted(&entry) && !has_ended(&who(&entry)) { &mut muted } else { &mut told };
            kept.push(entry);
        }
        entries.extend(told.into_iter().rev());
        let any = !muted.is_empty();
        muted.into_iter().rev().for_each(|entry| self.park(entry));
        any
    }

    /// What is held back is looked at with the next tick; gives whether there is any.
    pub(in crate::notify) fn look_again(&mut self, now: Timestamp) -> bool {
        if self.parked.is_empty() {
            return false;
        }
        self.look.get_or_insert(now);
        true
    }

    /// Has that wait in its group of which something may be said again.
    pub(super) fn unpark(&mut self, notifier: &Notifier, now: Timestamp, peace: Peace<'_>) {
        if self.look.take_if(|look| *look <= now).is_none() {
            return;
        }
        let free: Vec<Entry> = self.parked.extract_if(.., |_, entry| peace(entry) != Say::Nothing).map(|(_, entry)| entry).collect();
        for entry in free {
            self.queue(notifier, entry, now);
        }
    }

    /// The instance ended, and nothing is told of it nor of what waits; of what it was before, an end may wait. Gives whether some way must hear
    /// of the end.
    pub(in crate::notify) fn withdraw(&mut self, rule: &str, instance: &str, now: Timestamp) -> bool {
        let who: Who = (rule.to_owned(), instance.to_owned()).into();
        self.forget(&who);
        self.parked.remove(&who);
        self.not_told(&who).is_some_and(|told| self.owe(gone(told, now)))
    }

    /// Keeps the end of what a message told of for the ways that must hear of it; gives whether there is one.
    pub(super) fn owe(&mut self, end: Entry) -> bool {
        let is_owed = self.owes_ends && end.thread.is_some();
        if is_owed {
            self.ends.push(end);
        }
        is_owed
    }

    /// Only what `is_open` goes on; ends that wait do so too, with what waits before them.
    pub(in crate::notify) fn retain_open(&mut self, is_open: &dyn Fn(&str, &str) -> bool, now: Timestamp) {
        let waiting = self.pending.iter().map(|(_, entry)| entry);
        let held = self.limit.iter().flat_map(Limit::held);
        let known = waiting.chain(held).map(who).chain(self.told.keys().cloned()).chain(self.parked.keys().cloned());
        let over: BTreeSet<Who> = known.filter(|who| !is_open(&who.0, &who.1)).collect();
        for who in over {
            self.withdraw(&who.0, &who.1, now);
        }
    }
}

/// The end of what was told.
fn gone(told: Entry, now: Timestamp) -> Entry {
    told.but(|what| {
        (what.state, what.change, what.since, what.value) = (State::Expired, Change::Gone, now, None);
    })
}
