//! Who is told, and how often: `notify:` of the rule files, and `to` of each alert.

use std::collections::HashMap;

use engine::query::Query;
use event::Duration;

use super::{Entry, Way};

/// The notifiers of a rule set, and which alerts go to which.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In the order of the files.
    pub notifiers: Vec<Notifier>,
    /// By the alert's name; looked up only.
    pub routes: HashMap<String, Route>,
}

/// Where an alert's messages go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The alert's `by`, of which each message gives the values.
    pub by: Vec<String>,
    /// Places in [`Plan::notifiers`].
    pub to: Vec<usize>,
}

/// A notifier, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Notifier {
    /// Unique in its plan.
    pub name: String,
    /// How it tells; at least one.
    pub ways: Vec<Way>,
    /// Fields of the alert's event; entries that have the same values in all of them make one message.
    pub group: Vec<String>,
    /// How long a group gathers from its first entry on.
    pub wait: Duration,
    /// So many messages in so long; the rest waits for a digest.
    pub at_most: Option<AtMost>,
    /// A group with something open is told again so long after the last message about it.
    pub repeat: Option<Duration>,
    /// Only entries that match, as a query on the alert's event.
    pub only: Option<Query>,
    /// Ends are told too.
    pub resolved: bool,
}

/// A bound on messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtMost {
    /// How many.
    pub count: u64,
    /// In how long; more than nothing.
    pub per: Duration,
}

impl Plan {
    /// The names of those who are told of an alert.
    pub fn told_of(&self, alert: &str) -> Vec<String> {
        let places = self.routes.get(alert).into_iter().flat_map(|route| &route.to);
        places.filter_map(|at| self.notifiers.get(*at)).map(|notifier| notifier.name.clone()).collect()
    }
}

impl Notifier {
    /// Whether `only` holds for an entry.
    pub fn wants(&self, entry: &Entry) -> bool {
        self.only.as_ref().is_none_or(|only| entry.with_view(|view| only.matches(view)))
    }

    /// Whether one of its ways is to be told of every end, or what it was told of stays open there.
    pub fn owes_ends(&self) -> bool {
        self.resolved && self.ways.iter().any(Way::keeps_state)
    }

    /// A notifier with every key but these two at its default.
    pub fn new(name: impl Into<String>, ways: Vec<Way>) -> Self {
        Self {
            name: name.into(),
            ways,
            group: vec!["alert".to_owned()],
            wait: Duration::ZERO,
            at_most: None,
            repeat: None,
            only: None,
            resolved: true,
        }
    }
}
