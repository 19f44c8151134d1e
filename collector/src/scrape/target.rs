//! One endpoint, and the terms on which it is asked.

use std::net::{IpAddr, SocketAddr};

use event::Duration;

use crate::Lists;

/// How often, for how long, and what of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Between two scrapes.
    pub every: Duration,
    /// How long one may take; no longer than `every`.
    pub timeout: Duration,
    /// By the metric's name.
    pub metrics: Lists,
    /// Series of one target that are told; samples of further ones are dropped and counted.
    pub max_series: usize,
}

impl Default for Terms {
    fn default() -> Self {
        Self { every: Duration::from_secs(15), timeout: Duration::from_secs(5), metrics: Lists::default(), max_series: 10_000 }
    }
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it is called; the attribute `job`. No two have the same.
    pub name: String,
    /// `http://127.0.0.1:9100/metrics`.
    pub url: String,
    /// The attribute `instance`.
    pub instance: String,
    /// Further attributes of all its series.
    pub attributes: Vec<(String, String)>,
    /// How it is asked.
    pub terms: Terms,
}

/// A running container whose labels ask for it to be scraped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The name that its samples carry.
    pub name: String,
    /// An address that can be reached from here; `None` when none of its networks is one of ours.
    pub address: Option<IpAddr>,
    /// From its label `skep.scrape.port`.
    pub port: u16,
    /// From its label `skep.scrape.path`.
    pub path: String,
    /// Its attributes as all samples about containers have them.
    pub attributes: Vec<(String, String)>,
}

impl Found {
    /// The target, on these terms; `None` when it has no address.
    pub(super) fn target(&self, terms: &Terms) -> Option<Target> {
        let address = SocketAddr::new(self.address?, self.port);
        Some(Target {
            name: self.name.clone(),
            url: format!("http://{address}{}", self.path),
            // A container's address changes with each deploy: a series of its name does not.
            instance: format!("{}:{}", self.name, self.port),
            attributes: self.attributes.clone(),
            terms: terms.clone(),
        })
    }
}
