//! What the HTTP server answers from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use event::Timestamp;
use hyper::{Response, StatusCode};
use tokio::sync::{Semaphore, oneshot};
use transport::Ingest;
use transport::ingest::{NotTaken, Requests};

use super::answer;
use super::body::Body;
use super::guard::Guard;
use crate::driver::request::Request;
use crate::own::Own;
use crate::reload::Reloader;
use crate::run::{About, Settings};
use crate::settings::Web;
use crate::store;

/// Shared by all connections.
pub struct Site {
    pub(super) requests: Requests<Request>,
    pub(super) ingest: Ingest,
    pub(super) store: Option<store::Handle>,
    pub(super) own: Arc<Own>,
    pub(super) reloader: Arc<Reloader>,
    pub(super) guard: Guard,
    pub(super) web: Web,
    pub(super) about: About,
    pub(super) max_series: usize,
    pub(super) live_slots: Arc<Semaphore>,
    pub(super) write_slots: Semaphore,
    ready: AtomicBool,
    started: OnceLock<Timestamp>,
}

impl Site {
    /// Not ready yet.
    pub fn new(
        requests: Requests<Request>,
        ingest: Ingest,
        store: Option<store::Handle>,
        own: Arc<Own>,
        reloader: Arc<Reloader>,
        guard: Guard,
        settings: &Settings,
    ) -> Self {
        let (live_slots, write_slots) = (super::live::slots(), Semaphore::new(super::write::SLOTS));
        Self {
            requests,
            ingest,
            store,
            own,
            reloader,
            guard,
            web: settings.web.clone(),
            about: settings.about.clone(),
            max_series: settings.limits.max_series,
            live_slots,
            write_slots,
            ready: AtomicBool::new(false),
            started: OnceLock::new(),
        }
    }

    /// From now on `/healthz` says that all is well.
    pub fn set_ready(&self) {
        self.started.get_or_init(|| self.own.now());
        self.ready.store(true, Ordering::Release);
    }

    /// Since when it is ready.
    pub(super) fn started(&self) -> Option<Timestamp> {
        self.started.get().copied()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Asks the engine's thread; a refusal is ready to be sent.
    pub(super) async fn ask<T>(&self, request: Request, answered: oneshot::Receiver<T>) -> Result<T, Response<Body>> {
        let unavailable = |text: &str| answer::refusal(StatusCode::SERVICE_UNAVAILABLE, text);
        self.requests.send(request).map_err(|error| match error {
            NotTaken::Full => unavailable("too many requests wait for the engine; ask again"),
            NotTaken::Closed => unavailable("the engine has stopped"),
        })?;
        answered.await.map_err(|_| unavailable("the engine has stopped"))
    }
}
