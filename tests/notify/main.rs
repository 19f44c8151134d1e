//! Alerts tell somebody: by mail, Alertmanager, HTTP and programs, with the real binary and real servers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod kills;
mod outcomes;
mod refusals;
mod servers;
mod templates;
mod ways;
