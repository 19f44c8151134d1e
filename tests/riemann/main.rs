//! Foreign clients of Riemann's protocol work unchanged, against the real program.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod clients;
#[path = "../common/mod.rs"]
mod common;
mod corrupt;
mod dash;
mod own;
