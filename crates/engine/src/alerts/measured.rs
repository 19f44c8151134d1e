//! What an alert instance measures: the state behind [`Measure`].

use event::{Duration, Metric, Timestamp, View};

use super::Arrival;
use super::inputs::Inputs;
use super::members::{Gone, Members};
use crate::Counters;
use crate::rules::conditions::Conditions;
use crate::rules::instance::{Instance, NEVER};
use crate::rules::measure::{self, Measure};
use crate::rules::{Alert, measure::Over};
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::streams::{Gathered, Scratch, Take, Watched};

/// What an instance keeps of the events it is about.
#[derive(Debug, Default)]
pub(crate) enum Measured {
    /// Nothing: the last event says all.
    #[default]
    Event,
    /// The samples of its window.
    Over(Box<Watched>),
    /// The latest events of its members.
    Across(Box<Members>),
    /// The latest events of its queries.
    Join(Box<Inputs>),
}

/// What a look says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reading {
    /// The number, or that there is none to be had.
    Value(Option<f64>),
    /// Nothing can be said yet: the state stays.
    Unknown,
    /// All that it was about is gone.
    Gone,
}

impl Measured {
    pub(crate) fn new(measure: &Measure) -> Self {
        match measure {
            Measure::Event => Self::Event,
            Measure::Over(_) => Self::Over(Box::new(Watched::new())),
            Measure::Across(_) => Self::Across(Box::default()),
            Measure::Join(join) => Self::Join(Box::new(Inputs::new(join))),
        }
    }

    pub(crate) fn is_event(&self) -> bool {
        matches!(self, Self::Event)
    }

    /// Nothing is kept that could still count.
    pub(crate) fn is_empty(&self, now: Timestamp) -> bool {
        match self {
            Self::Event => true,
            Self::Over(window) => window.is_empty(),
            Self::Across(members) => members.len() == 0,
            Self::Join(inputs) => inputs.is_empty(now),
        }
    }

    fn take_event(&mut self, alert: &Alert, event: &View<'_>, arrival: Arrival, counters: &mut Counters) {
        let has_room = match (self, &alert.measure) {
            (Self::Over(window), Measure::Over(over)) => window.push(&over.window, event, arrival.now),
            (Self::Across(members), Measure::Across(across)) => members.push(across, event, arrival),
            (Self::Join(inputs), Measure::Join(join)) => {
                inputs.push(join, event, arrival);
                true
            }
            _ => true,
        };
        counters.samples_over += u64::from(!has_room);
    }

    /// A series ended; `false`: that says nothing. A window outlives it: only when it is empty nothing is left.
    pub(super) fn end(&mut self, alert: &Alert, event: &View<'_>, now: Timestamp) -> bool {
        match (self, &alert.measure) {
            (Self::Across(members), Measure::Across(across)) => members.end(across, event, now),
            (Self::Join(inputs), Measure::Join(join)) => inputs.end(join, event, now),
            _ => return false,
        }
        true
    }

    fn read_at(&mut self, alert: &Alert, now: Timestamp, gathered: &mut Gathered) -> Reading {
        let read = match (self, &alert.measure) {
            (Self::Over(window), Measure::Over(over)) => return read_window(window, over, now, &mut gathered.scratch),
            (Self::Across(members), Measure::Across(across)) => members.read_at(across, now, gathered),
            (Self::Join(inputs), Measure::Join(join)) => inputs.read_at(join, now),
            _ => return Reading::Unknown,
        };
        match read {
            Ok(Some(number)) => Reading::Value(Some(number)),
            Ok(None) => Reading::Unknown,
            Err(Gone) => Reading::Gone,
        }
    }

    /// When what is kept may say something else without an event.
    fn next_look(&self, alert: &Alert, now: Timestamp) -> Timestamp {
        match (self, &alert.measure) {
            (Self::Over(window), Measure::Over(over)) => {
                let Some(leaves) = window.next_leave(&over.window) else { return NEVER };
                let moves = over.window.taken().is_some_and(measure::moves);
                over.every.look(if moves { now } else { leaves }, now)
            }
            (Self::Across(members), Measure::Across(across)) => members.next_look(across, now),
            (Self::Join(inputs), Measure::Join(_)) => inputs.next_look(now),
            _ => NEVER,
        }
    }

    /// How many samples or members there are.
    pub(crate) fn count(&self) -> Option<usize> {
        match self {
            Self::Event | Self::Join(_) => None,
            Self::Over(window) => Some(window.count()),
            Self::Across(members) => Some(members.len()),
        }
    }

    /// The number of the input of this name.
    pub(crate) fn input(&self, measure: &Measure, name: &str) -> Option<f64> {
        match (self, measure) {
            (Self::Join(inputs), Measure::Join(join)) => inputs.named(join, name).map(Metric::as_f64),
            _ => None,
        }
    }

    /// Time stood still.
    pub(crate) fn on_gap(&mut self, by: Duration) {
        match self {
            // Samples have times of their own, which do not move.
            Self::Event | Self::Over(_) => {}
            Self::Across(members) => members.on_gap(by),
            Self::Join(inputs) => inputs.on_gap(by),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Event => writer.u8(0),
            Self::Over(window) => {
                writer.u8(1);
                window.write(writer);
            }
            Self::Across(members) => {
                writer.u8(2);
                members.write(writer);
            }
            Self::Join(inputs) => {
                writer.u8(3);
                inputs.write(writer);
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        match reader.u8()? {
            0 => Ok(Self::Event),
            1 => Ok(Self::Over(Box::new(Watched::read(reader)?))),
            2 => Ok(Self::Across(Box::new(Members::read(reader)?))),
            3 => Ok(Self::Join(Box::new(Inputs::read(reader)?))),
            _ => Err(SnapshotError::Damaged),
        }
    }
}

fn read_window(window: &mut Watched, over: &Over, now: Timestamp, scratch: &mut Scratch) -> Reading {
    window.forget(&over.window, now);
    let Some(take) = over.window.taken() else { return Reading::Unknown };
    if window.is_empty() {
        return measure::of_nothing(take).map_or(Reading::Gone, |number| Reading::Value(Some(number)));
    }
    match (window.value(&over.window, now, scratch), take) {
        (Some(number), _) => Reading::Value(Some(number)),
        // The line moves away from the number: it will never be there, which is not the same as not knowing.
        (None, Take::TimeTo { min_points, .. }) if window.count() >= *min_points as usize => Reading::Value(None),
        (None, _) => Reading::Unknown,
    }
}

impl Instance {
    /// Takes an event into what it measures.
    pub(super) fn keep_event(&mut self, alert: &Alert, event: &View<'_>, arrival: Arrival, counters: &mut Counters) {
        self.texts.last.keep(event);
        self.measured.take_event(alert, event, arrival, counters);
    }

    /// Looks at what it measures; `false`: nothing can be said, so nothing changes.
    pub(super) fn measure(&mut self, alert: &Alert, now: Timestamp, gathered: &mut Gathered) -> bool {
        let reading = self.measured.read_at(alert, now, gathered);
        self.measure_at = self.measured.next_look(alert, now);
        match reading {
            Reading::Unknown => return self.absent_at != NEVER,
            Reading::Gone => {
                self.deadline = self.deadline.min(now);
                self.conditions = Conditions::default();
            }
            Reading::Value(value) => {
                (self.value, self.gone, self.deadline) = (value, false, NEVER);
                self.ask_again(alert);
            }
        }
        true
    }

    /// The number of the last sample, or the last event.
    pub(crate) fn last_number(&self) -> Option<f64> {
        match &self.measured {
            Measured::Over(window) => window.last(),
            Measured::Event | Measured::Across(_) | Measured::Join(_) => self.texts.last.metric.map(Metric::as_f64),
        }
    }

    /// Asks the levels about the last event and the present number.
    pub(super) fn ask_again(&mut self, alert: &Alert) {
        let last = self.texts.last.view();
        let is_open = self.state.is_open();
        self.conditions = match self.measured {
            Measured::Event => Conditions::ask(alert, &last, is_open),
            Measured::Over(_) | Measured::Across(_) | Measured::Join(_) => {
                let metric = self.value.and_then(Metric::float);
                Conditions::ask(alert, &View { metric, ..last }, is_open)
            }
        };
    }

    /// When rules change: when it is to be looked at.
    pub(super) fn plan_look(&mut self, alert: &Alert, now: Timestamp) {
        self.measure_at = self.measured.next_look(alert, now);
    }

    /// Whether what it measures is to be looked at now: its own time has come, or a `for` or `clear_for` runs out.
    pub(super) fn wants_look(&self, alert: &Alert, now: Timestamp) -> bool {
        now >= self.measure_at || self.timer_ends(alert, now)
    }
}
