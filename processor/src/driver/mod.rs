//! The engine's thread: the one place where time comes from, and where inputs are written down before they count.

mod answers;
mod beats;
pub mod clock;
mod fan;
pub mod fanout;
mod journal;
pub mod keeper;
pub mod machine;
pub mod notifier;
pub mod outbox;
pub mod outlets;
mod peace;
pub mod recorder;
pub mod recording;
pub mod recover;
pub mod request;
pub mod snapshots;
pub mod stats;
pub mod taken;
pub mod thread;
