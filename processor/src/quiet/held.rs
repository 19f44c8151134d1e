//! A message of the engine, kept with texts of its own.

use engine::rules::Said;
use engine::{Change, Message, MessageKey, State};
use event::Timestamp;

/// The last message about an alert instance while it was silenced.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    /// Nobody was told that it is open: the silence was there first.
    pub(super) is_unseen: bool,
    pub(super) last: Told,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) notifier: String,
    pub(super) rule: String,
    pub(super) instance: String,
    pub(super) host: Option<String>,
    pub(super) level: State,
    pub(super) since: Timestamp,
    pub(super) change: Change,
    pub(super) text: String,
    pub(super) said: Said,
    pub(super) value: Option<f64>,
}

impl Told {
    pub(super) fn new(message: &Message<'_>) -> Self {
        let key = &message.key;
        Self {
            notifier: key.notifier.to_owned(),
            rule: key.rule.to_owned(),
            instance: key.instance.to_owned(),
            host: message.host.map(str::to_owned),
            level: key.level,
            since: key.since,
            change: message.change,
            text: message.text.to_owned(),
            said: message.said.clone(),
            value: message.value,
        }
    }

    pub(super) fn as_message(&self) -> Message<'_> {
        let key = MessageKey { notifier: &self.notifier, rule: &self.rule, instance: &self.instance, level: self.level, since: self.since };
        Message { key, change: self.change, host: self.host.as_deref(), text: &self.text, said: &self.said, value: self.value }
    }
}

impl Held {
    /// Somebody who was told that it is open waits for the end.
    pub(super) fn is_told_end(&self) -> bool {
        !self.is_unseen && self.last.change.is_end()
    }

    /// What is to be told of it once it is silenced no more.
    pub(super) fn into_told(self) -> Option<Told> {
        let Self { is_unseen, last } = self;
        match (is_unseen, last.change.is_end()) {
            (true, true) => None,
            (true, false) => Some(Told { change: Change::Opened, ..last }),
            (false, _) => Some(last),
        }
    }
}
