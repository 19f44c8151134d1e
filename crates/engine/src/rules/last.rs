//! The last event of an alert instance, kept for messages and for the looks that come without one.

use event::{Labels, Metric, Timestamp, View};

/// An event's fields; the memory is kept from one to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Last {
    pub(crate) time: Option<Timestamp>,
    pub(crate) host: String,
    pub(crate) service: String,
    pub(crate) labels: Vec<u8>,
    pub(crate) state: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) ttl: Option<f32>,
    pub(crate) metric: Option<Metric>,
}

impl Last {
    pub(crate) fn keep(&mut self, event: &View<'_>) {
        self.time = event.time;
        self.ttl = event.ttl;
        self.metric = event.metric;
        keep_text(&mut self.host, event.host.unwrap_or_default());
        keep_text(&mut self.service, event.service.unwrap_or_default());
        if self.labels != event.labels.as_bytes() {
            self.labels.clear();
            self.labels.extend_from_slice(event.labels.as_bytes());
        }
        keep_optional(&mut self.state, event.state);
        keep_optional(&mut self.description, event.description);
    }

    pub(crate) fn view(&self) -> View<'_> {
        let filled = |text: &'_ str| -> bool { !text.is_empty() };
        View {
            time: self.time,
            state: self.state.as_deref().map(str::as_bytes),
            service: filled(&self.service).then_some(self.service.as_bytes()),
            host: filled(&self.host).then_some(self.host.as_bytes()),
            description: self.description.as_deref().map(str::as_bytes),
            ttl: self.ttl,
            metric: self.metric,
            labels: Labels::new(&self.labels),
        }
    }
}

fn keep_optional(kept: &mut Option<String>, text: Option<&[u8]>) {
    match text {
        Some(text) => keep_text(kept.get_or_insert_default(), text),
        None => *kept = None,
    }
}

fn keep_text(kept: &mut String, text: &[u8]) {
    if kept.as_bytes() != text {
        kept.clear();
        kept.push_str(&String::from_utf8_lossy(text));
    }
}
