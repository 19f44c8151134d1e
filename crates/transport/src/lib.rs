//! How batches get across: into the engine's thread, by Riemann's TCP and UDP, and through segment files on disk.
//!
//! What travels is the bytes of Riemann `Msg`s, each after its length; nothing here knows what an event means.

pub mod accept;
mod cause;
pub mod client;
pub mod count;
pub mod frames;
pub mod ingest;
mod instance;
pub mod json;
pub mod kernel_drops;
pub mod latency;
pub mod lines;
pub mod log;
mod park;
pub mod percent;
pub mod points;
pub mod publish;
pub mod reply;
pub mod request;
pub mod shutdown;
pub mod spool;
pub mod tcp;
pub mod tls;
pub mod udp;

pub use cause::innermost;
pub use ingest::{Delivery, Ingest, Item, Origin};
pub use instance::instance;
pub use publish::Publish;
pub use shutdown::Shutdown;
