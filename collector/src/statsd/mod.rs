//! A statsd listener: what programs count and time, told once each interval.
//!
//! A thread of its own reads the socket and adds up; the sampling thread takes the sums at its turn. They meet at a lock
//! that is held for one datagram, or for one turn's telling.

mod line;
mod sampler;
mod series;
mod sums;
mod timer;

pub use sampler::Statsd;
pub use sums::Sums;

use std::net::SocketAddr;

use event::Duration;

/// What the listener is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where, UDP.
    pub listen: SocketAddr,
    /// Of timers, histograms and distributions: each above 0 and at most 100.
    pub percentiles: Vec<f64>,
    /// Names with their tags; lines of further ones are dropped.
    pub max_names: usize,
    /// How long a name is told of after its last line.
    pub forget: Duration,
}
