//! An event that owns its texts.

use crate::{LabelsBuf, Metric, Timestamp, View};

/// An event with texts of its own, for what is kept, printed or built by hand; fields as in [`View`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// See [`View::time`].
    pub time: Option<Timestamp>,
    /// See [`View::state`].
    pub state: Option<String>,
    /// See [`View::service`].
    pub service: Option<String>,
    /// See [`View::host`].
    pub host: Option<String>,
    /// See [`View::description`].
    pub description: Option<String>,
    /// Seconds for which the event holds.
    pub ttl: Option<f32>,
    /// See [`View::metric`].
    pub metric: Option<Metric>,
    /// Riemann's `tags`.
    pub marks: Vec<String>,
    /// Key and value of each attribute.
    pub attributes: Vec<(String, String)>,
}

impl Event {
    /// Hands a borrowed view of the event to `use_it`.
    pub fn with_view<T>(&self, use_it: impl FnOnce(&View<'_>) -> T) -> T {
        let mut labels = LabelsBuf::new();
        for mark in &self.marks {
            labels.mark(mark.as_bytes());
        }
        for (key, value) in &self.attributes {
            labels.attribute(key.as_bytes(), value.as_bytes());
        }
        use_it(&View {
            time: self.time,
            state: self.state.as_deref().map(str::as_bytes),
            service: self.service.as_deref().map(str::as_bytes),
            host: self.host.as_deref().map(str::as_bytes),
            description: self.description.as_deref().map(str::as_bytes),
            ttl: self.ttl,
            metric: self.metric,
            labels: labels.view(),
        })
    }
}

/// Bytes that are not UTF-8 are taken lossily.
impl From<&View<'_>> for Event {
    fn from(view: &View<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            time: view.time,
            state: view.state.map(text),
            service: view.service.map(text),
            host: view.host.map(text),
            description: view.description.map(text),
            ttl: view.ttl,
            metric: view.metric,
            marks: view.labels.marks().map(text).collect(),
            attributes: view.labels.attributes().map(|(key, value)| (text(key), text(value))).collect(),
        }
    }
}
