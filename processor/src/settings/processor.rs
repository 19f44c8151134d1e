//! Settings of the processor.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use event::Duration;

use super::{Forward, Influx, Inlets, Web};
use crate::sink::influx::Secret;
use crate::store;

/// What the processor listens on, keeps and writes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Processor {
    /// The page and the HTTP API.
    pub http: SocketAddr,
    /// Riemann's protocol, TCP and UDP.
    pub riemann: SocketAddr,
    /// Further ways in.
    pub inlets: Inlets,
    /// Folder for journal, store and spool; `None`: the usual one of the user.
    pub data_dir: Option<PathBuf>,
    /// Folders of rule files, laid over the stock rules in this order.
    pub rules: Vec<PathBuf>,
    /// Needed for whatever changes state when a listener is not on loopback.
    pub token: Option<Secret>,
    /// Listen beyond loopback without a token.
    pub insecure: bool,
    /// The pages and the API: whether, what, and for whom.
    pub web: Web,
    /// `None`: off, an ack then means applied, not written down.
    pub journal: Option<Journal>,
    /// `None`: off, there is no history then.
    pub store: Option<Store>,
    /// Where points go; `None`: to the store alone.
    pub influx: Option<Influx>,
    /// Where streams may send events on.
    pub forward: Vec<Forward>,
    /// Keys in the index; events of further ones go to the sinks only.
    pub max_series: usize,
    /// Instances of one rule.
    pub max_instances: usize,
    /// Bytes that ingest buffers may hold together.
    pub ingest_memory: usize,
    /// How much longer series live and `absent` waits after a restart, until senders have come back.
    pub start_grace: Duration,
}

/// The journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Bytes on disk; ingest stops reading beyond them.
    pub max: u64,
}

/// The embedded store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// How long the values of each second are kept.
    pub retention: Duration,
    /// What is kept in coarser steps, and for how long; `None`: as usual, as far as `retention` allows.
    pub tiers: Option<Vec<store::Tier>>,
    /// Bytes of the file; beyond them the retention shrinks.
    pub max: u64,
    /// How long the alert history is kept.
    pub history: Duration,
}

impl Default for Processor {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            http: loopback(5556),
            riemann: loopback(5555),
            inlets: Inlets::default(),
            data_dir: None,
            rules: Vec::new(),
            token: None,
            insecure: false,
            web: Web::default(),
            journal: Some(Journal::default()),
            store: Some(Store::default()),
            influx: None,
            forward: Vec::new(),
            max_series: 1_000_000,
            max_instances: 10_000,
            ingest_memory: 256 << 20,
            start_grace: Duration::from_secs(30),
        }
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self { max: 1 << 30 }
    }
}

impl Default for Store {
    fn default() -> Self {
        let usual = store::Settings::new("");
        Self { retention: usual.retention, tiers: None, max: usual.max_bytes, history: usual.history }
    }
}

impl Store {
    /// As the store takes it, with its file in `folder`. It knows twice as many series as the index may hold, for those
    /// that ended have a history too.
    pub fn in_folder(&self, folder: impl Into<PathBuf>, max_series: usize) -> store::Settings {
        let usual = store::Settings::new(folder);
        let max_series = max_series.saturating_mul(2);
        let tiers = self.tiers.clone().unwrap_or_else(store::Tier::usual);
        store::Settings { retention: self.retention, tiers, max_bytes: self.max, history: self.history, max_series, ..usual }
    }
}
