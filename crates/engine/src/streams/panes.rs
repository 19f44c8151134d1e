//! What a window keeps of more samples than it keeps one by one: sums of stretches of time, each a sixtieth of the window, that leave as a whole.

use std::collections::VecDeque;

use event::{Duration, Metric, Timestamp, View};

use super::buckets::Buckets;
use super::events::Events;
use super::fold::Fold;
use super::kept::Kept;
use super::measure::{Aged, Line, per_second, rise};
use super::quantiles::like;
use super::sums::LARGE;
use super::take::{Needs, Take};

mod snapshot;

/// Parts of a window.
const PARTS: i64 = 60;

/// A window touches some more panes than it has parts.
const CAPACITY: usize = 64;

/// What every window needs of a stretch of time.
#[derive(Clone, Copy, Debug, Default)]
struct Pane {
    first: Timestamp,
    last: Timestamp,
    n: u32,
    n_metrics: u32,
    sum: f64,
}

/// What most windows do without: of the samples that have a metric.
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    n: u64,
    mean: f64,
    /// Sum of the squared distances from the mean.
    squares: f64,
    min: (f64, Timestamp),
    max: (f64, Timestamp),
    first: f64,
    last: f64,
    increase: f64,
    line: Line,
    /// As old as they were at `newest`.
    aged: Aged,
    newest: Timestamp,
}

impl Pane {
    fn add(&mut self, time: Timestamp, metric: Option<f64>) {
        if self.n == 0 {
            (self.first, self.last) = (time, time);
        }
        self.n = self.n.saturating_add(1);
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        if let Some(metric) = metric {
            self.n_metrics = self.n_metrics.saturating_add(1);
            self.sum += metric;
        }
    }

    /// Takes the oldest pane out of the sums; `false`: what is left is not exact.
    fn take_out(&mut self, oldest: &Self) -> bool {
        let are_whole = self.n < u32::MAX && self.n_metrics < u32::MAX;
        self.n = self.n.saturating_sub(oldest.n);
        self.n_metrics = self.n_metrics.saturating_sub(oldest.n_metrics);
        self.sum -= oldest.sum;
        are_whole && oldest.sum.abs() <= LARGE * self.sum.abs()
    }

    fn merge(&mut self, later: &Self) {
        if self.n == 0 {
            *self = *later;
            return;
        }
        self.last = later.last;
        self.n = self.n.saturating_add(later.n);
        self.n_metrics = self.n_metrics.saturating_add(later.n_metrics);
        self.sum += later.sum;
    }
}

impl Spread {
    fn add(&mut self, time: Timestamp, metric: f64, needs: &Needs) {
        let mut one = Self { n: 1, mean: metric, min: (metric, time), max: (metric, time), first: metric, last: metric, ..Self::default() };
        one.newest = time;
        one.aged = Aged { sum: metric, weight: 1.0 };
        one.line.add(time, metric);
        self.merge(&one, needs);
    }

    fn merge(&mut self, later: &Self, needs: &Needs) {
        if self.n == 0 || later.n == 0 {
            if self.n == 0 {
                *self = *later;
            }
            return;
        }
        let (n, n_later) = (self.n as f64, later.n as f64);
        let apart = later.mean - self.mean;
        self.n += later.n;
        self.squares += later.squares + apart * apart * n * n_later / (n + n_later);
        self.mean += apart * n_later / (n + n_later);
        if later.min.0 <= self.min.0 {
            self.min = later.min;
        }
        if later.max.0 >= self.max.0 {
            self.max = later.max;
        }
        self.increase += later.increase + rise(self.last, later.first);
        self.last = later.last;
        self.line.merge(&later.line);
        if let Some(halflife) = needs.halflife {
            let newest = self.newest.max(later.newest);
            let mut other = later.aged;
            other.age(newest - later.newest, halflife);
            self.aged.age(newest - self.newest, halflife);
            self.aged = Aged { sum: self.aged.sum + other.sum, weight: self.aged.weight + other.weight };
        }
        self.newest = self.newest.max(later.newest);
    }
}

/// The panes of one window, oldest first, and what they come to together.
#[derive(Debug, Default)]
pub(super) struct Panes {
    /// Microseconds of a pane.
    width: i64,
    /// The last event of the oldest pane, with which that leaves.
    leaves: Timestamp,
    panes: VecDeque<Pane>,
    /// Empty, or one for each pane.
    spreads: VecDeque<Spread>,
    buckets: VecDeque<Buckets>,
    all: Pane,
    spread: Spread,
    counted: Buckets,
    newest: Kept,
    spare: Vec<Buckets>,
}

impl Panes {
    pub(super) fn new(over: Duration) -> Self {
        let width = over.micros().saturating_add(PARTS - 1) / PARTS;
        Self { width: width.max(1), panes: VecDeque::with_capacity(CAPACITY), ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.panes.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.forget(Timestamp::from_micros(i64::MAX), &Needs::default());
    }

    /// Adds an event at a time; `needs` must be the same always.
    pub(super) fn push(&mut self, event: &View<'_>, time: Timestamp, needs: &Needs) {
        self.newest.set(event);
        self.add(time, event.metric.map(Metric::as_f64), needs);
    }

    fn add(&mut self, time: Timestamp, metric: Option<f64>, needs: &Needs) {
        let at = self.place_of(time, needs);
        if let Some(pane) = self.panes.get_mut(at) {
            pane.add(time, metric);
        }
        if at == 0 {
            self.mark_leaving();
        }
        if let (Some(spread), Some(metric)) = (self.spreads.get_mut(at), metric) {
            spread.add(time, metric, needs);
        }
        if let (Some(buckets), Some(metric)) = (self.buckets.get_mut(at), metric) {
            buckets.add(metric);
            self.counted.add(metric);
        }
        if at + 1 < self.panes.len() {
            self.add_up(needs);
            return;
        }
        self.all.add(time, metric);
        if let Some(metric) = metric.filter(|_| needs.spread) {
            self.spread.add(time, metric, needs);
        }
    }

    /// Adds a row, of which events without time count as of `time`.
    pub(super) fn push_all(&mut self, events: &Events, time: Timestamp, needs: &Needs) {
        for sample in events.samples() {
            self.add(sample.time.unwrap_or(time), sample.metric, needs);
        }
        if let Some(newest) = events.iter().flatten().next_back() {
            self.newest.set(&newest);
        }
    }

    /// Which of the parts of time this is in.
    fn part(&self, time: Timestamp) -> i64 {
        time.micros().div_euclid(self.width)
    }

    /// Where the pane of this time is; made when there is none.
    fn place_of(&mut self, time: Timestamp, needs: &Needs) -> usize {
        let part = self.part(time);
        if let Some(last) = self.panes.len().checked_sub(1)
            && self.panes.back().is_some_and(|pane| self.part(pane.last) == part)
        {
            return last;
        }
        let at = self.panes.partition_point(|pane| self.part(pane.last) < part);
        if self.panes.get(at).is_none_or(|pane| self.part(pane.last) != part) {
            self.open(at, needs);
        }
        at
    }

    fn open(&mut self, at: usize, needs: &Needs) {
        self.panes.insert(at, Pane::default());
        if needs.spread {
            self.spreads.insert(at, Spread::default());
        }
        if needs.points {
            self.buckets.insert(at, self.spare.pop().unwrap_or_default());
        }
    }

    /// Gives up the panes whose last event is not later than `cutoff`.
    pub(super) fn forget(&mut self, cutoff: Timestamp, needs: &Needs) {
        // Most events push none out: then the panes need not be looked at.
        if self.leaves > cutoff {
            return;
        }
        let (mut last, mut is_exact) = (None, true);
        while let Some(pane) = self.panes.pop_front_if(|pane| pane.last <= cutoff) {
            is_exact &= self.all.take_out(&pane);
            last = Some(pane.last);
            self.spreads.pop_front();
            if let Some(mut buckets) = self.buckets.pop_front() {
                self.counted.subtract(&buckets);
                buckets.clear();
                self.spare.push(buckets);
            }
        }
        let Some(last) = last else { return };
        let first = self.panes.front().map(|pane| pane.first);
        self.mark_leaving();
        // Once in each window, so that errors of rounding do not add up; a restart changes nothing about when.
        let window = |time: Timestamp| self.part(time).div_euclid(PARTS);
        match first {
            Some(first) if is_exact && !needs.spread && window(last) == window(first) => self.all.first = first,
            _ => self.add_up(needs),
        }
    }

    fn mark_leaving(&mut self) {
        self.leaves = self.panes.front().map_or_else(Timestamp::default, |pane| pane.last);
    }

    fn add_up(&mut self, needs: &Needs) {
        self.all = Pane::default();
        self.panes.iter().for_each(|pane| self.all.merge(pane));
        self.spread = Spread::default();
        self.spreads.iter().for_each(|spread| self.spread.merge(spread, needs));
    }

    /// What is taken is this number in the oldest event; `None`: it is something else.
    #[inline]
    pub(super) fn number(&self, take: &Take) -> Option<f64> {
        match take {
            Take::Fold(Fold::Sum) => Some(self.all.sum),
            Take::Fold(Fold::Mean) if self.all.n_metrics > 0 => Some(self.all.sum / f64::from(self.all.n_metrics)),
            _ => None,
        }
    }

    /// The newest event with the time of the oldest and this metric.
    #[inline]
    pub(super) fn oldest_with(&self, metric: f64) -> View<'_> {
        self.newest.with(self.all.first, Metric::float(metric))
    }

    /// What is taken; in the newest event, Riemann's folds with the time of the oldest.
    pub(super) fn take(&self, take: &Take, now: Timestamp) -> Option<View<'_>> {
        let (all, spread) = (&self.all, &self.spread);
        let at = |metric: Option<Metric>, time: Timestamp| Some(self.newest.with(time, metric));
        let oldest = |metric: f64| Some(self.oldest_with(metric));
        if let Some(number) = self.number(take) {
            return Some(self.oldest_with(number));
        }
        let newest = self.newest.view();
        let made = |metric: f64| Some(View { metric: Metric::float(metric), ..newest });
        let point = |point: f64| Some(View { metric: like(newest.metric, self.counted.at(point)?), ..newest });
        match take {
            Take::Fold(Fold::Count) => at(Some(Metric::Int(i64::from(all.n))), all.first),
            Take::Last => Some(newest),
            Take::First if spread.n == 0 => at(None, all.first),
            _ if all.n_metrics == 0 => None,
            Take::Fold(Fold::StdDev) => oldest((spread.squares.max(0.0) / spread.n as f64).sqrt()),
            Take::Fold(Fold::Minimum) => at(like(newest.metric, spread.min.0), spread.min.1),
            Take::Fold(Fold::Maximum) => at(like(newest.metric, spread.max.0), spread.max.1),
            Take::Fold(Fold::Median) => point(0.5),
            Take::Point(at) => point(*at),
            Take::First => at(like(newest.metric, spread.first), all.first),
            Take::Range => made(spread.max.0 - spread.min.0),
            Take::Delta => made(spread.last - spread.first),
            Take::Increase => made(spread.increase),
            Take::Rate => made(per_second(spread.increase, all.last - all.first)),
            Take::Ewma { .. } => made(spread.aged.mean()?),
            Take::Predict { ahead, min_points } => made(spread.line.at(now + *ahead, *min_points)?),
            Take::TimeTo { reach, min_points } => made(spread.line.reaches(*reach, now, *min_points)?),
            Take::ZScore => made(spread.zscore()?),
            Take::Distinct | Take::Mad | Take::Fold(_) => None,
        }
    }
}

impl Spread {
    /// As [`super::measure::zscore`]: what is left of the sums when the last sample is taken out.
    fn zscore(&self) -> Option<f64> {
        let n = self.n as f64 - 1.0;
        if n < 1.0 {
            return None;
        }
        let mean = self.mean - (self.last - self.mean) / n;
        let squares = self.squares - (self.last - self.mean) * (self.last - mean);
        let deviation = (squares / n).sqrt();
        (deviation > 0.0).then(|| (self.last - mean) / deviation)
    }
}
