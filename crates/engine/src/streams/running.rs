//! The numbers of a window that is folded as its events come: none of them need be kept.

use event::{Metric, Timestamp, View};

use super::fold::Fold;
use super::kept::Kept;
use super::take::{Take, Takes};
use crate::snapshot::{Reader, SnapshotError, Writer};

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
        if takes.iter().any(|(_, take)| *take == Take::Last) {
            self.last.set(event);
        }
        let Some(metric) = event.metric.map(Metric::as_f64) else { return };
        let is_first = self.n_metrics == 0;
        self.n_metrics += 1;
        self.sum += metric;
        self.product *= metric;
        for (_, take) in takes.iter() {
            let number = |kept: &Kept| kept.view().metric.map_or(0.0, Metric::as_f64);
            match take {
                Take::Fold(Fold::Minimum) if is_first || metric <= number(&self.min) => self.min.set(event),
                Take::Fold(Fold::Maximum) if is_first || metric >= number(&self.max) => self.max.set(event),
                _ => {}
            }
        }
    }

    pub(super) fn take(&self, take: &Take, now: Timestamp) -> Option<View<'_>> {
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
