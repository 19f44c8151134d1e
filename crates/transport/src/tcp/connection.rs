//! One connection: read, hand all complete messages on as one delivery, write all replies at once.
//!
//! One delivery is under way at a time, so replies keep their order and a connection's memory is bounded; a client that pipelines fills the
//! kernel's buffer in the meantime, and its next messages come in one read.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};

use super::Settings;
use crate::frames::{self, HEAD, Rest};
use crate::ingest::{CONNECTION_BYTES, Closed, Ingest, Origin};
use crate::shutdown::Shutdown;

/// What a connection holds while it waits: a batch of a collector or of collectd is 8 KiB.
const IDLE_BYTES: usize = 16 << 10;

/// A closed socket with unread bytes is reset, which may cost the client the last replies: what still comes is read and forgotten, this long
/// and this much.
const LINGER: Duration = Duration::from_millis(500);
/// At the server's end clients may be silent, and its end is waited for.
const LINGER_AT_SHUTDOWN: Duration = Duration::from_millis(50);
const LINGER_BYTES: usize = 1 << 20;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// By the client.
    Closed,
    /// It sent what is no message.
    Garbage,
    /// A message did not end in time.
    Stalled,
    /// Replies were not read in time.
    Unread,
    /// The server is ending.
    Shutdown,
    /// The engine has ended, or failed to reply.
    Engine,
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        End::Engine
    }
}

pub(super) struct Connection<'a, S> {
    stream: S,
    ingest: &'a Ingest,
    settings: Settings,
    buffer: BytesMut,
    /// How much the buffer was made for.
    size: usize,
    /// The last read took all the room there was, so that more is to be expected.
    is_busy: bool,
    /// For a message that is longer than the buffer's own memory.
    long: Option<OwnedSemaphorePermit>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Connection<'a, S> {
    pub(super) fn new(stream: S, ingest: &'a Ingest, settings: Settings) -> Self {
        Self { stream, ingest, settings, buffer: BytesMut::new(), size: 0, is_busy: false, long: None }
    }

    pub(super) async fn run(mut self, mut shutdown: Shutdown) -> End {
        let Err(end) = self.serve(&mut shutdown).await;
        let linger = match end {
            End::Garbage => LINGER,
            End::Shutdown => LINGER_AT_SHUTDOWN,
            End::Closed | End::Stalled | End::Unread | End::Engine => return end,
        };
        // Nothing depends on how this goes.
        let _ = timeout(linger, self.linger()).await;
        end
    }

    async fn serve(&mut self, shutdown: &mut Shutdown) -> Result<std::convert::Infallible, End> {
        loop {
            let scan = frames::scan(&self.buffer);
            if scan.complete > 0 {
                let frames = self.buffer.split_to(scan.complete).freeze();
                self.apply(frames).await?;
            }
            match scan.rest {
                Rest::Partial(wanted) => self.receive(wanted, shutdown).await?,
                Rest::BadLength | Rest::Undecodable => return Err(End::Garbage),
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "how long a sender waits is real time")]
    async fn apply(&mut self, frames: Bytes) -> Result<(), End> {
        let read = Instant::now();
        let credit = self.ingest.reserve(frames.len()).await?;
        // The delivery is paid for now, the whole buffer with it.
        self.long = None;
        let replies = self.ingest.send_with(credit, frames, Origin::Tcp).await?;
        self.ingest.counters().tcp_latency.record(read.elapsed());
        self.write(replies).await
    }

    async fn write(&mut self, mut replies: Bytes) -> Result<(), End> {
        if replies.is_empty() {
            return Ok(());
        }
        while replies.has_remaining() {
            match timeout(self.settings.write_timeout, self.stream.write_buf(&mut replies)).await {
                Ok(Ok(n)) if n > 0 => {}
                Ok(_) => return Err(End::Closed),
                Err(_) => return Err(End::Unread),
            }
        }
        // What TLS still holds goes out too.
        match timeout(self.settings.write_timeout, self.stream.flush()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Closed),
            Err(_) => Err(End::Unread),
        }
    }

    /// Reads until the first `wanted` bytes, a message's or its length's, are there.
    async fn receive(&mut self, wanted: usize, shutdown: &mut Shutdown) -> Result<(), End> {
        if wanted > CONNECTION_BYTES && self.long.is_none() {
            self.long = Some(self.ingest.reserve_long(wanted).await?);
        }
        self.make_room(wanted);
        let mut deadline = self.deadline();
        while self.buffer.len() < wanted {
            let room = self.buffer.capacity() - self.buffer.len();
            let read = self.stream.read_buf(&mut self.buffer);
            let n_read = tokio::select! {
                // A message that was begun is not waited for: it was not acknowledged, and will be sent again.
                () = shutdown.requested() => return Err(End::Shutdown),
                read = until(deadline, read) => read?,
            };
            self.is_busy = n_read == room;
            deadline = deadline.or_else(|| self.deadline());
        }
        Ok(())
    }

    /// When the message that is begun must be there.
    #[expect(clippy::disallowed_methods, reason = "a listener's patience is real time")]
    fn deadline(&self) -> Option<Instant> {
        (!self.buffer.is_empty()).then(|| Instant::now() + self.settings.message_timeout)
    }

    /// An idle connection waits with a small buffer; a busy one reads more at once; a long message gets just what it needs.
    fn make_room(&mut self, wanted: usize) {
        let size = if self.is_busy { CONNECTION_BYTES } else { IDLE_BYTES }.max(wanted.max(HEAD));
        if !self.buffer.is_empty() {
            self.buffer.reserve(size.saturating_sub(self.buffer.len()));
        } else if size != self.size || !self.buffer.try_reclaim(size) {
            // What is left of the last buffer may keep a far greater one alive.
            self.buffer = BytesMut::with_capacity(size);
        }
        self.size = size.max(self.buffer.capacity());
    }

    async fn linger(&mut self) -> std::io::Result<()> {
        self.stream.shutdown().await?;
        let mut n_read = 0;
        while n_read < LINGER_BYTES {
            self.buffer.clear();
            self.buffer.reserve(IDLE_BYTES);
            match self.stream.read_buf(&mut self.buffer).await? {
                0 => break,
                n => n_read += n,
            }
        }
        Ok(())
    }
}

async fn until(deadline: Option<Instant>, read: impl Future<Output = std::io::Result<usize>>) -> Result<usize, End> {
    let read = match deadline {
        Some(deadline) => timeout_at(deadline, read).await.map_err(|_| End::Stalled)?,
        None => read.await,
    };
    match read {
        Ok(0) | Err(_) => Err(End::Closed),
        Ok(n_read) => Ok(n_read),
    }
}
