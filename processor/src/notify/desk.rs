//! One notifier's entries: what waits in groups, what is open and was told.

use std::collections::BTreeMap;

use event::Timestamp;

use super::limit::Limit;
use super::{Entry, Kind, Notice, Notifier};

/// Entries that wait at one notifier with their texts; further ones are only counted.
const MAX_PENDING: usize = 10_000;

/// The values of the fields of `group`.
type Key = Vec<Option<String>>;

/// Rule and instance.
type Who = (String, String);

#[derive(Clone, Debug)]
pub(super) struct Desk {
    /// In the order in which they came.
    pending: Vec<(Key, Entry)>,
    groups: BTreeMap<Key, Group>,
    /// What is open and was told, as it was told last; its group.
    told: BTreeMap<Who, (Key, Entry)>,
    limit: Option<Limit>,
}

#[derive(Clone, Debug, Default)]
struct Group {
    /// When it has waited long enough; `None` when nothing waits.
    due: Option<Timestamp>,
    /// Of the last message about it.
    last: Option<Timestamp>,
    /// Entries that found no room.
    n_more: u64,
}

impl Desk {
    pub(super) fn new(notifier: &Notifier) -> Self {
        let limit = notifier.at_most.map(Limit::new);
        Self { pending: Vec::new(), groups: BTreeMap::new(), told: BTreeMap::new(), limit }
    }

    /// Takes an entry, or finds that it takes back what still waits.
    pub(super) fn enter(&mut self, notifier: &Notifier, entry: &Entry, now: Timestamp) {
        let is_wanted = notifier.only.as_ref().is_none_or(|only| entry.with_view(|view| only.matches(view)));
        if entry.is_end() && (self.take_back(entry) || self.told.remove(&who(entry)).is_none() || !notifier.resolved) {
            return;
        }
        if !is_wanted {
            return;
        }
        let key: Key = notifier.group.iter().map(|field| entry.field(field).map(str::to_owned)).collect();
        let group = self.groups.entry(key.clone()).or_default();
        group.due.get_or_insert(now + notifier.wait);
        if self.pending.len() < MAX_PENDING {
            self.pending.push((key, entry.clone()));
        } else {
            group.n_more += 1;
        }
    }

    /// An instance that opened and ended while it waited was never there.
    fn take_back(&mut self, end: &Entry) -> bool {
        let is_its = |entry: &Entry| entry.rule == end.rule && entry.instance == end.instance;
        let is_opening = |(_, entry): &(Key, Entry)| is_its(entry) && entry.change == engine::Change::Opened;
        let Some(opening) = self.pending.iter().rposition(is_opening) else { return false };
        let mut at = 0;
        self.pending.retain(|(_, entry)| {
            at += 1;
            at <= opening || !is_its(entry)
        });
        self.drop_empty_groups();
        true
    }

    /// The instance is muted: what waits of it is not told, and its end is not either.
    pub(super) fn withdraw(&mut self, rule: &str, instance: &str) {
        self.pending.retain(|(_, entry)| entry.rule != rule || entry.instance != instance);
        self.told.remove(&(rule.to_owned(), instance.to_owned()));
        self.drop_empty_groups();
    }

    fn drop_empty_groups(&mut self) {
        let (pending, told) = (&self.pending, &self.told);
        self.groups.retain(|key, group| {
            if group.n_more == 0 && !pending.iter().any(|(of, _)| of == key) {
                group.due = None;
            }
            group.due.is_some() || told.values().any(|(of, _)| of == key)
        });
    }

    /// What is due at `now`: first the digest of a window that has ended, then groups that have waited, then reminders.
    pub(super) fn tick(&mut self, place: usize, notifier: &Notifier, now: Timestamp, out: &mut Vec<Notice>) {
        if self.due(notifier).is_none_or(|due| due > now) {
            return;
        }
        if let Some((entries, n_more)) = self.limit.as_mut().and_then(|limit| limit.digest(now)) {
            self.speak_of(&entries, now);
            out.push(Notice { notifier: place, kind: Kind::Digest, entries, n_more });
        }
        let waited = self.groups.iter().filter(|(_, group)| group.due.is_some_and(|due| due <= now));
        for key in waited.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.deliver(&key, place, now, out);
        }
        let Some(repeat) = notifier.repeat else { return };
        let silent = self.groups.iter().filter(|(_, group)| group.due.is_none() && group.last.is_some_and(|last| last + repeat <= now));
        for key in silent.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.remind(&key, place, now, out);
        }
    }

    fn deliver(&mut self, key: &Key, place: usize, now: Timestamp, out: &mut Vec<Notice>) {
        let entries: Vec<Entry> = self.pending.extract_if(.., |(of, _)| of == key).map(|(_, entry)| entry).collect();
        let Some(group) = self.groups.get_mut(key) else { return };
        group.due = None;
        group.last = Some(now);
        let n_more = std::mem::take(&mut group.n_more);
        for entry in &entries {
            if entry.is_end() {
                self.told.remove(&who(entry));
            } else {
                self.told.insert(who(entry), (key.clone(), entry.clone()));
            }
        }
        match &mut self.limit {
            Some(limit) => {
                if limit.allows(now) {
                    out.push(Notice { notifier: place, kind: Kind::News, entries, n_more });
                } else {
                    limit.hold(entries, n_more, now);
                }
            }
            None => out.push(Notice { notifier: place, kind: Kind::News, entries, n_more }),
        }
        self.drop_empty_groups();
    }

    /// A reminder beyond the bound is left out: all that it says was said.
    fn remind(&mut self, key: &Key, place: usize, now: Timestamp, out: &mut Vec<Notice>) {
        let Some(group) = self.groups.get_mut(key) else { return };
        group.last = Some(now);
        let entries: Vec<Entry> = self.told.values().filter(|(of, _)| of == key).map(|(_, entry)| entry.clone()).collect();
        if !entries.is_empty() && self.limit.as_mut().is_none_or(|limit| limit.allows(now)) {
            out.push(Notice { notifier: place, kind: Kind::Reminder, entries, n_more: 0 });
        }
    }

    fn speak_of(&mut self, entries: &[Entry], now: Timestamp) {
        for (key, _) in entries.iter().filter_map(|entry| self.told.get(&who(entry))) {
            if let Some(group) = self.groups.get_mut(key) {
                group.last = Some(now);
            }
        }
    }

    pub(super) fn due(&self, notifier: &Notifier) -> Option<Timestamp> {
        let digest = self.limit.as_ref().and_then(Limit::due);
        let groups = self.groups.values().filter_map(|group| group.due.or_else(|| Some(group.last? + notifier.repeat?)));
        groups.chain(digest).min()
    }
}

fn who(entry: &Entry) -> Who {
    (entry.rule.clone(), entry.instance.clone())
}
