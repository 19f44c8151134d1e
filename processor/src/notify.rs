//! Messages about alerts before any notifier sends them: gathered, held back, withdrawn, reminded of. No IO, no clock.
//!
//! A message of the engine goes in as an [`Entry`]; a [`Notice`] comes out when its group has waited long enough and its notifier may speak.
//! At one instant entries come first, then [`Notices::tick`]: entries at the very end of a wait belong to it.

mod desk;
mod entry;
mod limit;
mod notices;
mod plan;

pub use entry::Entry;
pub use notices::{Kind, Notice, Notices};
pub use plan::{AtMost, Notifier, Plan, Route, Way};
