//! One notifier's entries: what waits in groups, what is open and was told.

mod away;
mod groups;
mod parked;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::Change;
use event::Timestamp;

pub(super) use self::groups::Group;
use super::limit::Limit;
use super::line::{Line, Who, who};
use super::notices::{Peace, Say};
use super::{Entry, Id, Kind, Notice, Notifier};

/// Entries that wait at one notifier with their texts; further ones are only counted.
const MAX_PENDING: usize = 10_000;

/// The values of the fields of `group`.
pub(super) type Key = Arc<[Option<String>]>;

#[derive(Clone, Debug, Default)]
pub(super) struct Desk {
    /// Each in its group.
    pub(super) pending: Line<Key>,
    pub(super) groups: BTreeMap<Key, Group>,
    /// What is open and was told, as it is now; its group.
    pub(super) told: BTreeMap<Who, (Key, Entry)>,
    /// What is open and is not to be told before its alert is muted and silenced no more.
    pub(super) parked: BTreeMap<Who, Entry>,
    /// When all that is parked is to be looked at.
    pub(super) look: Option<Timestamp>,
    /// Ends of what was told, for those ways only that would take it for open for ever.
    pub(super) ends: Vec<Entry>,
    /// There is such a way.
    pub(super) owes_ends: bool,
    pub(super) limit: Option<Limit>,
}

impl Desk {
    pub(super) fn new(notifier: &Notifier) -> Self {
        Self { limit: notifier.at_most.map(Limit::new), owes_ends: notifier.owes_ends(), ..Self::default() }
    }

    /// Goes on under other settings of its notifier; what was grouped stays so.
    pub(super) fn under(mut self, notifier: &Notifier) -> Self {
        self.owes_ends = notifier.owes_ends();
        self.limit = match (self.limit, notifier.at_most) {
            (limit, Some(at_most)) => Some(limit.unwrap_or_else(|| Limit::new(at_most)).under(at_most)),
            // What was held back is told with the next tick.
            (Some(limit), None) if limit.due().is_some() => Some(limit),
            (_, None) => None,
        };
        self
    }

    /// Takes an entry, or finds that it takes back what still waits.
    pub(super) fn enter(&mut self, notifier: &Notifier, entry: &Entry, now: Timestamp) {
        let mut entry = entry.clone();
        if let Some(parked) = self.parked.remove(&who(&entry))
            && parked.change == Change::Opened
        {
            if entry.is_end() {
                return;
            }
            entry = entry.but(|what| what.change = Change::Opened);
        }
        if entry.is_end() { self.end(notifier, entry, now) } else { self.queue(notifier, entry, now) }
    }

    /// Takes an end: of what was told, or of what need not be told any more.
    fn end(&mut self, notifier: &Notifier, mut entry: Entry, now: Timestamp) {
        let who = who(&entry);
        if self.take_back(&who) {
            return;
        }
        let told = self.not_told(&who);
        entry.thread = told.as_ref().and_then(|told| told.thread);
        if told.is_some() && notifier.resolved && notifier.wants(&entry) {
            self.line_up_end(key(notifier, &entry), entry, now + notifier.wait);
            return;
        }
        // Told now, what waits would stay open for ever.
        self.forget(&who);
        if notifier.resolved {
            self.owe(entry);
        }
    }

    /// Has an entry of what is open wait in its group, if it is wanted.
    fn queue(&mut self, notifier: &Notifier, entry: Entry, now: Timestamp) {
        let who = who(&entry);
        if !notifier.wants(&entry) {
            if let Some((_, told)) = self.told.get_mut(&who) {
                // Nothing is told of it, but a reminder of the level that was told would be wrong.
                *told = Entry { thread: told.thread, ..entry };
            }
            return;
        }
        // What opens again while its end waits goes out behind it, whatever it is grouped by.
        let key = self.pending.end_of(&who).cloned().unwrap_or_else(|| key(notifier, &entry));
        self.line_up(key, entry, now + notifier.wait);
    }

    /// An end waits, and of its instance nothing that another group might tell after it.
    fn line_up_end(&mut self, key: Key, end: Entry, due: Timestamp) {
        let is_full = self.pending.len() >= MAX_PENDING;
        self.take_now_of(&who(&end), |group| is_full || *group != key);
        self.line_up(key, end, due);
    }

    /// Has an entry wait in a group, which is due then at the latest.
    fn line_up(&mut self, key: Key, entry: Entry, due: Timestamp) {
        let group = self.groups.entry(key.clone()).or_default();
        group.due.get_or_insert(due);
        if self.pending.len() < MAX_PENDING {
            group.n_waiting += 1;
            self.pending.push(key, entry);
            return;
        }
        group.n_more += 1;
        if entry.is_end() {
            self.owe(entry);
        }
    }

    /// An instance that opened and ended while it waited was never there.
    fn take_back(&mut self, who: &Who) -> bool {
        let is_new = self.pending.now_of(who).any(|entry| entry.change == Change::Opened);
        if is_new {
            self.take_now_of(who, |_| true);
        }
        is_new
    }

    /// Of an instance that ended nothing more is told but ends, and what came before them.
    fn forget(&mut self, who: &Who) {
        self.take_now_of(who, |_| true);
        if let Some(limit) = &mut self.limit {
            limit.forget(who);
        }
    }

    /// What is due at `now`: first the digest of a window that has ended, then groups that have waited, then reminders.
    pub(super) fn tick(&mut self, place: usize, notifier: &Notifier, now: Timestamp, peace: Peace<'_>, out: &mut Vec<Notice>) {
        if self.due(notifier).is_none_or(|due| due > now) {
            return;
        }
        let notice = |kind, entries: Vec<Entry>, n_more| Notice {
            notifier: place,
            id: Id::of_message(&notifier.name, kind, now, &entries),
            kind,
            at: now,
            thread: entries.iter().find_map(|entry| entry.thread),
            entries,
            n_more,
        };
        self.unpark(notifier, now, peace);
        let ends = std::mem::take(&mut self.ends);
        if !ends.is_empty() {
            out.push(notice(Kind::End, ends, 0));
        }
        if let Some((mut entries, n_more)) = self.limit.as_mut().and_then(|limit| limit.digest(now)) {
            let is_muted = self.park_muted(&mut entries, peace);
            if !is_muted || !entries.is_empty() || n_more > 0 {
                let digest = notice(Kind::Digest, entries, n_more);
                self.speak_of(&digest, now);
                out.push(digest);
            }
        }
        let waited = self.groups.iter().filter(|(_, group)| group.due.is_some_and(|due| due <= now));
        let mut due: BTreeMap<Key, Vec<Entry>> = waited.map(|(key, _)| (key.clone(), Vec::new())).collect();
        for (key, entry) in self.take_if(|key, _| due.contains_key(key)) {
            due.entry(key).or_default().push(entry);
        }
        let closed: Vec<Key> = due.keys().cloned().collect();
        for (key, mut entries) in due {
            let is_muted = self.park_muted(&mut entries, peace);
            let n_more = self.close(&key, &mut entries, now);
            if is_muted && entries.is_empty() && n_more == 0 {
                continue;
            }
            if let Some(limit) = self.limit.as_mut().filter(|_| notifier.at_most.is_some())
                && !limit.allows(now)
            {
                let no_room = limit.hold(entries, n_more, now);
                no_room.into_iter().filter(Entry::is_end).for_each(|end| _ = self.owe(end));
                continue;
            }
            let news = notice(Kind::News, entries, n_more);
            self.speak_of(&news, now);
            out.push(news);
        }
        closed.iter().for_each(|key| self.settle(key));
        let Some(repeat) = notifier.repeat else { return };
        let silent = self.groups.iter().filter(|(_, group)| group.due.is_none() && group.last.is_some_and(|last| last + repeat <= now));
        let silent: BTreeSet<Key> = silent.map(|(key, _)| key.clone()).collect();
        for (key, mut entries) in self.open_of(&silent) {
            entries.retain(|entry| notifier.wants(entry) && peace(entry) == Say::All);
            if self.reminds(&key, !entries.is_empty(), now) {
                out.push(notice(Kind::Reminder, entries, 0));
            }
        }
    }

    /// The wait of a group is over: what it tells counts as told, but for what it tells the end of too. Gives how many found no room.
    fn close(&mut self, key: &Key, entries: &mut [Entry], now: Timestamp) -> u64 {
        let ends = entries.iter().enumerate().filter(|(_, entry)| entry.is_end());
        let ended: BTreeMap<Who, usize> = ends.map(|(at, entry)| (who(entry), at)).collect();
        for (at, entry) in entries.iter_mut().enumerate() {
            let who = who(entry);
            if !entry.is_end() && ended.get(&who).is_none_or(|end| *end < at) {
                self.tell_of(key, who, entry);
            }
        }
        let Some(group) = self.groups.get_mut(key) else { return 0 };
        group.due = None;
        group.last = Some(now);
        std::mem::take(&mut group.n_more)
    }

    /// What is open in these groups.
    fn open_of(&self, keys: &BTreeSet<Key>) -> BTreeMap<Key, Vec<Entry>> {
        let mut open: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
        for (key, entry) in self.told.values().filter(|(key, _)| keys.contains(key)) {
            open.entry(key.clone()).or_default().push(entry.clone());
        }
        open
    }

    /// A reminder beyond the bound is left out: all that it says was said.
    fn reminds(&mut self, key: &Key, has_entries: bool, now: Timestamp) -> bool {
        if let Some(group) = self.groups.get_mut(key) {
            group.last = Some(now);
        }
        has_entries && self.limit.as_mut().is_none_or(|limit| limit.allows(now))
    }

    /// What a message tells of and is open was told now; an opening begins a thread with it.
    fn speak_of(&mut self, notice: &Notice, now: Timestamp) {
        for entry in &notice.entries {
            let Some((key, told)) = self.told.get_mut(&who(entry)) else { continue };
            told.thread.get_or_insert(notice.id);
            if let Some(group) = self.groups.get_mut(key) {
                group.last = Some(now);
            }
        }
    }

    pub(super) fn due(&self, notifier: &Notifier) -> Option<Timestamp> {
        let digest = self.limit.as_ref().and_then(Limit::due);
        let groups = self.groups.values().filter_map(|group| group.due.or_else(|| Some(group.last? + notifier.repeat?)));
        groups.chain(digest).chain(self.look).chain(self.ends.first().map(|end| end.since)).min()
    }
}

/// The group of an entry.
fn key(notifier: &Notifier, entry: &Entry) -> Key {
    notifier.group.iter().map(|field| entry.field(field).map(str::to_owned)).collect()
}
