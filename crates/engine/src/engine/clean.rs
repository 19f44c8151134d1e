//! The texts of an event before they are kept: UTF-8, and a service where the sender lost it.

use std::borrow::Cow;

use event::{Labels, LabelsBuf, View, collectd, mark};

use crate::Series;

/// Host, service and labels of an event as they may be kept; bytes that are not UTF-8 are taken lossily.
pub(super) struct Clean<'a> {
    host: Cow<'a, str>,
    service: Cow<'a, str>,
    /// `None`: they may be kept as they are.
    labels: Option<LabelsBuf>,
    original: Labels<'a>,
}

impl<'a> Clean<'a> {
    pub(super) fn new(event: &View<'a>) -> Self {
        Self {
            host: String::from_utf8_lossy(event.host.unwrap_or_default()),
            service: event.service.map_or_else(|| lost_service(event.labels), String::from_utf8_lossy),
            labels: clean_labels(event.labels),
            original: event.labels,
        }
    }

    /// The event must be applied as [`Clean::with_view`] gives it.
    pub(super) fn has_changed(&self) -> bool {
        matches!(self.host, Cow::Owned(_)) || matches!(self.service, Cow::Owned(_)) || self.labels.is_some()
    }

    /// The event came without a service, and one was made of its attributes.
    pub(super) fn is_rebuilt(&self, event: &View<'_>) -> bool {
        event.service.is_none() && !self.service.is_empty()
    }

    /// Hands out the event with clean texts.
    pub(super) fn with_view<T>(&self, event: &View<'_>, use_it: impl FnOnce(&View<'_>) -> T) -> T {
        use_it(&View {
            host: filled(&self.host).map(str::as_bytes),
            service: filled(&self.service).map(str::as_bytes),
            labels: self.labels(),
            ..*event
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn service(&self) -> &str {
        &self.service
    }

    fn labels(&self) -> Labels<'_> {
        self.labels.as_ref().map_or(self.original, LabelsBuf::view)
    }

    /// The series, for an event that gets no place in the table.
    pub(super) fn series(&self) -> Series<'_> {
        let labels = self.labels();
        Series { id: None, host: filled(&self.host), service: filled(&self.service), labels, sample: labels.has_mark(mark::SKEP) }
    }
}

/// What collectd meant where it sent none; empty for other senders' events without service.
fn lost_service<'a>(labels: Labels<'_>) -> Cow<'a, str> {
    let mut service = Vec::new();
    if !collectd::service(&labels, &mut service) {
        return Cow::Borrowed("");
    }
    Cow::Owned(String::from_utf8_lossy(&service).into_owned())
}

fn clean_labels(labels: Labels<'_>) -> Option<LabelsBuf> {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
    if labels.marks().all(is_text) && labels.attributes().all(|(key, value)| is_text(key) && is_text(value)) {
        return None;
    }
    let mut clean = LabelsBuf::new();
    for mark in labels.marks() {
        clean.mark(String::from_utf8_lossy(mark).as_bytes());
    }
    for (key, value) in labels.attributes() {
        clean.attribute(String::from_utf8_lossy(key).as_bytes(), String::from_utf8_lossy(value).as_bytes());
    }
    Some(clean)
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
