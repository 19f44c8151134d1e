//! What became of each message, as events: `skep_processor/NOTIFIER-WAY/notify_outcome`.

use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark, msg};

use super::whole;
use crate::send::{OfWay, Outcome};

/// Adds an event for each, in their order.
pub(super) fn put(encoder: &mut msg::Encoder, ways: &[OfWay], host: &str, time: Timestamp, ttl: Duration) {
    let mut labels = LabelsBuf::new();
    for OfWay { notifier, way, outcomes } in ways {
        let service = Name::of("skep_processor", &format!("{notifier}-{way}"), "notify_outcome").to_string();
        for Outcome { fate, in_a_row, subject } in outcomes {
            labels.clear();
            labels.mark(mark::SKEP);
            let attributes = [("notifier", notifier.as_str()), ("way", way), ("outcome", fate.as_str())];
            attributes.iter().for_each(|(key, value)| _ = labels.attribute(key.as_bytes(), value.as_bytes()));
            let metric: Metric = whole(*in_a_row);
            encoder.event(&View {
                time: Some(time),
                service: Some(service.as_bytes()),
                host: Some(host.as_bytes()),
                state: Some(fate.state().as_str().as_bytes()),
                description: Some(subject.as_bytes()).filter(|subject| !subject.is_empty()),
                ttl: Some(ttl.as_secs_f64() as f32),
                metric: Some(metric),
                labels: labels.view(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use event::Event;

    use super::*;
    use crate::send::Fate;

    #[test]
    fn a_notifier_whose_message_is_given_up_is_critical() {
        let outcome = Outcome { fate: Fate::GivenUp, in_a_row: 2, subject: "CRITICAL disk-full n1".to_owned() };
        let ways = [OfWay { notifier: "ops".to_owned(), way: "mail", outcomes: vec![outcome] }];
        let mut encoder = msg::Encoder::new();
        put(&mut encoder, &ways, "n1", Timestamp::from_secs(5), Duration::from_secs(15));
        let events: Vec<Event> = msg::events(encoder.bytes()).map(|view| Event::from(&view)).collect();
        let expected = Event {
            time: Some(Timestamp::from_secs(5)),
            service: Some("skep_processor/ops-mail/notify_outcome".to_owned()),
            host: Some("n1".to_owned()),
            state: Some("critical".to_owned()),
            description: Some("CRITICAL disk-full n1".to_owned()),
            ttl: Some(15.0),
            metric: Some(Metric::Int(2)),
            marks: vec!["skep".to_owned()],
            attributes: [("notifier", "ops"), ("way", "mail"), ("outcome", "given_up")]
                .map(|(key, value)| (key.into(), value.into()))
                .into(),
        };
        assert_eq!(events, [expected]);
    }
}
