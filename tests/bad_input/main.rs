//! What is sent by mistake or in malice to a real `skep process`: each is counted and bounded, and a client beside it goes on being acked.
//!
//! How fast it is acked is not tested here: that depends on the machine.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod beside;
#[path = "../common/mod.rs"]
mod common;
mod events;
mod flood;
mod garbage;
#[allow(dead_code, reason = "its oracle is for the tests of `event`")]
#[path = "../../crates/event/tests/proto/mod.rs"]
mod proto;
mod slow;
