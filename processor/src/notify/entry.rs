//! One opening, rise, fall or end of an alert instance, with all that a message may say of it.

use std::ops::Deref;
use std::sync::Arc;

use engine::rules::{Said, instance_parts, instance_value};
use engine::{Change, Message, State};
use event::{LabelsBuf, Metric, Timestamp, View};

use super::Id;

/// What the engine said of an alert instance. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it said.
    pub what: Arc<What>,
    /// The message that told of its opening.
    pub thread: Option<Id>,
}

/// The parts of an [`Entry`] that stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct What {
    /// The rule's name.
    pub rule: String,
    /// The values of the rule's `by`, escaped and joined: unique within the rule.
    pub instance: String,
    /// The fields of `by`, each with its value.
    pub fields: Vec<(String, Option<String>)>,
    /// Host of the instance's event.
    pub host: Option<String>,
    /// The state that it tells of.
    pub state: State,
    /// What happened.
    pub change: Change,
    /// When.
    pub since: Timestamp,
    /// The number that decided.
    pub value: Option<f64>,
    /// The rule's message, rendered.
    pub text: String,
    /// What the rule says besides: details, runbook, team, labels, links.
    pub said: Said,
}

impl From<What> for Entry {
    /// Nothing was told of it.
    fn from(what: What) -> Self {
        Self { what: Arc::new(what), thread: None }
    }
}

impl Deref for Entry {
    type Target = What;

    fn deref(&self) -> &What {
        &self.what
    }
}

impl Entry {
    /// Of a message of the engine; `by` is the rule's.
    pub fn new(message: &Message<'_>, by: &[String]) -> Self {
        let key = &message.key;
        let values = instance_parts(key.instance).into_iter().map(instance_value);
        What {
            rule: key.rule.to_owned(),
            instance: key.instance.to_owned(),
            fields: by.iter().cloned().zip(values).collect(),
            host: message.host.map(str::to_owned),
            state: key.level,
            change: message.change,
            since: key.since,
            value: message.value,
            text: message.text.to_owned(),
            said: message.said.clone(),
        }
        .into()
    }

    /// The same but for what `change` changes.
    pub(super) fn but(mut self, change: impl FnOnce(&mut What)) -> Self {
        change(Arc::make_mut(&mut self.what));
        self
    }

    /// It tells that the instance is not open any more.
    pub fn is_end(&self) -> bool {
        self.change.is_end()
    }

    /// The value of a field of the alert's event, as `group:` names it.
    pub fn field(&self, name: &str) -> Option<&str> {
        let of_by = self.fields.iter().find(|(field, _)| field == name);
        match (name, of_by) {
            ("alert", _) => Some(&self.rule),
            ("state", None) => Some(self.state.as_str()),
            ("host", None) => self.host.as_deref(),
            ("team", None) => self.said.team.as_deref(),
            (_, Some((_, value))) => value.as_deref(),
            (_, None) => self.said.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str()),
        }
    }

    /// The alert's event, as a query sees it.
    pub fn with_view<T>(&self, use_it: impl FnOnce(&View<'_>) -> T) -> T {
        let mut labels = LabelsBuf::new();
        labels.attribute(b"alert", self.rule.as_bytes());
        let mut service = format!("alert/{}", self.rule);
        for ((field, value), part) in self.fields.iter().zip(instance_parts(&self.instance)) {
            if field == "host" {
                continue;
            }
            service.push('/');
            service.push_str(part);
            if let Some(value) = value {
                labels.attribute(engine::rules::attribute_of(field).as_bytes(), value.as_bytes());
            }
        }
        labels.attribute(b"message", self.text.as_bytes());
        let Said { details, runbook, team, labels: named, links: _ } = &self.said;
        for (key, text) in [("runbook", runbook), ("details", details), ("team", team)] {
            if let Some(text) = text {
                labels.attribute(key.as_bytes(), text.as_bytes());
            }
        }
        named.iter().for_each(|(name, value)| _ = labels.attribute(name.as_bytes(), value.as_bytes()));
        use_it(&View {
            time: Some(self.since),
            state: Some(self.state.as_str().as_bytes()),
            service: Some(service.as_bytes()),
            host: self.host.as_deref().map(str::as_bytes),
            description: None,
            ttl: None,
            metric: self.value.and_then(Metric::float),
            labels: labels.view(),
        })
    }
}
