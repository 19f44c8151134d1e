//! The groups of a desk, which know how much of theirs waits and was told: to count it each time would take long where very much is open.

use event::Timestamp;

use super::{Desk, Key, Who};
use crate::notify::Entry;

#[derive(Clone, Debug, Default)]
pub(in crate::notify) struct Group {
    /// When it has waited long enough; `None` when nothing waits.
    pub(in crate::notify) due: Option<Timestamp>,
    /// Of the last message about it.
    pub(in crate::notify) last: Option<Timestamp>,
    /// Entries that found no room.
    pub(in crate::notify) n_more: u64,
    /// Of [`Desk::pending`].
    pub(super) n_waiting: usize,
    /// Of [`Desk::told`].
    n_told: usize,
}

impl Group {
    /// As it was saved; what is of it counts when it is back.
    pub(in crate::notify) fn new(due: Option<Timestamp>, last: Option<Timestamp>, n_more: u64) -> Self {
        Self { due, last, n_more, n_waiting: 0, n_told: 0 }
    }
}

impl Desk {
    /// After a restart: groups with what is of each.
    pub(in crate::notify) fn of_groups(
        groups: impl Iterator<Item = (Key, Group)>,
        pending: impl Iterator<Item = (Key, Entry)>,
        told: impl Iterator<Item = (Key, Entry)>,
    ) -> Self {
        let mut desk = Self { groups: groups.collect(), ..Self::default() };
        for (key, entry) in pending {
            desk.groups.entry(key.clone()).or_default().n_waiting += 1;
            desk.pending.push(key, entry);
        }
        told.for_each(|(key, entry)| desk.file_told(&key, super::who(&entry), entry));
        desk
    }

    /// An instance was told of in a group, and as what. Of two that go out at once the later one counts.
    pub(super) fn tell_of(&mut self, key: &Key, who: Who, entry: &mut Entry) {
        let before = self.told.get(&who);
        entry.thread = before.and_then(|(_, told)| told.thread);
        if before.is_none_or(|(_, told)| told.since <= entry.since) {
            self.file_told(key, who, entry.clone());
        }
    }

    fn file_told(&mut self, key: &Key, who: Who, entry: Entry) {
        self.groups.entry(key.clone()).or_default().n_told += 1;
        if let Some((before, _)) = self.told.insert(who, (key.clone(), entry)) {
            self.leave(&before);
        }
    }

    /// Nobody counts as told of an instance any more; gives what was told.
    pub(super) fn not_told(&mut self, who: &Who) -> Option<Entry> {
        let (key, told) = self.told.remove(who)?;
        self.leave(&key);
        Some(told)
    }

    fn leave(&mut self, key: &Key) {
        if let Some(group) = self.groups.get_mut(key) {
            group.n_told = group.n_told.saturating_sub(1);
        }
        self.settle(key);
    }

    /// Takes what waits of an instance as it is now from the groups for which `is_one` holds.
    pub(super) fn take_now_of(&mut self, who: &Who, is_one: impl Fn(&Key) -> bool) -> Vec<Entry> {
        let taken = self.pending.take_now_of(who, |key, _| is_one(key));
        self.note_taken(&taken);
        taken.iter().for_each(|(key, _)| self.settle(key));
        taken.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Takes what waits and for which `is_one` holds. Its groups are not settled.
    pub(super) fn take_if(&mut self, is_one: impl Fn(&Key, &Entry) -> bool) -> Vec<(Key, Entry)> {
        let taken = self.pending.take_if(is_one);
        self.note_taken(&taken);
        taken
    }

    fn note_taken(&mut self, taken: &[(Key, Entry)]) {
        for (key, _) in taken {
            if let Some(group) = self.groups.get_mut(key) {
                group.n_waiting = group.n_waiting.saturating_sub(1);
            }
        }
    }

    /// A group of which nothing waits is not due, and one of which nothing is open besides is none.
    pub(super) fn settle(&mut self, key: &Key) {
        let Some(group) = self.groups.get_mut(key) else { return };
        if group.n_waiting == 0 && group.n_more == 0 {
            group.due = None;
        }
        if group.due.is_none() && group.n_told == 0 {
            self.groups.remove(key);
        }
    }
}
