//! `by`: a copy of what follows for every value of some fields.

use std::hash::BuildHasher;

use event::{Metric, View};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::branch::Branch;
use super::machine::Run;
use super::step::{Done, Signal};
use crate::live::Memo;
use crate::query::Field;
use crate::table::Slab;

/// `by: [host, service]`.
#[derive(Clone, Debug)]
pub struct By {
    /// Whose values make a key; a missing one is a value too.
    pub fields: Vec<Field>,
}

/// The branches of one `by`, found by their keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    by_key: HashTable<u32>,
    hasher: FixedState,
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    fn find(&self, key: &[u8], all: &Slab<Branch>) -> Option<u32> {
        self.by_key.find(self.hash(key), |&id| all.get(id).is_some_and(|branch| *branch.key == *key)).copied()
    }

    pub(super) fn insert(&mut self, hash: u64, id: u32, all: &Slab<Branch>) {
        let hasher = &self.hasher;
        self.by_key.insert_unique(hash, id, |&id| all.get(id).map_or(0, |branch| hasher.hash_one(&*branch.key)));
    }

    pub(super) fn remove(&mut self, hash: u64, id: u32) {
        if let Ok(entry) = self.by_key.find_entry(hash, |&other| other == id) {
            entry.remove();
        }
    }
}

impl By {
    /// The same key for all events of a series.
    pub(super) fn is_steady(&self) -> bool {
        self.fields.iter().all(|field| matches!(field, Field::Host | Field::Service | Field::Tags | Field::Attribute(_)))
    }

    #[inline]
    pub(super) fn on(&self, slot: u32, inner: u32, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.borrowed()?;
        let is_memo = run.node == run.program.memo;
        let known = run.memo.filter(|_| is_memo).and_then(|memo| {
            let branch = run.streams.branches.get(memo.instance)?;
            (branch.serial == memo.serial).then_some(memo.instance)
        });
        let id = match known {
            Some(id) => id,
            None => {
                let Some(id) = self.find(slot, inner, event, run) else { return Ok(()) };
                if is_memo && run.memo.is_some() {
                    run.memo = run.streams.branches.get(id).map(|branch| Memo { instance: id, serial: branch.serial });
                }
                id
            }
        };
        if let Some(branch) = run.streams.branches.get_mut(id) {
            branch.seen = run.now;
        }
        let outer = std::mem::replace(&mut run.branch, id);
        let done = run.emit(signal);
        run.branch = outer;
        done
    }

    /// The branch of the event's key, made when there is none yet and room for it.
    fn find(&self, slot: u32, inner: u32, event: &View<'_>, run: &mut Run<'_>) -> Option<u32> {
        let mut key = std::mem::take(&mut run.streams.key);
        key.clear();
        self.fields.iter().for_each(|field| write_value(&mut key, field, event));
        let outer = run.branch;
        let branches = &run.streams.branches;
        let found = branches.keys(outer, slot).and_then(|keys| keys.find(&key, &branches.all));
        let found = match found {
            Some(id) => Some(id),
            None if branches.n_of(run.stream) > run.program.max_instances => {
                run.out.counters.instances_over += 1;
                None
            }
            None => {
                let id = run.branch(inner, Some((outer, slot)), &key);
                if let Some(mut keys) = run.streams.branches.keys_mut(outer, slot).map(std::mem::take) {
                    keys.insert(keys.hash(&key), id, &run.streams.branches.all);
                    if let Some(place) = run.streams.branches.keys_mut(outer, slot) {
                        *place = keys;
                    }
                }
                Some(id)
            }
        };
        run.streams.key = key;
        found
    }
}

/// Appends a field's value so that no two values, and no two rows of values, are written alike; numbers that are equal are.
pub(super) fn write_value(out: &mut Vec<u8>, field: &Field, event: &View<'_>) {
    let text = |out: &mut Vec<u8>, text: Option<&[u8]>| match text {
        None => out.push(0),
        Some(text) => {
            out.push(1);
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text);
        }
    };
    let number = |out: &mut Vec<u8>, number: Option<f64>| match number {
        None => out.push(0),
        Some(number) => {
            out.push(2);
            // The two zeroes are one number.
            out.extend_from_slice(&(number + 0.0).to_bits().to_le_bytes());
        }
    };
    match field {
        Field::Host => text(out, event.host),
        Field::Service => text(out, event.service),
        Field::State => text(out, event.state),
        Field::Description => text(out, event.description),
        Field::Metric => number(out, event.metric.map(Metric::as_f64)),
        Field::Time => number(out, event.time.map(event::Timestamp::as_secs_f64)),
        Field::Ttl => number(out, event.ttl.map(f64::from)),
        Field::Tags => {
            event.labels.marks().for_each(|mark| text(out, Some(mark)));
            out.push(0);
        }
        Field::Attribute(name) => text(out, event.labels.attribute(name.as_bytes())),
    }
}

/// A field's value as a number.
pub(super) fn number(field: &Field, event: &View<'_>) -> Option<f64> {
    match field {
        Field::Metric => event.metric.map(Metric::as_f64),
        Field::Time => event.time.map(event::Timestamp::as_secs_f64),
        Field::Ttl => event.ttl.map(f64::from),
        Field::Host | Field::Service | Field::State | Field::Description | Field::Tags => None,
        Field::Attribute(name) => std::str::from_utf8(event.labels.attribute(name.as_bytes())?).ok()?.trim().parse().ok(),
    }
}
