//! The JSON Schema of rule files, for editors, and the tables that it is made of: what each map of a rule file may hold.
//!
//! The reader takes the names of its keys from these tables too, so that no key is in one of them alone.

mod alerts;
mod files;
mod json;
mod notify;
mod shape;
mod steps;
#[cfg(test)]
mod tests;

pub(super) use alerts::{ALERT, EXPECT, LEVEL, UNLESS};
pub(super) use files::{FILE, INDEX, INDEX_LINE, SENT_LINE, SILENCE, TEST};
pub use json::schema;
pub(super) use notify::{ALERTMANAGER, EXEC, HEADER, MAIL, NOTIFIER, PAGERDUTY, TELEGRAM, TEMPLATE, WEBHOOK};
pub(super) use shape::names;
pub(super) use steps::{
    ACROSS, APDEX, BATCH, CHANGED, CHANGED_STATE, COUNT, FILL, FOLD, INTERVAL, JOIN, MAX_PER, PERCENTILES, PREDICT, RUNS, SMOOTH, STABLE,
    STEPS, STREAM, TOP, WAY, WINDOW,
};
