//! What skep makes of events: the series table and index, the query language, the rules and their alerts.
//!
//! Batches, ticks and gaps go in, [`Effects`] come out. Nothing here does IO, reads a clock, starts a thread or knows
//! tokio or serde: `now` is an argument, so the same inputs give the same effects in the same order.

mod alerts;
mod counters;
mod effects;
mod engine;
pub mod expression;
mod index;
mod live;
pub mod mistake;
pub mod query;
pub mod rules;
mod series;
mod snapshot;
mod state;
pub mod streams;
mod table;
pub mod template;

pub use alerts::{Facts, LevelFacts};
pub use counters::Counters;
pub use effects::{Cause, Change, Effects, Kind, Message, MessageKey, Transition};
pub use engine::{Engine, Leftover, Limits};
pub use index::Indexed;
pub use mistake::Mistake;
pub use rules::AlertInstance;
pub use series::{Series, SeriesId};
pub use snapshot::SnapshotError;
pub use state::State;
