//! Containers: who they are (from Docker), and what they use (from the kernel).

mod directory;
mod docker;
mod facts;
mod files;
mod happening;
mod identity;
mod inspect;
mod kept;
mod network;
mod publish;
mod rate;
mod sampled;
mod sampler;
mod series;
mod session;

pub use directory::{Directory, Shown};
pub use docker::Docker;
pub use facts::{Facts, Health, Id, Status};
pub use files::{Files, Limits, Memory, Usage};
pub use happening::{Action, Change, Happening};
pub use identity::Identity;
pub use kept::{Gone, Kept};
pub use network::Network;
pub use sampled::Machine;
pub use sampler::{Containers, Roots};
pub use series::{Out, Series, Value};
