//! Clients that are told every event of a query, each as it came: Riemann's subscriptions to the index.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use engine::query::Query;
use event::View;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::web::json;

/// Events that may wait for one client: some seconds of a busy swarm, while the snapshot before them is still being sent.
const MAX_WAITING: usize = 16 << 10;

/// Bytes that may wait for one client.
const MAX_BYTES: usize = 8 << 20;

/// The engine's end: what a client cannot take ends it, as it would otherwise miss an event without knowing.
#[derive(Debug)]
pub struct Follower {
    query: Query,
    sender: Sender<Bytes>,
    waiting: Arc<AtomicUsize>,
}

/// The client's end: one event as JSON after the other; it ends when the client was too slow or the engine has stopped.
#[derive(Debug)]
pub struct Feed {
    receiver: Receiver<Bytes>,
    waiting: Arc<AtomicUsize>,
}

/// Both ends.
pub fn follow(query: Query) -> (Follower, Feed) {
    let (sender, receiver) = channel(MAX_WAITING);
    let waiting = Arc::new(AtomicUsize::new(0));
    (Follower { query, sender, waiting: waiting.clone() }, Feed { receiver, waiting })
}

impl Feed {
    /// The next event.
    pub async fn next(&mut self) -> Option<Bytes> {
        let event = self.receiver.recv().await?;
        self.waiting.fetch_sub(event.len(), Ordering::Relaxed);
        Some(event)
    }

    /// The next event, when it is there already.
    pub fn try_next(&mut self) -> Option<Bytes> {
        let event = self.receiver.try_recv().ok()?;
        self.waiting.fetch_sub(event.len(), Ordering::Relaxed);
        Some(event)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Followers {
    all: Vec<Follower>,
}

impl Followers {
    pub(super) fn add(&mut self, follower: Follower) {
        self.all.push(follower);
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Tells whom it concerns; gives how many were too slow.
    pub(super) fn tell(&mut self, event: &View<'_>) -> u64 {
        let mut encoded: Option<Bytes> = None;
        let mut n_slow = 0;
        self.all.retain(|follower| {
            if follower.sender.is_closed() {
                return false;
            }
            if !follower.query.matches(event) {
                return true;
            }
            let bytes = encoded.get_or_insert_with(|| encode(event)).clone();
            let taken = follower.send(bytes);
            n_slow += u64::from(!taken);
            taken
        });
        n_slow
    }
}

impl Follower {
    /// What it wants to hear.
    pub fn query(&self) -> &Query {
        &self.query
    }

    fn send(&self, event: Bytes) -> bool {
        let n_bytes = event.len();
        if self.waiting.fetch_add(n_bytes, Ordering::Relaxed) + n_bytes > MAX_BYTES {
            return false;
        }
        self.sender.try_send(event).is_ok()
    }
}

fn encode(event: &View<'_>) -> Bytes {
    let mut out = Vec::with_capacity(256);
    json::event(&mut out, event);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    #[test]
    fn each_is_told_what_its_query_finds_and_who_is_too_slow_is_let_go() {
        let (all, mut of_all) = follow(query("true"));
        let (some, mut of_some) = follow(query("service = \"b\""));
        let mut followers = Followers::default();
        followers.add(all);
        followers.add(some);
        let event = |service: &'static [u8]| View { service: Some(service), ..View::default() };
        assert_eq!(followers.tell(&event(b"a")) + followers.tell(&event(b"b")), 0);
        assert!(of_some.try_next().unwrap().starts_with(b"{\"host\":null,\"service\":\"b\""));
        assert!(of_some.try_next().is_none());
        let n_slow: u64 = (0..MAX_WAITING).map(|_| followers.tell(&event(b"a"))).sum();
        assert_eq!((n_slow, followers.len()), (1, 1));
        let mut n_got = 0;
        while of_all.try_next().is_some() {
            n_got += 1;
        }
        assert_eq!(n_got, MAX_WAITING);
        drop(of_some);
        followers.tell(&event(b"a"));
        assert!(followers.is_empty());
    }
}
