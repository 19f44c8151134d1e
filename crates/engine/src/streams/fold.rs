//! Rows folded to events: `fold`, `flatten`, `sort`; the folds themselves are Riemann's.

use event::{Metric, Timestamp, View};

use super::events::Events;
use super::machine::Run;
use super::measure::{self, Scratch};
use super::step::{Done, Passing, Signal, Unfit};

/// What makes one event of a row; Riemann's folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Of all metrics, in the first event.
    Sum,
    /// As `Sum`.
    Product,
    /// The first metric less all others.
    Difference,
    /// The first metric divided by all others.
    Quotient,
    /// As `Quotient`, but 0 where any metric is 0.
    QuotientSloppy,
    /// In the first event; nothing without metrics.
    Mean,
    /// The event in the middle.
    Median,
    /// The event with the metric that is there most often.
    Mode,
    /// The event with the smallest metric, the last of equals.
    Minimum,
    /// The event with the largest metric, the last of equals.
    Maximum,
    /// Of the population.
    StdDev,
    /// How many events.
    Count,
}

impl Fold {
    /// All of them, as rule files name them.
    pub const NAMES: [(&'static str, Self); 16] = [
        ("sum", Self::Sum),
        ("product", Self::Product),
        ("difference", Self::Difference),
        ("quotient", Self::Quotient),
        ("quotient_sloppy", Self::QuotientSloppy),
        ("mean", Self::Mean),
        ("median", Self::Median),
        ("mode", Self::Mode),
        ("minimum", Self::Minimum),
        ("min", Self::Minimum),
        ("maximum", Self::Maximum),
        ("max", Self::Maximum),
        ("std_dev", Self::StdDev),
        ("stddev", Self::StdDev),
        ("count", Self::Count),
        ("avg", Self::Mean),
    ];

    /// Folds a row; `Ok(None)` where Riemann's fold gives nil, [`Unfit`] where it throws.
    pub(super) fn apply<'a, I>(self, events: I, now: Timestamp, scratch: &mut Scratch) -> Result<Option<View<'a>>, Unfit>
    where
        I: Iterator<Item = Option<View<'a>>> + Clone,
    {
        let first = events.clone().flatten().next();
        let metrics = events.clone().flatten().filter_map(|event| event.metric.map(Metric::as_f64));
        let with = |metric: f64| first.map(|first| View { metric: Metric::float(metric), ..first });
        Ok(match self {
            Self::Sum => with(metrics.sum()),
            Self::Product => with(metrics.product()),
            Self::Mean => match metrics.clone().count() {
                0 => None,
                n => with(metrics.sum::<f64>() / n as f64),
            },
            Self::StdDev => {
                let n = metrics.clone().count() as f64;
                if first.is_some() && n == 0.0 {
                    return Err(Unfit);
                }
                let mean = metrics.clone().sum::<f64>() / n;
                with((metrics.map(|metric| (metric - mean).powi(2)).sum::<f64>() / n).sqrt())
            }
            Self::Count => match first {
                Some(first) => Some(View { metric: Some(Metric::Int(events.flatten().count() as i64)), ..first }),
                None => Some(View { metric: Some(Metric::Int(0)), time: Some(now), ..View::default() }),
            },
            Self::Minimum => extremum(events, |new, old| new <= old),
            Self::Maximum => extremum(events, |new, old| new >= old),
            Self::Median => at_point(events, 0.5, scratch),
            Self::Mode => mode(events, scratch),
            Self::Difference => all(events, |a, b| Ok(a - b)),
            Self::Quotient => all(events, divide),
            Self::QuotientSloppy => {
                let first = events.clone().next().flatten();
                match first {
                    Some(first) if events.clone().flatten().any(|event| event.metric.is_some_and(|metric| metric.as_f64() == 0.0)) => {
                        Some(View { metric: Some(Metric::Int(0)), ..first })
                    }
                    _ => all(events, divide),
                }
            }
        })
    }
}

fn divide(a: f64, b: f64) -> Result<f64, &'static [u8]> {
    if b == 0.0 { Err(b"Can't divide by zero") } else { Ok(a / b) }
}

/// Folds the metrics of all elements; what is missing or cannot be done is told in the first one's description.
fn all<'a>(mut events: impl Iterator<Item = Option<View<'a>>>, fold: impl Fn(f64, f64) -> Result<f64, &'static [u8]>) -> Option<View<'a>> {
    let first = events.next()??;
    let mut folded = Ok(first.metric.map(Metric::as_f64));
    let mut n = 1;
    for event in events {
        n += 1;
        folded = match (folded, event.and_then(|event| event.metric)) {
            (Ok(Some(a)), Some(b)) => fold(a, b.as_f64()).map(Some),
            (Ok(_), _) => Ok(None),
            (failed, _) => failed,
        };
    }
    Some(match folded {
        // A single event without metric is given back as it is.
        Ok(None) if n > 1 => View { metric: None, description: Some(b"An event or metric was nil."), ..first },
        Ok(metric) => View { metric: metric.and_then(Metric::float), ..first },
        Err(why) => View { metric: None, description: Some(why), ..first },
    })
}

fn extremum<'a>(events: impl Iterator<Item = Option<View<'a>>>, is_better: impl Fn(f64, f64) -> bool) -> Option<View<'a>> {
    let mut best: Option<(f64, View<'a>)> = None;
    for event in events.flatten() {
        let Some(metric) = event.metric.map(Metric::as_f64) else { continue };
        if best.is_none_or(|(old, _)| is_better(metric, old)) {
            best = Some((metric, event));
        }
    }
    best.map(|(_, event)| event)
}

/// The first of the events whose metric is there most often; none at all is a metric too.
fn mode<'a>(mut events: impl Iterator<Item = Option<View<'a>>> + Clone, scratch: &mut Scratch) -> Option<View<'a>> {
    scratch.clear();
    let metric = |event: Option<View<'_>>| event.and_then(|event| event.metric).map(Metric::as_f64);
    let mut without = (0, u32::MAX);
    for (event, at) in events.clone().zip(0..) {
        match metric(event) {
            Some(metric) => scratch.push((metric, at)),
            None => without = (without.0 + 1, without.1.min(at)),
        }
    }
    measure::sort(scratch);
    let alike = scratch.chunk_by(|a, b| a.0 == b.0).filter_map(|alike| Some((alike.len(), alike.iter().map(|(_, at)| *at).min()?)));
    let (_, at) = alike.chain([without]).max_by_key(|(n, at)| (*n, std::cmp::Reverse(*at)))?;
    events.nth(at as usize).flatten()
}

/// The event at a point from 0 (the smallest metric) to 1 (the largest), without interpolation.
pub(super) fn at_point<'a>(
    mut events: impl Iterator<Item = Option<View<'a>>> + Clone,
    point: f64,
    scratch: &mut Scratch,
) -> Option<View<'a>> {
    scratch.clear();
    let metrics = events.clone().zip(0..).filter_map(|(event, at)| Some((event?.metric?.as_f64(), at)));
    scratch.extend(metrics);
    let (_, at) = measure::pick(scratch, point)?;
    events.nth(at as usize).flatten()
}

/// `fold: mean`: makes one event of a row.
#[derive(Clone, Debug)]
pub struct Folded(pub Fold);

impl Passing for Folded {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let Signal::Many(events) = signal else { return Err(Unfit) };
        match self.0.apply(events.iter(), run.now, &mut run.streams.scratch)? {
            Some(event) => run.emit_one(&event),
            None => Ok(()),
        }
    }
}

/// `flatten`: the events of a row one by one.
#[derive(Clone, Debug)]
pub struct Flatten;

impl Passing for Flatten {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        match signal {
            Signal::One(_) => run.emit(signal),
            Signal::Many(events) => events.iter().flatten().try_for_each(|event| run.emit_one(&event)),
        }
    }
}

/// `sort`: a row in the order of host and service.
#[derive(Clone, Debug)]
pub struct Sort;

impl Passing for Sort {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let Signal::Many(events) = signal else { return run.emit(signal) };
        let mut sorted: Vec<_> = events.iter().flatten().collect();
        sorted.sort_by_key(|event| (event.host, event.service));
        let mut row = Events::default();
        sorted.iter().for_each(|event| row.push(event));
        run.emit(Signal::Many(&row))
    }
}
