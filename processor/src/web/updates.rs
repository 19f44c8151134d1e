//! Events of the index as JSON, one by one: those that are there, then those that come.

use bytes::Bytes;
use engine::query::Query;
use event::msg;
use hyper::Response;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::body::Body;
use super::site::Site;
use super::{answer, json};
use crate::driver::request::Request;
use crate::live::{Feed, follow};

/// Encoded events of a snapshot that wait to be sent: the rest is encoded as the client reads.
const AHEAD: usize = 256;

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The events that are in the index.
    pub(super) snapshot: bool,
    /// And those that come.
    pub(super) updates: bool,
}

/// Events for one client. Ends after the snapshot, or, with updates, when the client was too slow or the engine has stopped.
pub(super) struct Updates {
    snapshot: Option<mpsc::Receiver<Bytes>>,
    feed: Option<Feed>,
    _slot: OwnedSemaphorePermit,
}

impl Updates {
    /// Asks the engine's thread for both in one request, so that no event falls between them.
    pub(super) async fn open(site: &Site, query: Query, wanted: Wanted) -> Result<Self, Response<Body>> {
        let full = |text: &str| answer::refusal(hyper::StatusCode::SERVICE_UNAVAILABLE, text);
        let slot = site.live_slots.clone().try_acquire_owned().map_err(|_| full("too many live clients are open already; close one"))?;
        let (found, feed) = if wanted.updates {
            let (follower, feed) = follow(query);
            let (answer, answered) = oneshot::channel();
            let asked = site.ask(Request::Follow { follower, snapshot: wanted.snapshot, answer }, answered).await?;
            (asked.map_err(|error| full(&error.to_string()))?, Some(feed))
        } else {
            let (answer, answered) = oneshot::channel();
            (site.ask(Request::Index { query, answer }, answered).await?, None)
        };
        Ok(Self { snapshot: (!found.is_empty()).then(|| encode(found)), feed, _slot: slot })
    }

    /// Whether more may come at any time.
    pub(super) fn is_live(&self) -> bool {
        self.feed.is_some()
    }

    /// The next event.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if let Some(snapshot) = &mut self.snapshot {
            if let Some(event) = snapshot.recv().await {
                return Some(event);
            }
            self.snapshot = None;
        }
        match &mut self.feed {
            Some(feed) => feed.next().await,
            None => None,
        }
    }

    /// The next event, when it is there already.
    pub(super) fn try_next(&mut self) -> Option<Bytes> {
        match (&mut self.snapshot, &mut self.feed) {
            (Some(snapshot), _) => snapshot.try_recv().ok(),
            (None, Some(feed)) => feed.try_next(),
            (None, None) => None,
        }
    }
}

/// Encodes a whole index beside the web thread, no faster than its client reads.
fn encode(found: Vec<u8>) -> mpsc::Receiver<Bytes> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        for event in msg::events(&found) {
            let mut out = Vec::with_capacity(256);
            json::event(&mut out, &event);
            if sender.blocking_send(out.into()).is_err() {
                return;
            }
        }
    });
    receiver
}
