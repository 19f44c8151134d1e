//! The series table, which is also the index: who sends what, and the last event of every key.
//!
//! The key is (host, service). An event whose marks or attributes differ from the last ones is another *variant* of the key, with an id of its own;
//! one of a key's variants holds the index's entry. Series lie in the order in which they first came, which is the order in which
//! senders go on sending them, so that memory is walked forwards and one compare with the expected successor finds most.

mod deadlines;
mod details;
mod labels;
mod slab;
mod slot;
mod snapshot;
mod words;

use std::hash::{BuildHasher, Hasher};

use event::{Labels, Timestamp, View};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::{Indexed, Series, SeriesId};
use deadlines::Deadlines;
use details::{Detail, Details, keep_state};
use labels::LabelSets;
pub(crate) use slab::Slab;
pub(crate) use slot::Slot;
use words::Words;

/// Variants kept of one key. Labels that change all the time cost a new series each time, so some are kept, but a sender that never repeats
/// itself must not fill the memory.
const MAX_VARIANTS: usize = 4;

/// Where an event belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// To this series.
    Series(u32),
    /// To the key of this series, with labels that are new.
    NewLabels(u32),
    /// To a key that is new.
    NewKey,
}

/// A variant that was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Added {
    pub(crate) id: u32,
    /// It has the id of one that was given up, whose live rules these were.
    pub(crate) replaced: Option<u32>,
}

/// All series.
#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Slab<Slot>,
    by_key: HashTable<u32>,
    hasher: RandomState,
    labels: LabelSets,
    words: Words,
    details: Details,
    deadlines: Deadlines,
    /// The series of the last event.
    last: u32,
}

impl Table {
    /// How many keys there are.
    pub(crate) fn n_keys(&self) -> usize {
        self.by_key.len()
    }

    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&Slot> {
        self.slots.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Slot> {
        self.slots.get_mut(id)
    }

    /// Every rule list must be looked up anew.
    pub(crate) fn forget_live(&mut self) {
        for (_, slot) in self.slots.iter_mut() {
            slot.live = 0;
        }
    }

    /// Where an event with this host, service and labels belongs; an absent host or service is empty.
    #[inline]
    pub(crate) fn locate(&mut self, host: &[u8], service: &[u8], labels: &[u8]) -> Found {
        let expected = self.slots.get(self.last).map_or(0, |last| last.successor);
        let key = match self.slots.get(expected) {
            Some(slot) if slot.is(host, service) => expected,
            _ => match self.find(host, service) {
                Some(id) => id,
                None => return Found::NewKey,
            },
        };
        let Some(id) = self.variant(key, labels) else { return Found::NewLabels(key) };
        self.follow(id);
        Found::Series(id)
    }

    /// Remembers that this series came after the last one.
    #[inline]
    fn follow(&mut self, id: u32) {
        if let Some(last) = self.slots.get_mut(self.last)
            && last.successor != id
        {
            last.successor = id;
        }
        self.last = id;
    }

    /// A variant of the key, whichever.
    pub(crate) fn find(&self, host: &[u8], service: &[u8]) -> Option<u32> {
        let slots = &self.slots;
        let hash = self.hash(host, service);
        self.by_key.find(hash, |&id| slots.get(id).is_some_and(|slot| slot.is(host, service))).copied()
    }

    /// The variant that holds the key's last event.
    pub(crate) fn current(&self, host: &[u8], service: &[u8]) -> Option<u32> {
        let first = self.find(host, service)?;
        self.ring(first).find(|&id| self.slots.get(id).is_some_and(|slot| slot.current))
    }

    fn hash(&self, host: &[u8], service: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(host);
        hasher.write(service);
        hasher.write_usize(host.len());
        hasher.finish()
    }

    /// The variant of a key with these labels.
    #[inline]
    fn variant(&self, key: u32, labels: &[u8]) -> Option<u32> {
        if self.slots.get(key).and_then(|slot| self.labels.get(slot.labels)).is_some_and(|set| set.as_bytes() == labels) {
            return Some(key);
        }
        self.ring(key).find(|&id| self.labels_of(id).same(&Labels::new(labels)))
    }

    /// The variants of a key, this one first.
    fn ring(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        let next = move |&id: &u32| self.slots.get(id).map(|slot| slot.sibling).filter(|&sibling| sibling != first);
        std::iter::successors(Some(first), next).take(MAX_VARIANTS)
    }

    pub(crate) fn labels_of(&self, id: u32) -> Labels<'_> {
        self.slots.get(id).and_then(|slot| self.labels.get(slot.labels)).map_or_else(Labels::default, |set| set.view())
    }

    /// Makes a series of a new key.
    pub(crate) fn add_key(&mut self, host: &str, service: &str, labels: &[u8]) -> u32 {
        let labels = self.labels.take(labels);
        let id = self.slots.insert(Slot::new(host, service, labels, 0));
        if let Some(slot) = self.slots.get_mut(id) {
            slot.sibling = id;
        }
        let hash = self.hash(host.as_bytes(), service.as_bytes());
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.by_key.insert_unique(hash, id, |&id| rehash(slots, hasher, id));
        self.follow(id);
        id
    }

    /// Makes a variant of the key that the series `key` belongs to; with too many of them in the oldest one's place.
    pub(crate) fn add_variant(&mut self, key: u32, labels: &[u8]) -> Added {
        let newest = self.ring(key).find(|&id| self.slots.get(id).is_some_and(|slot| slot.current)).unwrap_or(key);
        let n_variants = self.ring(key).count();
        let Some(slot) = self.slots.get(newest) else { return Added { id: newest, replaced: None } };
        let next = slot.sibling;
        let labels = self.labels.take(labels);
        if n_variants < MAX_VARIANTS {
            let id = self.slots.insert(Slot::new(slot.host(), slot.service(), labels, next));
            if let Some(newest) = self.slots.get_mut(newest) {
                newest.sibling = id;
            }
            self.follow(id);
            return Added { id, replaced: None };
        }
        let mut variant = Slot::new(slot.host(), slot.service(), labels, 0);
        let mut replaced = None;
        if let Some(oldest) = self.slots.get_mut(next) {
            variant.sibling = oldest.sibling;
            variant.successor = oldest.successor;
            self.labels.give_back(oldest.labels);
            replaced = Some(oldest.live);
            *oldest = variant;
        }
        self.follow(next);
        Added { id: next, replaced }
    }

    /// Makes the event the index's entry of its key. Its `time` is `time`; it leaves after `deadline`.
    #[inline]
    pub(crate) fn update(&mut self, id: u32, event: &View<'_>, time: Timestamp, deadline: Timestamp) {
        self.make_current(id);
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.time = time;
        slot.set_metric(event.metric);
        slot.set_ttl(event.ttl);
        self.deadlines.set(id, deadline);
        let plain = event.description.is_none() && !slot.detailed;
        if plain && self.words.get(slot.state).map(str::as_bytes) == event.state {
            return;
        }
        self.update_texts(id, event);
    }

    fn make_current(&mut self, id: u32) {
        match self.slots.get_mut(id) {
            Some(slot) if !slot.current => slot.current = true,
            _ => return,
        }
        let others: [Option<u32>; MAX_VARIANTS] = {
            let mut ring = self.ring(id).skip(1);
            std::array::from_fn(|_| ring.next())
        };
        for other in others.into_iter().flatten() {
            self.retire(other);
        }
    }

    /// The variant is no longer what the index holds.
    fn retire(&mut self, id: u32) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.current = false;
        if slot.detailed {
            slot.detailed = false;
            self.details.remove(&id);
        }
        self.deadlines.clear(id);
    }

    fn update_texts(&mut self, id: u32, event: &View<'_>) {
        let (word, odd_state) = keep_state(&mut self.words, event.state);
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.state = word;
        slot.detailed = event.description.is_some() || odd_state.is_some();
        if !slot.detailed {
            self.details.remove(&id);
            return;
        }
        let detail = self.details.entry(id).or_default();
        detail.state = odd_state;
        match (&mut detail.description, event.description) {
            (kept, None) => *kept = None,
            (Some(kept), Some(new)) => {
                kept.clear();
                kept.push_str(&String::from_utf8_lossy(new));
            }
            (kept @ None, Some(new)) => *kept = Some(String::from_utf8_lossy(new).into_owned()),
        }
    }

    /// Takes a key out: the ids of its variants, which mean nothing from now on, and their live rules.
    pub(crate) fn remove_key(&mut self, id: u32) -> impl Iterator<Item = (u32, u32)> + use<> {
        let ids: [Option<u32>; MAX_VARIANTS] = {
            let mut ring = self.ring(id);
            std::array::from_fn(|_| ring.next())
        };
        if let Some(slot) = self.slots.get(id) {
            let hash = self.hash(slot.host().as_bytes(), slot.service().as_bytes());
            if let Ok(entry) = self.by_key.find_entry(hash, |other| ids.contains(&Some(*other))) {
                entry.remove();
            }
        }
        let removed = ids.map(|id| {
            let id = id?;
            self.retire(id);
            let slot = self.slots.remove(id)?;
            self.labels.give_back(slot.labels);
            Some((id, slot.live))
        });
        removed.into_iter().flatten()
    }

    /// When the next entry may be due to leave.
    #[inline]
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.deadlines.next_due()
    }

    /// Puts the entries that are due at `now` into `due`, in the order of their ids.
    pub(crate) fn take_due(&mut self, now: Timestamp, due: &mut Vec<u32>) {
        self.deadlines.take_due(now, due);
    }

    /// Whether [`Table::take_due`] gave this entry and nothing has come for its key since.
    pub(crate) fn is_out_of_time(&self, id: u32) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.current) && !self.deadlines.is_set(id)
    }

    /// Moves every deadline on.
    pub(crate) fn move_deadlines(&mut self, by: event::Duration) {
        self.deadlines.shift(by);
    }

    /// The series with this id.
    #[inline]
    pub(crate) fn series(&self, id: u32) -> Option<Series<'_>> {
        let slot = self.slots.get(id)?;
        let labels = self.labels.get(slot.labels)?;
        Some(Series {
            id: Some(SeriesId(id)),
            host: filled(slot.host()),
            service: filled(slot.service()),
            labels: labels.view(),
            sample: slot.sample,
        })
    }

    /// Whether the series has the mark `skep`.
    #[inline]
    pub(crate) fn is_sample(&self, id: u32) -> bool {
        self.slots.get(id).is_some_and(|slot| slot.sample)
    }

    /// The entry that this series holds, if it is the one of its key that does.
    pub(crate) fn indexed(&self, id: u32) -> Option<Indexed<'_>> {
        let slot = self.slots.get(id).filter(|slot| slot.current)?;
        let series = self.series(id)?;
        let detail = if slot.detailed { self.details.get(&id) } else { None };
        let state = self.words.get(slot.state).or_else(|| detail?.state.as_deref());
        let event = View {
            time: Some(slot.time),
            state: state.map(str::as_bytes),
            service: series.service.map(str::as_bytes),
            host: series.host.map(str::as_bytes),
            description: detail.and_then(|detail| detail.description.as_deref()).map(str::as_bytes),
            ttl: slot.ttl(),
            metric: slot.metric(),
            labels: series.labels,
        };
        Some(Indexed { series, event, deadline: self.deadlines.get(id) })
    }

    /// Every entry of the index, in the order of ids.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Indexed<'_>> {
        self.slots.iter().filter_map(|(id, _)| self.indexed(id))
    }
}

fn rehash(slots: &Slab<Slot>, hasher: &RandomState, id: u32) -> u64 {
    let Some(slot) = slots.get(id) else { return 0 };
    let mut hasher = hasher.build_hasher();
    hasher.write(slot.host().as_bytes());
    hasher.write(slot.service().as_bytes());
    hasher.write_usize(slot.host().len());
    hasher.finish()
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
