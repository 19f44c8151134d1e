//! A mistake in a text that a person wrote: where, what, and what to write.

use std::ops::Range;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the given text that it is about.
    pub span: Range<usize>,
    /// What is wrong: fits after "error: ", no full stop.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
}
