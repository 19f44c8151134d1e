//! What is sent to whom, in the form that each service takes: texts and JSON out of a `Letter`. No IO.

mod alertmanager;
mod chat;
mod json;
mod pagerduty;

pub use alertmanager::{LASTS, alerts};
pub use chat::{discord, ntfy, slack, teams, telegram};
pub use json::json;
pub use pagerduty::events;
