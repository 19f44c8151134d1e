//! A running processor.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use transport::Ingest;
use transport::ingest::{NotTaken, Requests};
use transport::shutdown::Trigger;

use super::folder::Lock;
use crate::driver::request::Request;
use crate::own::Own;
use crate::reload::{ReloadError, Reloaded, Reloader};

/// Ends the processor in order when it is dropped.
pub struct Handle {
    /// Where pages and scripts ask.
    pub http: SocketAddr,
    /// Where events come in by Riemann's protocol, if it is served.
    pub riemann: Option<SocketAddr>,
    /// Where the further ways in are, under their names in the settings.
    pub further: Vec<(&'static str, SocketAddr)>,
    /// The way in for this process's own collector.
    pub ingest: Ingest,
    /// What the processor measures about itself.
    pub own: Arc<Own>,
    pub(super) reloader: Arc<Reloader>,
    pub(super) requests: Requests<Request>,
    pub(super) inlets: Option<(Trigger, JoinHandle<()>)>,
    pub(super) engine: Option<JoinHandle<()>>,
    pub(super) web: Option<(Trigger, JoinHandle<()>)>,
    pub(super) _lock: Lock,
}

impl Handle {
    /// Reads the rules again and has them run; `cause` says in the log who wanted it. Blocks until they run.
    ///
    /// # Errors
    /// As [`Reloader::reload`].
    pub fn reload(&self, cause: &str) -> Result<Reloaded, ReloadError> {
        self.reloader.reload(cause)
    }

    /// For a thread that reloads by itself.
    pub fn reloader(&self) -> Arc<Reloader> {
        Arc::clone(&self.reloader)
    }

    /// Listeners stop, what came in is applied and written down, sinks and store are flushed; returns when all is done.
    pub fn stop(mut self) {
        self.end(|| Request::Stop);
    }

    /// Ends at once, as a crash would: nothing is flushed, no snapshot is taken. For tests of recovery.
    pub fn abandon(mut self) {
        self.end(|| Request::Abandon);
    }

    fn end(&mut self, last: fn() -> Request) {
        // Only those answers are waited for that the engine can still give: it ends after the inlets.
        if let Some((trigger, thread)) = self.inlets.take() {
            drop(trigger);
            join(thread);
        }
        if let Some(thread) = self.engine.take() {
            // Full: requests are taken in turn, and there will be room; closed: it has ended already.
            while self.requests.send(last()) == Err(NotTaken::Full) {
                std::thread::yield_now();
            }
            join(thread);
        }
        if let Some((trigger, thread)) = self.web.take() {
            drop(trigger);
            join(thread);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.end(|| Request::Stop);
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the processor had panicked");
    }
}
