//! Starts a sink: its files, its thread and the two ends of it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use transport::spool::Spool;

use super::backlog::Backlog;
use super::courier::Courier;
use super::desk::Desk;
use super::disk::Disk;
use super::outlet::QUEUE;
use super::worker::{Worker, clock};
use super::{Counters, Outlet, Settings, address};

/// Why a sink cannot start. A server that does not answer is no reason: the sink keeps what comes and tries.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none.
    #[error("`{url}` is no InfluxDB address: {reason}; write it like http://influxdb:8086")]
    Address {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder for spool and rejected lines cannot be used.
    #[error("could not open the spool in {path}; check that the folder is writable")]
    Spool {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file for https cannot be used.
    #[error("could not use the certificates for the InfluxDB")]
    Tls(#[from] transport::tls::TlsError),
    /// The thread cannot be started.
    #[error("could not start the sink's thread")]
    Thread(#[source] std::io::Error),
}

/// What is known about a sink, for pages and `/metrics`; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    address: Arc<str>,
    counters: Arc<Counters>,
    /// One short line, written when it changes and read when a page asks: nobody holds the lock for longer than a copy of it.
    line: Arc<Mutex<String>>,
}

impl Handle {
    /// The server's address, without credentials.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// How it stands with the server, in one sentence.
    pub fn status(&self) -> String {
        self.line.lock().map(|line| line.clone()).unwrap_or_default()
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Thread {
    handle: JoinHandle<()>,
}

impl Thread {
    /// Waits until what is left is at the server or in the spool; the outlet must have been closed or dropped.
    pub fn join(self) {
        // A panic of the thread has been printed already.
        let _ = self.handle.join();
    }
}

/// Opens the sink's folder and starts its thread, which ends when the outlet is closed or dropped.
///
/// # Errors
/// [`OpenError`]: an address that is none, or a folder that cannot be used.
pub fn open(mut settings: Settings) -> Result<(Outlet, Handle, Thread), OpenError> {
    let base = address::read(&mut settings)?;
    let tls = settings.tls.config()?;
    let folder = settings.folder.join("spool");
    let spool = Spool::open(&folder, settings.spool_bytes);
    let (spool, recovered) = spool.map_err(|source| OpenError::Spool { path: folder.clone(), source: Box::new(source) })?;
    tracing::debug!(folder = %folder.display(), ?recovered, lines = spool.lines_waiting(), "spool opened");
    let done = Arc::new(AtomicU64::new(0));
    let (to_thread, batches) = mpsc::channel(QUEUE);
    let outlet = Outlet::new(&settings, to_thread, Arc::clone(&done));
    let handle = Handle { address: base.url.clone().into(), counters: Arc::default(), line: Arc::default() };
    handle.counters.spool_max.store(settings.spool_bytes, Ordering::Relaxed);
    let shared = (Arc::clone(&handle.counters), Arc::clone(&handle.line), done);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(OpenError::Thread)?;
    let run = move || {
        runtime.block_on(async {
            let (close_within, spool_age) = (settings.close_within.to_std(), settings.spool_age);
            let courier = Courier::new(settings, base, tls, Arc::clone(&shared.0));
            let desk = Desk::new(Backlog::new(spool, spool_age, clock()), Disk::new(folder));
            Worker::new(courier, batches, desk, shared, close_within).run().await;
        });
        // A name that is being looked up is not waited for.
        runtime.shutdown_background();
    };
    let thread = std::thread::Builder::new().name("influx".into()).spawn(run).map_err(OpenError::Thread)?;
    Ok((outlet, handle, Thread { handle: thread }))
}
