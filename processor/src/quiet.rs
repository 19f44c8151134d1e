//! Who wants to be left in peace: silences, and acknowledgements of alerts. No IO, no clock.
//!
//! Alerts change their states all the same; what is held back are their messages, between the engine and whoever sends them.

mod command;
mod held;
mod hush;
mod saved;
mod silence;
mod state;
mod window;

pub use command::{Acknowledge, Command, Disable, Done, Enable, QuietError};
pub use hush::Hush;
pub use silence::{Silence, SilenceError, Wish, strict};
pub(crate) use state::Verdict;
pub use state::{Ack, MAX_SILENCES, Quiet};
pub use window::{Window, WindowError};
