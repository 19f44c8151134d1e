//! The way in to the engine's thread: a bounded channel of deliveries, with credits in bytes, and of other requests.
//!
//! Who delivers takes credits first and waits for them (TCP, HTTP, the process's own collector) or drops and counts (UDP). A
//! [`Delivery`] gives its credits back when it is dropped.

mod counters;
mod fill;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, TrySendError, bounded, never, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot};

use crate::frames::{self, Messages};

pub use counters::Counters;

/// Bytes of a connection's buffer that are its own: what a busy one reads at once.
pub(crate) const CONNECTION_BYTES: usize = 64 << 10;

/// A message of the greatest size with its length: less makes no sense as a limit.
const ONE_MESSAGE: usize = frames::HEAD + event::msg::MAX_BYTES;

/// Deliveries that may wait at once. With reads of up to 64 KiB that is more than the memory's default, so that bytes are what runs out
/// first; full, senders wait.
const MAX_DELIVERIES: usize = 4096;

/// Bytes of datagrams that may wait: what came by a way that waits stands behind no more of them than the engine applies in about a
/// millisecond, however many are sent. The kernel itself keeps no more by default.
const MAX_DATAGRAM_BYTES: usize = 256 << 10;

/// What a delivery of datagrams counts as at the least, so that many small ones do not take the slots of all others.
const MIN_DATAGRAM_CHARGE: usize = 4 << 10;

/// Requests that may wait at once: queries of some pages and scripts. Full, a request is refused, as its asker can try again.
const MAX_REQUESTS: usize = 256;

/// How much memory the ways in may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in all. One half is for deliveries that were sent and are not yet dropped. A quarter is for the buffers of connections, and
    /// says how many there may be. A quarter is for messages that are longer than such a buffer while they are received: who begins
    /// long messages and does not end them keeps only other long ones waiting. The halves hold at least one message of 16 MiB each.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 256 << 20 }
    }
}

/// What the engine's thread is given to do.
#[derive(Debug)]
pub enum Item<R> {
    /// Messages to apply.
    Delivery(Delivery),
    /// Anything else: a query, a reload.
    Request(R),
}

/// By which way a delivery came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Riemann's protocol over TCP.
    Tcp,
    /// Riemann's protocol over UDP: no replies, queries are passed over.
    Udp,
    /// Events or points by HTTP.
    Http,
    /// A listener of text lines (Graphite, OpenTSDB).
    Line,
    /// The process's own collector.
    Collector,
}

/// One or more messages that are applied and answered together.
#[derive(Debug)]
pub struct Delivery {
    /// The messages, each after its length in four big-endian bytes. Every one has passed `Msg::decode`.
    pub frames: Bytes,
    /// By which way it came.
    pub origin: Origin,
    reply: Option<oneshot::Sender<Bytes>>,
    credit: Credit,
}

impl Delivery {
    /// The messages, in their order.
    pub fn messages(&self) -> Messages<'_> {
        frames::messages(&self.frames)
    }

    /// Whether somebody waits for the replies.
    pub fn wants_reply(&self) -> bool {
        self.reply.is_some()
    }

    /// Answers: one framed reply for each message, in order (see [`crate::reply`]). A delivery that is dropped without is a failure:
    /// its connection is closed.
    pub fn reply(self, replies: Bytes) {
        let Self { frames, reply, credit, .. } = self;
        // First, so that whoever gets the reply finds the room free, and a connection its buffer.
        drop((frames, credit));
        if let Some(reply) = reply {
            // A sender that has gone needs no reply.
            let _ = reply.send(replies);
        }
    }
}

/// The right to hand on so many bytes; given back when dropped.
#[derive(Debug)]
pub struct Credit {
    _slot: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
    /// Of a delivery of datagrams.
    _datagrams: Option<OwnedSemaphorePermit>,
}

/// The engine's thread has ended, or is ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine has stopped")]
pub struct Closed;

/// Why something was not taken at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// There was no room for it (in time).
    #[error("too much waits for the engine")]
    Full,
    /// The engine's thread has ended.
    #[error("the engine has stopped")]
    Closed,
}

impl From<Closed> for NotTaken {
    fn from(_: Closed) -> Self {
        NotTaken::Closed
    }
}

impl From<TryAcquireError> for NotTaken {
    fn from(error: TryAcquireError) -> Self {
        match error {
            TryAcquireError::NoPermits => NotTaken::Full,
            TryAcquireError::Closed => NotTaken::Closed,
        }
    }
}

/// The senders' side; every listener has a clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    deliveries: Sender<Delivery>,
    credits: Arc<Credits>,
}

#[derive(Debug)]
struct Credits {
    slots: Arc<Semaphore>,
    /// For bytes that came as datagrams.
    datagrams: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    /// How many bytes there are in all.
    total: usize,
    /// For messages that are longer than a connection's buffer, while they are received.
    long_messages: Arc<Semaphore>,
    max_connections: usize,
    counters: Counters,
}

/// The askers' side.
#[derive(Debug)]
pub struct Requests<R>(Sender<R>);

impl<R> Clone for Requests<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> Requests<R> {
    /// Asks, without waiting.
    ///
    /// # Errors
    /// [`NotTaken`] when too many requests wait or the engine has ended; the request is lost.
    pub fn send(&self, request: R) -> Result<(), NotTaken> {
        self.0.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => NotTaken::Full,
            TrySendError::Disconnected(_) => NotTaken::Closed,
        })
    }
}

/// The engine's side. It ends when every [`Ingest`] is gone and all that they sent was taken.
#[derive(Debug)]
pub struct Inbox<R> {
    deliveries: Receiver<Delivery>,
    requests: Receiver<R>,
    credits: Arc<Credits>,
}

impl<R> Drop for Inbox<R> {
    /// Whoever waits for room learns that there will be none.
    fn drop(&mut self) {
        self.credits.slots.close();
        self.credits.datagrams.close();
        self.credits.bytes.close();
        self.credits.long_messages.close();
    }
}

/// The channel, empty.
pub fn channel<R>(limits: Limits) -> (Ingest, Requests<R>, Inbox<R>) {
    let (deliveries, delivered) = bounded(MAX_DELIVERIES);
    let (requests, requested) = bounded(MAX_REQUESTS);
    let total = (limits.memory / 2).clamp(ONE_MESSAGE, u32::MAX as usize);
    let credits = Credits {
        slots: Arc::new(Semaphore::new(MAX_DELIVERIES)),
        datagrams: Arc::new(Semaphore::new(MAX_DATAGRAM_BYTES)),
        bytes: Arc::new(Semaphore::new(total)),
        total,
        long_messages: Arc::new(Semaphore::new((limits.memory / 4).clamp(ONE_MESSAGE, u32::MAX as usize))),
        max_connections: (limits.memory / 4 / CONNECTION_BYTES).max(1),
        counters: Counters::default(),
    };
    let credits = Arc::new(credits);
    let ingest = Ingest { deliveries, credits: credits.clone() };
    (ingest, Requests(requests), Inbox { deliveries: delivered, requests: requested, credits })
}

impl Ingest {
    /// Waits for credits for `n_bytes`. Given up, it takes none.
    ///
    /// # Errors
    /// [`Closed`] when the engine has ended.
    pub async fn reserve(&self, n_bytes: usize) -> Result<Credit, Closed> {
        // One credit is waited for at a time in this order by everybody, and nobody holds the second while waiting for the first.
        let slot = self.credits.slots.clone().acquire_owned().await.map_err(|_| Closed)?;
        let bytes = self.credits.bytes.clone().acquire_many_owned(self.charge(n_bytes)).await.map_err(|_| Closed)?;
        Ok(Credit { _slot: slot, _bytes: bytes, _datagrams: None })
    }

    /// Credits for `n_bytes`, if there are any now.
    ///
    /// # Errors
    /// [`NotTaken`] when there are not, or the engine has ended.
    pub fn try_reserve(&self, n_bytes: usize) -> Result<Credit, NotTaken> {
        let slot = self.credits.slots.clone().try_acquire_owned()?;
        let bytes = self.credits.bytes.clone().try_acquire_many_owned(self.charge(n_bytes))?;
        Ok(Credit { _slot: slot, _bytes: bytes, _datagrams: None })
    }

    /// Waits for the memory for a message that is longer than a connection's buffer, with its length.
    pub(crate) async fn reserve_long(&self, n_bytes: usize) -> Result<OwnedSemaphorePermit, Closed> {
        let n_bytes = u32::try_from(n_bytes.min(ONE_MESSAGE)).unwrap_or(u32::MAX);
        self.credits.long_messages.clone().acquire_many_owned(n_bytes).await.map_err(|_| Closed)
    }

    /// How many connections there is memory for.
    pub(crate) fn max_connections(&self) -> usize {
        self.credits.max_connections
    }

    fn try_reserve_datagrams(&self, n_bytes: usize) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let n_bytes = u32::try_from(n_bytes.clamp(MIN_DATAGRAM_CHARGE, MAX_DATAGRAM_BYTES)).unwrap_or(u32::MAX);
        self.credits.datagrams.clone().try_acquire_many_owned(n_bytes)
    }

    /// What is longer than all there is is charged all of it, or it would wait for ever.
    fn charge(&self, n_bytes: usize) -> u32 {
        u32::try_from(n_bytes.min(self.credits.total)).unwrap_or(u32::MAX)
    }

    /// Waits for room, hands the messages on and waits for the replies. `frames` holds one or more messages that have passed
    /// `Msg::decode`, each after its length.
    ///
    /// # Errors
    /// [`Closed`] when the engine ended before it replied: the messages may or may not have been applied.
    pub async fn send(&self, frames: Bytes, origin: Origin) -> Result<Bytes, Closed> {
        let credit = self.reserve(frames.len()).await?;
        self.send_with(credit, frames, origin).await
    }

    /// As [`Ingest::send`], with credits that were reserved before.
    ///
    /// # Errors
    /// As [`Ingest::send`].
    pub async fn send_with(&self, credit: Credit, frames: Bytes, origin: Origin) -> Result<Bytes, Closed> {
        let (reply, replies) = oneshot::channel();
        self.hand_on(Delivery { frames, origin, reply: Some(reply), credit })?;
        replies.await.map_err(|_| Closed)
    }

    /// Hands the messages on if there is room now; nobody waits for replies.
    ///
    /// # Errors
    /// [`NotTaken`]; the messages are lost, and counting them is the caller's.
    pub fn try_send(&self, frames: Bytes, origin: Origin) -> Result<(), NotTaken> {
        let datagrams = (origin == Origin::Udp).then(|| self.try_reserve_datagrams(frames.len())).transpose()?;
        let credit = Credit { _datagrams: datagrams, ..self.try_reserve(frames.len())? };
        Ok(self.hand_on(Delivery { frames, origin, reply: None, credit })?)
    }

    /// Hands the messages on, blocking this thread for room up to `patience`; nobody waits for replies. Not for tokio's threads.
    ///
    /// # Errors
    /// [`NotTaken`]; the messages are lost, and counting them is the caller's.
    pub fn send_blocking(&self, frames: Bytes, origin: Origin, patience: Duration) -> Result<(), NotTaken> {
        let credit = match self.try_reserve(frames.len()) {
            Ok(credit) => credit,
            Err(NotTaken::Closed) => return Err(NotTaken::Closed),
            Err(NotTaken::Full) => crate::park::wait(self.reserve(frames.len()), patience).ok_or(NotTaken::Full)??,
        };
        Ok(self.hand_on(Delivery { frames, origin, reply: None, credit })?)
    }

    fn hand_on(&self, delivery: Delivery) -> Result<(), Closed> {
        let (n_messages, n_bytes, origin) = (delivery.messages().count(), delivery.frames.len(), delivery.origin);
        // Each delivery holds one of as many slots as the channel has room: it is never full.
        self.deliveries.try_send(delivery).map_err(|_| Closed)?;
        let counters = self.counters();
        counters.deliveries.add(1);
        counters.messages.add(n_messages as u64);
        match origin {
            Origin::Tcp => counters.tcp_messages.add(n_messages as u64),
            Origin::Udp => counters.udp_messages.add(n_messages as u64),
            Origin::Http | Origin::Line | Origin::Collector => {}
        }
        counters.bytes.add(n_bytes as u64);
        Ok(())
    }

    /// What came in so far.
    pub fn counters(&self) -> &Counters {
        &self.credits.counters
    }

    /// Bytes that wait for the engine or are with it now.
    pub fn bytes_waiting(&self) -> usize {
        self.credits.total.saturating_sub(self.credits.bytes.available_permits())
    }
}

impl<R> Inbox<R> {
    /// Takes what is there, requests first: they are few, and somebody waits for each.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`], or [`TryRecvError::Disconnected`] at the end.
    pub fn try_recv(&self) -> Result<Item<R>, TryRecvError> {
        if let Ok(request) = self.requests.try_recv() {
            return Ok(Item::Request(request));
        }
        self.deliveries.try_recv().map(Item::Delivery)
    }

    /// Takes what comes next, waiting up to `wait`.
    ///
    /// # Errors
    /// [`RecvTimeoutError::Timeout`] when nothing came, or [`RecvTimeoutError::Disconnected`] at the end.
    pub fn recv_timeout(&self, wait: Duration) -> Result<Item<R>, RecvTimeoutError> {
        match self.try_recv() {
            Ok(item) => return Ok(item),
            Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
            Err(TryRecvError::Empty) => {}
        }
        select! {
            recv(self.deliveries) -> delivery => delivery.map(Item::Delivery).map_err(|_| RecvTimeoutError::Disconnected),
            recv(self.requests) -> request => match request {
                Ok(request) => Ok(Item::Request(request)),
                // No asker is left; senders may be.
                Err(_) => self.deliveries.recv_timeout(wait).map(Item::Delivery),
            },
            default(wait) => Err(RecvTimeoutError::Timeout),
        }
    }

    /// Takes the next request only, waiting up to `wait`: for while the outlets are full and no delivery may be taken.
    ///
    /// # Errors
    /// [`RecvTimeoutError::Timeout`], also when no asker is left.
    pub fn request_timeout(&self, wait: Duration) -> Result<R, RecvTimeoutError> {
        match self.requests.recv_timeout(wait) {
            Ok(request) => Ok(request),
            Err(RecvTimeoutError::Timeout) => Err(RecvTimeoutError::Timeout),
            Err(RecvTimeoutError::Disconnected) => never().recv_timeout(wait),
        }
    }
}

#[cfg(test)]
mod tests;
