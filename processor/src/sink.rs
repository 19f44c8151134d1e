//! Where the engine's events go: what every outlet on the engine's thread has in common, InfluxDB, and others of our kind.

mod flush;
pub mod forward;
pub mod influx;
pub(crate) mod point;

pub use flush::Flush;
