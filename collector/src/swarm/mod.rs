//! The swarm as a whole, told by its leader alone: every node runs the same configuration, and finds out by itself.

mod failures;
mod happening;
mod leader;
mod names;
mod node;
mod pace;
mod picture;
mod publish;
mod service;
mod session;
mod task;
mod watch;

pub use happening::{Action, Happening};
pub use watch::Swarm;
