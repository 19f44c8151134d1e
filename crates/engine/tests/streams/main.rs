//! Streams from outside, on random events, beside models that are as plain as can be.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

mod folds;
mod sliding;
mod steps;
mod stream;
mod windows;
