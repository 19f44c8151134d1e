//! What an alert instance measures: the state behind [`Measure`].

use event::{Timestamp, View};

use super::Arrival;
use crate::Counters;
use crate::rules::conditions::Conditions;
use crate::rules::instance::{Instance, NEVER};
use crate::rules::measure::{self, Measure};
use crate::rules::{Alert, measure::Over};
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::streams::{Scratch, Take, Watched};

/// What an instance keeps of the events it is about.
#[derive(Debug, Default)]
pub(crate) enum Measured {
    /// Nothing: the last event says all.
    #[default]
    Event,
    /// The samples of its window.
    Over(Box<Watched>),
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
        }
    }

    pub(crate) fn is_event(&self) -> bool {
        matches!(self, Self::Event)
    }

    /// Nothing is kept that could still count.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Event => true,
            Self::Over(window) => window.is_empty(),
        }
    }

    fn take_event(&mut self, alert: &Alert, event: &View<'_>, arrival: Arrival, counters: &mut Counters) {
        if let (Self::Over(window), Measure::Over(over)) = (self, &alert.measure) {
            counters.samples_over += u64::from(!window.push(&over.window, event, arrival.now));
        }
    }

    fn read_at(&mut self, alert: &Alert, now: Timestamp, scratch: &mut Scratch) -> Reading {
        match (self, &alert.measure) {
            (Self::Over(window), Measure::Over(over)) => read_window(window, over, now, scratch),
            _ => Reading::Unknown,
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
            _ => NEVER,
        }
    }

    /// How many samples there are.
    pub(crate) fn count(&self) -> Option<usize> {
        match self {
            Self::Event => None,
            Self::Over(window) => Some(window.count()),
        }
    }

    /// The last sample's number.
    pub(crate) fn last(&self) -> Option<f64> {
        match self {
            Self::Event => None,
            Self::Over(window) => window.last(),
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Self::Event => writer.u8(0),
            Self::Over(window) => {
                writer.u8(1);
                window.write(writer);
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        match reader.u8()? {
            0 => Ok(Self::Event),
            1 => Ok(Self::Over(Box::new(Watched::read(reader)?))),
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
    pub(super) fn measure(&mut self, alert: &Alert, now: Timestamp, scratch: &mut Scratch) -> bool {
        let reading = self.measured.read_at(alert, now, scratch);
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

    /// Asks the levels about the last event and the present number.
    pub(super) fn ask_again(&mut self, alert: &Alert) {
        let last = self.texts.last.view();
        let is_open = self.state.is_open();
        self.conditions = match self.measured {
            Measured::Event => Conditions::ask(alert, &last, is_open),
            Measured::Over(_) => {
                let metric = self.value.and_then(event::Metric::float);
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
