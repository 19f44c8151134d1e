//! The series of one measurement of one instance: texts built once, then values put beside them in each look.

use event::{LabelsBuf, Metric, Name, View, mark};

use crate::Samples;

/// What a sample says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
}

impl Value<'_> {
    /// A count; beyond `i64` it stays at the end of the range.
    pub(crate) fn count(count: u64) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

/// Fields of a measurement with the attributes that they share.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    measurement: &'static str,
    instance: Option<String>,
    labels: LabelsBuf,
    /// Those that have been put, with their fields.
    services: Vec<(&'static str, String)>,
}

impl Rows {
    /// Of one instance (a service, a node), or of the whole.
    pub(crate) fn new(measurement: &'static str, instance: Option<&str>, attributes: &[(&str, &str)]) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        for (key, value) in attributes {
            labels.attribute(key.as_bytes(), value.as_bytes());
        }
        Self { measurement, instance: instance.map(str::to_owned), labels, services: Vec::new() }
    }

    /// The instance.
    pub(crate) fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Whether these are their attributes.
    pub(crate) fn has(&self, attributes: &[(&str, &str)]) -> bool {
        let found = self.labels.view().attributes();
        found.eq(attributes.iter().map(|(key, value)| (key.as_bytes(), value.as_bytes())))
    }

    /// Writes a value.
    pub(crate) fn put(&mut self, host: &str, field: &'static str, value: Value<'_>, out: &mut Samples) {
        let (metric, state) = match value {
            Value::Int(number) => (Some(Metric::Int(number)), None),
            Value::Text(text) => (None, Some(text.as_bytes())),
        };
        let at = self.services.iter().position(|(known, _)| *known == field).unwrap_or_else(|| {
            let name = Name { measurement: self.measurement, instance: self.instance.as_deref(), field };
            self.services.push((field, name.to_string()));
            self.services.len() - 1
        });
        if let Some((_, service)) = self.services.get(at) {
            let labels = self.labels.view();
            out.event(&View { host: Some(host.as_bytes()), service: Some(service.as_bytes()), labels, metric, state, ..View::default() });
        }
    }

    /// Says that there will be no more of them.
    pub(crate) fn expire(&self, host: &str, out: &mut Samples) {
        for (_, service) in &self.services {
            let (host, service) = (Some(host.as_bytes()), Some(service.as_bytes()));
            out.event(&View { host, service, labels: self.labels.view(), state: Some(b"expired"), ..View::default() });
        }
    }
}
