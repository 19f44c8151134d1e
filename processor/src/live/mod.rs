//! The live view's half on the engine's thread: which rows each query shows, and what changed since the last frame.
//!
//! Each distinct query is evaluated once for all clients, by its residue, so that a series which a query can never
//! match costs one look-up an event. A client that does not keep up loses frames and then gets a whole snapshot:
//! memory is bounded by the rows shown, never by how slow somebody reads.

mod follow;
mod frame;
mod hub;
mod rows;
#[cfg(test)]
mod tests;
mod watch;

pub use follow::{Feed, Follower, follow};
pub use frame::{Frame, FrameKind};
pub use hub::{Hub, Subscription, TooMany};
