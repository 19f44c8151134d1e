//! Entries that wait, in the order in which they came, and found by their instance too: there may be very many.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Entry;

/// Rule and instance.
pub(super) type Who = Arc<(String, String)>;

/// Whom an entry tells of.
pub(super) fn who(entry: &Entry) -> Who {
    Arc::new((entry.rule.clone(), entry.instance.clone()))
}

/// Each with what its owner knows of it.
#[derive(Clone, Debug)]
pub(super) struct Line<T> {
    /// By a number that grows.
    entries: BTreeMap<u64, (T, Entry)>,
    /// The numbers of an instance's entries, in their order; never an empty list.
    of: BTreeMap<Who, Vec<u64>>,
    next: u64,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), of: BTreeMap::new(), next: 0 }
    }
}

impl<T> Line<T> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// In the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(T, Entry)> {
        self.entries.values()
    }

    pub(super) fn push(&mut self, known: T, entry: Entry) {
        self.of.entry(who(&entry)).or_default().push(self.next);
        self.entries.insert(self.next, (known, entry));
        self.next += 1;
    }

    /// What waits of an instance as it is now: behind its last end.
    pub(super) fn now_of(&self, who: &Who) -> impl Iterator<Item = &Entry> {
        self.numbers_now_of(who).iter().filter_map(|number| self.entries.get(number)).map(|(_, entry)| entry)
    }

    /// What is known of the last end of an instance that waits.
    pub(super) fn end_of(&self, who: &Who) -> Option<&T> {
        let numbers = self.of.get(who)?;
        let end = numbers.len().checked_sub(self.numbers_now_of(who).len() + 1)?;
        self.entries.get(numbers.get(end)?).map(|(known, _)| known)
    }

    /// All entries, in their order.
    pub(super) fn into_entries(self) -> Vec<Entry> {
        self.entries.into_values().map(|(_, entry)| entry).collect()
    }

    fn numbers_now_of(&self, who: &Who) -> &[u64] {
        let Some(numbers) = self.of.get(who) else { return &[] };
        let is_end = |number: &u64| self.entries.get(number).is_some_and(|(_, entry)| entry.is_end());
        let behind = numbers.iter().rposition(is_end).map_or(0, |end| end + 1);
        numbers.get(behind..).unwrap_or_default()
    }

    /// Takes out what [`Line::now_of`] gives, where `is_one` holds.
    pub(super) fn take_now_of(&mut self, who: &Who, is_one: impl Fn(&T, &Entry) -> bool) -> Vec<(T, Entry)> {
        let numbers = self.numbers_now_of(who).to_vec();
        let is_one = |number: &u64| self.entries.get(number).is_some_and(|(known, entry)| is_one(known, entry));
        let taken: Vec<u64> = numbers.into_iter().filter(is_one).collect();
        taken.into_iter().filter_map(|number| self.take(number)).collect()
    }

    /// Takes out all for which `is_one` holds, in their order.
    pub(super) fn take_if(&mut self, is_one: impl Fn(&T, &Entry) -> bool) -> Vec<(T, Entry)> {
        let wanted = self.entries.iter().filter(|(_, (known, entry))| is_one(known, entry));
        let taken: Vec<u64> = wanted.map(|(number, _)| *number).collect();
        taken.into_iter().filter_map(|number| self.take(number)).collect()
    }

    fn take(&mut self, number: u64) -> Option<(T, Entry)> {
        let (known, entry) = self.entries.remove(&number)?;
        let who = who(&entry);
        if let Some(numbers) = self.of.get_mut(&who) {
            numbers.retain(|other| *other != number);
            if numbers.is_empty() {
                self.of.remove(&who);
            }
        }
        Some((known, entry))
    }
}

impl<T> FromIterator<(T, Entry)> for Line<T> {
    fn from_iter<I: IntoIterator<Item = (T, Entry)>>(entries: I) -> Self {
        let mut line = Self::default();
        entries.into_iter().for_each(|(known, entry)| line.push(known, entry));
        line
    }
}
