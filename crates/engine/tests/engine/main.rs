//! The engine from outside: literal timelines, and histories against a reference.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

mod absent;
mod across;
mod expect;
mod index;
mod instances;
mod join;
mod levels;
mod model;
mod over;
mod reload;
mod time;
mod timeline;
mod unless;
