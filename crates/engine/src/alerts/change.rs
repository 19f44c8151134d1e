//! What follows when an alert instance changes its state: history, message, and its event.

use event::msg::Encoder;
use event::{LabelsBuf, Metric, Timestamp, View, mark};

use super::{Alerts, Out};
use crate::rules::instance::{Instance, REPEAT};
use crate::rules::{Alert, Said, message, naming};
use crate::{Cause, Change, Effects, Message, MessageKey, State, Transition};

/// Rules on rules on rules: events that went through more than these are dropped, or two rules could feed each other for ever.
const MAX_DEPTH: u8 = 4;

/// Seconds; the event is given out again three times within.
const TTL: f32 = 90.0;

/// Whom an event made by a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// For index, alerts and streams, like any other.
    All,
    /// For index and alerts.
    Index,
}

/// An event made by a rule: one encoded `Msg`, to go through the engine like any other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Made {
    pub(crate) msg: Vec<u8>,
    /// How many rules it went through.
    pub(crate) depth: u8,
    pub(crate) target: Target,
}

/// A message that waits for the end of its batch or tick.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PendingMessage {
    /// Of the instance, which may be gone by then.
    pub(crate) id: u32,
    pub(crate) serial: u32,
    rule: String,
    instance: String,
    host: Option<String>,
    level: State,
    since: Timestamp,
    change: Change,
    text: String,
    said: Option<Box<Said>>,
    value: Option<f64>,
    /// The instance was muted when it changed.
    pub(crate) is_muted: bool,
}

impl PendingMessage {
    /// Gives a message that is not told, as another alert mutes its instance.
    pub(crate) fn hold_back(&self, fx: &mut impl Effects) {
        if self.change.is_end() {
            fx.ended_untold(&self.rule, &self.instance);
        } else {
            fx.muted(&self.as_message());
        }
    }

    /// As it goes out.
    pub(crate) fn as_message(&self) -> Message<'_> {
        let key = MessageKey { notifier: "log", rule: &self.rule, instance: &self.instance, level: self.level, since: self.since };
        Message {
            key,
            change: self.change,
            host: self.host.as_deref(),
            text: &self.text,
            said: self.said.as_deref().unwrap_or(Said::NOTHING),
            value: self.value,
        }
    }
}

impl Alerts {
    /// Takes an instance to a state, with all that follows; nothing does when that says nothing new.
    pub(super) fn change<F: Effects>(&mut self, id: u32, to: State, cause: Cause, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(rule) = out.plan.rule(instance.rule) else { return };
        let alert = &rule.alert;
        let from = instance.state;
        if from == to || !from.is_open() && !to.is_open() {
            // From expired to ok there is nothing to tell.
            instance.state = to;
            return;
        }
        let since = instance.enter(to, now);
        message::render(alert, instance);
        out.counters.transitions += 1;
        out.fx.transition(&Transition {
            rule: &alert.name,
            instance: &instance.texts.instance,
            host: instance.texts.host.as_deref(),
            service: &instance.texts.service,
            from,
            to,
            since,
            value: value(instance),
            message: &instance.texts.message,
            cause,
        });
        let message = (cause != Cause::RuleRemoved).then(|| pending(id, alert, instance, from, since));
        emit(instance, alert, now, out);
        // It is asked now: one that ends may be no more there when messages go out.
        let is_muted = self.instances.get(id).is_some_and(|instance| self.is_muted(instance, out.plan));
        match message {
            Some(message) => out.messages.push(PendingMessage { is_muted, ..message }),
            None if to.is_open() => {}
            None => {
                if let Some(instance) = self.instances.get(id) {
                    out.fx.ended_untold(&alert.name, &instance.texts.instance);
                }
            }
        }
        self.note_open(id, from, to, now, out);
    }

    /// Gives an open instance's event out again when it is time.
    pub(super) fn repeat<F: Effects>(&mut self, id: u32, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let Some(rule) = out.plan.rule(instance.rule) else { return };
        if instance.state.is_open() && now >= instance.repeat_at {
            emit(instance, &rule.alert, now, out);
        }
    }
}

/// The number that the outside sees: what is gone has none.
fn value(instance: &Instance) -> Option<f64> {
    if instance.state == State::Expired { None } else { instance.value }
}

fn pending(id: u32, alert: &Alert, instance: &Instance, from: State, since: Timestamp) -> PendingMessage {
    let to = instance.state;
    let change = match to {
        State::Expired => Change::Gone,
        State::Ok => Change::Resolved,
        State::Info | State::Warning | State::Critical if !from.is_open() => Change::Opened,
        State::Info | State::Warning | State::Critical if to > from => Change::Rose,
        State::Info | State::Warning | State::Critical => Change::Fell,
    };
    PendingMessage {
        id,
        serial: instance.serial,
        rule: alert.name.clone(),
        instance: instance.texts.instance.clone(),
        host: instance.texts.host.clone(),
        level: to,
        since,
        change,
        text: instance.texts.message.clone(),
        said: instance.texts.said.clone(),
        value: value(instance),
        is_muted: false,
    }
}

/// Makes the instance's event.
fn emit<F>(instance: &mut Instance, alert: &Alert, now: Timestamp, out: &mut Out<'_, F>) {
    if instance.state.is_open() {
        instance.repeat_at = now + REPEAT;
    }
    let depth = instance.depth + 1;
    if depth > MAX_DEPTH {
        out.counters.too_deep += 1;
        return;
    }
    let labels = labels(instance, alert);
    let mut encoder = Encoder::new();
    encoder.event(&View {
        time: Some(now),
        state: Some(instance.state.as_str().as_bytes()),
        service: Some(instance.texts.service.as_bytes()),
        host: instance.texts.host.as_deref().map(str::as_bytes),
        description: None,
        ttl: Some(TTL),
        metric: value(instance).and_then(Metric::float),
        labels: labels.view(),
    });
    out.made.push_back(Made { msg: encoder.bytes().to_vec(), depth, target: Target::All });
}

fn labels(instance: &Instance, alert: &Alert) -> LabelsBuf {
    let mut labels = LabelsBuf::new();
    labels.mark(mark::SKEP).attribute(b"alert", alert.name.as_bytes());
    for (field, value) in alert.by.iter().zip(&instance.texts.values) {
        // The host is the event's own.
        if let Some(value) = value
            && field != "host"
        {
            labels.attribute(naming::attribute(field).as_bytes(), value.as_bytes());
        }
    }
    if let Some(since) = instance.since {
        labels.attribute(b"since", since.to_string().as_bytes());
    }
    labels.attribute(b"message", instance.texts.message.as_bytes());
    if let Some(said) = &instance.texts.said {
        say(said, &mut labels);
    }
    labels
}

/// Labels stand under their own names, so that queries can ask for them; `labels` lists them, for they are no tags of a point.
fn say(said: &Said, labels: &mut LabelsBuf) {
    let texts = [("runbook", &said.runbook), ("details", &said.details), ("team", &said.team)];
    for (key, text) in texts {
        if let Some(text) = text {
            labels.attribute(key.as_bytes(), text.as_bytes());
        }
    }
    for (name, value) in &said.labels {
        labels.attribute(name.as_bytes(), value.as_bytes());
    }
    if !said.labels.is_empty() {
        let names: Vec<&str> = said.labels.iter().map(|(name, _)| name.as_str()).collect();
        labels.attribute(b"labels", names.join(",").as_bytes());
    }
    if !said.links.is_empty() {
        let lines: Vec<String> = said.links.iter().map(|(title, address)| format!("{title}: {address}")).collect();
        labels.attribute(b"links", lines.join("\n").as_bytes());
    }
}
