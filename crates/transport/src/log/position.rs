//! A place in the log.

use std::fmt;

/// A place in the log: where a frame ends. Positions only grow, over restarts and losses too; "safe up to P" means every frame
/// whose position is at most P.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Before the first frame.
    pub const START: Self = Self(0);

    pub(crate) const fn new(segment: u32, offset: u32) -> Self {
        Self((segment as u64) << 32 | offset as u64)
    }

    /// From what [`Position::as_u64`] gave.
    pub const fn from_u64(bits: u64) -> Self {
        Self(bits)
    }

    /// As one number, in the same order; for atomics and files.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The number of its segment; 0 only at [`Position::START`].
    pub const fn segment(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Bytes from the start of the segment's file.
    pub const fn offset(self) -> u32 {
        self.0 as u32
    }
}

/// `SEGMENT:OFFSET`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.segment(), self.offset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_ordered_by_segment_then_offset() {
        let positions = [Position::START, Position::new(1, 32), Position::new(1, u32::MAX), Position::new(2, 0)];
        assert!(positions.is_sorted_by(|a, b| a < b));
        assert_eq!(Position::from_u64(Position::new(7, 9).as_u64()).to_string(), "7:9");
    }
}
