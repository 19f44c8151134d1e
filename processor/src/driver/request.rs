//! What other threads ask of the engine's thread.

use std::sync::Arc;

use engine::query::Query;
use engine::rules::{Plan, Said};
use engine::{Facts, Leftover, State};
use event::Timestamp;
use tokio::sync::oneshot;

use super::recording::Tap;
use crate::live::{Follower, Subscription, TooMany};
use crate::notify;
use crate::quiet::{Ack, Command, Done, QuietError, Silence};

/// One request; the answer goes back by its channel. An asker that has gone needs none.
#[derive(Debug)]
pub enum Request {
    /// The events of the index that match, as an encoded `Msg` with `ok` and the events.
    Index {
        /// Which events.
        query: Query,
        /// Where the message goes.
        answer: oneshot::Sender<Vec<u8>>,
    },
    /// Every silence, as the API tells of it.
    Silences {
        /// Where they go.
        answer: oneshot::Sender<Vec<serde_json::Value>>,
    },
    /// A silence, its end, or an acknowledgement.
    Quiet {
        /// What is wanted.
        command: Command,
        /// What came of it.
        answer: oneshot::Sender<Result<Done, QuietError>>,
    },
    /// Every alert instance that is open.
    Alerts {
        /// And those that are about to open: their `for` runs.
        pending: bool,
        /// A part of them; all of them, in the order of the engine, without.
        page: Option<Page>,
        /// Where they go.
        answer: oneshot::Sender<Listed>,
    },
    /// What there is to know of an alert and its instances.
    Explain {
        /// The alert's name.
        alert: String,
        /// Fields of its `by` and the values that the instances must have.
        fields: Vec<(String, String)>,
        /// Where it goes; `None`: no alert of that name is on.
        answer: oneshot::Sender<Option<Explained>>,
    },
    /// The names of the alerts that are on.
    Names {
        /// Where they go.
        answer: oneshot::Sender<Vec<String>>,
    },
    /// A live client's subscription.
    Watch {
        /// What it wants.
        wish: Subscription,
        /// Whether it was taken.
        answer: oneshot::Sender<Result<(), TooMany>>,
    },
    /// Every event that matches, from now on.
    Follow {
        /// The engine's end.
        follower: Follower,
        /// Whether the answer holds the events of the index that match.
        snapshot: bool,
        /// An encoded `Msg` with them, empty without.
        answer: oneshot::Sender<Result<Vec<u8>, TooMany>>,
    },
    /// Hand all further input to a recording.
    Record(Tap),
    /// Another rule set from now on.
    Load {
        /// The rules, checked.
        plan: Arc<Plan>,
        /// Who is told.
        notify: Arc<notify::Plan>,
        /// The silences of their files.
        silences: Vec<Silence>,
        /// Told once they run, with what is left of those before: the asker drops it, which may take longer than the engine's thread should wait.
        answer: oneshot::Sender<Leftover>,
    },
    /// Apply what waits, write all down, and end.
    Stop,
    /// End at once, as a crash would: nothing is flushed and no snapshot is taken. For tests of recovery.
    Abandon,
}

/// An alert and its instances at a moment.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The engine's present.
    pub now: Timestamp,
    /// The rule set, which holds the alert.
    pub plan: Arc<Plan>,
    /// The names of the notifiers that tell of it; `None` where that is not known.
    pub to: Option<Vec<String>>,
    /// The silence that disables it.
    pub disabled: Option<Silence>,
    /// The instances that were asked for.
    pub instances: Vec<Facts>,
}

/// Alert instances at a moment.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The engine's present.
    pub now: Timestamp,
    /// The rule set, which holds their rules.
    pub plan: Arc<Plan>,
    /// The instances.
    pub alerts: Vec<Alert>,
}

/// A part of a list in the order of alert and instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Alert and instance behind which it begins.
    pub after: Option<(String, String)>,
    /// How many it has at the most.
    pub limit: Option<usize>,
}

/// An alert instance, with texts of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The rule's name.
    pub rule: String,
    /// The values of the rule's `by`; see [`engine::Transition::instance`].
    pub instance: String,
    /// Host of its event.
    pub host: Option<String>,
    /// Service of its event.
    pub service: String,
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The last number.
    pub value: Option<f64>,
    /// The rule's message, rendered.
    pub message: String,
    /// What the rule says besides, likewise.
    pub said: Said,
    /// When its `for` runs out.
    pub opens_at: Option<Timestamp>,
    /// What there is to know of it.
    pub facts: Option<Facts>,
    /// What keeps it quiet.
    pub quiet: Silenced,
}

/// What keeps an alert quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Silenced {
    /// The silences that hold its messages back.
    pub silences: Vec<HeldBy>,
    /// Who looks after it.
    pub acknowledged: Option<Ack>,
}

/// A silence, as what it holds back knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBy {
    /// As [`Silence::id`].
    pub id: String,
    /// It disables the whole rule.
    pub disables: bool,
}

impl From<engine::AlertInstance<'_>> for Alert {
    fn from(instance: engine::AlertInstance<'_>) -> Self {
        Self {
            rule: instance.rule.to_owned(),
            instance: instance.instance.to_owned(),
            host: instance.host.map(str::to_owned),
            service: instance.service.to_owned(),
            state: instance.state,
            since: instance.since,
            value: instance.value,
            message: instance.message.to_owned(),
            said: instance.said.clone(),
            opens_at: instance.opens_at,
            facts: None,
            quiet: Silenced::default(),
        }
    }
}
