//! What must not be told now: held back while its alert is muted or silenced, or never told for it ended meanwhile.

use std::collections::BTreeSet;

use engine::{Change, State};
use event::Timestamp;

use super::{Desk, Who, who};
use crate::notify::{Entry, Notifier, Peace, Say};

impl Desk {
    /// Takes a change of an instance that is muted: it waits, with what waited of it before. One that fell is told only where its opening was
    /// not; reminders tell of it as it is now.
    pub(in crate::notify) fn mute(&mut self, entry: &Entry) {
        let who = who(entry);
        let waits = |other: &Entry| other.is_of(&entry.rule, &entry.instance) && !other.is_end();
        let waited: Vec<_> = self.pending.extract_if(.., |(_, other)| waits(other)).collect();
        // To look at all groups takes long where very many alerts are muted at once.
        if !waited.is_empty() {
            waited.into_iter().for_each(|(_, entry)| self.park(entry));
            self.drop_empty_groups();
        }
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
            self.told.remove(&who(&entry));
        }
        self.parked.insert(who(&entry), entry.but(|what| what.change = change));
    }

    /// Holds back those of which nothing may be said now; gives whether there were any. What ended since may be told: that came before.
    pub(super) fn park_muted(&mut self, entries: &mut Vec<Entry>, peace: Peace<'_>) -> bool {
        let is_muted = |entry: &Entry| !entry.is_end() && peace(entry) == Say::Nothing;
        if !entries.iter().any(is_muted) {
            return false;
        }
        let mut ended: BTreeSet<Who> = self.pending.iter().filter(|(_, entry)| entry.is_end()).map(|(_, entry)| who(entry)).collect();
        let (mut told, mut muted) = (Vec::new(), Vec::new());
        for entry in entries.drain(..).rev() {
            if entry.is_end() {
                ended.insert(who(&entry));
            }
            let kept = if is_muted(&entry) && !ended.contains(&who(&entry)) { &mut muted } else { &mut told };
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

    /// The instance ended, and nothing is told of it nor of what waits. Gives whether some way must hear of the end.
    pub(in crate::notify) fn withdraw(&mut self, rule: &str, instance: &str, now: Timestamp) -> bool {
        let is_its = |entry: &Entry| entry.is_of(rule, instance);
        let n_waited = self.pending.len();
        self.pending.retain(|(_, entry)| !is_its(entry));
        if let Some(limit) = &mut self.limit {
            limit.forget(is_its);
        }
        let who: Who = (rule.to_owned(), instance.to_owned()).into();
        self.parked.remove(&who);
        let told = self.told.remove(&who);
        // As in [`Desk::mute`]: most desks know nothing of it.
        if told.is_some() || self.pending.len() < n_waited {
            self.drop_empty_groups();
        }
        told.is_some_and(|(_, told)| self.owe(gone(told, now)))
    }

    /// Keeps an end for the ways that must hear of it; gives whether there is one.
    pub(super) fn owe(&mut self, end: Entry) -> bool {
        if self.owes_ends {
            self.ends.push(end);
        }
        self.owes_ends
    }

    /// Only what `is_open` goes on; ends that wait do so too, with what waits before them.
    pub(in crate::notify) fn retain_open(&mut self, is_open: &dyn Fn(&str, &str) -> bool, now: Timestamp) {
        let ends: BTreeSet<Who> = self.pending.iter().filter(|(_, entry)| entry.is_end()).map(|(_, entry)| who(entry)).collect();
        self.pending.retain(|(_, entry)| is_open(&entry.rule, &entry.instance) || ends.contains(&who(entry)));
        self.parked.retain(|who, _| is_open(&who.0, &who.1));
        let over: Vec<_> = self.told.extract_if(.., |who, _| !is_open(&who.0, &who.1)).collect();
        for (who, (_, told)) in over {
            if !ends.contains(&who) {
                self.owe(gone(told, now));
            }
        }
        self.drop_empty_groups();
    }
}

/// The end of what was told.
fn gone(told: Entry, now: Timestamp) -> Entry {
    told.but(|what| {
        (what.state, what.change, what.since, what.value) = (State::Expired, Change::Gone, now, None);
    })
}
