//! InfluxDB 1.x, 2.x and 3 (and what speaks their write protocol): line protocol over HTTP, kept on disk while the server is away.
//!
//! On the engine's thread the [`Outlet`] encodes and hands finished batches over; everything that waits (sockets, the spool's
//! disk) happens on a thread of the sink's own.

mod address;
pub mod admin;
mod advice;
mod backlog;
pub(crate) mod backoff;
mod batch;
mod client;
mod counters;
mod courier;
mod create;
mod desk;
mod disk;
mod heads;
mod health;
mod ledger;
mod open;
#[cfg(test)]
mod outage;
mod outlet;
mod piece;
mod probe;
mod queue;
mod refused;
mod rejected;
mod retry;
mod settings;
mod target;
mod tls;
mod worker;

pub use counters::Counters;
pub use open::{Handle, OpenError, Thread, open};
pub use outlet::Outlet;
pub use settings::{Secret, Settings, Version};
pub use tls::Tls;
