//! Settings of the collector's ways in that are closed unless they are asked for.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use event::Duration;

use super::Lists;

/// What others may send to a collector, or it fetches from them; all off by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ways {
    /// Lines of statsd, UDP.
    pub statsd: Option<Statsd>,
    /// collectd's binary protocol, UDP.
    pub collectd: Option<Collectd>,
    /// Prometheus' endpoints; no two of one name.
    pub scrape: Vec<Scrape>,
    /// How containers are scraped whose labels ask for it; `None`: they are not.
    pub scrape_containers: Option<Scraping>,
    /// Programs that are run; no two of one name.
    pub exec: Vec<Exec>,
}

/// A program that is run again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    /// What its own series are called after.
    pub name: String,
    /// The program and its arguments; never empty.
    pub command: Vec<String>,
    /// Added to skep's own environment.
    pub environment: Vec<(String, String)>,
    /// Between two runs.
    pub every: Duration,
    /// How long one may take; no longer than `every`.
    pub timeout: Duration,
    /// What it prints.
    pub format: ExecFormat,
}

/// What a program prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecFormat {
    /// InfluxDB's line protocol.
    Influx,
    /// Events as JSON.
    Json,
}

/// One of Prometheus' endpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrape {
    /// `http://HOST:PORT/PATH`, or https.
    pub url: String,
    /// What its series are called after.
    pub name: String,
    /// Host and port of the address.
    pub instance: String,
    /// Attributes of all its series.
    pub attributes: Vec<(String, String)>,
    /// How it is asked.
    pub scraping: Scraping,
}

/// How an endpoint is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scraping {
    /// Between two scrapes.
    pub every: Duration,
    /// How long one may take; no longer than `every`.
    pub timeout: Duration,
    /// By the metrics' names.
    pub metrics: Lists,
    /// Samples of further series are dropped.
    pub max_series: usize,
}

impl Default for Scraping {
    fn default() -> Self {
        Self { every: Duration::from_secs(15), timeout: Duration::from_secs(5), metrics: Lists::default(), max_series: 10_000 }
    }
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

/// collectd's binary protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Collectd {
    /// Where.
    pub listen: SocketAddr,
    /// What is let in.
    pub security: Security,
    /// A file of lines `user: password`; there is one unless `security` is none.
    pub users: Option<PathBuf>,
    /// Files such as collectd's `types.db`, for types that collectd's own does not have.
    pub types: Vec<PathBuf>,
    /// Values of all senders together; those of further series are dropped.
    pub max_series: usize,
}

/// collectd's `SecurityLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// All datagrams.
    None,
    /// Those that are signed or encrypted.
    Sign,
    /// Those that are encrypted.
    Encrypt,
}

impl Default for Collectd {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 25826)),
            security: Security::None,
            users: None,
            types: Vec::new(),
            max_series: 20_000,
        }
    }
}
