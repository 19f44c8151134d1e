//! What a processor is told.

use std::path::PathBuf;

use engine::Limits;
use event::Duration;

use crate::settings::{Inlets, Web};
use crate::{sink, store};

/// Everything that [`super::start`] needs to know, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What runs, for who asks for the status.
    pub about: About,
    /// Where pages and scripts ask: host and port; port 0 takes a free one.
    pub http: String,
    /// Where events come in, by TCP and UDP: host and port; port 0 takes a free one. `None`: only by HTTP and in process.
    pub riemann: Option<String>,
    /// Further ways in.
    pub inlets: Inlets,
    /// Asked of whoever changes state, where the HTTP listener is not on loopback.
    pub token: Option<String>,
    /// Listen on any address without a token.
    pub insecure: bool,
    /// The pages and the API: whether, what, and for whom.
    pub web: Web,
    /// The folder of journal, snapshots and outbox. One processor at a time.
    pub data_dir: PathBuf,
    /// Whether inputs are written down before they count.
    pub journal: Journal,
    /// After a restart, how much longer than their ttl events may take to come again.
    pub start_grace: Duration,
    /// How many bytes may wait for the engine.
    pub ingest_memory: usize,
    /// Bounds of the engine.
    pub limits: Limits,
    /// The embedded store; `None`: off.
    pub store: Option<store::Settings>,
    /// InfluxDB servers to write to.
    pub influx: Vec<sink::influx::Settings>,
    /// Where streams may send events on.
    pub forward: Vec<sink::forward::Settings>,
    /// This machine's name, for events about the processor itself.
    pub host: String,
    /// The swarm's name: host of events about no host.
    pub swarm: String,
    /// How often the processor tells about itself.
    pub interval: Duration,
}

/// Which build runs, by which file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The short hash of the checkout that it was built of, where it was one.
    pub commit: Option<String>,
    /// The settings file, if one was given.
    pub settings: Option<PathBuf>,
}

/// The journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// An acknowledgement means applied, not written down.
    Off,
    /// On, of so many bytes at most.
    On {
        /// Beyond it ingest waits; at least 64 MiB.
        max_bytes: u64,
    },
}

impl Settings {
    /// The defaults of `skep run`, with its files in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        let data_dir = data_dir.into();
        Self {
            about: About::default(),
            http: "127.0.0.1:5556".to_owned(),
            riemann: Some("127.0.0.1:5555".to_owned()),
            inlets: Inlets::default(),
            token: None,
            insecure: false,
            web: Web::default(),
            journal: Journal::On { max_bytes: 1 << 30 },
            start_grace: Duration::from_secs(30),
            ingest_memory: 256 << 20,
            limits: Limits::default(),
            store: Some(store::Settings::new(data_dir.clone())),
            influx: Vec::new(),
            forward: Vec::new(),
            host: "localhost".to_owned(),
            swarm: "swarm".to_owned(),
            interval: Duration::from_secs(5),
            data_dir,
        }
    }
}
