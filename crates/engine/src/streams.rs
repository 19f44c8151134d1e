//! Streams: events through steps, as `streams:` of a rule file says.
//!
//! `plan` is what is checked and shared, `machine` the state and the way of a signal, `step` the closed list of steps; each family of steps has
//! a file of its own. A signal goes depth first from step to step, borrowed all the way: only what a step keeps is copied.

mod branch;
mod buckets;
mod by;
mod change;
mod coalesce;
mod edit;
mod events;
mod fill;
mod fold;
mod gathered;
mod join;
mod kept;
mod machine;
mod measure;
mod memory;
mod out;
mod panes;
mod partition;
mod periodic;
mod plan;
mod predict;
mod quantiles;
mod rank;
mod route;
mod running;
mod samples;
mod skew;
mod slide;
mod snapshot;
mod step;
mod sums;
mod take;
mod timers;
mod value;
mod window;

pub use by::By;
pub use change::{Changed, Init, Runs, Stable};
pub use coalesce::Across;
pub use edit::{Append, Scale, Set, Tag, To, Untag};
pub use events::Events;
pub use fill::{Fill, FillLast, Interpolate};
pub use fold::{Flatten, Fold, Folded, Sort};
pub(crate) use gathered::Gathered;
pub use join::Join;
pub use kept::Kept;
pub(crate) use machine::{Out as StreamOut, Streams};
pub(crate) use measure::Scratch;
pub use memory::{Count, Derive, Reduce, Smooth, SmoothEach};
pub use out::{Out, Outgoing, Way};
pub use partition::{Apdex, Batch, Rollup, Throttle};
pub use periodic::{DeriveEvery, FoldEvery, Percentiles, Rate};
pub(crate) use plan::Program;
pub use plan::{FORGET, MAX_INSTANCES, Node, Stream};
pub use predict::Predict;
pub use rank::Top;
pub use route::{Branches, Expired, Split, Where};
pub use skew::ClockSkew;
pub use slide::Sliding;
pub(crate) use slide::Watched;
pub use step::{Signal, Step};
pub use take::{Take, Takes};
pub use value::Value;
pub use window::{EveryEvents, Fixed, LastEvents};
