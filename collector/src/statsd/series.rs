//! One name with its tags: what it has been told since the last turn, and how that is told on.

use std::collections::HashSet;
use std::fmt::Write;

use event::{LabelsBuf, Metric, Timestamp, View, mark};

use super::line::{Kind, Line};
use super::timer::Timer;
use crate::{Samples, float};

/// Fields of timers before their percentiles; Telegraf's names.
const OF_TIMER: [&str; 6] = ["count", "mean", "stddev", "sum", "lower", "upper"];

#[derive(Debug)]
pub(super) struct Series {
    kind: Kind,
    labels: LabelsBuf,
    services: Vec<String>,
    sum: f64,
    timer: Timer,
    set: HashSet<u64>,
    has_news: bool,
    /// The turn that last told news.
    last: Option<Timestamp>,
}

/// Appends the service without its field: `name` or `name/key=value,key=value`. Tags are part of it, since a series is told
/// from another by its service alone. What would be read as another part of a service becomes `_`, and so does a dot.
pub(super) fn put_stem(line: &Line<'_>, out: &mut String) {
    out.extend(line.name.chars().map(|c| if matches!(c, '.' | '/') { '_' } else { c }));
    for (at, (key, value)) in line.tags.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}{key}={value}", if at == 0 { '/' } else { ',' });
    }
}

impl Series {
    /// Of this stem; `percentiles` of a timer are told.
    pub(super) fn new(stem: &str, line: &Line<'_>, percentiles: &[f64]) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP).attribute(b"metric_type", type_name(line.kind).as_bytes());
        for (key, value) in &line.tags {
            let key = if catalogue::RESERVED.contains(key) || *key == "metric_type" { format!("tag_{key}") } else { (*key).to_owned() };
            labels.attribute(key.as_bytes(), value.as_bytes());
        }
        let service = |field: &str| format!("{stem}/{field}");
        let services = match line.kind {
            Kind::Counter => vec![service("value"), service("rate")],
            Kind::Gauge | Kind::Set => vec![service("value")],
            Kind::Timer => {
                let percentiles = percentiles.iter().map(|percent| service(&format!("{percent}_percentile")));
                OF_TIMER.iter().map(|field| service(field)).chain(percentiles).collect()
            }
        };
        let (timer, set) = (Timer::default(), HashSet::new());
        Self { kind: line.kind, labels, services, sum: 0.0, timer, set, has_news: false, last: None }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Takes one value; `None` when it is none. Says what of it could not be kept.
    pub(super) fn take(&mut self, text: &str, rate: f64, has_room: bool) -> Option<Taken> {
        let taken = match self.kind {
            Kind::Set => self.member(text, has_room),
            Kind::Counter => {
                self.sum += number(text)? / rate;
                Taken::Summed
            }
            Kind::Gauge => {
                let value = number(text)?;
                self.sum = if text.starts_with(['+', '-']) { self.sum + value } else { value };
                Taken::Summed
            }
            Kind::Timer if self.timer.add(number(text)?, rate, has_room) => Taken::Kept,
            // Its sums have it, and those that are kept speak for it in the percentiles, unless none is.
            Kind::Timer if self.timer.n_kept() > 0 => Taken::Summed,
            Kind::Timer => Taken::Lost,
        };
        self.has_news = true;
        Some(taken)
    }

    fn member(&mut self, text: &str, has_room: bool) -> Taken {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        match (self.set.contains(&hash), has_room) {
            (true, _) => Taken::Summed,
            (false, true) => {
                self.set.insert(hash);
                Taken::Kept
            }
            (false, false) => Taken::Lost,
        }
    }

    /// How many values and members it keeps.
    pub(super) fn n_kept(&self) -> usize {
        self.timer.n_kept() + self.set.len()
    }

    /// How long it has had no news; a turn's end.
    pub(super) fn silent(&mut self, due: Timestamp) -> event::Duration {
        if std::mem::take(&mut self.has_news) || self.last.is_none() {
            self.last = Some(due);
        }
        self.last.map_or(event::Duration::ZERO, |last| due - last)
    }

    /// Tells of the interval of so many seconds, and begins the next.
    pub(super) fn tell(&mut self, secs: f64, percentiles: &[f64], out: &mut Samples) {
        let put = |at: usize, metric: Option<Metric>, out: &mut Samples| {
            if let Some((metric, service)) = metric.zip(self.services.get(at)) {
                out.event(&View { service: Some(service.as_bytes()), labels: self.labels.view(), metric: Some(metric), ..View::default() });
            }
        };
        match self.kind {
            Kind::Counter => {
                put(0, float(self.sum), out);
                put(1, float(self.sum / secs), out);
                self.sum = 0.0;
            }
            Kind::Gauge => put(0, float(self.sum), out),
            Kind::Set => {
                put(0, float(self.set.len() as f64), out);
                self.set.clear();
            }
            Kind::Timer => {
                put(0, float(self.timer.count), out);
                if self.timer.count > 0.0 {
                    self.timer.sort();
                    let Timer { mean, sum, lower, upper, .. } = self.timer;
                    let of_all = [mean, self.timer.stddev(), sum, lower, upper];
                    of_all.into_iter().enumerate().for_each(|(at, value)| put(1 + at, float(value), out));
                    for (at, percent) in percentiles.iter().enumerate() {
                        put(OF_TIMER.len() + at, self.timer.percentile(*percent).and_then(float), out);
                    }
                    self.timer.clear();
                }
            }
        }
    }
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is part of a sum.
    Summed,
    /// It is kept itself, and takes room.
    Kept,
    /// There was no room to keep it: a timer has no percentiles, a set counts too few.
    Lost,
}

/// Telegraf's attribute `metric_type`.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Timer => "timing",
        Kind::Set => "set",
    }
}

/// Whether a series of the kind can take it.
pub(super) fn is_value(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Counter | Kind::Gauge | Kind::Timer => number(text).is_some(),
        Kind::Set => true,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
