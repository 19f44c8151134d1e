//! Real servers for the tests: found, started on private loopback ports, ended by pid. A development dependency only.

mod browser;
pub mod http;
pub mod influx;
mod program;
mod server;

pub use browser::Browser;
pub use program::require;
pub use server::{Server, free_port, wait_until};
