//! The collector's way out: in process, or by [`crate::client::Client`].

use std::time::Duration;

use bytes::Bytes;
use event::Timestamp;
use event::msg::MAX_BYTES;

use crate::frames;
use crate::ingest::{Ingest, NotTaken, Origin};

/// Takes encoded messages on their way to a processor.
pub trait Publish: Send {
    /// Takes one encoded `Msg`, in order. Never blocks for longer than it promises.
    ///
    /// # Errors
    /// [`Refused`]: the message is lost and counted.
    fn publish(&mut self, msg: &[u8]) -> Result<(), Refused>;

    /// Waits until all that was taken has been acknowledged, or is kept on disk, at the most for `patience`. Says whether it was.
    fn flush(&mut self, patience: Duration) -> bool;

    /// What became of the messages so far.
    fn counts(&self) -> Counts;
}

/// What became of published messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written to the processor, those written again included.
    pub sent: u64,
    /// Acknowledged by it; in process, handed over.
    pub acked: u64,
    /// Answered with an error; not sent again.
    pub failed: u64,
    /// Lost for want of room.
    pub dropped: u64,
    /// How often a connection was made anew.
    pub reconnects: u64,
    /// Bytes that wait now, in memory.
    pub bytes_waiting: u64,
    /// What waits on disk; `None` where nothing is kept there.
    pub backlog: Option<Backlog>,
}

/// What was kept on disk while the processor was away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Bytes that wait.
    pub bytes: u64,
    /// When the oldest of them was published.
    pub oldest: Option<Timestamp>,
    /// Messages dropped for want of room, or for their age.
    pub dropped: u64,
    /// The disk refused the last try.
    pub is_failing: bool,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There was no room for it in time.
    #[error("too much waits for the processor")]
    Full,
    /// It is over 16 MiB.
    #[error("a message of {n_bytes} bytes; the most is {MAX_BYTES}")]
    TooLong {
        /// Its length.
        n_bytes: usize,
    },
    /// The processor, or the client, has ended.
    #[error("the processor has stopped")]
    Closed,
}

/// To the processor in this very process.
#[derive(Debug)]
pub struct InProcess {
    ingest: Ingest,
    patience: Duration,
    counts: Counts,
}

impl InProcess {
    /// Waits up to `patience` for room: less than a turn of the collector, or its turns would be missed.
    pub fn new(ingest: Ingest, patience: Duration) -> Self {
        Self { ingest, patience, counts: Counts::default() }
    }
}

impl Publish for InProcess {
    fn publish(&mut self, msg: &[u8]) -> Result<(), Refused> {
        if msg.len() > MAX_BYTES {
            self.counts.dropped += 1;
            return Err(Refused::TooLong { n_bytes: msg.len() });
        }
        let mut out = Vec::with_capacity(frames::HEAD + msg.len());
        frames::put(&mut out, msg);
        self.counts.sent += 1;
        let sent = self.ingest.send_blocking(Bytes::from(out), Origin::Collector, self.patience);
        let refused = match sent {
            Ok(()) => {
                self.counts.acked += 1;
                return Ok(());
            }
            Err(NotTaken::Full) => Refused::Full,
            Err(NotTaken::Closed) => Refused::Closed,
        };
        self.counts.dropped += 1;
        self.ingest.counters().collector_dropped.add(1);
        Err(refused)
    }

    /// What was handed over will be applied: the engine's thread takes all there is before it ends.
    fn flush(&mut self, _patience: Duration) -> bool {
        true
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{self, Item, Limits};

    #[test]
    fn a_message_in_process_is_the_same_bytes_as_on_the_wire() {
        let (ingest, _requests, inbox) = ingest::channel::<()>(Limits::default());
        let mut publish = InProcess::new(ingest, Duration::ZERO);
        publish.publish(b"\x10\x01").unwrap();
        let Ok(Item::Delivery(delivery)) = inbox.try_recv() else { panic!("nothing was delivered") };
        assert_eq!((&delivery.frames[..], delivery.origin), (&b"\x00\x00\x00\x02\x10\x01"[..], Origin::Collector));
        assert_eq!(publish.counts(), Counts { sent: 1, acked: 1, ..Counts::default() });
    }

    #[test]
    fn a_full_engine_costs_a_counted_drop_and_no_more_than_the_patience() {
        let (ingest, _requests, inbox) = ingest::channel::<()>(Limits { memory: 0 });
        let mut publish = InProcess::new(ingest, Duration::from_millis(1));
        publish.publish(&vec![0; MAX_BYTES]).unwrap();
        assert_eq!(publish.publish(b"\x10\x01"), Err(Refused::Full));
        drop(inbox);
        assert_eq!(publish.publish(b"\x10\x01"), Err(Refused::Closed));
        assert_eq!(publish.publish(&vec![0; MAX_BYTES + 1]), Err(Refused::TooLong { n_bytes: MAX_BYTES + 1 }));
        assert_eq!(publish.counts().dropped, 3);
    }
}
