//! Steps that keep a number: `count`, `reduce`, `smooth`, `smooth_each`, `derive`.

use event::{Duration, Metric, Timestamp, View};

use super::fold::Fold;
use super::kept::Kept;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State, Unfit};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// One number.
#[derive(Debug, Default)]
pub(super) struct Number(f64);

impl State for Number {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.0.to_bits());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(f64::from_bits(reader.u64()?)))
    }
}

fn metric_of(event: &View<'_>) -> Option<f64> {
    event.metric.map(Metric::as_f64)
}

fn with_metric<'a>(event: &View<'a>, metric: f64) -> View<'a> {
    View { metric: Metric::float(metric), ..*event }
}

/// `count: {init: 0}`: the running sum of all metrics; an event with the mark `reset` sets it.
#[derive(Clone, Debug)]
pub struct Count {
    /// Where it begins.
    pub init: f64,
}

impl Remembering for Count {
    type State = Number;

    fn begin(&self, _: &mut Run<'_>) -> Number {
        Number(self.init)
    }

    fn on(&self, state: &mut Number, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let Some(metric) = metric_of(&event) else { return run.emit(signal) };
        state.0 = if event.labels.has_mark(b"reset") { metric } else { state.0 + metric };
        run.emit_one(&with_metric(&event, state.0))
    }
}

/// `reduce: maximum`: what was made so far folded with each event; the first event is only remembered.
#[derive(Clone, Debug)]
pub struct Reduce(pub Fold);

/// What was made so far.
#[derive(Debug, Default)]
pub(super) struct SoFar {
    has_begun: bool,
    event: Option<Kept>,
}

impl Remembering for Reduce {
    type State = SoFar;

    fn begin(&self, _: &mut Run<'_>) -> SoFar {
        SoFar::default()
    }

    fn on(&self, state: &mut SoFar, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if !state.has_begun {
            (state.has_begun, state.event) = (true, Some(Kept::of(&event)));
            return Ok(());
        }
        let before = state.event.take();
        let pair = [before.as_ref().map(Kept::view), Some(event)];
        let folded = self.0.apply(pair.into_iter(), run.now, &mut run.streams.scratch);
        let made = match folded {
            Ok(made) => made.map(|made| Kept::of(&made)),
            Err(unfit) => {
                state.event = before;
                return Err(unfit);
            }
        };
        state.event = made;
        match &state.event {
            Some(made) => run.emit_one(&made.view()),
            None => Ok(()),
        }
    }
}

impl State for SoFar {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bool(self.has_begun);
        writer.option(self.event.as_ref(), |writer, event| event.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { has_begun: reader.bool()?, event: reader.option(Kept::read)? })
    }
}

/// `smooth: {ratio: 0.5}`: a moving average that takes no account of time; it begins at 0.
#[derive(Clone, Debug)]
pub struct SmoothEach {
    /// How much the new metric counts.
    pub ratio: f64,
}

impl Remembering for SmoothEach {
    type State = Number;

    fn begin(&self, _: &mut Run<'_>) -> Number {
        Number(0.0)
    }

    fn on(&self, state: &mut Number, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let Some(metric) = metric_of(&event) else { return run.emit(signal) };
        state.0 = self.ratio * metric + (1.0 - self.ratio) * state.0;
        run.emit_one(&with_metric(&event, state.0))
    }
}

/// `smooth: {halflife: 60s}`: a moving average by event time; it begins at 0.
#[derive(Clone, Debug)]
pub struct Smooth {
    /// After so long a metric counts for half.
    pub halflife: Duration,
}

/// The average, and the time of its newest event.
#[derive(Debug, Default)]
pub(super) struct Average {
    value: f64,
    time: Option<Timestamp>,
}

impl Remembering for Smooth {
    type State = Average;

    fn begin(&self, _: &mut Run<'_>) -> Average {
        Average::default()
    }

    fn on(&self, state: &mut Average, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let Some(metric) = metric_of(&event) else { return run.emit(signal) };
        let keep = (-std::f64::consts::LN_2 / self.halflife.as_secs_f64()).exp();
        let new = event.time.unwrap_or_default();
        let old = state.time.unwrap_or(new);
        let passed = (new - old).as_secs_f64();
        let part = (1.0 - keep) * metric;
        state.value = if passed > 0.0 { part + state.value * keep.powf(passed) } else { state.value + part * keep.powf(-passed) };
        let time = old.max(new);
        state.time = Some(time);
        run.emit_one(&View { time: Some(time), ..with_metric(&event, state.value) })
    }
}

impl State for Average {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.value.to_bits());
        writer.option(self.time, Writer::time);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { value: f64::from_bits(reader.u64()?), time: reader.option(Reader::time)? })
    }
}

/// `derive: {}`: how fast the metric changes from each event to the next, per second of event time.
#[derive(Clone, Debug)]
pub struct Derive;

/// Time and metric of the event before.
#[derive(Debug, Default)]
pub(super) struct Before(Option<(Option<Timestamp>, f64)>);

impl Remembering for Derive {
    type State = Before;

    fn begin(&self, _: &mut Run<'_>) -> Before {
        Before::default()
    }

    fn on(&self, state: &mut Before, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        let Some(metric) = metric_of(&event) else { return Ok(()) };
        let Some((time, before)) = state.0.replace((event.time, metric)) else { return Ok(()) };
        let (Some(time), Some(now)) = (time, event.time) else { return Err(Unfit) };
        if time == now {
            return Ok(());
        }
        run.emit_one(&with_metric(&event, (metric - before) / (now - time).as_secs_f64()))
    }
}

impl State for Before {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.option(self.0, |writer, (time, metric)| {
            writer.option(time, Writer::time);
            writer.u64(metric.to_bits());
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let before = reader.option(|reader| Ok((reader.option(Reader::time)?, f64::from_bits(reader.u64()?))))?;
        Ok(Self(before))
    }
}
