//! What every commit does besides writing: seal the windows that are over, merge late values, remove what is too old or too much.

use std::sync::atomic::Ordering::Relaxed;

use event::Timestamp;
use foldhash::fast::RandomState;
use hashbrown::HashSet;

use super::super::column::Column;
use super::super::settings::secs;
use super::super::window::{LAG, SECONDS, Window, WindowId};
use super::super::{StoreError, block};
use super::Base;
use super::roll::readable;

/// Values sealed in one commit, about 50 ms of work; after a long stop the rest waits for the next commits.
const SEAL_VALUES: usize = 500_000;

/// Windows with late values that one commit merges.
const MERGES: usize = 32;

/// Seconds between two rounds of merging: a window that late values trickle into is packed once a round, not once a second.
const MERGE_EVERY: i64 = 30;

/// Commits over which one round of removals is spread.
const SWEEP_COMMITS: u32 = 300;

/// Entities looked at in one commit while the file is too large.
const SWEEP_FAST: u32 = 10_000;

/// Windows are kept at least as long, in seconds: the log relies on sealed ones being there.
const LEAST_KEEP: i64 = 600;

/// Values that coarse windows are made of in one commit, about 60 ms of work.
const ROLL_VALUES: usize = 2_000_000;

/// Seconds by which all is kept longer than is said: who asks for the last two hours has another clock than we.
const EDGE: i64 = 60;

/// Shares of what is wanted to be kept, in millionths: all of it, and so little that only size counts.
const WHOLE: i64 = 1_000_000;
const LEAST_SHARE: i64 = 100;

/// Free pages are given back when they are more than this share of the file, this many at a time.
const FREE_SHARE: u64 = 5;
const SHRINK_PAGES: u32 = 64;

/// Where the rounds stand.
#[derive(Debug)]
pub(super) struct Upkeep {
    /// The share of each tier's retention that is kept, in millionths; less than all while the file is too large.
    share: i64,
    /// The next entity to sweep.
    entity: u32,
    /// The last window whose late values were looked at in this round.
    late: WindowId,
    /// When the next round of merging begins.
    merge_at: i64,
    too_large: bool,
}

impl Upkeep {
    pub(super) fn new() -> Self {
        Self { share: WHOLE, entity: 0, late: WindowId(-1), merge_at: 0, too_large: false }
    }
}

/// What a commit did to the file and, once it stands there, must be done in memory.
#[derive(Debug, Default)]
pub(super) struct Done {
    sealed: HashSet<WindowId, RandomState>,
    removed: Vec<u32>,
    values: u64,
    bytes: u64,
    next_entity: u32,
    next_late: Option<WindowId>,
}

impl Base {
    /// Seconds that a tier is kept: 0 the seconds themselves, 1 the first of the coarser ones and so on. As long as there is anything
    /// else to give, finer ones stay until coarser ones have been made of them.
    pub(crate) fn kept_for(&self, tier: usize) -> i64 {
        let wanted = secs(tier.checked_sub(1).and_then(|tier| self.tiers.get(tier)).map_or(self.settings.retention, |tier| tier.keep));
        let least = match self.tiers.get(tier) {
            Some(next) if self.upkeep.share > LEAST_SHARE => (SECONDS * secs(next.step) + LAG).min(wanted),
            _ => 0,
        };
        let least = if tier == 0 { least.max(LEAST_KEEP) } else { least };
        (wanted.saturating_mul(self.upkeep.share) / WHOLE).max(least)
    }

    /// The part within the transaction.
    pub(super) fn upkeep(&mut self) -> Result<Done, StoreError> {
        let mut done = Done::default();
        self.seal(&mut done)?;
        self.merge(&mut done)?;
        self.sweep(&mut done)?;
        let open = self.catalogue.entities().flat_map(|(_, entity)| &entity.windows).filter(|window| !done.sealed.contains(&window.id));
        let first = open.map(|window| window.first_row).min().unwrap_or(i64::MAX);
        self.file.trim_log(first)?;
        Ok(done)
    }

    /// The part after the transaction.
    pub(super) fn finish_upkeep(&mut self, done: Done) {
        for id in done.sealed {
            if let Some(entity) = self.catalogue.entity(id.entity()) {
                entity.windows.retain(|window| window.id != id);
            }
        }
        done.removed.into_iter().for_each(|id| self.catalogue.remove(id));
        self.counters.sealed_values.fetch_add(done.values, Relaxed);
        self.counters.sealed_bytes.fetch_add(done.bytes, Relaxed);
        match done.next_late {
            Some(id) => self.upkeep.late = id,
            None if self.now >= self.upkeep.merge_at => {
                self.upkeep.late = WindowId(-1);
                self.upkeep.merge_at = self.now + MERGE_EVERY;
            }
            None => {}
        }
        let round_ends = done.next_entity == 0;
        self.upkeep.entity = done.next_entity;
        self.watch_size(round_ends);
    }

    fn seal(&mut self, done: &mut Done) -> Result<(), StoreError> {
        let now = self.now;
        let windows = self.catalogue.entities().flat_map(|(_, entity)| &entity.windows);
        let mut over: Vec<&Window> = windows.filter(|window| window.id.is_over(now)).collect();
        over.sort_unstable_by_key(|window| window.id.start());
        let mut values = 0;
        for window in over {
            if values > SEAL_VALUES {
                break;
            }
            values += window.n_values();
            let mut columns = Vec::new();
            self.file.late_of(window.id, |slot, offset, value| slot_of(&mut columns, slot).set(offset, value))?;
            let body = if columns.is_empty() {
                block::encode(&window.columns)
            } else {
                // These came before the window opened, from a clock that was ahead.
                self.file.remove_late(window.id)?;
                block::encode(&laid_over(columns, &window.columns))
            };
            self.file.put_block(window.id, &body)?;
            done.bytes += body.len() as u64;
            done.sealed.insert(window.id);
        }
        done.values = values as u64;
        Ok(())
    }

    fn merge(&mut self, done: &mut Done) -> Result<(), StoreError> {
        if self.now < self.upkeep.merge_at {
            return Ok(());
        }
        let mut after = self.upkeep.late;
        let mut budget = ROLL_VALUES;
        for _ in 0..MERGES {
            let Some(id) = self.file.next_late(after)? else { return Ok(()) };
            after = id;
            let is_open = self.catalogue.entity(id.entity()).is_some_and(|entity| entity.window(id).is_some());
            if id.is_over(self.now) && !is_open {
                self.merge_window(id, &mut budget)?;
            }
        }
        done.next_late = Some(after);
        Ok(())
    }

    fn merge_window(&mut self, id: WindowId, budget: &mut usize) -> Result<(), StoreError> {
        let mut values = Vec::new();
        self.file.late_of(id, |slot, offset, value| values.push((slot, id.start() + i64::from(offset), value)))?;
        let is_past = id.start() + SECONDS <= self.now - self.kept_for(0);
        if self.tiers.is_empty() || !is_past {
            self.merge_seconds(id)?;
        }
        // What is not merged in this round is in the next.
        if self.roll_late(id.entity(), &values, budget)? { Ok(self.file.remove_late(id)?) } else { Ok(()) }
    }

    fn merge_seconds(&self, id: WindowId) -> Result<(), StoreError> {
        let mut columns = self.file.block(id)?.map(|body| readable(id, block::decode(&body))).unwrap_or_default();
        self.file.late_of(id, |slot, offset, value| slot_of(&mut columns, slot).set(offset, value))?;
        Ok(self.file.put_block(id, &block::encode(&columns))?)
    }

    fn sweep(&mut self, done: &mut Done) -> Result<(), StoreError> {
        let from = self.upkeep.entity;
        let end = self.catalogue.next();
        let count = if self.upkeep.too_large { SWEEP_FAST } else { end / SWEEP_COMMITS + 1 };
        let mut to = from.saturating_add(count).min(end);
        let mut budget = ROLL_VALUES;
        let last = self.now - self.kept_for(self.tiers.len()) - EDGE - SECONDS;
        for id in from..to {
            let Some(entity) = self.catalogue.entity(id) else { continue };
            if entity.is_idle() && entity.last < last {
                self.remove_entity(id)?;
                done.removed.push(id);
            } else if self.roll(id, &mut budget)? {
                self.remove_before(id)?;
            } else {
                // The next commit goes on with it.
                to = id;
                break;
            }
        }
        if to == end {
            self.file.remove_transitions(Timestamp::from_secs(self.now) - self.settings.history)?;
        }
        done.next_entity = if to == end { 0 } else { to };
        Ok(())
    }

    fn remove_entity(&self, id: u32) -> Result<(), StoreError> {
        for tier in &self.tiers {
            self.file.remove_coarse_before(secs(tier.step), id, i64::MAX)?;
        }
        Ok(self.file.remove_entity(id)?)
    }

    fn remove_before(&mut self, id: u32) -> Result<(), StoreError> {
        for tier in 0..=self.tiers.len() {
            let step = tier.checked_sub(1).map_or(1, |tier| self.step(tier));
            let mut before = self.now - self.kept_for(tier) - EDGE - SECONDS * step + 1;
            if tier < self.tiers.len() && self.upkeep.share > LEAST_SHARE {
                // What no coarser window has been made of yet is still needed.
                before = before.min(self.rolled(id, tier)? - SECONDS * step + 1);
            }
            match tier {
                0 => self.file.remove_before(id, before)?,
                _ => self.file.remove_coarse_before(step, id, before)?,
            }
        }
        Ok(())
    }

    fn watch_size(&mut self, round_ends: bool) {
        let Ok((used, free)) = self.file.size() else { return };
        self.counters.file_bytes.store(used + free, Relaxed);
        self.upkeep.too_large = used > self.settings.max_bytes;
        if round_ends {
            let share = self.upkeep.share;
            let next = if self.upkeep.too_large { share - share / 10 } else { share + share / 50 };
            self.upkeep.share = next.clamp(LEAST_SHARE, WHOLE);
        }
        if free > (used + free) / FREE_SHARE
            && let Err(error) = self.file.shrink(SHRINK_PAGES)
        {
            tracing::debug!(%error, "the store's file keeps its size for now");
        }
    }
}

fn slot_of(columns: &mut Vec<Column>, slot: u16) -> &mut Column {
    let slot = usize::from(slot);
    if columns.len() <= slot {
        columns.resize_with(slot + 1, Column::default);
    }
    columns.get_mut(slot).expect("it has just been made")
}

fn laid_over(mut below: Vec<Column>, above: &[Column]) -> Vec<Column> {
    for (slot, column) in (0u16..).zip(above) {
        let target = slot_of(&mut below, slot);
        column.iter().for_each(|(offset, value)| target.set(offset, value));
    }
    below
}
