//! Steps that say something at intervals, as long as what they watch lives: `rate`, `derive` with `every`, `percentiles`, `fold` with `every`.

use event::{Duration, Metric, Timestamp, View};

use super::by::number;
use super::events::Events;
use super::fold::Fold;
use super::kept::Kept;
use super::machine::{Run, ttl};
use super::quantiles::Quantiles;
use super::step::{Done, Remembering, Signal, State, Unfit};
use super::timers::Timer;
use crate::query::Field;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// A timer that runs from the first event until the last one is past its time; Riemann's `periodically-until-expired`.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    pub(super) timer: Timer,
    /// `None`: for ever.
    expires: Option<Timestamp>,
}

impl Pulse {
    /// An event came; `false`: it is past its time and the pulse has stopped.
    pub(super) fn on(&mut self, event: &View<'_>, delay: Duration, run: &mut Run<'_>) -> bool {
        self.expires = event.time.filter(|_| event.ttl.is_some()).map(|time| time + ttl(event));
        if run.is_expired(event) {
            self.timer.stop();
            return false;
        }
        if !self.timer.is_running() {
            run.start(&mut self.timer, run.now + delay);
        }
        true
    }

    /// The timer is due; `false`: what it watches is past its time, and it has stopped.
    pub(super) fn beats(&mut self, every: Duration, run: &mut Run<'_>) -> bool {
        if self.expires.is_some_and(|expires| expires < run.now) {
            return false;
        }
        run.move_to(&mut self.timer, run.now + every);
        true
    }

    pub(super) fn shift(&mut self, by: Duration) {
        self.expires = self.expires.map(|expires| expires + by);
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        self.timer.write(writer);
        writer.option(self.expires, Writer::time);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { timer: Timer::read(reader)?, expires: reader.option(Reader::time)? })
    }
}

/// `rate: 5s`: the sum of the metrics per second, every so often; in the last event that had a metric, whose ttl runs down while nothing comes.
#[derive(Clone, Debug)]
pub struct Rate {
    /// How often.
    pub every: Duration,
}

/// The sum so far, and the event it will be given in.
#[derive(Debug, Default)]
pub(super) struct Flow {
    sum: f64,
    last: Option<Kept>,
    /// Of the next event that goes out, before the interval is taken off.
    ttl: Option<f64>,
    pulse: Pulse,
}

impl Remembering for Rate {
    type State = Flow;

    fn begin(&self, _: &mut Run<'_>) -> Flow {
        Flow::default()
    }

    fn on(&self, state: &mut Flow, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if let Some(metric) = event.metric {
            state.sum += metric.as_f64();
            state.ttl = event.ttl.map(|ttl| f64::from(ttl) + self.every.as_secs_f64());
            match &mut state.last {
                Some(last) => last.set(&event),
                None => state.last = Some(Kept::of(&event)),
            }
        }
        state.pulse.on(&event, self.every, run);
        Ok(())
    }

    fn due(&self, state: &mut Flow, run: &mut Run<'_>) -> Done {
        if !state.pulse.beats(self.every, run) {
            return Ok(());
        }
        let every = self.every.as_secs_f64();
        let sum = std::mem::take(&mut state.sum);
        state.ttl = state.ttl.map(|ttl| ttl - every);
        let last = state.last.as_ref().map(Kept::view).unwrap_or_default();
        let ttl = state.ttl.map(|ttl| ttl as f32);
        run.emit_one(&View { metric: Metric::float(sum / every), time: Some(run.now), ttl, ..last })
    }
}

impl State for Flow {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.u64(self.sum.to_bits());
        writer.option(self.last.as_ref(), |writer, last| last.write(writer));
        writer.option(self.ttl, |writer, ttl| writer.u64(ttl.to_bits()));
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (sum, last) = (f64::from_bits(reader.u64()?), reader.option(Kept::read)?);
        let ttl = reader.option(Reader::u64)?.map(f64::from_bits);
        Ok(Self { sum, last, ttl, pulse: Pulse::read(reader)? })
    }
}

/// `derive: {every: 5s}`: how fast the metric changed between the last events of two intervals; 0 while nothing comes.
#[derive(Clone, Debug)]
pub struct DeriveEvery {
    /// How often.
    pub every: Duration,
}

/// The newest event of this interval, of the one before, and of the one before that.
#[derive(Debug, Default)]
pub(super) struct Three {
    new: Option<Kept>,
    last: Option<Kept>,
    pulse: Pulse,
}

impl Remembering for DeriveEvery {
    type State = Three;

    fn begin(&self, _: &mut Run<'_>) -> Three {
        Three::default()
    }

    fn on(&self, state: &mut Three, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if event.metric.is_some() {
            match &mut state.new {
                Some(new) => new.set(&event),
                None => state.new = Some(Kept::of(&event)),
            }
        }
        state.pulse.on(&event, Duration::ZERO, run);
        Ok(())
    }

    fn due(&self, state: &mut Three, run: &mut Run<'_>) -> Done {
        if !state.pulse.beats(self.every, run) {
            return Ok(());
        }
        let before = match state.new.take() {
            Some(new) => state.last.replace(new),
            None => state.last.clone(),
        };
        let (Some(last), Some(before)) = (&state.last, &before) else { return Ok(()) };
        let (last, before) = (last.view(), before.view());
        let passed = (last.time.ok_or(Unfit)? - before.time.ok_or(Unfit)?).as_secs_f64();
        let change = |event: &View<'_>| event.metric.map(Metric::as_f64).ok_or(Unfit);
        let slope = if passed == 0.0 { 0.0 } else { (change(&last)? - change(&before)?) / passed };
        run.emit_one(&View { metric: Metric::float(slope), time: Some(run.now), ..last })
    }
}

impl State for Three {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        for event in [&self.new, &self.last] {
            writer.option(event.as_ref(), |writer, event| event.write(writer));
        }
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (new, last) = (reader.option(Kept::read)?, reader.option(Kept::read)?);
        Ok(Self { new, last, pulse: Pulse::read(reader)? })
    }
}

/// `percentiles: {every: 10s, points: [0.5, 0.99]}`: the events at these points of each interval, their services with the point's name behind.
#[derive(Clone, Debug)]
pub struct Percentiles {
    /// How long an interval is.
    pub every: Duration,
    /// Point from 0 to 1, and what is put behind the service.
    pub points: Vec<(f64, String)>,
}

/// The samples of an interval.
#[derive(Debug, Default)]
pub(super) struct Bin {
    samples: Quantiles,
    pulse: Pulse,
}

impl Remembering for Percentiles {
    type State = Bin;

    fn begin(&self, _: &mut Run<'_>) -> Bin {
        Bin::default()
    }

    fn on(&self, state: &mut Bin, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if state.pulse.on(&event, self.every, run) {
            state.samples.push(&event);
        } else {
            state.samples.clear();
        }
        Ok(())
    }

    fn due(&self, state: &mut Bin, run: &mut Run<'_>) -> Done {
        // What came before the last event's time was up is told all the same.
        state.pulse.beats(self.every, run);
        state.samples.order();
        for (point, name) in &self.points {
            let Some(event) = state.samples.at(*point) else { break };
            let mut service = run.streams.texts.pop().unwrap_or_default();
            service.clear();
            service.push_str(&String::from_utf8_lossy(event.service.unwrap_or_default()));
            service.push_str(name);
            run.emit_one(&View { service: Some(service.as_bytes()), ..event })?;
            run.streams.texts.push(service);
        }
        state.samples.clear();
        Ok(())
    }
}

impl State for Bin {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.samples.write(writer);
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self { samples: Quantiles::read(reader)?, pulse: Pulse::read(reader)? })
    }
}

/// `fold: {every: 10s, field: metric, take: sum}`: a field of all events of each interval, in the last of them.
#[derive(Clone, Debug)]
pub struct FoldEvery {
    /// How long an interval is.
    pub every: Duration,
    /// `metric`, `time` or `ttl`.
    pub field: Field,
    /// What is made of its values.
    pub fold: Fold,
    /// Values of one interval; further ones are dropped and counted.
    pub max: usize,
}

/// The values of an interval.
#[derive(Debug, Default)]
pub(super) struct Values {
    values: Events,
    last: Option<Kept>,
    pulse: Pulse,
}

impl Remembering for FoldEvery {
    type State = Values;

    fn begin(&self, _: &mut Run<'_>) -> Values {
        Values::default()
    }

    fn on(&self, state: &mut Values, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if !state.pulse.on(&event, self.every, run) {
            state.values.clear();
            return Ok(());
        }
        let Some(value) = number(&self.field, &event) else { return Ok(()) };
        if state.values.len() >= self.max {
            run.out.counters.samples_over += 1;
            return Ok(());
        }
        state.values.push(&View { metric: Metric::float(value), ..View::default() });
        match &mut state.last {
            Some(last) => last.set(&event),
            None => state.last = Some(Kept::of(&event)),
        }
        Ok(())
    }

    fn due(&self, state: &mut Values, run: &mut Run<'_>) -> Done {
        let lives = state.pulse.beats(self.every, run);
        if !lives && state.values.is_empty() {
            return Ok(());
        }
        let last = state.last.as_ref().filter(|_| !state.values.is_empty()).map(Kept::view);
        let last = last.unwrap_or(View { time: Some(run.now), ..View::default() });
        let value = match self.fold {
            Fold::Sum if state.values.is_empty() => Some(Metric::Int(0)),
            Fold::Product if state.values.is_empty() => Some(Metric::Int(1)),
            fold => fold.apply(state.values.iter(), run.now, &mut run.streams.scratch)?.and_then(|folded| folded.metric),
        };
        state.values.clear();
        let Some(value) = value else { return Ok(()) };
        let seconds = value.as_f64();
        run.emit_one(&match &self.field {
            Field::Time => View { time: Some(Timestamp::from_micros((seconds * 1e6) as i64)), ..last },
            Field::Ttl => View { ttl: Some(seconds as f32), ..last },
            _ => View { metric: Some(value), ..last },
        })
    }
}

impl State for Values {
    fn timer(&mut self) -> Option<&mut Timer> {
        Some(&mut self.pulse.timer)
    }

    fn shift(&mut self, by: Duration) {
        self.pulse.shift(by);
    }

    fn write(&self, writer: &mut Writer<'_>) {
        self.values.write(writer);
        writer.option(self.last.as_ref(), |writer, last| last.write(writer));
        self.pulse.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (values, last) = (Events::read(reader)?, reader.option(Kept::read)?);
        Ok(Self { values, last, pulse: Pulse::read(reader)? })
    }
}
