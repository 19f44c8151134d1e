//! An alert rule, checked.

use event::Duration;

use super::measure::Measure;
use super::words::Words;
use crate::query::Query;
use crate::template::Template;

/// One alert of the rule set.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Unique in its plan.
    pub name: String,
    /// Picks the events.
    pub where_: Query,
    /// The fields that make an instance: `host`, `service`, `state`, `description` or attributes.
    pub by: Vec<String>,
    /// What the levels see as `metric`.
    pub measure: Measure,
    /// The lowest level.
    pub info: Option<Level>,
    /// The middle level.
    pub warn: Option<Level>,
    /// The highest level.
    pub crit: Option<Level>,
    /// Once open, it stays at least at its lowest level until this holds.
    pub clear: Option<Query>,
    /// How long a level must hold before it counts, where the level says nothing of its own.
    pub for_: Duration,
    /// How long nothing may hold before it closes.
    pub clear_for: Duration,
    /// It opens at critical when no event came for so long.
    pub absent: Option<Duration>,
    /// Instances that must exist even if nothing was ever heard of them. They need `absent`.
    pub expect: Expect,
    /// While that alert is open this one neither opens nor rises nor says anything.
    pub unless: Option<Unless>,
    /// What an open instance does when its events expire.
    pub expired: Expired,
    /// `None`: a text of our own.
    pub message: Option<Template>,
    /// What is said besides.
    pub words: Words,
    /// How many instances it may have; `None`: as many as [`crate::Limits`] says.
    pub max_instances: Option<usize>,
    /// `false`: as if it were not there.
    pub enabled: bool,
}

/// One level of an alert.
#[derive(Clone, Debug)]
pub struct Level {
    /// Asked of each event.
    pub when: Query,
    /// Once at this level or above, it stays until this holds.
    pub clear: Option<Query>,
    /// How long `when` must hold; `None`: the alert's.
    pub for_: Option<Duration>,
}

impl Level {
    /// A level that says nothing but its condition.
    pub fn new(when: Query) -> Self {
        Self { when, clear: None, for_: None }
    }
}

/// `unless: {alert: node-down, same: [host]}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unless {
    /// The other alert's name.
    pub alert: String,
    /// Fields of the own `by` and of the other's that must have the same values.
    pub same: Vec<(String, String)>,
}

/// Instances that must exist even if nothing was ever heard of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// These: for each the values of `by`.
    Listed(Vec<Vec<String>>),
    /// One for each node of the swarm, as its leader lists them (`docker_node/NAME/ready`); `by` has one field.
    SwarmNodes,
}

impl Default for Expect {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

/// What an open instance does when its events expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Expired {
    /// It ends as `expired`: "gone", not "resolved".
    #[default]
    Close,
    /// It stays as it is.
    Hold,
    /// It goes to warning.
    Warn,
    /// It goes to critical.
    Crit,
}

impl Alert {
    /// An alert with every key but these two at its default.
    pub fn new(name: impl Into<String>, where_: Query) -> Self {
        Self {
            name: name.into(),
            where_,
            by: vec!["host".to_owned(), "service".to_owned()],
            measure: Measure::Event,
            info: None,
            warn: None,
            crit: None,
            clear: None,
            for_: Duration::ZERO,
            clear_for: Duration::ZERO,
            absent: None,
            expect: Expect::default(),
            unless: None,
            expired: Expired::Close,
            message: None,
            words: Words::default(),
            max_instances: None,
            enabled: true,
        }
    }
}
