//! Settings of the collector's ways in that are closed unless they are asked for.

use std::net::{Ipv4Addr, SocketAddr};

use event::Duration;

/// What others may send to a collector, or it fetches from them; all off by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ways {
    /// Lines of statsd, UDP.
    pub statsd: Option<Statsd>,
}

/// Lines of statsd.
#[derive(Clone, Debug, PartialEq)]
pub struct Statsd {
    /// Where.
    pub listen: SocketAddr,
    /// Of timers; each above 0 and at most 100.
    pub percentiles: Vec<f64>,
    /// Names with their tags; lines of further ones are dropped.
    pub max_names: usize,
    /// How long a name is told of after its last line.
    pub forget: Duration,
}

impl Default for Statsd {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8125)),
            percentiles: vec![50.0, 90.0, 99.0],
            max_names: 10_000,
            forget: Duration::from_secs(300),
        }
    }
}
