//! What is taken of a window: a fold, a percentile, the first or the last event.

use event::{LabelsBuf, Metric, Timestamp, View};

use super::events::Events;
use super::fold::{Fold, pick, sorted};
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Unfit};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// One thing that is taken of a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Take {
    /// As `fold` makes it.
    Fold(Fold),
    /// The event at a point from 0 to 1, without interpolation.
    Point(f64),
    /// The oldest event.
    First,
    /// The newest event.
    Last,
}

/// Everything that is taken of a window; of several, each event says in the attribute `take` which it is.
#[derive(Clone, Debug)]
pub struct Takes(pub Vec<(String, Take)>);

impl Take {
    fn of<'a>(&self, events: &'a Events, now: Timestamp) -> Result<Option<View<'a>>, Unfit> {
        match self {
            Self::Fold(fold) => fold.apply(events.iter(), now),
            Self::Point(point) => Ok(pick(&sorted(events.iter()), *point)),
            Self::First => Ok(events.iter().flatten().next()),
            Self::Last => Ok(events.iter().flatten().next_back()),
        }
    }

    /// It can be told from sums and a few events, without the others.
    fn is_running(&self) -> bool {
        match self {
            Self::Fold(fold) => matches!(fold, Fold::Sum | Fold::Product | Fold::Mean | Fold::Count | Fold::Minimum | Fold::Maximum),
            Self::First | Self::Last => true,
            Self::Point(_) => false,
        }
    }
}

impl Takes {
    pub(super) fn are_running(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(_, take)| take.is_running())
    }

    /// Hands on what is taken of a row; the row itself where nothing is named.
    pub(super) fn emit(&self, events: &Events, run: &mut Run<'_>) -> Done {
        if self.0.is_empty() {
            return run.emit(super::step::Signal::Many(events));
        }
        for (name, take) in &self.0 {
            if let Some(event) = take.of(events, run.now)? {
                self.named(name, &event, run)?;
            }
        }
        Ok(())
    }

    /// As [`Takes::emit`], of what was kept running.
    pub(super) fn emit_running(&self, running: &Running, run: &mut Run<'_>) -> Done {
        for (name, take) in &self.0 {
            if let Some(event) = running.take(take, run.now) {
                self.named(name, &event, run)?;
            }
        }
        Ok(())
    }

    pub(super) fn named(&self, name: &str, event: &View<'_>, run: &mut Run<'_>) -> Done {
        if self.0.len() < 2 {
            return run.emit_one(event);
        }
        let mut labels: LabelsBuf = run.streams.labels.pop().unwrap_or_default();
        labels.clear();
        event.labels.marks().for_each(|mark| _ = labels.mark(mark));
        for (key, value) in event.labels.attributes().filter(|(key, _)| *key != b"take") {
            labels.attribute(key, value);
        }
        labels.attribute(b"take", name.as_bytes());
        let done = run.emit_one(&View { labels: labels.view(), ..*event });
        run.streams.labels.push(labels);
        done
    }
}

/// A window's numbers, without its events.
#[derive(Debug, Default)]
pub(super) struct Running {
    n: u64,
    n_metrics: u64,
    sum: f64,
    product: f64,
    first: Kept,
    last: Kept,
    min: Kept,
    max: Kept,
}

impl Running {
    pub(super) fn is_empty(&self) -> bool {
        self.n == 0
    }

    pub(super) fn clear(&mut self) {
        (self.n, self.n_metrics, self.sum, self.product) = (0, 0, 0.0, 1.0);
    }

    pub(super) fn push(&mut self, event: &View<'_>, takes: &Takes) {
        if self.n == 0 {
            self.product = 1.0;
            self.first.set(event);
        }
        self.n += 1;
        if takes.0.iter().any(|(_, take)| *take == Take::Last) {
            self.last.set(event);
        }
        let Some(metric) = event.metric.map(Metric::as_f64) else { return };
        let is_first = self.n_metrics == 0;
        self.n_metrics += 1;
        self.sum += metric;
        self.product *= metric;
        for (_, take) in &takes.0 {
            let number = |kept: &Kept| kept.view().metric.map_or(0.0, Metric::as_f64);
            match take {
                Take::Fold(Fold::Minimum) if is_first || metric <= number(&self.min) => self.min.set(event),
                Take::Fold(Fold::Maximum) if is_first || metric >= number(&self.max) => self.max.set(event),
                _ => {}
            }
        }
    }

    fn take(&self, take: &Take, now: Timestamp) -> Option<View<'_>> {
        let first = (self.n > 0).then(|| self.first.view());
        let with = |metric: f64| first.map(|first| View { metric: Metric::float(metric), ..first });
        match take {
            Take::Fold(Fold::Sum) => with(self.sum),
            Take::Fold(Fold::Product) => with(self.product),
            Take::Fold(Fold::Mean) if self.n_metrics > 0 => with(self.sum / self.n_metrics as f64),
            Take::Fold(Fold::Count) => {
                let count = Some(Metric::Int(self.n as i64));
                Some(first.map_or(View { metric: count, time: Some(now), ..View::default() }, |first| View { metric: count, ..first }))
            }
            Take::Fold(Fold::Minimum) if self.n_metrics > 0 => Some(self.min.view()),
            Take::Fold(Fold::Maximum) if self.n_metrics > 0 => Some(self.max.view()),
            Take::First => first,
            Take::Last if self.n > 0 => Some(self.last.view()),
            _ => None,
        }
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        [self.n, self.n_metrics, self.sum.to_bits(), self.product.to_bits()].into_iter().for_each(|n| writer.u64(n));
        [&self.first, &self.last, &self.min, &self.max].into_iter().for_each(|kept| kept.write(writer));
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (n, n_metrics) = (reader.u64()?, reader.u64()?);
        let (sum, product) = (f64::from_bits(reader.u64()?), f64::from_bits(reader.u64()?));
        let mut kept = || Kept::read(reader);
        Ok(Self { n, n_metrics, sum, product, first: kept()?, last: kept()?, min: kept()?, max: kept()? })
    }
}
