//! Asking the store. Questions run on its thread between two batches; named limits keep each of them short.

use std::sync::Arc;

use engine::State;
use event::{Duration, Metric, Timestamp};
use tokio::sync::oneshot;

use super::{Counters, Part, base::Base};

/// Series in one answer; more is an error, for it would keep the store's thread from its commits.
pub(crate) const MAX_SERIES: usize = 1000;

/// Stored values that one question may look at, about a tenth of a second's work.
pub(crate) const MAX_VALUES: usize = 8_000_000;

/// Transitions in one answer: the newest.
pub(crate) const MAX_TRANSITIONS: usize = 10_000;

/// Questions that wait; a further one is refused at once.
pub(crate) const MAX_QUESTIONS: usize = 64;

/// Which stored series are wanted, and how finely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeriesRequest {
    /// `cpu`, `mem`, `docker_container_cpu` …
    pub measurement: String,
    /// `usage_active` …
    pub field: String,
    /// The first moment.
    pub from: Timestamp,
    /// The first moment that no longer counts.
    pub to: Timestamp,
    /// One point per step: the mean of a gauge, the last value of a counter. `None`: every second there is, or every step of the finest
    /// tier that covers the span.
    pub step: Option<Duration>,
    /// Only series with these tags; an empty value is that of a tag which is not there.
    pub filters: Vec<(String, String)>,
    /// What of a step is wanted where the span reaches further back than single seconds are kept.
    pub part: Part,
}

/// One stored series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesData {
    /// Its tags, sorted by key.
    pub tags: Vec<(String, String)>,
    /// Its values in the order of time; with a step at the step's beginning.
    pub points: Vec<(Timestamp, Metric)>,
}

/// What is stored under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurement {
    /// `cpu`, `mem` …
    pub name: String,
    /// Its fields, sorted.
    pub fields: Vec<String>,
    /// The keys of its series' tags, sorted.
    pub tags: Vec<String>,
}

/// A measurement and the tags of each of its series, those with the same tags once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagSets {
    /// `cpu`, `mem` …
    pub name: String,
    /// Keys and values, sorted by their keys.
    pub sets: Vec<Vec<(String, String)>>,
}

/// Which changes of alerts are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRequest {
    /// From then on.
    pub from: Timestamp,
    /// Up to before then.
    pub to: Timestamp,
    /// Of this rule alone.
    pub rule: Option<String>,
    /// Of this host alone.
    pub host: Option<String>,
}

impl HistoryRequest {
    /// All alerts'.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to, rule: None, host: None }
    }

    pub(crate) fn wants(&self, record: &TransitionRecord) -> bool {
        (self.from..self.to).contains(&record.since)
            && self.rule.as_ref().is_none_or(|rule| *rule == record.rule)
            && (self.host.is_none() || self.host == record.host)
    }
}

/// A change of an alert instance, as it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct TransitionRecord {
    /// The rule's name.
    pub rule: String,
    /// As in [`engine::Transition::instance`].
    pub instance: String,
    /// Host of the instance's event.
    pub host: Option<String>,
    /// Service of the instance's event.
    pub service: String,
    /// The state before.
    pub from: State,
    /// The state after.
    pub to: State,
    /// When.
    pub since: Timestamp,
    /// The number that decided.
    pub value: Option<f64>,
    /// The rule's message, rendered.
    pub message: String,
}

/// Why the store has no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More series match than one answer holds.
    #[error("{found} series match, one answer holds {MAX_SERIES}; name more attributes")]
    TooManySeries {
        /// How many match.
        found: usize,
    },
    /// More values would have to be read than one question may.
    #[error("the question covers more than {MAX_VALUES} values; ask for a shorter time or for fewer series")]
    TooManyValues,
    /// As many questions wait as may.
    #[error("the store is busy; ask again")]
    Busy,
    /// The store's thread has ended.
    #[error("the store is closed")]
    Closed,
    /// A block cannot be read.
    #[error("a stored block cannot be read")]
    Block(#[from] super::block::BlockError),
    /// SQLite refuses.
    #[error("the store's file cannot be read or written")]
    File(#[from] rusqlite::Error),
}

/// A question with the way its answer goes back.
pub(crate) type Question = Box<dyn FnOnce(&mut Base) + Send>;

/// Asks the store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    questions: crossbeam_channel::Sender<Question>,
    counters: Arc<Counters>,
}

impl Handle {
    pub(crate) fn new(questions: crossbeam_channel::Sender<Question>, counters: Arc<Counters>) -> Self {
        Self { questions, counters }
    }

    /// The stored series that match, sorted by tags.
    ///
    /// # Errors
    /// [`StoreError`]: too many series or values, busy, closed, or a file that cannot be read.
    pub async fn series(&self, request: SeriesRequest) -> Result<Vec<SeriesData>, StoreError> {
        self.ask(move |base| base.series(&request))?.await.map_err(|_| StoreError::Closed)?
    }

    /// The changes of alerts that are wanted, oldest first; of more than 10,000 the newest.
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn history(&self, request: HistoryRequest) -> Result<Vec<TransitionRecord>, StoreError> {
        self.ask(move |base| base.history(&request))?.await.map_err(|_| StoreError::Closed)?
    }

    /// Every measurement with its fields and tag keys, sorted.
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn names(&self) -> Result<Vec<Measurement>, StoreError> {
        self.ask(|base| base.names())?.await.map_err(|_| StoreError::Closed)
    }

    /// The tags of a measurement's series, or of all measurements', sorted by their names.
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn tag_sets(&self, measurement: Option<String>) -> Result<Vec<TagSets>, StoreError> {
        self.ask(move |base| base.tag_sets(measurement.as_deref()))?.await.map_err(|_| StoreError::Closed)
    }

    /// When the oldest window that holds anything begins.
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn oldest(&self) -> Result<Option<Timestamp>, StoreError> {
        let oldest = self.ask(Base::oldest)?.await.map_err(|_| StoreError::Closed)?;
        Ok(oldest?.map(Timestamp::from_secs))
    }

    /// Questions that wait, and as many as may.
    pub fn waiting(&self) -> (usize, usize) {
        (self.questions.len(), MAX_QUESTIONS)
    }

    /// What was kept under a key by [`Handle::keep`].
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn kept(&self, key: String) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(move |base| base.kept(&key))?.await.map_err(|_| StoreError::Closed)?
    }

    /// Keeps a small value under a key, in place of the one before.
    ///
    /// # Errors
    /// As [`Handle::series`].
    pub async fn keep(&self, key: String, value: Vec<u8>) -> Result<(), StoreError> {
        self.ask(move |base| base.keep(&key, &value))?.await.map_err(|_| StoreError::Closed)?
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn ask<T: Send + 'static>(&self, question: impl FnOnce(&mut Base) -> T + Send + 'static) -> Result<oneshot::Receiver<T>, StoreError> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |base| {
            // Who asked may have gone away; then nobody wants the answer.
            let _ = reply.send(question(base));
        });
        self.questions.try_send(question).map_err(|refused| match refused {
            crossbeam_channel::TrySendError::Full(_) => StoreError::Busy,
            crossbeam_channel::TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        Ok(answer)
    }
}
