//! Prometheus' endpoints, scraped: what others already count is told with the samples.
//!
//! A thread of its own asks and reads; the sampling thread takes what has come at its turn, so that a target which hangs
//! holds nothing up.

mod counts;
mod driver;
mod fetch;
mod sampler;
mod series;
mod target;
mod text;
mod trouble;

pub use sampler::Scrape;
pub use target::{Found, Target, Terms};

/// What is scraped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Named in the settings; no two of one name.
    pub targets: Vec<Target>,
    /// How containers are scraped whose labels ask for it; `None`: they are not.
    pub containers: Option<Terms>,
}

impl Settings {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.containers.is_none()
    }
}

/// Targets that are scraped at once at the most; further ones are left out and counted.
pub const MAX_TARGETS: usize = 256;
