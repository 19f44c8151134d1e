//! The embedded store: the last value of every series and second for a few hours, and coarser values for weeks, in one SQLite file.
//!
//! A thread of its own owns the file. The [`Outlet`] on the engine's thread hands batches over; the [`Handle`] asks. Values of the
//! last minutes are in memory, in windows of 300 s per measurement and tags, and in a log for a restart; a window that is over is
//! sealed into one block. What comes later than that is kept beside the block and merged into it by and by.
//! Once all its seconds are sealed, a window of 300 coarser steps is made of them, and of those one of still coarser steps.

mod base;
mod batch;
mod block;
mod catalogue;
mod coarse;
mod column;
mod counters;
mod file;
mod handle;
mod kind;
mod open;
mod outlet;
mod read;
mod row;
mod settings;
mod thread;
mod window;

pub use block::BlockError;
pub use coarse::Part;
pub use counters::Counters;
pub use file::OpenError;
pub use handle::{Handle, HistoryRequest, Measurement, SeriesData, SeriesRequest, StoreError, TagSets, TransitionRecord};
pub use open::open;
pub use outlet::Outlet;
pub use settings::{Settings, Tier};
pub use thread::Thread;
