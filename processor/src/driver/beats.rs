//! How far a collector's clock is from ours: `skep_collector/clock_offset`, made of its heartbeat when that arrives.

use engine::{Kind, Series};
use event::msg::Encoder;
use event::{LabelsBuf, Metric, Timestamp, View, mark};

/// What a collector sends with every turn, timed by its sending.
const HEARTBEAT: &str = "skep_collector/heartbeat";

/// Seconds from the heartbeat's sending to its arrival.
const OFFSET: &[u8] = b"skep_collector/clock_offset";

/// The offsets of one message's heartbeats. `now` is in the journal, so a replay gives the same again.
#[derive(Debug)]
pub(super) struct Beats {
    now: Timestamp,
    offsets: Encoder,
    labels: LabelsBuf,
}

impl Beats {
    pub(super) fn new() -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP);
        Self { now: Timestamp::default(), offsets: Encoder::new(), labels }
    }

    /// What follows arrived now.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Looks at an event that was applied.
    #[inline]
    pub(super) fn note(&mut self, series: &Series<'_>, event: &View<'_>, kind: Kind) {
        if series.sample && kind == Kind::Live && series.service == Some(HEARTBEAT) {
            self.beat(event);
        }
    }

    #[cold]
    fn beat(&mut self, event: &View<'_>) {
        let Some(sent) = event.time else { return };
        self.offsets.event(&View {
            host: event.host,
            service: Some(OFFSET),
            time: Some(self.now),
            ttl: event.ttl,
            metric: Metric::float((self.now - sent).as_secs_f64()),
            labels: self.labels.view(),
            ..View::default()
        });
    }

    /// The message with the offsets, to be applied behind that of the heartbeats; it has none itself.
    pub(super) fn take(&mut self) -> Option<Encoder> {
        (!self.offsets.is_empty()).then(|| std::mem::take(&mut self.offsets))
    }

    /// Gives its memory back for the next.
    pub(super) fn reuse(&mut self, mut encoder: Encoder) {
        encoder.clear();
        self.offsets = encoder;
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, msg};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_795_540_000);

    #[track_caller]
    fn check(service: &str, kind: Kind, sent_before: f64, expected: Option<f64>) {
        let mut beats = Beats::new();
        let sent = NOW - event::Duration::from_secs_f64(sent_before);
        let event = View { host: Some(b"node1"), time: Some(sent), ttl: Some(5.0), ..View::default() };
        let labels = beats.labels.clone();
        let series = Series { id: None, host: Some("node1"), service: Some(service), labels: labels.view(), sample: true };
        beats.begin(NOW);
        beats.note(&series, &event, kind);
        let made = beats.take().map(|encoder| msg::events(encoder.bytes()).map(|view| Event::from(&view)).collect::<Vec<_>>());
        let expected = expected.map(|offset| {
            vec![Event {
                host: Some("node1".into()),
                service: Some("skep_collector/clock_offset".into()),
                time: Some(NOW),
                ttl: Some(5.0),
                metric: Metric::float(offset),
                marks: vec!["skep".into()],
                ..Event::default()
            }]
        });
        assert_eq!(made, expected, "{service}");
    }

    #[test]
    fn a_live_heartbeat_gives_the_way_from_its_sending_to_its_arrival() {
        check("skep_collector/heartbeat", Kind::Live, 0.25, Some(0.25));
        check("skep_collector/heartbeat", Kind::Live, -3600.0, Some(-3600.0));
    }

    #[test]
    fn nothing_else_does() {
        check("skep_collector/heartbeat", Kind::Late, 300.0, None);
        check("skep_collector/clock_offset", Kind::Live, 1.0, None);
        check("cpu/usage_active", Kind::Live, 1.0, None);
    }
}
