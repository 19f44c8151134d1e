//! Real servers for the tests: found, started on private loopback ports, ended by pid. A development dependency only.

mod browser;
pub mod consul;
mod dockerd;
pub mod http;
pub mod influx;
pub mod network;
mod program;
mod server;
mod swarm;
mod swarm_node;

pub use browser::Browser;
pub use dockerd::Dockerd;
pub use program::{require, skip};
pub use server::{Server, free_port, wait_until};
pub use swarm::Swarm;
