//! Puts a processor together, runs it, and ends it in order.

mod error;
mod files;
mod folder;
mod handle;
mod listen;
mod plans;
mod settings;
mod start;
mod threads;

pub use error::StartError;
pub use handle::Handle;
pub use plans::Plans;
pub use settings::{About, Journal, Settings};
pub use start::start;
