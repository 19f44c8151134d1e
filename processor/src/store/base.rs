//! The store itself: memory and file together, driven by its thread. Nothing here reads a clock.

mod oldest;
mod roll;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tier_tests;
mod upkeep;

use event::Metric;
use hashbrown::HashSet;

use super::batch::{Batch, Change};
use super::catalogue::{Addition, Catalogue, Place};
use super::file::{File, OpenError};
use super::row::{Entry, Row, entries};
use super::settings::{MAX_SERIES, secs};
use super::window::{AHEAD, END, FIRST, Window, WindowId};
use super::{Counters, HistoryRequest, Measurement, Settings, StoreError, TagSets, Tier, TransitionRecord};

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Keys of what the store keeps about itself, beside what others keep; theirs begin with `=`.
const POSITION: &str = "position";
const CLOCK: &str = "clock";

/// A value so many seconds ahead of now is refused: no retention would reach it, and its sender's clock is wrong.
const MOST_AHEAD: i64 = 86_400;

/// Seconds after which even a store that is given nothing seals and removes.
const UPKEEP_EVERY: i64 = 60;

/// A value of a window that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late {
    pub(super) id: WindowId,
    pub(super) slot: u16,
    pub(super) offset: u16,
    pub(super) value: Metric,
}

/// What the file does not have yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    additions: Vec<Addition>,
    row: Row,
    pub(super) late: Vec<Late>,
    transitions: Vec<TransitionRecord>,
    values: u64,
}

/// The store: what is in memory, what is on its way to the file, and the file.
#[derive(Debug)]
pub(crate) struct Base {
    pub(super) file: File,
    pub(super) catalogue: Catalogue,
    pub(super) pending: Pending,
    settings: Settings,
    /// The coarser tiers, finest first.
    pub(super) tiers: Vec<Tier>,
    counters: Arc<Counters>,
    /// Number of the row being written.
    row: i64,
    /// The latest engine's time, in seconds; it decides which windows are open.
    pub(super) now: i64,
    /// That time at the last commit.
    written: i64,
    position: u64,
    upkeep: upkeep::Upkeep,
    oldest: oldest::Oldest,
}

impl Base {
    /// Opens the file and reads back what was in memory.
    pub(crate) fn open(settings: &Settings, counters: Arc<Counters>) -> Result<Self, OpenError> {
        let path = settings.folder.join("store.db");
        let file = File::open(&path)?;
        let tiers = Tier::usable(&settings.tiers, settings.retention);
        let steps: Vec<i64> = tiers.iter().map(|tier| secs(tier.step)).collect();
        file.prepare_coarse(&steps).map_err(|source| OpenError::File { path: path.clone(), source })?;
        let mut base = Self {
            file,
            catalogue: Catalogue::new(settings.max_series.min(MAX_SERIES)),
            pending: Pending::default(),
            settings: settings.clone(),
            tiers,
            counters,
            row: 1,
            now: 0,
            written: 0,
            position: 0,
            upkeep: upkeep::Upkeep::new(),
            oldest: oldest::Oldest::default(),
        };
        base.recover().map_err(|source| OpenError::File { path, source })?;
        Ok(base)
    }

    /// Up to where all that the engine said is in the file, as of the last commit.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Whether a commit would do anything but write the position.
    pub(crate) fn has_pending(&self) -> bool {
        let pending = &self.pending;
        let is_due = self.now >= self.written + UPKEEP_EVERY;
        is_due
            || !(pending.additions.is_empty()
                && pending.row.as_bytes().is_empty()
                && pending.late.is_empty()
                && pending.transitions.is_empty())
    }

    /// Bytes that wait for a commit, roughly.
    pub(crate) fn pending_bytes(&self) -> usize {
        self.pending.row.as_bytes().len() + self.pending.late.len() * size_of::<Late>()
    }

    /// Takes what the engine said; the next commit writes it down.
    pub(crate) fn apply(&mut self, batch: &Batch) {
        self.now = self.now.max(batch.now.secs());
        let mut changes = batch.changes.iter().peekable();
        for (at, sample) in batch.samples.iter().enumerate() {
            while let Some((_, change)) = changes.next_if(|(before, _)| *before <= at) {
                self.change(change);
            }
            let place = self.catalogue.meaning(sample.series);
            match place {
                Some(place) => self.sample(place, sample.time.secs(), sample.value),
                None => _ = self.counters.refused.fetch_add(1, Relaxed),
            }
        }
        changes.for_each(|(_, change)| self.change(change));
        self.pending.transitions.extend(batch.transitions.iter().cloned());
        self.counters.series.store(self.catalogue.n_fields() as u64, Relaxed);
    }

    /// Writes everything down, seals what is over, and keeps the file small. On an error nothing is lost: the next commit tries again.
    pub(crate) fn commit(&mut self, position: u64) -> Result<(), StoreError> {
        self.file.begin()?;
        match self.write(position).and_then(|done| Ok(self.file.commit().map(|()| done)?)) {
            Ok(done) => {
                self.settle(done, position);
                Ok(())
            }
            Err(error) => {
                self.file.roll_back();
                // Some of these windows may not stand in the file now.
                self.catalogue.entities().for_each(|(_, entity)| entity.rolled.clear());
                Err(error)
            }
        }
    }

    /// Gives up what the file does not take, so that the engine need not wait for it: it stays readable while it is in memory.
    /// The catalogue's additions stay, for nothing could be written without them.
    pub(crate) fn give_up(&mut self) {
        self.counters.dropped.fetch_add(self.pending.values, Relaxed);
        self.pending.row.clear();
        self.pending.late.clear();
        self.pending.transitions.clear();
        self.pending.values = 0;
    }

    /// Every measurement with its fields and tag keys.
    pub(crate) fn names(&self) -> Vec<Measurement> {
        self.catalogue.names()
    }

    /// The tags of series.
    pub(crate) fn tag_sets(&self, measurement: Option<&str>) -> Vec<TagSets> {
        self.catalogue.tag_sets(measurement)
    }

    /// The alert history.
    pub(crate) fn history(&self, request: &HistoryRequest) -> Result<Vec<TransitionRecord>, StoreError> {
        let mut records = self.file.transitions(request, super::handle::MAX_TRANSITIONS)?;
        let pending = self.pending.transitions.iter().filter(|record| request.wants(record));
        for record in pending {
            let same =
                |known: &TransitionRecord| known.since == record.since && known.rule == record.rule && known.instance == record.instance;
            if !records.iter().any(same) {
                records.push(record.clone());
            }
        }
        records.sort_by_key(|record| record.since);
        Ok(records)
    }

    /// A small value that somebody keeps.
    pub(crate) fn kept(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.file.state(&format!("={key}"))?)
    }

    /// Keeps a small value, at once.
    pub(crate) fn keep(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        Ok(self.file.put_state(&format!("={key}"), value)?)
    }

    fn recover(&mut self) -> rusqlite::Result<()> {
        let number = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        self.position = number(self.file.state(POSITION)?);
        self.now = number(self.file.state(CLOCK)?).cast_signed();
        let Self { file, catalogue, now, .. } = self;
        file.entities(|id, measurement, tags| catalogue.load_entity(id, measurement, tags, *now))?;
        file.fields(|entity, name| catalogue.load_field(entity, name))?;
        self.recover_windows()?;
        self.counters.series.store(self.catalogue.n_fields() as u64, Relaxed);
        Ok(())
    }

    /// Puts the log's values back into their windows, but for those that have been sealed since.
    fn recover_windows(&mut self) -> rusqlite::Result<()> {
        let Self { file, catalogue, row, .. } = self;
        // The file is asked once for each window, not once for each value.
        let mut sealed = HashSet::new();
        file.rows(|n, body| {
            *row = n + 1;
            for entry in entries(body) {
                let Some(entity) = catalogue.entity(entry.entity) else { continue };
                let id = WindowId::of(entry.entity, entry.second);
                if entity.window(id).is_none() {
                    if sealed.contains(&id) {
                        continue;
                    }
                    if file.has_block(id)? {
                        sealed.insert(id);
                        continue;
                    }
                    entity.windows.push(Window::new(id, n));
                }
                if let Some(window) = entity.window(id) {
                    window.column(entry.slot).set(id.offset(entry.second), entry.value);
                }
            }
            Ok(())
        })
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Named { series, measurement, tags, field } => {
                self.catalogue.name(*series, measurement, tags, field, &mut self.pending.additions);
            }
            Change::Forgotten(series) => self.catalogue.forget(*series),
        }
    }

    fn sample(&mut self, place: Place, second: i64, value: Metric) {
        if !(FIRST..END).contains(&second) || second > self.now + MOST_AHEAD {
            self.counters.refused.fetch_add(1, Relaxed);
            return;
        }
        let Some(entity) = self.catalogue.entity(place.entity) else { return };
        let id = WindowId::of(place.entity, second);
        entity.last = entity.last.max(second);
        self.pending.values += 1;
        self.counters.values.fetch_add(1, Relaxed);
        if entity.window(id).is_none() && !id.is_over(self.now) && second <= self.now + AHEAD {
            entity.windows.push(Window::new(id, self.row));
        }
        match entity.window(id) {
            Some(window) => {
                window.column(place.slot).set(id.offset(second), value);
                self.pending.row.push(&Entry { entity: place.entity, slot: place.slot, second, value });
            }
            None => {
                self.counters.late.fetch_add(1, Relaxed);
                self.pending.late.push(Late { id, slot: place.slot, offset: id.offset(second), value });
            }
        }
    }

    fn write(&mut self, position: u64) -> Result<upkeep::Done, StoreError> {
        let pending = &self.pending;
        for addition in &pending.additions {
            self.file.add(addition)?;
        }
        if !pending.row.as_bytes().is_empty() {
            self.file.put_row(self.row, pending.row.as_bytes())?;
        }
        for late in &pending.late {
            self.file.put_late(late.id, late.slot, late.offset, late.value)?;
        }
        for record in &pending.transitions {
            self.file.put_transition(record)?;
        }
        let done = self.upkeep()?;
        self.file.put_state(POSITION, &position.to_le_bytes())?;
        self.file.put_state(CLOCK, &self.now.to_le_bytes())?;
        Ok(done)
    }

    fn settle(&mut self, done: upkeep::Done, position: u64) {
        self.finish_upkeep(done);
        let pending = &mut self.pending;
        if !pending.row.as_bytes().is_empty() {
            self.row += 1;
        }
        pending.additions.clear();
        pending.row.clear();
        pending.late.clear();
        pending.transitions.clear();
        pending.values = 0;
        self.position = self.position.max(position);
        self.written = self.now;
        self.counters.commits.fetch_add(1, Relaxed);
    }
}
