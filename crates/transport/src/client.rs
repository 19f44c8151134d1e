//! Publishes to a processor over Riemann's TCP: a bounded queue, a backlog on disk for what waits too long, and a thread of its own that
//! connects, sends ahead and awaits acknowledgements.
//!
//! Live messages go first; what comes from the backlog carries the mark `late` and goes beside them, in its own order, at a bounded rate.

mod backlog;
mod keeper;
mod late;
mod queue;
mod rate;
mod session;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use event::msg::MAX_BYTES;

use crate::publish::{Counts, Publish, Refused};
use keeper::Now;
use queue::Queue;

pub use backlog::Settings as Backlog;

/// How a client behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Processors, each `HOST:PORT`; tried in order whenever a connection is to be made.
    pub addresses: Vec<String>,
    /// Bytes that may wait or be under way; over it the oldest messages that are not under way are dropped and counted.
    pub max_bytes: usize,
    /// How long connecting to one address may take.
    pub connect_timeout: Duration,
    /// How long the processor may be silent while acknowledgements are due, before another connection is tried. Its back-pressure looks
    /// the same.
    pub ack_timeout: Duration,
    /// The rest after all addresses failed for the first time; doubled each time up to `max_rest`, and varied by up to half so that
    /// collectors do not come back all at once.
    pub min_rest: Duration,
    /// The longest rest.
    pub max_rest: Duration,
    /// Where what waits too long is kept; `None`: in memory alone.
    pub backlog: Option<Backlog>,
}

impl Settings {
    /// The usual patience, to these processors: 16 MiB hold a collector's samples of 100 containers for about a quarter of an hour.
    pub fn to(addresses: Vec<String>) -> Self {
        Self {
            addresses,
            max_bytes: 16 << 20,
            connect_timeout: Duration::from_secs(5),
            // A processor that dies with its address closes no connection. A new one is to stand before `node-down` opens, after 30 s.
            ack_timeout: Duration::from_secs(10),
            min_rest: Duration::from_millis(100),
            max_rest: Duration::from_secs(5),
            backlog: None,
        }
    }
}

/// A publisher over TCP; ends without waiting when dropped (see [`Publish::flush`]).
#[derive(Debug)]
pub struct Client {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    /// Starts the thread, which connects on its own.
    ///
    /// # Errors
    /// When no thread or no event loop can be had.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let queue = Arc::new(Queue::new(settings.max_bytes));
        let served = queue.clone();
        let thread = thread::Builder::new().name("publish".to_owned()).spawn(move || {
            runtime.block_on(session::run(&served, &settings));
            // A name may be being looked up; its thread is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Looks on, from any thread.
    pub fn watch(&self) -> Watch {
        Watch(self.queue.clone())
    }

    /// Why the last connection failed or ended; nothing while one stands.
    pub fn last_error(&self) -> Option<String> {
        self.queue.last_error()
    }
}

/// What becomes of a client's messages.
#[derive(Clone, Debug)]
pub struct Watch(Arc<Queue>);

impl Watch {
    /// As [`Publish::counts`].
    pub fn counts(&self) -> Counts {
        self.0.counts()
    }

    /// Of the messages that were taken, in their order, so many were answered, dropped, or handed to the backlog.
    pub fn settled(&self) -> u64 {
        self.0.settled()
    }
}

impl Publish for Client {
    /// Never blocks: the queue takes it, and drops the oldest where it must.
    fn publish(&mut self, msg: &[u8]) -> Result<(), Refused> {
        if msg.len() > MAX_BYTES {
            self.queue.count_dropped();
            return Err(Refused::TooLong { n_bytes: msg.len() });
        }
        self.queue.push(msg, Now::read().steady)
    }

    fn flush(&mut self, patience: Duration) -> bool {
        self.queue.wait_empty(patience)
    }

    fn counts(&self) -> Counts {
        self.queue.counts()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
