//! What happened in a test: transitions, messages, answers of the index.

use engine::streams::Outgoing;
use engine::{Cause, Effects, Kind, Message, Series, SeriesId, State, Transition};
use event::{Duration, Event, Timestamp, View};

use super::taps::{self, TapSeen};
use crate::notify::{self, Notices};

/// A change of an alert instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// When, from the start of the test.
    pub at: Duration,
    /// The rule.
    pub alert: String,
    /// The values of its `by`, escaped and joined.
    pub instance: String,
    /// The fields of its `by`, each with its value.
    pub fields: Vec<(String, Option<String>)>,
    /// The state before.
    pub from: State,
    /// The state now.
    pub to: State,
    /// The number that decided; none for what expired.
    pub value: Option<f64>,
    /// The message.
    pub message: String,
    /// Why.
    pub cause: Cause,
}

/// A message that would have been sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SentSeen {
    /// When, from the start of the test.
    pub at: Duration,
    /// The notifier's name.
    pub notify: String,
    /// The message.
    pub notice: notify::Notice,
}

/// What a query of the index found.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexSeen {
    /// When, from the start of the test.
    pub at: Duration,
    /// In the order of host and service.
    pub events: Vec<Event>,
}

/// Takes down what the engine says.
pub(super) struct Recorder<'a> {
    pub(super) start: Timestamp,
    pub(super) now: Timestamp,
    /// The fields of `by` of each rule.
    pub(super) by: &'a dyn Fn(&str) -> &'a [String],
    pub(super) seen: Vec<Seen>,
    pub(super) taps: Vec<TapSeen>,
    pub(super) notices: Notices,
}

impl Effects for Recorder<'_> {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}

    fn transition(&mut self, transition: &Transition<'_>) {
        let values = engine::rules::instance_parts(transition.instance).into_iter().map(engine::rules::instance_value);
        self.seen.push(Seen {
            at: self.now - self.start,
            alert: transition.rule.to_owned(),
            instance: transition.instance.to_owned(),
            fields: (self.by)(transition.rule).iter().cloned().zip(values).collect(),
            from: transition.from,
            to: transition.to,
            // What opens by silence has the seconds of the silence in its event; a line of a test has none.
            value: transition.value.filter(|_| transition.cause != Cause::Absent),
            message: transition.message.to_owned(),
            cause: transition.cause,
        });
    }

    fn outgoing(&mut self, out: &Outgoing<'_>) {
        taps::keep(out, self.now - self.start, &mut self.taps);
    }

    fn ended_untold(&mut self, rule: &str, instance: &str) {
        self.notices.withdraw(rule, instance, self.now);
    }

    fn muted(&mut self, message: &Message<'_>) {
        self.notices.mute(message, self.now);
    }

    fn muting_changed(&mut self) {
        self.notices.look_again(self.now);
    }

    fn message(&mut self, message: &Message<'_>) {
        self.notices.enter(message, self.now);
    }
}
