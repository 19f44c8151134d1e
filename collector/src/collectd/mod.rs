//! A listener for collectd's binary protocol: nodes with collectd are seen as if they sent by `write_riemann`.
//!
//! A thread of its own reads the socket, checks signatures, makes rates and encodes events; the sampling thread takes the
//! events at its turn. They meet at a lock that is held for one datagram, or for the exchange of two buffers.

mod inbox;
mod known;
mod notified;
mod packet;
mod sampler;
mod seal;
mod series;
mod types;
mod users;
#[cfg(test)]
mod written;

pub use inbox::Inbox;
pub use sampler::Collectd;
pub use seal::{Refusal, Security};
pub use types::Types;
pub use users::Users;

use std::fmt;
use std::net::SocketAddr;

/// What the listener is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where, UDP; collectd's port is 25826.
    pub listen: SocketAddr,
    /// What a datagram must be to be let in.
    pub security: Security,
    /// Who may sign and encrypt.
    pub users: Users,
    /// Types that collectd's own file does not have.
    pub types: Types,
    /// Values with names of their own, of all senders together; further ones are dropped.
    pub max_series: usize,
}

/// A line of a file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// What was found and what was expected.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}
