//! A test of rules, checked: what comes when, and what is expected of it.

use std::path::PathBuf;

use engine::State;
use engine::query::Query;
use event::{Duration, Event, Metric};

use super::taps::TapLine;

/// One test of a rule file.
#[derive(Clone, Debug, Default)]
pub struct RuleTest {
    /// As the file has it.
    pub name: String,
    /// The file that it stands in.
    pub file: String,
    /// Its line there, from 1.
    pub line: usize,
    /// The rules under test; every other one is left out.
    pub alerts: Vec<String>,
    /// What comes, in the order of the file.
    pub rows: Vec<Row>,
    /// A recording that comes too.
    pub replay: Option<PathBuf>,
    /// How long it runs, its last instant included; `None`: until the last ttl is over.
    pub run: Option<Duration>,
    /// All that the alerts do; `None`: not looked at.
    pub expect: Option<Vec<Line>>,
    /// All messages; `None`: not looked at.
    pub sent: Option<Vec<SentLine>>,
    /// All that comes out of the taps that are named here, in the order of time; `None`: not looked at.
    pub taps: Option<Vec<TapLine>>,
    /// What the index holds at some times, in the order of time.
    pub index: Vec<IndexLine>,
}

/// Events of one kind, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// All but time and metric.
    pub event: Event,
    /// When the first comes, from the start of the test.
    pub from: Duration,
    /// From one to the next.
    pub every: Duration,
    /// One for each event, and for each that is missing.
    pub samples: Vec<Sample>,
}

/// What one place of a row holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sample {
    /// No event.
    Missing,
    /// An event, with this metric if any.
    Event(Option<Metric>),
}

/// A change of an alert instance that is expected. It matches when all matches that is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// When, from the start of the test.
    pub at: Option<Duration>,
    /// The rule.
    pub alert: Option<String>,
    /// The new state.
    pub state: Option<State>,
    /// The number that decides; none is `Some(None)`.
    pub value: Option<Option<f64>>,
    /// The message.
    pub message: Option<String>,
    /// Fields of `by`; an absent one is `None`.
    pub fields: Vec<(String, Option<String>)>,
    /// As it stands in the file.
    pub text: String,
}

/// A message that is expected. It matches when all matches that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentLine {
    /// When, from the start of the test.
    pub at: Option<Duration>,
    /// By whom.
    pub notify: Option<String>,
    /// How many entries.
    pub count: Option<u64>,
    /// Whether it is a digest.
    pub digest: Option<bool>,
    /// Whether it is a reminder.
    pub reminder: Option<bool>,
    /// As it stands in the file.
    pub text: String,
}

/// What a query of the index finds at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexLine {
    /// When, from the start of the test; after all that happens then.
    pub at: Duration,
    /// The query.
    pub where_: Query,
    /// How many events it finds.
    pub count: Option<u64>,
    /// The very events that it finds, in any order.
    pub events: Option<Vec<Found>>,
    /// As it stands in the file.
    pub text: String,
}

/// An event of the index that is expected. It matches when all matches that is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Its number; none is `Some(None)`.
    pub metric: Option<Option<f64>>,
    /// Its other fields; an absent one is `None`.
    pub fields: Vec<(String, Option<String>)>,
    /// As it stands in the file.
    pub text: String,
}
