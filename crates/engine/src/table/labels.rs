//! Marks and attributes, kept once for all series that have the same.

use std::hash::BuildHasher;

use event::{Labels, mark};
use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Slab;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// One stretch of labels.
#[derive(Debug)]
pub(crate) struct LabelSet {
    bytes: Box<[u8]>,
    /// Series that have it.
    n_series: u32,
    /// It has the mark `skep`.
    sample: bool,
}

/// A stretch that a series took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) id: u32,
    /// It has the mark `skep`.
    pub(crate) sample: bool,
}

impl LabelSet {
    pub(crate) fn view(&self) -> Labels<'_> {
        Labels::new(&self.bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// All stretches that some series has. A cluster has far fewer of them than series.
#[derive(Debug, Default)]
pub(crate) struct LabelSets {
    sets: Slab<LabelSet>,
    by_bytes: HashTable<u32>,
    hasher: RandomState,
}

impl LabelSets {
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&LabelSet> {
        self.sets.get(id)
    }

    /// This stretch, for one series more.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Taken {
        let hash = self.hasher.hash_one(bytes);
        let sets = &mut self.sets;
        if let Some(&id) = self.by_bytes.find(hash, |&id| sets.get(id).is_some_and(|set| &*set.bytes == bytes)) {
            let sample = sets.get_mut(id).is_some_and(|set| {
                set.n_series += 1;
                set.sample
            });
            return Taken { id, sample };
        }
        let sample = Labels::new(bytes).has_mark(mark::SKEP);
        let id = sets.insert(LabelSet { bytes: bytes.into(), n_series: 1, sample });
        let hasher = &self.hasher;
        self.by_bytes.insert_unique(hash, id, |&id| hasher.hash_one(sets.get(id).map_or(&[][..], |set| &set.bytes)));
        Taken { id, sample }
    }

    /// One series fewer has it.
    pub(crate) fn give_back(&mut self, id: u32) {
        let Some(set) = self.sets.get_mut(id) else { return };
        set.n_series -= 1;
        if set.n_series > 0 {
            return;
        }
        let hash = self.hasher.hash_one(&set.bytes[..]);
        if let Ok(entry) = self.by_bytes.find_entry(hash, |&other| other == id) {
            entry.remove();
        }
        self.sets.remove(id);
    }
}

impl LabelSets {
    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.sets.bound());
        for id in 0..self.sets.bound() {
            writer.option(self.sets.get(id), |writer, set| writer.bytes(&set.bytes));
        }
    }

    /// The stretches by the ids they had; each is kept when a series takes it.
    pub(crate) fn read<'a>(reader: &mut Reader<'a>) -> Result<Vec<Option<&'a [u8]>>, SnapshotError> {
        let n_places = reader.count()?;
        (0..n_places).map(|_| reader.option(Reader::bytes)).collect()
    }
}
