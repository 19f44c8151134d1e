//! The thread that owns the store: takes batches, commits once a second, answers questions in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, select};

use super::Counters;
use super::base::Base;
use super::batch::Batch;
use super::handle::Question;

/// How often a file that refuses is tried, and how often a thread without work wakes, whatever the settings say.
const IDLE: Duration = Duration::from_secs(1);

/// A commit comes earlier when so much waits for it; a replay brings values a hundred times as fast as they came.
const COMMIT_BYTES: usize = 4 << 20;

/// How long the file may refuse before the engine is no longer kept waiting: values are then only in memory, and counted.
const GIVE_UP_AFTER: Duration = Duration::from_secs(15);

/// What came out of waiting.
enum Turn {
    Batch(Batch),
    Question(Question),
    Due,
    End,
}

/// The running thread.
#[derive(Debug)]
pub struct Thread {
    handle: JoinHandle<bool>,
}

impl Thread {
    /// Waits until all is written; the outlet must have been dropped. Says whether it is: not when the file refused to the last.
    pub fn join(self) -> bool {
        // A panic of the thread has been printed already.
        self.handle.join().unwrap_or(false)
    }
}

/// What the thread is given.
pub(crate) struct Driver {
    pub(crate) base: Base,
    pub(crate) batches: Receiver<Batch>,
    pub(crate) questions: Receiver<Question>,
    pub(crate) safe: Arc<AtomicU64>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) commit_every: Duration,
}

/// Starts the thread.
pub(crate) fn start(driver: Driver) -> std::io::Result<Thread> {
    let handle = std::thread::Builder::new().name("store".into()).spawn(move || State::new(driver).run())?;
    Ok(Thread { handle })
}

struct State {
    driver: Driver,
    position: u64,
    committed: Instant,
    failing_since: Option<Instant>,
}

impl State {
    fn new(driver: Driver) -> Self {
        Self { position: driver.base.position(), driver, committed: clock(), failing_since: None }
    }

    /// Says whether all that came is on disk.
    fn run(mut self) -> bool {
        loop {
            match self.wait() {
                Turn::Batch(batch) => {
                    self.driver.base.apply(&batch);
                    self.position = self.position.max(batch.position);
                }
                Turn::Question(question) => question(&mut self.driver.base),
                Turn::Due => {}
                Turn::End => break,
            }
            let is_failing = self.failing_since.is_some();
            let is_much = !is_failing && self.driver.base.pending_bytes() > COMMIT_BYTES;
            if is_much || self.until_commit().is_zero() {
                self.commit();
            }
        }
        self.commit();
        self.failing_since.is_none()
    }

    fn wait(&self) -> Turn {
        let left = self.until_commit();
        // While the file refuses, only so much is taken; then the outlet feels it.
        if self.failing_since.is_some() && self.driver.base.pending_bytes() > COMMIT_BYTES {
            return match self.driver.questions.recv_timeout(left) {
                Ok(question) => Turn::Question(question),
                Err(RecvTimeoutError::Timeout) => Turn::Due,
                Err(RecvTimeoutError::Disconnected) => self.without_questions(left),
            };
        }
        select! {
            recv(self.driver.batches) -> batch => batch.map_or(Turn::End, Turn::Batch),
            recv(self.driver.questions) -> question => match question {
                Ok(question) => Turn::Question(question),
                Err(_) => self.without_questions(left),
            },
            default(left) => Turn::Due,
        }
    }

    fn until_commit(&self) -> Duration {
        let every = if self.failing_since.is_some() || !self.driver.base.has_pending() {
            IDLE.max(self.driver.commit_every)
        } else {
            self.driver.commit_every
        };
        every.saturating_sub(clock().duration_since(self.committed))
    }

    /// Nobody can ask any more.
    fn without_questions(&self, left: Duration) -> Turn {
        match self.driver.batches.recv_timeout(left) {
            Ok(batch) => Turn::Batch(batch),
            Err(RecvTimeoutError::Timeout) => Turn::Due,
            Err(RecvTimeoutError::Disconnected) => Turn::End,
        }
    }

    fn commit(&mut self) {
        let begin = clock();
        self.committed = begin;
        if !self.driver.base.has_pending() {
            self.driver.safe.store(self.position, Ordering::Release);
            return;
        }
        match self.driver.base.commit(self.position) {
            Ok(()) => {
                if self.failing_since.take().is_some() {
                    tracing::info!("the store can be written again");
                }
                self.driver.safe.store(self.position, Ordering::Release);
            }
            Err(error) => self.failed(&error, begin),
        }
        let micros = clock().duration_since(begin).as_micros();
        self.driver.counters.commit_micros.fetch_add(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn failed(&mut self, error: &super::StoreError, now: Instant) {
        self.driver.counters.failures.fetch_add(1, Ordering::Relaxed);
        let since = *self.failing_since.get_or_insert_with(|| {
            let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(%error, cause, "the store keeps new values in memory; check the disk that holds the data folder");
            now
        });
        if now.duration_since(since) >= GIVE_UP_AFTER {
            self.driver.base.give_up();
            self.driver.safe.store(self.position, Ordering::Release);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the store's driver paces its commits")]
fn clock() -> Instant {
    Instant::now()
}
