//! Samples the host and its containers at the cost of reading the kernel's files.
//!
//! One thread takes a turn at each whole multiple of the interval: every [`Sampler`] that is due reads its files, which are
//! kept open, and writes its samples into [`Samples`]; the encoded messages are then handed to a [`transport::Publish`].

mod budget;
mod choice;
pub mod collectd;
pub mod consul;
pub mod container;
mod datagrams;
mod error;
pub mod exec;
mod handover;
pub mod host;
pub mod kept;
pub mod kernel;
mod process_match;
mod root;
mod rows;
mod run;
mod sampler;
mod samples;
mod schedule;
pub mod scrape;
mod series;
mod settings;
pub mod statsd;
pub mod swarm;
mod turns;
mod worker;

pub use choice::{ContainerChoice, Lists};
pub use error::Error;
pub use process_match::{MAX_MATCHES, ProcessMatch};
pub use root::Root;
pub use run::run;
pub use sampler::{Sampler, Turn};
pub use samples::Samples;
pub use schedule::{Clocks, Next, Schedule};
pub use series::{Series, float, int};
pub use settings::{Settings, Switches};
pub use turns::Turns;
