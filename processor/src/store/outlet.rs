//! The store's end on the engine's thread: names each series once, then hands over bare numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Sender, TrySendError};
use engine::{Kind, Series, SeriesId, Transition};
use event::line::Value;
use event::{Duration, Timestamp, View};
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use transport::log::Position;

use super::TransitionRecord;
use super::batch::{Batch, Change, Sample, UNKEPT};
use crate::sink::Flush;
use crate::sink::point;

/// Batches that wait for the store's thread: a slow disk may take ten seconds for a commit before ingest feels it.
pub(crate) const QUEUE: usize = 16;

/// A batch goes early when it holds so many values, 400 kB.
const BATCH_SAMPLES: usize = 16_384;

/// A batch goes after so much of the engine's time, so that answers are fresh.
const BATCH_TIME: Duration = Duration::from_secs(1);

/// What the services of alert instances begin with.
const ALERT: &str = "alert/";

/// Takes what the engine says; nothing in it waits.
#[derive(Debug)]
pub struct Outlet {
    batches: Sender<Batch>,
    safe: Arc<AtomicU64>,
    batch: Batch,
    /// Series that the store's thread knows by their id.
    named: HashSet<SeriesId, RandomState>,
    /// When the batch before this one went.
    sent: Timestamp,
}

impl Outlet {
    pub(crate) fn new(batches: Sender<Batch>, safe: Arc<AtomicU64>) -> Self {
        Self { batches, safe, batch: Batch::default(), named: HashSet::default(), sent: Timestamp::default() }
    }

    /// Takes an event of any kind; one without a metric is passed over, but for what an alert has besides.
    pub fn event(&mut self, series: Series<'_>, event: &View<'_>, _kind: Kind) {
        let Some(time) = event.time else { return };
        if series.sample && series.service.is_some_and(|service| service.starts_with(ALERT)) {
            self.further(&series, event, time);
        }
        let Some(value) = event.metric else { return };
        let id = match series.id {
            Some(id) if self.named.contains(&id) => id.0,
            Some(id) => {
                if !self.name(id.0, &series, None) {
                    return;
                }
                self.named.insert(id);
                id.0
            }
            None => {
                if !self.name(UNKEPT, &series, None) {
                    return;
                }
                UNKEPT
            }
        };
        self.batch.samples.push(Sample { series: id, time, value });
    }

    /// The id may mean another series from now on.
    pub fn forgotten(&mut self, id: SeriesId) {
        if self.named.remove(&id) {
            self.batch.changes.push((self.batch.samples.len(), Change::Forgotten(id.0)));
        }
    }

    /// Takes a change of an alert instance.
    pub fn transition(&mut self, transition: &Transition<'_>) {
        self.batch.transitions.push(TransitionRecord {
            rule: transition.rule.to_owned(),
            instance: transition.instance.to_owned(),
            host: transition.host.map(str::to_owned),
            service: transition.service.to_owned(),
            from: transition.from,
            to: transition.to,
            since: transition.since,
            value: transition.value,
            message: transition.message.to_owned(),
        });
    }

    /// Everything up to `position` has been given; hands the batch over when it is due.
    pub fn flush(&mut self, position: Position, now: Timestamp) -> Flush {
        self.batch.position = position.as_u64();
        self.batch.now = now;
        let is_due = now - self.sent >= BATCH_TIME || now < self.sent;
        if !is_due && self.batch.samples.len() < BATCH_SAMPLES {
            return Flush::Idle;
        }
        self.hand_over(now)
    }

    /// Whether the store's thread takes a batch.
    pub fn has_room(&self) -> bool {
        !self.batches.is_full()
    }

    /// Up to where everything is in the file; [`Position::as_u64`] of it. After the start: of the run before.
    pub fn safe(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.safe)
    }

    /// Hands over what is left, waiting for room, and ends the store's thread; [`super::Thread::join`] waits for that.
    pub fn close(mut self) {
        // The thread has ended already when this fails; there is nobody left to tell.
        let _ = self.batches.send(std::mem::take(&mut self.batch));
    }

    fn hand_over(&mut self, now: Timestamp) -> Flush {
        match self.batches.try_send(std::mem::take(&mut self.batch)) {
            Ok(()) => {
                self.sent = now;
                Flush::Sent
            }
            Err(TrySendError::Full(batch)) => {
                self.batch = batch;
                Flush::Full
            }
            Err(TrySendError::Disconnected(batch)) => {
                // The thread is gone; the engine must not wait for it for ever.
                self.safe.store(batch.position, Ordering::Release);
                Flush::Idle
            }
        }
    }

    /// An alert instance has further fields that are numbers, which are named anew each time: such events are few.
    fn further(&mut self, series: &Series<'_>, event: &View<'_>, time: Timestamp) {
        let Some(point) = point::of(series, &[]) else { return };
        let mut further = Vec::new();
        point.shape.values(event, series.labels, |field, value| {
            if let (Some(field), Value::Metric(metric)) = (field, value) {
                further.push((field, metric));
            }
        });
        for (field, value) in further {
            if self.name(UNKEPT, series, Some(field)) {
                self.batch.samples.push(Sample { series: UNKEPT, time, value });
            }
        }
    }

    /// `field` in place of the point's own.
    fn name(&mut self, series: u32, of: &Series<'_>, field: Option<&str>) -> bool {
        let Some(point) = point::of(of, &[]) else { return false };
        let tags = point.tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let field = field.unwrap_or(point.field).to_owned();
        let change = Change::Named { series, measurement: point.measurement.to_owned(), tags, field };
        self.batch.changes.push((self.batch.samples.len(), change));
        true
    }
}
