//! What the roles are told: plain values with defaults that run with no file at all.

mod collector;
mod forward;
mod influx;
mod inlets;
mod processor;
mod ways;
mod web;

pub use collector::{Backlog, Collector, Lists, ProcessMatch, Samplers};
pub use forward::Forward;
pub use influx::Influx;
pub use inlets::{Graphite, Inlets, RiemannTls};
pub use processor::{Journal, Processor, Store};
pub use ways::{Collectd, Exec, ExecFormat, Scrape, Scraping, Security, Statsd, Ways};
pub use web::{Auth, Basic, Network, TrustedHeader, Web};

/// Everything that `skep.yaml` may say.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The swarm's name: the host of what is told about the whole swarm.
    pub swarm: String,
    /// What this node's collector samples, and where it sends it.
    pub collector: Collector,
    /// What the processor listens on, keeps and writes to.
    pub processor: Processor,
}

impl Default for Settings {
    fn default() -> Self {
        Self { swarm: "swarm".to_owned(), collector: Collector::default(), processor: Processor::default() }
    }
}
