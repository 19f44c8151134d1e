//! `GET /api/v1/live`: server-sent events of named queries.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use engine::query::Query;
use hyper::{Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::body::Body;
use super::params::Params;
use super::site::Site;
use super::{answer, json};
use crate::driver::request::Request;
use crate::live::{Frame, FrameKind, Subscription};

/// Pages that may be open at once; each costs a connection and what it shows.
const MAX_CLIENTS: usize = 256;

/// Named queries of one page.
const MAX_SUBSCRIPTIONS: usize = 16;

/// Frames that wait for one client. One more is lost, and a snapshot follows: what a slow browser sees less of.
const MAX_WAITING: usize = 32;

/// A quiet stream says so often that it is alive.
const BEAT: Duration = Duration::from_secs(5);

/// How often a client hears when it does not say.
const DEFAULT_RATE_MS: i64 = 1000;

/// Counts the clients.
pub(super) fn slots() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MAX_CLIENTS))
}

/// Clients that are there, and as many as may be.
pub(super) fn clients(slots: &Semaphore) -> (usize, usize) {
    (MAX_CLIENTS.saturating_sub(slots.available_permits()), MAX_CLIENTS)
}

/// The stream of one page.
pub(super) struct Stream {
    names: Vec<Vec<u8>>,
    frames: mpsc::Receiver<Frame>,
    beat: Interval,
    pending: VecDeque<Bytes>,
    _slot: OwnedSemaphorePermit,
}

impl Stream {
    /// The next piece of the body; ends when the engine's thread does.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(bytes) = self.pending.pop_front() {
                return Poll::Ready(Some(bytes));
            }
            match Pin::new(&mut self.frames).poll_recv(context) {
                Poll::Ready(Some(frame)) => self.take(frame),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    std::task::ready!(self.beat.poll_tick(context));
                    self.pending.push_back(Bytes::from_static(b"event: beat\ndata: {}\n\n"));
                }
            }
        }
    }

    fn take(&mut self, frame: Frame) {
        let event = match frame.kind {
            FrameKind::Snapshot => "snapshot",
            FrameKind::Delta => "delta",
            FrameKind::Gone => "gone",
        };
        let mut head = format!("event: {event}\ndata: {{\"s\":").into_bytes();
        head.extend_from_slice(self.names.get(frame.subscription).map_or(b"null", Vec::as_slice));
        head.push(b',');
        self.pending.extend([Bytes::from(head), frame.body, Bytes::from_static(b"}\n\n")]);
    }
}

/// Opens a stream: `s=NAME:QUERY` once or more, `rate=MILLISECONDS`.
pub(super) async fn open(site: &Site, params: &Params) -> Response<Body> {
    let wishes: Vec<_> = params.iter().filter(|(key, _)| *key == "s").map(|(_, value)| value).collect();
    if wishes.is_empty() || wishes.len() > MAX_SUBSCRIPTIONS {
        return answer::refusal(StatusCode::BAD_REQUEST, &format!("give 1 to {MAX_SUBSCRIPTIONS} queries, each as `s=NAME:QUERY`"));
    }
    let rate_ms = params.get("rate").and_then(|rate| rate.parse().ok()).unwrap_or(DEFAULT_RATE_MS);
    let mut queries = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let Some((name, text)) = wish.split_once(':') else {
            return answer::refusal(StatusCode::BAD_REQUEST, "a subscription is `s=NAME:QUERY`: the `:` is missing");
        };
        match Query::parse(text) {
            Ok(query) => queries.push((name, query)),
            Err(mistakes) => return answer::mistakes(text, &mistakes),
        }
    }
    let Ok(slot) = site.live_slots.clone().try_acquire_owned() else {
        return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, &format!("{MAX_CLIENTS} live pages are open already; close one"));
    };
    let (sender, frames) = mpsc::channel(MAX_WAITING);
    let mut names = Vec::with_capacity(queries.len());
    for (number, (name, query)) in queries.into_iter().enumerate() {
        let mut encoded = Vec::new();
        json::text(&mut encoded, name.as_bytes());
        names.push(encoded);
        if let Err(refusal) = subscribe(site, Subscription { number, query, rate_ms, sender: sender.clone() }).await {
            return refusal;
        }
    }
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let pending = VecDeque::from([Bytes::from_static(b"retry: 1000\n\n")]);
    let stream = Stream { names, frames, beat, pending, _slot: slot };
    answer::of(StatusCode::OK, "text/event-stream", Body::Live(Box::new(stream)))
}

async fn subscribe(site: &Site, wish: Subscription) -> Result<(), Response<Body>> {
    let (answer, answered) = oneshot::channel();
    match site.ask(Request::Watch { wish, answer }, answered).await? {
        Ok(()) => Ok(()),
        Err(too_many) => Err(answer::refusal(StatusCode::SERVICE_UNAVAILABLE, &too_many.to_string())),
    }
}
