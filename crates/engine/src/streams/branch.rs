//! Branches: the state of one stream for one key of its `by`.

use event::{Duration, Timestamp};

use super::by::Keys;
use super::plan::Program;
use super::step::Cell;
use super::timers::Timers;
use crate::table::Slab;

/// The steps' states of one scope, for one key.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) stream: u32,
    pub(super) scope: u32,
    /// The branch that holds the `by`, and its slot; `None` outside of every `by`.
    pub(super) parent: Option<(u32, u32)>,
    pub(super) key: Box<[u8]>,
    /// Of the branch; another one in its place means that it is gone.
    pub(super) serial: u32,
    /// When it last got something.
    pub(super) seen: Timestamp,
    pub(super) cells: Box<[Cell]>,
}

impl Branch {
    pub(super) fn new(stream: u32, scope: u32, parent: Option<(u32, u32)>, key: &[u8], now: Timestamp) -> Self {
        Self { stream, scope, parent, key: key.into(), serial: 0, seen: now, cells: Box::default() }
    }
}

/// All branches of all streams.
#[derive(Debug, Default)]
pub(super) struct Branches {
    pub(super) all: Slab<Branch>,
    pub(super) serial: u32,
    n: usize,
    /// By stream.
    n_of_stream: Vec<usize>,
}

impl Branches {
    pub(super) fn get(&self, id: u32) -> Option<&Branch> {
        self.all.get(id)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Branch> {
        self.all.get_mut(id)
    }

    pub(super) fn len(&self) -> usize {
        self.n
    }

    pub(super) fn are_only_roots(&self, n_roots: usize) -> bool {
        self.n <= n_roots
    }

    pub(super) fn n_of(&self, stream: u32) -> usize {
        self.n_of_stream.get(stream as usize).copied().unwrap_or(0)
    }

    pub(super) fn insert(&mut self, mut branch: Branch) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        branch.serial = self.serial;
        self.count(branch.stream);
        self.all.insert(branch)
    }

    fn count(&mut self, stream: u32) {
        self.n += 1;
        let stream = stream as usize;
        if self.n_of_stream.len() <= stream {
            self.n_of_stream.resize(stream + 1, 0);
        }
        if let Some(n) = self.n_of_stream.get_mut(stream) {
            *n += 1;
        }
    }

    pub(super) fn fill(&mut self, id: u32, cells: Vec<Cell>) {
        if let Some(branch) = self.all.get_mut(id) {
            branch.cells = cells.into_boxed_slice();
        }
    }

    /// Takes a step's state out while the step is at work.
    #[inline]
    pub(super) fn take(&mut self, id: u32, slot: u32) -> Cell {
        self.cell(id, slot).map_or(Cell::Taken, std::mem::take)
    }

    #[inline]
    pub(super) fn put(&mut self, id: u32, slot: u32, cell: Cell) {
        if let Some(place) = self.cell(id, slot) {
            *place = cell;
        }
    }

    #[inline]
    fn cell(&mut self, id: u32, slot: u32) -> Option<&mut Cell> {
        self.all.get_mut(id)?.cells.get_mut(slot as usize)
    }

    /// The keys of a `by`.
    #[inline]
    pub(super) fn keys(&self, id: u32, slot: u32) -> Option<&Keys> {
        match self.all.get(id)?.cells.get(slot as usize)? {
            Cell::By(keys) => Some(keys),
            _ => None,
        }
    }

    pub(super) fn keys_mut(&mut self, id: u32, slot: u32) -> Option<&mut Keys> {
        match self.cell(id, slot)? {
            Cell::By(keys) => Some(keys),
            _ => None,
        }
    }

    /// Whether it holds further branches.
    fn has_children(branch: &Branch) -> bool {
        branch.cells.iter().any(|cell| matches!(cell, Cell::By(keys) if !keys.is_empty()))
    }

    /// Gives up the keys for which nothing came for as long as their stream keeps them, the innermost first.
    pub(super) fn forget_silent(&mut self, programs: &[Program], now: Timestamp) {
        for id in (0..self.all.bound()).rev() {
            let Some(branch) = self.all.get(id).filter(|branch| branch.parent.is_some()) else { continue };
            let Some(program) = programs.get(branch.stream as usize) else { continue };
            if now - branch.seen >= program.forget && !Self::has_children(branch) {
                self.remove(id);
            }
        }
    }

    /// Takes a branch out, without those below it.
    pub(super) fn remove(&mut self, id: u32) {
        let Some(branch) = self.all.get(id) else { return };
        if let Some((parent, slot)) = branch.parent {
            let hash = self.keys(parent, slot).map(|keys| keys.hash(&branch.key));
            if let Some((hash, keys)) = hash.zip(self.keys_mut(parent, slot)) {
                keys.remove(hash, id);
            }
        }
        if let Some(branch) = self.all.remove(id) {
            self.n -= 1;
            if let Some(n) = self.n_of_stream.get_mut(branch.stream as usize) {
                *n -= 1;
            }
        }
    }

    pub(super) fn shift(&mut self, gap: Duration, timers: &mut Timers) {
        for (id, branch) in self.all.iter_mut() {
            branch.seen = branch.seen + gap;
            for (slot, cell) in branch.cells.iter_mut().enumerate() {
                cell.shift(gap);
                if let Some(timer) = cell.timer() {
                    timer.shift(gap);
                    if timer.is_running() {
                        timers.set(timer, timer.due, id, slot as u32);
                    }
                }
            }
        }
    }

    /// Counts and files branches that were read from a snapshot.
    pub(super) fn rebuild(&mut self, timers: &mut Timers) {
        let filed: Vec<_> = self.all.iter().map(|(id, branch)| (id, branch.stream, branch.parent)).collect();
        for (id, stream, parent) in filed {
            self.count(stream);
            if let Some((parent, slot)) = parent {
                let Some(key) = self.all.get_mut(id).map(|branch| std::mem::take(&mut branch.key)) else { continue };
                let hash = self.keys(parent, slot).map(|keys| keys.hash(&key));
                if let Some(branch) = self.all.get_mut(id) {
                    branch.key = key;
                }
                let Some((hash, mut keys)) = hash.zip(self.keys_mut(parent, slot).map(std::mem::take)) else { continue };
                keys.insert(hash, id, &self.all);
                if let Some(place) = self.keys_mut(parent, slot) {
                    *place = keys;
                }
            }
        }
        self.shift(Duration::ZERO, timers);
    }
}
