//! The texts of an alert: its message, and what it says besides.

use event::Name;

use super::Alert;
use super::instance::Instance;
use super::naming;
use super::words::Said;
use crate::State;
use crate::template::{Fields, Value};

/// Puts what the rule says of the present state of an instance into its texts.
pub(crate) fn render(alert: &Alert, instance: &mut Instance) {
    let mut text = std::mem::take(&mut instance.texts.message);
    text.clear();
    match &alert.message {
        Some(template) => template.render(&mut text, &Known::new(alert, instance)),
        None => naming::write_default_message(&mut text, alert, &instance.texts.instance, instance.state, instance.value),
    }
    instance.texts.message = text;
    render_words(alert, instance);
}

/// The same for all but the message.
pub(crate) fn render_words(alert: &Alert, instance: &mut Instance) {
    let said = alert.words.render(&Known::new(alert, instance));
    instance.texts.said = (said != *Said::NOTHING).then(|| Box::new(said));
}

/// What a message may name: the alert's own fields, those of `by`, and those of the last event.
struct Known<'a> {
    alert: &'a Alert,
    instance: &'a Instance,
    since: Option<String>,
    time: Option<String>,
}

impl<'a> Known<'a> {
    fn new(alert: &'a Alert, instance: &'a Instance) -> Self {
        let since = instance.since.map(|since| since.to_string());
        let time = instance.texts.last.time.map(|time| time.to_string());
        Self { alert, instance, since, time }
    }

    /// The value of a field of `by`.
    fn of_instance(&self, name: &str) -> Option<&str> {
        let (_, value) = self.alert.by.iter().zip(&self.instance.texts.values).find(|(field, _)| *field == name)?;
        value.as_deref()
    }

    fn of_event(&self, name: &str) -> Option<&str> {
        let last = &self.instance.texts.last;
        match name {
            "host" => Some(last.host.as_str()).filter(|host| !host.is_empty()),
            "service" => Some(last.service.as_str()).filter(|service| !service.is_empty()),
            "description" => last.description.as_deref(),
            other => std::str::from_utf8(last.view().labels.attribute(other.as_bytes())?).ok(),
        }
    }

    /// The number that decided.
    fn metric(&self) -> Option<Value<'a>> {
        let value = self.instance.value?;
        Some(if self.alert.measure.keeps_unit() { self.of_samples(value) } else { Value::Number(value) })
    }

    /// The number of the last sample; of a rule without window it is the one that decided.
    fn last(&self) -> Option<Value<'a>> {
        let last = if self.instance.measured.is_event() { self.instance.value } else { self.instance.last_number() };
        last.map(|last| self.of_samples(last))
    }

    /// A number such as the events have; it is in percent where the catalogue says so of the service.
    fn of_samples(&self, value: f64) -> Value<'a> {
        let name = Name::split(&self.instance.texts.last.service);
        let metric = name.and_then(|name| catalogue::find(name.measurement, name.field));
        let is_percent = metric.is_some_and(|metric| metric.unit == catalogue::Unit::Percent);
        if is_percent { Value::Percent(value) } else { Value::Number(value) }
    }
}

impl Fields for Known<'_> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "alert" => Some(Value::Text(&self.alert.name)),
            "state" => Some(Value::Text(self.instance.state.as_str())),
            "metric" | "value" if self.instance.state == State::Expired => None,
            "metric" | "value" => self.metric(),
            "last" => self.last(),
            "count" => self.instance.measured.count().map(|count| Value::Number(count as f64)),
            "since" => self.since.as_deref().map(Value::Text),
            "time" => self.time.as_deref().map(Value::Text),
            other => match self.instance.measured.input(&self.alert.measure, other) {
                Some(number) => Some(Value::Number(number)),
                None => self.of_instance(other).or_else(|| self.of_event(other)).map(Value::Text),
            },
        }
    }
}
