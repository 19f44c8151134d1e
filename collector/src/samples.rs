//! What a turn has to say: events, encoded as they come, in messages of bounded length.

use event::msg::Encoder;
use event::{Duration, Labels, Metric, Timestamp, View};

use crate::Lists;

/// A message is full at this length. Some two hundred samples: few enough messages to make their acks cheap, short enough
/// that one is written to a socket in one piece.
const MESSAGE_BYTES: usize = 32 << 10;

/// The shortest ttl that a sample carries.
const LEAST_TTL: Duration = Duration::from_secs(5);

/// A sample is missing when so many of its turns have passed.
const TTL_TURNS: i64 = 3;

/// The samples of one turn. Its memory is kept from turn to turn.
#[derive(Debug)]
pub struct Samples {
    host: String,
    metrics: Lists,
    due: Timestamp,
    ttl: f32,
    /// Nothing is sampled more often than that, whatever a sampler says of itself.
    slowest: Duration,
    messages: Vec<Encoder>,
    /// How many of the messages belong to this turn; the last of them is still open.
    n_messages: usize,
    n_samples: usize,
}

impl Samples {
    /// For the node of this name.
    pub fn new(host: &str) -> Self {
        Self::of_metrics(host, Lists::default())
    }

    /// The same, for the metrics of these lists alone.
    pub fn of_metrics(host: &str, metrics: Lists) -> Self {
        Self {
            host: host.to_owned(),
            metrics,
            due: Timestamp::default(),
            ttl: 0.0,
            slowest: Duration::ZERO,
            messages: vec![Encoder::new()],
            n_messages: 1,
            n_samples: 0,
        }
    }

    /// Forgets the last turn and begins the one of this time.
    pub fn begin(&mut self, due: Timestamp) {
        self.due = due;
        self.n_messages = 1;
        self.n_samples = 0;
        if let Some(first) = self.messages.first_mut() {
            first.clear();
        }
        self.every(Duration::ZERO);
    }

    /// Sets how often what follows is sampled, from which its ttl comes.
    pub fn every(&mut self, period: Duration) {
        self.ttl = Self::ttl(period.max(self.slowest));
    }

    /// The ttl, in seconds, of what is sampled that often.
    pub(crate) fn ttl(period: Duration) -> f32 {
        (period * TTL_TURNS).max(LEAST_TTL).as_secs_f64() as f32
    }

    /// What follows is sampled at the most once in this time.
    pub(crate) fn slow_down(&mut self, period: Duration) {
        self.slowest = period;
    }

    /// The time that samples carry.
    pub fn due(&self) -> Timestamp {
        self.due
    }

    /// The node's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Takes a number. The labels hold the mark `skep`: [`crate::Series`] sees to it.
    pub fn metric(&mut self, service: &str, labels: Labels<'_>, metric: Metric) {
        self.put(View { service: Some(service.as_bytes()), labels, metric: Some(metric), ..View::default() });
    }

    /// Takes a text, such as an id or a status; it travels as the event's state, without a metric.
    pub fn text(&mut self, service: &str, labels: Labels<'_>, text: &str) {
        self.put(View { service: Some(service.as_bytes()), labels, state: Some(text.as_bytes()), ..View::default() });
    }

    /// Takes what happened, if its metric is wanted; where it has no host, time or ttl, it gets those of the samples.
    pub fn event(&mut self, event: &View<'_>) {
        let service = event.service.and_then(|service| std::str::from_utf8(service).ok());
        if service.is_none_or(|service| self.wants(service)) {
            self.put(*event);
        }
    }

    /// Takes an event of which has been decided already that it is wanted.
    pub(crate) fn chosen(&mut self, event: &View<'_>) {
        self.put(*event);
    }

    /// Whether a metric is wanted. [`Samples::metric`] and [`Samples::text`] do not ask: a series does, once.
    pub fn wants(&self, service: &str) -> bool {
        self.metrics.wants_metric(service)
    }

    /// How many samples and events the turn has so far.
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The turn's messages, in their order.
    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        self.messages.iter().take(self.n_messages).map(Encoder::bytes).filter(|bytes| !bytes.is_empty())
    }

    fn put(&mut self, event: View<'_>) {
        let event = View {
            host: event.host.or(Some(self.host.as_bytes())),
            time: event.time.or(Some(self.due)),
            ttl: event.ttl.or(Some(self.ttl)),
            ..event
        };
        let Some(open) = self.messages.get_mut(self.n_messages - 1) else { return };
        open.event(&event);
        self.n_samples += 1;
        if open.bytes().len() >= MESSAGE_BYTES {
            self.next_message();
        }
    }

    fn next_message(&mut self) {
        match self.messages.get_mut(self.n_messages) {
            Some(next) => next.clear(),
            None => self.messages.push(Encoder::new()),
        }
        self.n_messages += 1;
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, LabelsBuf, mark, msg};

    use super::*;

    fn events(samples: &Samples) -> Vec<Event> {
        samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect()
    }

    #[test]
    fn a_sample_carries_the_turns_time_the_host_and_three_of_its_periods_as_ttl() {
        let mut samples = Samples::new("node1");
        let mut labels = LabelsBuf::new();
        labels.mark(mark::SKEP).attribute(b"path", b"/");
        samples.begin(Timestamp::from_secs(1_795_540_000));
        samples.every(Duration::from_secs(1));
        samples.metric("disk///used", labels.view(), Metric::Int(7));
        samples.every(Duration::from_secs(10));
        samples.text("docker_container_status/web.1/container_id", labels.view(), "59bfc5f995fa");
        let sample = Event {
            time: Some(Timestamp::from_secs(1_795_540_000)),
            state: None,
            service: Some("disk///used".into()),
            host: Some("node1".into()),
            description: None,
            ttl: Some(5.0),
            metric: Some(Metric::Int(7)),
            marks: vec!["skep".into()],
            attributes: vec![("path".into(), "/".into())],
        };
        let text = Event {
            service: Some("docker_container_status/web.1/container_id".into()),
            state: Some("59bfc5f995fa".into()),
            metric: None,
            ttl: Some(30.0),
            ..sample.clone()
        };
        assert_eq!(events(&samples), [sample, text]);
    }

    #[test]
    fn an_event_keeps_what_it_has() {
        let mut samples = Samples::new("node1");
        samples.begin(Timestamp::from_secs(60));
        let own = View { time: Some(Timestamp::from_secs(59)), host: Some(b"swarm"), ttl: Some(60.0), ..View::default() };
        samples.event(&own);
        let seen = events(&samples);
        assert_eq!(seen[0].time, Some(Timestamp::from_secs(59)));
        assert_eq!((seen[0].host.as_deref(), seen[0].ttl), (Some("swarm"), Some(60.0)));
    }

    #[test]
    fn long_turns_are_cut_into_messages_and_the_next_turn_starts_anew() {
        let mut samples = Samples::new("node1");
        for turn in 1..4 {
            samples.begin(Timestamp::from_secs(turn));
            for value in 0..2000 {
                samples.metric("mem/free", Labels::default(), Metric::Int(value));
            }
            assert!(samples.messages().count() > 1);
            assert!(samples.messages().all(|bytes| bytes.len() < MESSAGE_BYTES + 200));
            let values: Vec<f64> = events(&samples).iter().filter_map(|event| event.metric).map(Metric::as_f64).collect();
            assert_eq!(values, (0..2000).map(f64::from).collect::<Vec<_>>());
            assert_eq!(events(&samples)[1999].time, Some(Timestamp::from_secs(turn)));
        }
        samples.begin(Timestamp::from_secs(9));
        assert_eq!((samples.messages().count(), samples.n_samples()), (0, 0));
    }
}
