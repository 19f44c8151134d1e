//! Where the engine's events go: what every outlet on the engine's thread has in common, and InfluxDB.

mod flush;
pub mod influx;
pub(crate) mod point;

pub use flush::Flush;
