//! Containers: who they are (from Docker), and what they use (from the kernel).

mod directory;
mod docker;
mod facts;
mod happening;
mod identity;
mod inspect;
mod session;

pub use directory::{Directory, Shown};
pub use docker::Docker;
pub use facts::{Facts, Health, Id, Status};
pub use happening::{Action, Change, Happening};
pub use identity::Identity;
