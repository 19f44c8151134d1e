//! What travels through skep: the event, Riemann's wire format for it, InfluxDB's line protocol, and time.
//!
//! Nothing here does IO, reads a clock or knows serde; a batch is the bytes of a Riemann `Msg` everywhere.

pub mod collectd;
mod decode;
pub mod duration;
mod encode;
pub mod graphite;
pub mod line;
pub mod mark;
mod metric;
pub mod msg;
mod name;
pub mod opentsdb;
mod owned;
mod pattern;
pub mod point;
mod printable;
mod time;
mod view;
mod wire;

pub use duration::Duration;
pub use metric::Metric;
pub use name::Name;
pub use owned::Event;
pub use pattern::Pattern;
pub use point::Point;
pub use printable::printable;
pub use time::{NotATimestamp, Timestamp};
pub use view::{Labels, LabelsBuf, View};
