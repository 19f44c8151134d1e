//! `predict`: where the metric will be, by the straight line through the last events.

use event::{Duration, Metric, View};

use super::events::Events;
use super::machine::Run;
use super::step::{Done, Remembering, Signal, State, Unfit};
use crate::snapshot::{Reader, SnapshotError, Writer};

/// `predict: {events: 100, ahead: 30m}`: from the second event on.
#[derive(Clone, Debug)]
pub struct Predict {
    /// How many of the last events the line goes through.
    pub n: usize,
    /// How long after the last event.
    pub ahead: Duration,
}

/// The last events.
#[derive(Debug, Default)]
pub(super) struct Line(Events);

impl Remembering for Predict {
    type State = Line;

    fn begin(&self, _: &mut Run<'_>) -> Line {
        Line::default()
    }

    fn on(&self, state: &mut Line, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let event = signal.one()?;
        if state.0.len() >= self.n {
            state.0.pop();
        }
        state.0.push(&event);
        if state.0.len() < 2 {
            return Ok(());
        }
        let metric = at(&state.0, event.time.ok_or(Unfit)? + self.ahead).ok_or(Unfit)?;
        run.emit_one(&View { metric: Metric::float(metric), ..event })
    }
}

/// The least-squares line at a time; none where an event has no time or metric, or all times are equal.
fn at(events: &Events, time: event::Timestamp) -> Option<f64> {
    let n = events.len() as f64;
    let origin = events.first_time()?;
    let (mut x_sum, mut y_sum) = (0.0, 0.0);
    for event in events.iter() {
        let event = event?;
        x_sum += (event.time? - origin).as_secs_f64();
        y_sum += event.metric?.as_f64();
    }
    let (x_mean, y_mean) = (x_sum / n, y_sum / n);
    let (mut xy, mut xx) = (0.0, 0.0);
    for event in events.iter() {
        let event = event?;
        let x = (event.time? - origin).as_secs_f64() - x_mean;
        xy += x * (event.metric?.as_f64() - y_mean);
        xx += x * x;
    }
    (xx > 0.0).then(|| y_mean + xy / xx * ((time - origin).as_secs_f64() - x_mean))
}

impl State for Line {
    fn write(&self, writer: &mut Writer<'_>) {
        self.0.write(writer);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(Events::read(reader)?))
    }
}
