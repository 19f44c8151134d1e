//! The messages of a client: those under way, in front, and those that wait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::frames::{self, HEAD};
use crate::publish::{self, Counts, Refused};

/// Messages that may be under way: enough for a processor far away, whose acknowledgements take 100 ms, at 600 batches a second.
const WINDOW: usize = 64;

/// Bytes that may be under way; with one message more than that it waits for acknowledgements.
const WINDOW_BYTES: usize = 1 << 20;

/// A message and since when it waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) framed: Bytes,
    pub(super) pushed: Instant,
    /// The how many-th message it is, from 1 on.
    pub(super) number: u64,
}

/// Shared by the publishing thread and the sending one. The lock is held for a push, a pop or a look, never over IO.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    max_bytes: usize,
    /// Something was pushed: wakes the session.
    changed: Notify,
    /// The queue was closed: ends the thread.
    closing: Notify,
    /// The last message was acknowledged, or the queue was closed: wakes who flushes.
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Framed; the first `n_sent` are under way.
    messages: VecDeque<Waiting>,
    n_sent: usize,
    bytes: usize,
    bytes_sent: usize,
    is_closed: bool,
    /// Messages taken so far.
    n_pushed: u64,
    counts: Counts,
    last_error: Option<String>,
}

impl Queue {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { state: Mutex::default(), max_bytes, changed: Notify::new(), closing: Notify::new(), emptied: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message, and drops the oldest that wait where there is no room.
    pub(super) fn push(&self, msg: &[u8], now: Instant) -> Result<(), Refused> {
        let mut framed = Vec::with_capacity(HEAD + msg.len());
        frames::put(&mut framed, msg);
        let mut state = self.state();
        if state.is_closed {
            state.counts.dropped += 1;
            return Err(Refused::Closed);
        }
        // What is under way cannot be dropped: its acknowledgement would be taken for another's.
        if state.bytes_sent + framed.len() > self.max_bytes {
            state.counts.dropped += 1;
            return Err(Refused::Full);
        }
        while state.bytes + framed.len() > self.max_bytes {
            let n_sent = state.n_sent;
            let Some(dropped) = state.messages.remove(n_sent) else { break };
            state.bytes -= dropped.framed.len();
            state.counts.dropped += 1;
        }
        state.bytes += framed.len();
        state.n_pushed += 1;
        let number = state.n_pushed;
        state.messages.push_back(Waiting { framed: Bytes::from(framed), pushed: now, number });
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next message to send, if the window lets it go.
    pub(super) fn next(&self) -> Option<Bytes> {
        let mut state = self.state();
        if state.n_sent >= WINDOW || state.bytes_sent >= WINDOW_BYTES {
            return None;
        }
        let msg = state.messages.get(state.n_sent)?.framed.clone();
        state.n_sent += 1;
        state.bytes_sent += msg.len();
        state.counts.sent += 1;
        Some(msg)
    }

    /// The oldest message under way was answered. False when none is: the answer was not asked for.
    pub(super) fn answered(&self, is_ok: bool) -> bool {
        let mut state = self.state();
        if state.n_sent == 0 {
            return false;
        }
        let Some(Waiting { framed, .. }) = state.messages.pop_front() else { return false };
        state.n_sent -= 1;
        state.bytes -= framed.len();
        state.bytes_sent -= framed.len();
        if is_ok {
            state.counts.acked += 1;
        } else {
            state.counts.failed += 1;
        }
        if state.messages.is_empty() {
            self.emptied.notify_all();
        }
        true
    }

    /// Every message up to this number was answered, dropped, or handed to the backlog.
    pub(super) fn settled(&self) -> u64 {
        let state = self.state();
        state.messages.front().map_or(state.n_pushed, |oldest| oldest.number.saturating_sub(1))
    }

    /// The connection is gone: what was under way will be sent again.
    pub(super) fn forget_sent(&self) {
        let mut state = self.state();
        state.n_sent = 0;
        state.bytes_sent = 0;
    }

    /// Nothing waits that has not been sent.
    pub(super) fn has_sent_all(&self) -> bool {
        let state = self.state();
        state.n_sent == state.messages.len()
    }

    /// Takes out the oldest message that is not under way, if it waits since before then, or if half of the room is taken.
    pub(super) fn take_overdue(&self, before: Instant) -> Option<Waiting> {
        self.take_if(|waiting, is_crowded| is_crowded || waiting.pushed < before)
    }

    /// Takes out the oldest message that is not under way.
    pub(super) fn take_oldest(&self) -> Option<Waiting> {
        self.take_if(|_, _| true)
    }

    fn take_if(&self, is_wanted: impl FnOnce(&Waiting, bool) -> bool) -> Option<Waiting> {
        let mut state = self.state();
        let is_crowded = state.bytes > self.max_bytes / 2;
        let n_sent = state.n_sent;
        state.messages.get(n_sent).filter(|waiting| is_wanted(waiting, is_crowded))?;
        let waiting = state.messages.remove(n_sent)?;
        state.bytes -= waiting.framed.len();
        if state.messages.is_empty() {
            self.emptied.notify_all();
        }
        Some(waiting)
    }

    /// Puts back what was taken out.
    pub(super) fn put_back(&self, waiting: Waiting) {
        let mut state = self.state();
        state.bytes += waiting.framed.len();
        let n_sent = state.n_sent;
        state.messages.insert(n_sent, waiting);
    }

    /// Messages of the backlog were sent, or answered.
    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.state().counts);
    }

    pub(super) fn set_backlog(&self, backlog: publish::Backlog) {
        self.state().counts.backlog = Some(backlog);
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Returns when the queue is closed; for one task only.
    pub(super) async fn closed(&self) {
        self.closing.notified().await;
    }

    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.closing.notify_one();
        self.emptied.notify_all();
    }

    pub(super) fn wait_empty(&self, patience: Duration) -> bool {
        let is_waiting = |state: &mut State| !state.messages.is_empty() && !state.is_closed;
        let waited = self.emptied.wait_timeout_while(self.state(), patience, is_waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0.messages.is_empty()
    }

    pub(super) fn connected(&self, is_first: bool) {
        let mut state = self.state();
        state.last_error = None;
        state.counts.reconnects += u64::from(!is_first);
    }

    pub(super) fn failed(&self, error: String) {
        self.state().last_error = Some(error);
    }

    pub(super) fn last_error(&self) -> Option<String> {
        self.state().last_error.clone()
    }

    pub(super) fn count_dropped(&self) {
        self.state().counts.dropped += 1;
    }

    pub(super) fn counts(&self) -> Counts {
        let state = self.state();
        Counts { bytes_waiting: state.bytes as u64, ..state.counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "an instant to count from")]
    fn now() -> Instant {
        Instant::now()
    }

    #[track_caller]
    fn check(queue: &Queue, sent: &[&str]) {
        let next = std::iter::from_fn(|| queue.next());
        let texts: Vec<_> = next.map(|msg| String::from_utf8(msg[HEAD..].to_vec()).unwrap()).collect();
        assert_eq!(texts, sent);
    }

    #[test]
    fn the_oldest_that_wait_make_room_and_what_is_under_way_stays() {
        let queue = Queue::new(3 * (HEAD + 1));
        queue.push(b"a", now()).unwrap();
        check(&queue, &["a"]);
        for msg in [b"b", b"c", b"d", b"e"] {
            queue.push(msg, now()).unwrap();
        }
        check(&queue, &["d", "e"]);
        assert_eq!(queue.push(b"f", now()), Err(Refused::Full));
        assert!(queue.answered(true) && queue.answered(false));
        queue.push(b"g", now()).unwrap();
        let counts = Counts { sent: 3, acked: 1, failed: 1, dropped: 3, reconnects: 0, bytes_waiting: 10, backlog: None };
        assert_eq!(queue.counts(), counts);
        check(&queue, &["g"]);
    }

    #[test]
    fn what_was_not_acknowledged_is_sent_again_in_order() {
        let queue = Queue::new(1000);
        for msg in [b"a", b"b", b"c"] {
            queue.push(msg, now()).unwrap();
        }
        check(&queue, &["a", "b", "c"]);
        assert!(queue.answered(true));
        queue.forget_sent();
        check(&queue, &["b", "c"]);
        assert!(queue.answered(true) && queue.answered(true));
        assert!(!queue.answered(true));
        assert!(queue.wait_empty(Duration::ZERO));
    }

    #[test]
    fn what_waits_too_long_or_takes_half_of_the_room_is_overdue_and_can_be_put_back() {
        let queue = Queue::new(10 * (HEAD + 1));
        let start = now();
        for (msg, secs) in [(b"a", 0), (b"b", 0), (b"c", 1), (b"d", 2)] {
            queue.push(msg, start + Duration::from_secs(secs)).unwrap();
        }
        assert!(queue.next().is_some());
        let text = |waiting: Option<Waiting>| waiting.map(|waiting| waiting.framed[HEAD..].to_vec());
        let before = start + Duration::from_secs(1);
        let taken = queue.take_overdue(before).unwrap();
        assert_eq!(taken.framed[HEAD..], *b"b");
        queue.put_back(taken);
        assert_eq!(text(queue.take_overdue(before)), Some(b"b".to_vec()));
        assert_eq!(text(queue.take_overdue(before)), None);
        for msg in [b"e", b"f", b"g"] {
            queue.push(msg, start + Duration::from_secs(2)).unwrap();
        }
        assert_eq!(text(queue.take_overdue(before)), Some(b"c".to_vec()));
        assert_eq!(text(queue.take_overdue(before)), None);
        assert!(queue.answered(true));
        check(&queue, &["d", "e", "f", "g"]);
    }

    #[test]
    fn the_window_is_bounded() {
        let queue = Queue::new(16 << 20);
        for _ in 0..200 {
            queue.push(b"a", now()).unwrap();
        }
        assert_eq!(std::iter::from_fn(|| queue.next()).count(), WINDOW);
        let queue = Queue::new(16 << 20);
        for _ in 0..4 {
            queue.push(&vec![0; WINDOW_BYTES / 2], now()).unwrap();
        }
        assert_eq!(std::iter::from_fn(|| queue.next()).count(), 2);
    }
}
