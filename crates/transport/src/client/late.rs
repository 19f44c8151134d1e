//! The mark `late`, put on every event of a message that was kept back.

use event::msg::{self, Encoder};
use event::{LabelsBuf, View, mark};

/// Writes messages again with the mark; its memory is kept.
#[derive(Debug, Default)]
pub(super) struct Marker {
    encoder: Encoder,
    labels: LabelsBuf,
}

impl Marker {
    /// The message with the mark on each of its events, and how many they are. An event that has the mark keeps it once.
    pub(super) fn mark(&mut self, message: &[u8]) -> (&[u8], u32) {
        self.encoder.clear();
        for event in msg::events(message) {
            self.labels.clear();
            event.labels.marks().filter(|mark| *mark != mark::LATE).for_each(|mark| {
                self.labels.mark(mark);
            });
            self.labels.mark(mark::LATE);
            event.labels.attributes().for_each(|(key, value)| {
                self.labels.attribute(key, value);
            });
            self.encoder.event(&View { labels: self.labels.view(), ..event });
        }
        let n_events = u32::try_from(self.encoder.n_events()).unwrap_or(u32::MAX);
        (self.encoder.bytes(), n_events)
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, Metric, Timestamp};
    use proptest::prelude::*;

    use super::*;

    fn encoded(events: &[Event]) -> Vec<u8> {
        let mut encoder = Encoder::new();
        events.iter().for_each(|event| event.with_view(|view| encoder.event(view)));
        encoder.bytes().to_vec()
    }

    proptest! {
        #[test]
        fn nothing_of_an_event_changes_but_the_mark(
            metrics in prop::collection::vec(any::<i64>(), 0..9),
            texts in prop::collection::vec("[a-z/]{1,9}", 4),
            is_late in any::<bool>(),
        ) {
            let marks = if is_late { vec!["late".to_owned(), "skep".to_owned()] } else { vec!["skep".to_owned()] };
            let event = |metric| Event {
                time: Some(Timestamp::from_micros(1_795_540_000_123_456)),
                state: Some(texts[0].clone()),
                service: Some(texts[1].clone()),
                host: Some(texts[2].clone()),
                description: None,
                ttl: Some(5.0),
                metric: Some(Metric::Int(metric)),
                marks: marks.clone(),
                attributes: vec![("path".to_owned(), texts[3].clone()), ("fstype".to_owned(), String::new())],
            };
            let events: Vec<Event> = metrics.into_iter().map(event).collect();
            let mut marker = Marker::default();
            let (marked, n_events) = marker.mark(&encoded(&events));
            let expected: Vec<Event> =
                events.iter().map(|event| Event { marks: vec!["skep".to_owned(), "late".to_owned()], ..event.clone() }).collect();
            prop_assert_eq!(n_events as usize, events.len());
            prop_assert_eq!(msg::events(marked).map(|view| Event::from(&view)).collect::<Vec<_>>(), expected);
        }
    }
}
