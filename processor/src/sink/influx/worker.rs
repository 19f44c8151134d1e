//! The sink's thread: sends what the desk hands out, and tells it how that ended.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Counters;
use super::backlog::Old;
use super::batch::Batch;
use super::courier::{Courier, Ending};
use super::desk::Desk;
use super::queue::Waiting;

/// How long the worker sleeps at most: counters, the status line and the spool's disk are looked after so often.
const TURN: Duration = Duration::from_secs(1);

/// What came out of waiting: requests with the moment at which they went.
enum Turn {
    Batch(Batch),
    Closed,
    Live(Waiting, Ending, Instant),
    Old(Old, Ending, Instant),
    Time,
}

/// A request under way.
type Sending = Pin<Box<dyn Future<Output = Turn>>>;

/// All that the sink's thread owns.
pub(crate) struct Worker {
    courier: Rc<Courier>,
    batches: mpsc::Receiver<Batch>,
    desk: Desk,
    counters: Arc<Counters>,
    line: Arc<Mutex<String>>,
    /// Up to where everything is at the server, on disk or given up.
    done: Arc<AtomicU64>,
    close_within: Duration,
    under_way: FuturesUnordered<Sending>,
    /// Set when the outlet has closed: when to stop at the latest.
    end: Option<Instant>,
}

impl Worker {
    /// A worker that has not begun.
    pub(crate) fn new(
        courier: Courier,
        batches: mpsc::Receiver<Batch>,
        desk: Desk,
        (counters, line, done): (Arc<Counters>, Arc<Mutex<String>>, Arc<AtomicU64>),
        close_within: Duration,
    ) -> Self {
        let courier = Rc::new(courier);
        Self { courier, batches, desk, counters, line, done, close_within, under_way: FuturesUnordered::new(), end: None }
    }

    /// Works until the outlet is closed and all is sent, or the time for that has passed; then what is left goes to the disk.
    pub(crate) async fn run(mut self) {
        loop {
            self.begin();
            self.publish();
            if self.end.is_some_and(|end| self.desk.is_sent() || clock() >= end) {
                break;
            }
            let turn = self.wait().await;
            let (now, address) = (clock(), self.courier.address());
            match turn {
                Turn::Batch(batch) => self.desk.take(batch, now),
                Turn::Closed => self.end = Some(now + self.close_within),
                Turn::Live(waiting, ending, begun) => self.desk.live_ended(waiting, &ending, begun, now, address),
                Turn::Old(old, ending, begun) => self.desk.old_ended(old, &ending, begun, now, address),
                Turn::Time => {}
            }
            self.desk.tidy(now);
            self.desk.sync(now);
        }
        self.under_way.clear();
        self.desk.stow(clock());
        self.publish();
    }

    /// Starts what may start: live batches, and one of the backlog beside them; of that none when the end is near.
    fn begin(&mut self) {
        let now = clock();
        while let Some(mut waiting) = self.desk.next_live(now) {
            let courier = Rc::clone(&self.courier);
            self.under_way.push(Box::pin(async move {
                let ending = courier.deliver(&mut waiting.work).await;
                Turn::Live(waiting, ending, now)
            }));
        }
        if self.end.is_none()
            && let Some(mut old) = self.desk.next_old(now)
        {
            let courier = Rc::clone(&self.courier);
            self.under_way.push(Box::pin(async move {
                let ending = courier.deliver(&mut old.work).await;
                Turn::Old(old, ending, now)
            }));
        }
    }

    async fn wait(&mut self) -> Turn {
        let now = clock();
        let until = [self.desk.wake_at(now), self.end].into_iter().flatten().fold(now + TURN, Instant::min);
        let is_open = self.end.is_none();
        tokio::select! {
            biased;
            Some(turn) = self.under_way.next() => turn,
            batch = self.batches.recv(), if is_open => batch.map_or(Turn::Closed, Turn::Batch),
            () = tokio::time::sleep_until(until) => Turn::Time,
        }
    }

    fn publish(&mut self) {
        self.done.store(self.desk.safe().as_u64(), Ordering::Release);
        self.desk.count(&self.counters, clock());
        let line = self.desk.line(self.courier.address());
        if let Ok(mut place) = self.line.lock()
            && *place != line
        {
            *place = line;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the sink's driver paces its requests")]
pub(crate) fn clock() -> Instant {
    Instant::now()
}
