//! `tests:` of rule files, run on simulated time with the very engine of production. No IO, no clock.

mod compare;
mod finished;
mod inputs;
mod junit;
mod mutate;
mod plan;
mod report;
mod run;
mod seen;
mod taps;
mod timeline;

pub use finished::{Finished, finish};
pub use inputs::{BadRecording, Input, Inputs};
pub use junit::{junit, sign};
pub use mutate::{Tried, mutate};
pub use plan::{Found, IndexLine, Line, Row, RuleTest, Sample, SentLine};
pub use report::{Mark, failures, passes};
pub use run::{Bench, Outcome};
pub use seen::{IndexSeen, Seen, SentSeen};
pub use taps::{TapLine, TapSeen};
pub use timeline::{Stretch, Timeline, Track};
