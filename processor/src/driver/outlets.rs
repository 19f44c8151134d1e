//! What the machine drives: the ways out, and whoever writes snapshots.

use std::sync::Arc;

use engine::Effects;
use event::Timestamp;
use transport::log::Position;

use super::taken::{Later, Taken};
use crate::notify;
use crate::notify::Peace;

/// The ways out of the engine: sinks, store, notifiers. Effects arrive between [`Outlets::begin`] and [`Outlets::flush`].
pub trait Outlets: Effects {
    /// The frame at this position is applied next, at `now`.
    fn begin(&mut self, position: Position, now: Timestamp);

    /// All up to this position was applied: what is due may be handed over.
    fn flush(&mut self, position: Position, now: Timestamp);

    /// Whether everything could be handed over. Without room, because a disk is too slow, no further batch is taken.
    fn has_room(&self) -> bool;

    /// Up to where everything is written down by everybody: what came before need not be applied again.
    fn safe(&self) -> Position;

    /// When [`Outlets::tick`] is wanted.
    fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// The names of those who are told of an alert; `None` where nobody knows.
    fn told_of(&self, _alert: &str) -> Option<Vec<String>> {
        None
    }

    /// Time passed; `peace` says of which alerts nothing is to be said now. Called where the engine is given a tick, so that the same frames give the same messages.
    fn tick(&mut self, _now: Timestamp, _peace: Peace<'_>) {}

    /// The state that belongs into a snapshot.
    fn save(&self) -> Later {
        Later::default()
    }

    /// Other notifiers from now on.
    fn load(&mut self, _notify: &Arc<notify::Plan>) {}
}

/// Writes snapshots, aside from the engine's thread.
pub trait Keeper {
    /// Begins to write one. Only called while [`Keeper::is_idle`].
    fn write(&mut self, snapshot: Taken);

    /// Whether the last one has been published, or failed.
    fn is_idle(&self) -> bool;

    /// Goes on with its work; a written snapshot counts only once all up to it is `safe`, for recovery begins there.
    /// Gives the position of the newest snapshot that counts.
    fn advance(&mut self, safe: Position) -> Option<Position>;

    /// Bytes of the last snapshot that was written.
    fn n_bytes(&self) -> u64;
}
