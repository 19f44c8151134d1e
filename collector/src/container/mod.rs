//! Containers: who they are (from Docker), and what they use (from the kernel).

mod directory;
mod docker;
mod endpoints;
mod facts;
mod farewell;
mod files;
mod greeter;
mod happening;
mod identity;
mod inspect;
mod kept;
mod limits;
mod network;
mod network_names;
mod ooms;
mod open;
mod open_files;
mod planned;
mod pressure;
mod publish;
mod rate;
mod sampled;
mod sampler;
mod seldom;
mod series;
mod session;
mod signal;
mod sizes;
mod sockets;
mod watch;

pub use docker::{Docker, Wishes};
pub use endpoints::Endpoint;
pub use facts::{Facts, Health, Id, Status};
pub use happening::{Action, Change, Happening};
pub use identity::Identity;
pub use network_names::Attachment;
pub use sampler::Containers;
pub use series::{Out, Value};
pub use sizes::Size;
pub use watch::Watch;

use directory::Directory;
use kept::{Gone, Kept};
