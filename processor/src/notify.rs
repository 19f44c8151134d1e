//! Messages about alerts before any notifier sends them: gathered, held back, withdrawn, reminded of. No IO, no clock.
//!
//! A message of the engine goes in as an [`Entry`]; a [`Notice`] comes out when its group has waited long enough and its notifier may speak.
//! At one instant entries come first, then [`Notices::tick`]: entries at the very end of a wait belong to it.

mod desk;
mod entry;
pub(crate) mod form;
mod id;
mod kept;
mod letter;
mod limit;
mod line;
mod notices;
pub mod payload;
mod plan;
mod record;
mod way;

pub use entry::{Entry, What};
pub use form::Form;
pub use id::Id;
pub use letter::Letter;
pub use notices::{Kind, Notice, Notices, Peace, Say};
pub use plan::{AtMost, Notifier, Plan, Route};
pub(crate) use record::LetterRecord;
pub use way::{Alertmanager, Body, Exec, Given, Login, Mail, Method, Pagerduty, Preset, Telegram, Tls, Way, Webhook};
