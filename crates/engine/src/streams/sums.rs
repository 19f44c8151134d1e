//! What a sliding window says of the samples it holds one by one, kept up to date as they come and go.

use std::collections::VecDeque;

use event::{Metric, View};

use super::events::Events;
use super::fold::Fold;
use super::take::{Needs, Take};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// What leaves may be so many times what is left before that is added up anew: it must not drown in what a large number left behind.
pub(super) const LARGE: f64 = 4096.0;

/// Squared distances may lose so much to each other before they are added up anew.
const LOSS: f64 = 1e-6;

/// The numbers of samples, and which of them are in the lead.
#[derive(Debug, Default)]
pub(super) struct Sums {
    n: u64,
    sum: f64,
    /// Near the mean; the two sums after it are of the distances from it.
    origin: f64,
    distances: f64,
    squares: f64,
    /// Samples taken out since the sums were made anew.
    n_popped: usize,
    /// Numbers in the row and metrics: the smallest, then the smallest of those behind it, and so on.
    least: VecDeque<(u32, f64)>,
    greatest: VecDeque<(u32, f64)>,
}

impl Sums {
    /// Before the event becomes the last of the row.
    #[inline]
    pub(super) fn push(&mut self, event: &View<'_>, events: &Events, needs: &Needs) {
        let Some(metric) = event.metric.map(Metric::as_f64) else { return };
        if self.n == 0 {
            self.origin = metric;
        }
        self.n += 1;
        self.sum += metric;
        if needs.squares {
            let distance = metric - self.origin;
            self.distances += distance;
            self.squares += distance * distance;
        }
        if needs.extremes {
            self.lead(metric, events.next_number());
        }
    }

    /// Of equals the last leads, as in Riemann.
    fn lead(&mut self, metric: f64, number: u32) {
        while self.least.pop_back_if(|(_, other)| *other >= metric).is_some() {}
        self.least.push_back((number, metric));
        while self.greatest.pop_back_if(|(_, other)| *other <= metric).is_some() {}
        self.greatest.push_back((number, metric));
    }

    /// Takes the oldest out of the row.
    #[inline]
    pub(super) fn pop(&mut self, events: &mut Events, needs: &Needs) {
        let metric = events.get(0).and_then(|event| event.metric).map(Metric::as_f64);
        let number = events.first_number();
        events.pop();
        self.n_popped += 1;
        let Some(metric) = metric else { return };
        self.n -= 1;
        self.sum -= metric;
        let distance = metric - self.origin;
        self.distances -= distance;
        self.squares -= distance * distance;
        self.least.pop_front_if(|(first, _)| *first == number);
        self.greatest.pop_front_if(|(first, _)| *first == number);
        let is_large = metric.abs() > LARGE * self.sum.abs() || (needs.squares && distance * distance > LARGE * self.squares);
        if self.n_popped >= events.len() || is_large {
            self.add_up(events, needs);
        }
    }

    /// Makes all anew, but which samples lead: that is never inexact.
    fn add_up(&mut self, events: &Events, needs: &Needs) {
        self.n = events.metrics().count() as u64;
        self.sum = events.metrics().sum();
        self.n_popped = 0;
        if !needs.squares {
            return;
        }
        self.origin = if self.n == 0 { 0.0 } else { self.sum / self.n as f64 };
        let distances = events.metrics().map(|metric| metric - self.origin);
        self.distances = distances.clone().sum();
        self.squares = distances.map(|distance| distance * distance).sum();
    }

    /// Makes all anew from a row that lost samples in its middle.
    pub(super) fn renew(&mut self, events: &Events, needs: &Needs) {
        self.add_up(events, needs);
        self.least.clear();
        self.greatest.clear();
        if needs.extremes {
            for (number, metric) in events.numbered_metrics() {
                self.lead(metric, number);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        (self.n, self.sum, self.distances, self.squares, self.n_popped) = (0, 0.0, 0.0, 0.0, 0);
        // The memory goes with that of the row.
        (self.least, self.greatest) = Default::default();
    }

    /// Must come between the last change and [`Sums::take`].
    pub(super) fn settle(&mut self, events: &Events, needs: &Needs) {
        if needs.squares && self.n > 0 {
            let mean = self.distances / self.n as f64;
            if mean * mean * self.n as f64 > (1.0 - LOSS) * self.squares && self.squares > 0.0 {
                self.add_up(events, needs);
            }
        }
    }

    /// What is taken is this number in the oldest event; `None`: it is something else.
    #[inline]
    pub(super) fn number(&self, take: &Take) -> Option<f64> {
        let n = self.n as f64;
        match take {
            Take::Fold(Fold::Sum) => Some(self.sum),
            // Where no event has a metric, the row says what it is.
            _ if self.n == 0 => None,
            Take::Fold(Fold::Mean) => Some(self.sum / n),
            Take::Fold(Fold::StdDev) => {
                let mean = self.distances / n;
                Some((self.squares / n - mean * mean).max(0.0).sqrt())
            }
            _ => None,
        }
    }

    /// What is taken, where it is kept here; `None`: it must be told from the row.
    pub(super) fn take<'a>(&self, take: &Take, events: &'a Events) -> Option<Option<View<'a>>> {
        let lead = |leads: &VecDeque<(u32, f64)>| leads.front().and_then(|(number, _)| events.get(events.place_of(*number)));
        if let Some(number) = self.number(take) {
            return Some(events.first_with(number));
        }
        Some(match take {
            Take::Fold(Fold::Count) => events.get(0).map(|first| View { metric: Some(Metric::Int(events.len() as i64)), ..first }),
            // Where no event has a metric, the row says what it is.
            _ if self.n == 0 => return None,
            Take::Fold(Fold::Minimum) => lead(&self.least),
            Take::Fold(Fold::Maximum) => lead(&self.greatest),
            Take::Range => {
                let (least, greatest) = (self.least.front()?, self.greatest.front()?);
                let last = events.iter().flatten().next_back();
                last.map(|last| View { metric: Metric::float(greatest.1 - least.1), ..last })
            }
            _ => return None,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.n);
        for number in [self.sum, self.origin, self.distances, self.squares] {
            writer.u64(number.to_bits());
        }
        writer.u64(self.n_popped as u64);
        writer.bool(!self.least.is_empty());
    }

    /// `events`: the row that was written beside them.
    pub(super) fn read(reader: &mut Reader<'_>, events: &Events) -> Result<Self, SnapshotError> {
        let n = reader.u64()?;
        let mut number = || Ok::<_, SnapshotError>(f64::from_bits(reader.u64()?));
        let (sum, origin, distances, squares) = (number()?, number()?, number()?, number()?);
        let n_popped = reader.u64()? as usize;
        let mut sums = Self { n, sum, origin, distances, squares, n_popped, ..Self::default() };
        if reader.bool()? {
            events.numbered_metrics().for_each(|(number, metric)| sums.lead(metric, number));
        }
        Ok(sums)
    }
}
