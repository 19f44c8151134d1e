//! The samples of an alert instance's `over`: a sliding window that nobody is given, but that is looked at.

use event::{Duration, Metric, Timestamp, View};

use super::{LONG_AGO, NEVER, Samples, Slide, Sliding, State, Sums, Timer};
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::streams::fold::Fold;
use crate::streams::measure::Scratch;
use crate::streams::take::{Take, Takes};

/// Samples that a window keeps where each is needed; further ones push out the oldest.
const MAX_SAMPLES: usize = 10_000;

impl Sliding {
    /// A window that is looked at.
    pub(crate) fn watched(over: Duration, take: Take) -> Self {
        Self { over, every: None, takes: Takes::new(vec![(String::new(), take)]), max: MAX_SAMPLES }
    }

    /// What is taken of it.
    pub(crate) fn taken(&self) -> Option<&Take> {
        self.takes.iter().next().map(|(_, take)| take)
    }
}

/// The samples of a window.
#[derive(Debug)]
pub(crate) struct Watched(Slide);

impl Watched {
    pub(crate) fn new() -> Self {
        let (samples, sums) = (Samples::default(), Sums::default());
        Self(Slide { cutoff: LONG_AGO, samples, sums, newest: LONG_AGO, is_mixed: false, oldest: NEVER, timer: Timer::default() })
    }

    /// Adds a sample; `false`: one that has no room left any more was pushed out for it.
    pub(crate) fn push(&mut self, window: &Sliding, event: &View<'_>, now: Timestamp) -> bool {
        // Where an event is ahead of the clock its time counts, but a clock that is years ahead must not blind the window for years.
        let time = event.time.unwrap_or(now).min(now + window.over);
        let is_counted = matches!(window.taken(), Some(Take::Fold(Fold::Count)));
        self.forget(window, now.max(time));
        if time <= self.0.cutoff || event.metric.is_none() && !is_counted {
            return true;
        }
        // Nothing else of the event is asked for, so that a sample takes sixteen bytes whoever sends it.
        let sample = View { time: Some(time), metric: event.metric, ..View::default() };
        let mut n_over = 0;
        window.push(&mut self.0, &sample, now, &mut n_over);
        n_over == 0
    }

    /// Gives up what is too old.
    pub(crate) fn forget(&mut self, window: &Sliding, now: Timestamp) {
        self.0.cutoff = self.0.cutoff.max(now.max(self.0.newest) - window.over);
        window.forget_old(&mut self.0);
        if self.0.samples.is_empty() {
            self.0.newest = LONG_AGO;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.samples.is_empty()
    }

    /// How many samples there are.
    pub(crate) fn count(&self) -> usize {
        let of_panes = self.0.samples.panes().and_then(|panes| panes.take(&Take::Fold(Fold::Count), NEVER));
        match of_panes.and_then(|counted| counted.metric) {
            Some(metric) => metric.as_f64() as usize,
            None => self.0.samples.events.len(),
        }
    }

    /// The number of the newest sample that has one.
    pub(crate) fn last(&self) -> Option<f64> {
        match self.0.samples.panes() {
            Some(panes) => panes.take(&Take::Last, NEVER)?.metric.map(Metric::as_f64),
            None => self.0.samples.events.metrics().next_back(),
        }
    }

    /// What is taken of the samples.
    pub(crate) fn value(&mut self, window: &Sliding, now: Timestamp, scratch: &mut Scratch) -> Option<f64> {
        let state = &mut self.0;
        let take = window.taken()?;
        let metric = |taken: Option<View<'_>>| taken?.metric.map(Metric::as_f64);
        if let Some(panes) = state.samples.panes() {
            return metric(panes.take(take, now));
        }
        let events = &state.samples.events;
        if window.takes.are_summed() {
            state.sums.settle(events, window.takes.needs());
            if let Some(taken) = state.sums.take(take, events) {
                return metric(taken);
            }
        }
        metric(take.of(events, now, scratch).ok()?)
    }

    /// No later than when the next sample leaves; `None` where there is none.
    pub(crate) fn next_leave(&self, window: &Sliding) -> Option<Timestamp> {
        let state = &self.0;
        if state.samples.panes().is_some() {
            return Some(LONG_AGO);
        }
        let first = if state.is_mixed { Some(state.oldest) } else { state.samples.events.first_time() };
        first.filter(|_| !state.samples.is_empty()).map(|first| first + window.over)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Slide::read(reader).map(Self)
    }
}
