//! What comes out of the engine.

use event::{Timestamp, View};

use crate::rules::Said;
use crate::streams::Outgoing;
use crate::{Series, SeriesId, State};

/// What the driver does with what the engine says, called while a batch, tick or reload is applied, in a fixed order.
pub trait Effects {
    /// An event for sinks, store and live subscribers; its `time` is always set. Alerts' own events come here too.
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind);
    /// A key left the index: its ttl ran out at `now`, or an event with state `expired` deleted it.
    fn expired(&mut self, series: Series<'_>, now: Timestamp);
    /// The id means nothing from now on and may be given to another series.
    fn forgotten(&mut self, id: SeriesId);
    /// An alert instance changed its state: for the alert history.
    fn transition(&mut self, transition: &Transition<'_>);
    /// A message for a notifier, finished.
    fn message(&mut self, message: &Message<'_>);
    /// An alert instance ended of which no message comes, because another alert muted it or its rule was removed: whoever reminds of what is
    /// open has it no more.
    fn ended_untold(&mut self, _rule: &str, _instance: &str) {}
    /// A change of an instance that is still open and muted by another alert: nothing is told of it now.
    fn muted(&mut self, _message: &Message<'_>) {}
    /// An alert that mutes others opened or ended: [`crate::Engine::is_muted`] may answer otherwise from now on.
    fn muting_changed(&mut self) {}
    /// What a stream sends out of the engine.
    fn outgoing(&mut self, _: &Outgoing<'_>) {}
}

/// Why an event comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It went through index and rules.
    Live,
    /// Its sender marked it `late`: for sinks and store only.
    Late,
    /// A new series beyond `max_series`: for sinks and store only.
    Overflow,
    /// It went through the rules, but only what a stream sends to the index is kept there.
    Passing,
}

/// One change of an alert instance's state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition<'a> {
    /// The rule's name.
    pub rule: &'a str,
    /// The values of the rule's `by`, in its order, escaped and joined with `/`; `-` for none. Unique within the rule.
    pub instance: &'a str,
    /// Host of the instance's event.
    pub host: Option<&'a str>,
    /// Service of the instance's event: `alert/NAME…`. With `host` the key in the index.
    pub service: &'a str,
    /// The state before.
    pub from: State,
    /// The state now.
    pub to: State,
    /// When it changed: the `now` of its batch or timer; one microsecond later where one instance changes twice in one.
    pub since: Timestamp,
    /// The number that decided; `None` when the event had none.
    pub value: Option<f64>,
    /// The rule's message, rendered.
    pub message: &'a str,
    /// Why.
    pub cause: Cause,
}

/// Why a state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The rule's levels, `for` and `clear_for` said so.
    Level,
    /// No event came for `absent`.
    Absent,
    /// The instance's events expired.
    Expired,
    /// The rule was removed or changed by a reload. There is no message then.
    RuleRemoved,
}

/// What makes a message the same as one that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey<'a> {
    /// Who is to send it.
    pub notifier: &'a str,
    /// The rule's name.
    pub rule: &'a str,
    /// As in [`Transition::instance`].
    pub instance: &'a str,
    /// The state that it tells of.
    pub level: State,
    /// As in [`Transition::since`]: no two messages of an instance have the same.
    pub since: Timestamp,
}

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// From ok or expired to a level.
    Opened,
    /// To a higher level.
    Rose,
    /// To a lower level, still open.
    Fell,
    /// To ok.
    Resolved,
    /// To expired.
    Gone,
}

impl Change {
    /// The instance is not open any more.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Resolved | Self::Gone)
    }
}

/// A finished message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message<'a> {
    /// Kept by the outbox so that a replay sends nothing twice.
    pub key: MessageKey<'a>,
    /// What it tells.
    pub change: Change,
    /// Host of the instance's event.
    pub host: Option<&'a str>,
    /// The rule's message, rendered.
    pub text: &'a str,
    /// What the rule says besides, rendered.
    pub said: &'a Said,
    /// The number that decided.
    pub value: Option<f64>,
}
