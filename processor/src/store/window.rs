//! Windows: the stretches of 300 s that become a block each, staggered so that no second has to seal them all.

use super::column::Column;

/// Seconds of a window.
pub(crate) const SECONDS: i64 = 300;

/// How long after its end a window takes values before it is sealed.
pub(crate) const GRACE: i64 = 10;

/// How long after the end of a window all finer ones within it are surely sealed, and a coarser one may be made of them.
pub(crate) const LAG: i64 = SECONDS + GRACE + 290;

/// How far ahead of now a value may lie and still go to an open window: clocks differ.
pub(crate) const AHEAD: i64 = 60;

/// The first second that a window may hold; smaller ones would have windows that begin before the epoch.
pub(crate) const FIRST: i64 = SECONDS;

/// The first second past what a block id can name, in the year 2106.
pub(crate) const END: i64 = (1 << 32) - SECONDS;

/// Names a window of an entity: the entity in the upper half, the window's first second in the lower. A block's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WindowId(pub i64);

impl WindowId {
    /// The window of an entity that holds a second, which lies from [`FIRST`] to before [`END`].
    pub(crate) fn of(entity: u32, second: i64) -> Self {
        let shift = i64::from(entity) % SECONDS;
        let start = (second - shift).div_euclid(SECONDS) * SECONDS + shift;
        Self::at(entity, start)
    }

    /// The window of so many steps instead of seconds that holds a second; these are staggered by whole steps.
    pub(crate) fn coarse(entity: u32, second: i64, step: i64) -> Self {
        let (len, shift) = (SECONDS * step, i64::from(entity) % SECONDS * step);
        Self::at(entity, (second - shift).div_euclid(len) * len + shift)
    }

    /// The window of an entity with this first second, or the bound of a range of windows.
    pub(crate) fn at(entity: u32, start: i64) -> Self {
        Self(i64::from(entity) << 32 | start.clamp(0, (1 << 32) - 1))
    }

    /// Its first second.
    pub(crate) fn start(self) -> i64 {
        self.0 & 0xffff_ffff
    }

    /// Whose it is.
    pub(crate) fn entity(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// The place of a second within it.
    pub(crate) fn offset(self, second: i64) -> u16 {
        (second - self.start()) as u16
    }

    /// Whether it takes no more values at `now` in seconds.
    pub(crate) fn is_over(self, now: i64) -> bool {
        self.start() + SECONDS + GRACE <= now
    }
}

/// A window that is still in memory.
#[derive(Debug)]
pub(crate) struct Window {
    /// Which.
    pub(crate) id: WindowId,
    /// The oldest log row that holds values of it.
    pub(crate) first_row: i64,
    /// Its columns by slot; those without values are empty.
    pub(crate) columns: Vec<Column>,
}

impl Window {
    /// An empty one, whose values are logged from `first_row` on.
    pub(crate) fn new(id: WindowId, first_row: i64) -> Self {
        Self { id, first_row, columns: Vec::new() }
    }

    /// The column of a slot, made if it is not there yet.
    pub(crate) fn column(&mut self, slot: u16) -> &mut Column {
        let slot = usize::from(slot);
        if self.columns.len() <= slot {
            self.columns.resize_with(slot + 1, Column::default);
        }
        self.columns.get_mut(slot).expect("it has just been made")
    }

    /// How many values it holds.
    pub(crate) fn n_values(&self) -> usize {
        self.columns.iter().map(Column::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_different_entities_end_at_different_seconds() {
        let ends: Vec<i64> = (0..300).map(|entity| WindowId::of(entity, 1_000_000).start() % SECONDS).collect();
        let mut sorted = ends.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 300);
    }

    #[test]
    fn a_second_lies_in_its_window() {
        for entity in [0, 1, 299, 300, 301, 4_000_000] {
            for second in [FIRST, 1000, 1_795_332_051, END - 1] {
                let id = WindowId::of(entity, second);
                assert_eq!(id.entity(), entity);
                assert!(id.start() <= second && second < id.start() + SECONDS, "{entity} {second}");
                assert_eq!(i64::from(id.offset(second)), second - id.start());
            }
        }
    }
}
