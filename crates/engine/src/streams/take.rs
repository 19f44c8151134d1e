//! What is taken of a window: a fold, a percentile, the first or the last event, a number told from its samples.

use event::{Duration, LabelsBuf, Metric, Timestamp, View};

use super::events::Events;
use super::fold::{Fold, at_point};
use super::machine::Run;
use super::measure::{self, Aged, Line, Scratch};
use super::running::Running;
use super::step::{Done, Signal, Unfit};

/// One thing that is taken of a window. What is no fold and no single event stands in the newest event.
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
    /// The largest metric less the smallest.
    Range,
    /// The last metric less the first.
    Delta,
    /// By how much a counter rose; one that falls began anew at 0.
    Increase,
    /// The increase per second of event time.
    Rate,
    /// How many different metrics there are.
    Distinct,
    /// The mean, in which a metric counts for half after each half-life of event time.
    Ewma {
        /// How long that is.
        halflife: Duration,
    },
    /// Where the straight line nearest to all samples will be.
    Predict {
        /// How long after now.
        ahead: Duration,
        /// Of fewer samples nothing is said.
        min_points: u32,
    },
    /// Seconds until that line meets a number; nothing when it moves away.
    TimeTo {
        /// The number.
        reach: f64,
        /// Of fewer samples nothing is said.
        min_points: u32,
    },
    /// How far the last metric is from the mean of those before it, in their standard deviations.
    ZScore,
    /// How far the last metric is from the median, in median distances from it.
    Mad,
}

/// What a window must keep for its takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Needs {
    /// Every event.
    pub(super) events: bool,
    /// Distances from the mean.
    pub(super) squares: bool,
    /// Which samples are the smallest and the largest.
    pub(super) extremes: bool,
    /// More than count and sum of a stretch of time.
    pub(super) spread: bool,
    /// How the metrics are distributed.
    pub(super) points: bool,
    /// Of a moving average.
    pub(super) halflife: Option<Duration>,
}

impl Needs {
    fn add(&mut self, take: &Take) {
        match take {
            Take::Last | Take::Fold(Fold::Sum | Fold::Mean | Fold::Count) => return,
            Take::Point(_) | Take::Fold(Fold::Median) => {
                self.points = true;
                return;
            }
            Take::Distinct | Take::Mad => self.events = true,
            Take::Fold(Fold::StdDev) => self.squares = true,
            Take::Fold(Fold::Minimum | Fold::Maximum) | Take::Range => self.extremes = true,
            Take::Fold(_) => self.events = true,
            Take::Ewma { halflife } => self.halflife = Some(*halflife),
            Take::First | Take::Delta | Take::Increase | Take::Rate | Take::Predict { .. } | Take::TimeTo { .. } | Take::ZScore => {}
        }
        self.spread = true;
    }
}

/// Everything that is taken of a window; of several, each event says in the attribute `take` which it is.
#[derive(Clone, Debug, Default)]
pub struct Takes {
    all: Vec<(String, Take)>,
    needs: Needs,
}

impl Take {
    pub(super) fn of<'a>(&self, events: &'a Events, now: Timestamp, scratch: &mut Scratch) -> Result<Option<View<'a>>, Unfit> {
        let metrics = || events.metrics();
        let number = match self {
            Self::Fold(fold) => return fold.apply(events.iter(), now, scratch),
            Self::Point(point) => return Ok(at_point(events.iter(), *point, scratch)),
            Self::First => return Ok(events.iter().flatten().next()),
            Self::Last => return Ok(events.iter().flatten().next_back()),
            Self::Range => metrics().reduce(f64::max).zip(metrics().reduce(f64::min)).map(|(max, min)| max - min),
            Self::Delta => metrics().next().zip(metrics().next_back()).map(|(first, last)| last - first),
            Self::Increase => measure::increase(metrics()),
            Self::Rate => measure::increase(metrics())
                .map(|increase| measure::per_second(increase, measure::span(events.samples()).unwrap_or_default())),
            Self::Distinct => Some(measure::distinct(metrics(), scratch) as f64).filter(|_| !events.is_empty()),
            Self::Ewma { halflife } => Aged::of(events.samples(), *halflife).mean(),
            Self::Predict { ahead, min_points } => Line::of(events.samples()).at(now + *ahead, *min_points),
            Self::TimeTo { reach, min_points } => Line::of(events.samples()).reaches(*reach, now, *min_points),
            Self::ZScore => measure::zscore(metrics()),
            Self::Mad => measure::mad(metrics(), scratch),
        };
        let newest = events.iter().flatten().next_back();
        Ok(newest.zip(number).map(|(newest, number)| View { metric: Metric::float(number), ..newest }))
    }

    /// It can be told from sums and a few events, without the others.
    fn is_running(&self) -> bool {
        match self {
            Self::Fold(fold) => matches!(fold, Fold::Sum | Fold::Product | Fold::Mean | Fold::Count | Fold::Minimum | Fold::Maximum),
            Self::First | Self::Last => true,
            _ => false,
        }
    }
}

impl Takes {
    /// These, with their names.
    pub fn new(all: Vec<(String, Take)>) -> Self {
        let mut needs = Needs::default();
        all.iter().for_each(|(_, take)| needs.add(take));
        Self { all, needs }
    }

    /// Rows are handed on as they are.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, Take)> {
        self.all.iter()
    }

    /// The take, where there is one only.
    #[inline]
    pub(super) fn only(&self) -> Option<&Take> {
        match self.all.as_slice() {
            [(_, take)] => Some(take),
            _ => None,
        }
    }

    pub(super) fn needs(&self) -> &Needs {
        &self.needs
    }

    pub(super) fn are_running(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(|(_, take)| take.is_running())
    }

    /// Of many samples sums are enough.
    pub(super) fn are_summed(&self) -> bool {
        !self.all.is_empty() && !self.needs.events
    }

    /// Hands on what is taken of a row; the row itself where nothing is named.
    pub(super) fn emit(&self, events: &Events, run: &mut Run<'_>) -> Done {
        if self.all.is_empty() {
            return run.emit(Signal::Many(events));
        }
        self.emit_each(run, |take, now, scratch| take.of(events, now, scratch))
    }

    /// Hands on what `taken` says.
    pub(super) fn emit_each<'a>(
        &self,
        run: &mut Run<'_>,
        mut taken: impl FnMut(&Take, Timestamp, &mut Scratch) -> Result<Option<View<'a>>, Unfit>,
    ) -> Done {
        // One that nothing can be taken for leaves the others.
        let mut done = Ok(());
        for (name, take) in &self.all {
            let mut scratch = std::mem::take(&mut run.streams.scratch);
            let event = taken(take, run.now, &mut scratch);
            run.streams.scratch = scratch;
            match event {
                Ok(Some(event)) => self.named(name, &event, run)?,
                Ok(None) => {}
                Err(unfit) => done = Err(unfit),
            }
        }
        done
    }

    /// As [`Takes::emit`], of what was kept running.
    pub(super) fn emit_running(&self, running: &Running, run: &mut Run<'_>) -> Done {
        self.emit_each(run, |take, now, _| Ok(running.take(take, now)))
    }

    fn named(&self, name: &str, event: &View<'_>, run: &mut Run<'_>) -> Done {
        if self.all.len() < 2 {
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
