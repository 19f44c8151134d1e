//! Coarse windows are made of finer ones, and late values find their way into those that are made already.

use event::Metric;

use super::super::StoreError;
use super::super::block::{self, BlockError};
use super::super::catalogue::Entity;
use super::super::coarse::{Coarse, PARTS, folded, stepped};
use super::super::column::Column;
use super::super::kind::Fold;
use super::super::settings::secs;
use super::super::window::{LAG, SECONDS, WindowId};
use super::Base;

/// A value of a series of an entity, by slot and second.
pub(super) type Value = (u16, i64, Metric);

impl Base {
    /// Seconds of a step of a tier; tiers are counted from the finest that is coarser than a second.
    pub(crate) fn step(&self, tier: usize) -> i64 {
        self.tiers.get(tier).map_or(1, |tier| secs(tier.step))
    }

    /// The end of the last window that a tier of an entity has; 0 when it has none.
    pub(crate) fn rolled(&mut self, entity: u32, tier: usize) -> Result<i64, StoreError> {
        let step = self.step(tier);
        let Self { catalogue, file, .. } = self;
        let Some(entry) = catalogue.entity(entity) else { return Ok(0) };
        if let Some(Some(end)) = entry.rolled.get(tier) {
            return Ok(*end);
        }
        let end = file.last_coarse(step, entity)?.map_or(0, |start| start + SECONDS * step);
        note(entry, tier, end);
        Ok(end)
    }

    /// Makes what is due of an entity, of about so many values at the most. Says whether that was all.
    pub(super) fn roll(&mut self, entity: u32, budget: &mut usize) -> Result<bool, StoreError> {
        for tier in 0..self.tiers.len() {
            while let Some(id) = self.next_due(entity, tier)? {
                if *budget == 0 {
                    return Ok(false);
                }
                *budget = budget.saturating_sub(self.make(id, tier)?);
            }
        }
        Ok(true)
    }

    fn next_due(&mut self, entity: u32, tier: usize) -> Result<Option<WindowId>, StoreError> {
        let len = SECONDS * self.step(tier);
        let (finer, lag) = match tier.checked_sub(1) {
            // The finer windows that hold its end must be made already.
            Some(finer) => (Some(self.step(finer)), LAG + SECONDS * self.step(finer)),
            None => (None, LAG),
        };
        let is_due = |start: i64, now: i64| start + len + lag <= now;
        let after = self.rolled(entity, tier)?;
        if !is_due(after, self.now) {
            return Ok(None);
        }
        let first = match finer {
            Some(finer) => self.file.next_coarse(finer, entity, after - SECONDS * finer + 1)?,
            None => self.file.next_block(entity, after - SECONDS + 1)?,
        };
        let Some(first) = first else { return Ok(None) };
        let id = WindowId::coarse(entity, first.max(after), self.step(tier));
        let is_open = |entity: &mut Entity| entity.windows.iter().any(|window| window.id.start() < id.start() + len);
        let waits = !is_due(id.start(), self.now) || self.catalogue.entity(entity).is_some_and(is_open);
        Ok((!waits).then_some(id))
    }

    /// Makes a window of the finer ones, in place of what it was. Says of how many values.
    fn make(&mut self, id: WindowId, tier: usize) -> Result<usize, StoreError> {
        let step = self.step(tier);
        let (start, end) = (id.start(), id.start() + SECONDS * step);
        let mut finer = Vec::new();
        let mut finer_step = 1;
        if let Some(below) = tier.checked_sub(1) {
            finer_step = self.step(below);
            self.file.coarse_of(finer_step, id.entity(), ((start - SECONDS * finer_step + 1).max(0), end - 1), |id, body| {
                finer.push((id.start(), readable(id, Coarse::decode(body))));
                Ok(())
            })?;
        } else {
            self.file.blocks_of(id.entity(), ((start - SECONDS + 1).max(0), end - 1), |id, body| {
                finer.push((id.start(), Coarse::of(readable(id, block::decode(body)))));
                Ok(())
            })?;
        }
        let Some(entity) = self.catalogue.entity(id.entity()) else { return Ok(0) };
        let made = rolled_up(&finer, finer_step, (start, step), |slot| entity.fold(slot));
        note(entity, tier, entity.rolled.get(tier).copied().flatten().unwrap_or(0).max(end));
        self.file.put_coarse(step, id, &made.encode())?;
        Ok(finer.iter().map(|(_, window)| window.n_values()).sum::<usize>().max(1))
    }

    /// Brings values that came late into the windows that are made already. `false`: not now.
    pub(super) fn roll_late(&mut self, entity: u32, values: &[Value], budget: &mut usize) -> Result<bool, StoreError> {
        if !self.roll(entity, budget)? {
            return Ok(false);
        }
        for tier in 0..self.tiers.len() {
            let step = self.step(tier);
            let oldest = self.now - self.kept_for(tier + 1);
            let wanted: Vec<Value> = values.iter().filter(|(_, second, _)| *second >= oldest).copied().collect();
            let mut ids: Vec<WindowId> = wanted.iter().map(|(_, second, _)| WindowId::coarse(entity, *second, step)).collect();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                let is_made = id.start() + SECONDS * step <= self.rolled(entity, tier)?;
                let has_all = id.start() >= self.now - self.kept_for(tier);
                match (has_all, is_made) {
                    (true, true) => *budget = budget.saturating_sub(self.make(id, tier)?),
                    // It is made by and by, of finer ones that hold the value.
                    (true, false) => {}
                    (false, _) => self.combine(id, tier, &wanted)?,
                }
            }
        }
        Ok(true)
    }

    /// Lays values over a window whose finer ones are gone. How many values a step was made of nobody knows any more: its mean
    /// becomes the mean of the two, so that what comes twice changes nothing.
    fn combine(&mut self, id: WindowId, tier: usize, values: &[Value]) -> Result<(), StoreError> {
        let step = self.step(tier);
        let (start, end) = (id.start(), id.start() + SECONDS * step);
        let mut coarse = self.file.coarse(step, id)?.map(|body| readable(id, Coarse::decode(&body))).unwrap_or_default();
        let Some(entity) = self.catalogue.entity(id.entity()) else { return Ok(()) };
        let mut within: Vec<Value> = values.iter().filter(|(_, second, _)| (start..end).contains(second)).copied().collect();
        within.sort_by_key(|(slot, second, _)| (*slot, *second));
        for values in within.chunk_by(|a, b| a.0 == b.0) {
            let Some(slot) = values.first().map(|(slot, ..)| usize::from(*slot)) else { continue };
            let fold = entity.fold(slot);
            let values: Vec<(i64, Metric)> = values.iter().map(|(_, second, value)| (*second, *value)).collect();
            let columns = PARTS.map(|part| {
                let mut column = coarse.column(part, slot).cloned().unwrap_or_default();
                for (second, value) in stepped(&values, step, fold, part) {
                    let offset = ((second - start) / step) as u16;
                    let both: Vec<_> = column.get(offset).into_iter().chain([value]).map(|value| (second, value)).collect();
                    column.set(offset, folded(&both, fold, part).unwrap_or(value));
                }
                column
            });
            coarse.set(slot, columns);
        }
        note(entity, tier, entity.rolled.get(tier).copied().flatten().unwrap_or(0).max(end));
        Ok(self.file.put_coarse(step, id, &coarse.encode())?)
    }
}

/// What a stored window holds: nothing, if it cannot be read. An error would end every commit at the same place, until the window
/// is removed for its age, which is done by a commit.
pub(super) fn readable<T: Default>(id: WindowId, decoded: Result<T, BlockError>) -> T {
    decoded.unwrap_or_else(|error| {
        tracing::error!(%error, entity = id.entity(), window = id.start(), "a stored block cannot be read and is left out");
        T::default()
    })
}

fn note(entity: &mut Entity, tier: usize, end: i64) {
    if entity.rolled.len() <= tier {
        entity.rolled.resize(tier + 1, None);
    }
    if let Some(place) = entity.rolled.get_mut(tier) {
        *place = Some(end);
    }
}

/// The window of 300 steps from `start`, made of finer windows in the order of time.
fn rolled_up(finer: &[(i64, Coarse)], finer_step: i64, (start, step): (i64, i64), fold: impl Fn(usize) -> Fold) -> Coarse {
    let mut made = Coarse::default();
    let n_slots = finer.iter().map(|(_, window)| window.n_slots()).max().unwrap_or(0);
    let range = start..start + SECONDS * step;
    for slot in 0..n_slots {
        let fold = fold(slot);
        let columns = PARTS.map(|part| {
            let columns = finer.iter().filter_map(|(start, window)| Some((*start, window.column(part, slot)?)));
            let values =
                columns.flat_map(|(start, column)| column.iter().map(move |(at, value)| (start + i64::from(at) * finer_step, value)));
            let values: Vec<(i64, Metric)> = values.filter(|(second, _)| range.contains(second)).collect();
            let mut column = Column::default();
            for (second, value) in stepped(&values, step, fold, part) {
                column.set(((second - start) / step) as u16, value);
            }
            column
        });
        made.set(slot, columns);
    }
    made
}
