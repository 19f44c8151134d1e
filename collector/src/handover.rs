//! Events that were made on another thread, handed to the sampling thread, which tells them in its turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender};
use event::msg::{self, Encoder};

use crate::Samples;

/// Batches that may wait. A turn takes all of them; those of a hundred targets and programs find room between two turns.
const MAX_BATCHES: usize = 1024;

/// Bytes that may wait: a hundred thousand events.
const MAX_BYTES: usize = 16 << 20;

/// The two ends, with nothing between them yet.
pub(crate) fn handover() -> (Outbox, Inbox) {
    let (sender, receiver) = crossbeam_channel::bounded(MAX_BATCHES);
    let n_bytes = Arc::new(AtomicUsize::new(0));
    (Outbox { batches: sender, n_bytes: n_bytes.clone() }, Inbox { batches: receiver, n_bytes })
}

/// The other thread's end.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    batches: Sender<Encoder>,
    n_bytes: Arc<AtomicUsize>,
}

impl Outbox {
    /// Hands a batch over; says how many events of it are lost for want of room: none, or all.
    pub(crate) fn send(&self, batch: Encoder) -> usize {
        let (n_bytes, n_events) = (batch.bytes().len(), batch.n_events());
        if self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed) <= MAX_BYTES && self.batches.try_send(batch).is_ok() {
            return 0;
        }
        self.n_bytes.fetch_sub(n_bytes, Ordering::Relaxed);
        n_events
    }
}

/// The sampling thread's end.
#[derive(Debug)]
pub(crate) struct Inbox {
    batches: Receiver<Encoder>,
    n_bytes: Arc<AtomicUsize>,
}

impl Inbox {
    /// Tells what waits.
    pub(crate) fn tell(&self, out: &mut Samples) {
        // As many as there are now: a storm of them must not hold the turn up.
        for batch in self.batches.try_iter().take(self.batches.len()) {
            self.n_bytes.fetch_sub(batch.bytes().len(), Ordering::Relaxed);
            msg::events(batch.bytes()).for_each(|view| out.event(&view));
        }
    }
}

#[cfg(test)]
mod tests {
    use event::{Timestamp, View};

    use super::*;

    fn batch(service: &[u8]) -> Encoder {
        let mut batch = Encoder::new();
        batch.event(&View { service: Some(service), ..View::default() });
        batch
    }

    #[test]
    fn what_finds_no_room_is_lost_and_said_and_there_is_room_again_after_a_turn() {
        let (outbox, inbox) = handover();
        let large = vec![b'x'; MAX_BYTES / 2 + 1];
        assert_eq!([&large[..], &large, &large, b"small"].map(|service| outbox.send(batch(service))), [0, 0, 1, 1]);
        let mut samples = Samples::new("node1");
        samples.begin(Timestamp::from_secs(1));
        inbox.tell(&mut samples);
        assert_eq!(samples.n_samples(), 2);
        assert_eq!((0..=MAX_BATCHES).map(|_| outbox.send(batch(b"small"))).sum::<usize>(), 1);
    }
}
