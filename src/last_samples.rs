//! The last sample of each series, beside their way to a processor: what `skep collect` tells Prometheus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event::msg::{self, Encoder};
use event::{Timestamp, View, mark};
use transport::Publish;
use transport::publish::{Counts, Refused};

/// The most series that are kept: some two hundred busy containers have a twentieth of that.
const MAX_SERIES: usize = 200_000;

/// Shared by the sampling thread and the HTTP thread. Held for one message, or for one answer's copying: below a
/// millisecond for a hundred containers.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastSamples(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    /// By service; a collector has one host, and what it tells of the whole swarm is told to the processor alone.
    series: HashMap<Vec<u8>, Sample>,
    left_out: u64,
}

#[derive(Debug)]
struct Sample {
    /// A message of one event; its memory is used again.
    message: Encoder,
    until: Timestamp,
}

impl LastSamples {
    /// Passes on what is published, and keeps it.
    pub(crate) fn beside(&self, publish: Box<dyn Publish>, host: String) -> Box<dyn Publish> {
        Box::new(Keeping { publish, last: self.clone(), host })
    }

    /// One message of all samples that still hold, and how many series found no room.
    pub(crate) fn message(&self, now: Timestamp) -> (Vec<u8>, u64) {
        let mut kept = self.lock();
        kept.series.retain(|_, sample| sample.until >= now);
        let mut all = Vec::with_capacity(kept.series.values().map(|sample| sample.message.bytes().len()).sum());
        // A message after a message is one message.
        kept.series.values().for_each(|sample| all.extend_from_slice(sample.message.bytes()));
        (all, kept.left_out)
    }

    /// A sample is whole when it is in the map, whatever becomes of the thread that put it there.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, event: &View<'_>) {
        let Some(service) = event.service else { return };
        if event.state == Some(b"expired") {
            self.series.remove(service);
            return;
        }
        let (Some(time), Some(ttl)) = (event.time, event.ttl) else { return };
        let until = time + event::Duration::from_secs_f64(f64::from(ttl));
        if let Some(sample) = self.series.get_mut(service) {
            sample.message.clear();
            sample.message.event(event);
            sample.until = until;
        } else if self.series.len() < MAX_SERIES {
            let mut message = Encoder::new();
            message.event(event);
            self.series.insert(service.to_vec(), Sample { message, until });
        } else {
            self.left_out += 1;
        }
    }
}

struct Keeping {
    publish: Box<dyn Publish>,
    last: LastSamples,
    host: String,
}

impl Publish for Keeping {
    fn publish(&mut self, msg: &[u8]) -> Result<(), Refused> {
        let mut kept = self.last.lock();
        let of_this_host = |event: &View<'_>| event.host == Some(self.host.as_bytes()) && event.labels.has_mark(mark::SKEP);
        msg::events(msg).filter(of_this_host).for_each(|event| kept.take(&event));
        drop(kept);
        self.publish.publish(msg)
    }

    fn flush(&mut self, patience: Duration) -> bool {
        self.publish.flush(patience)
    }

    fn counts(&self) -> Counts {
        self.publish.counts()
    }
}

#[cfg(test)]
mod tests {
    use event::{Event, Metric};

    use super::*;

    struct Nowhere;

    impl Publish for Nowhere {
        fn publish(&mut self, _: &[u8]) -> Result<(), Refused> {
            Err(Refused::Full)
        }

        fn flush(&mut self, _: Duration) -> bool {
            true
        }

        fn counts(&self) -> Counts {
            Counts::default()
        }
    }

    fn sample(host: &str, service: &str, secs: i64, state: Option<&str>) -> Event {
        Event {
            host: Some(host.into()),
            service: Some(service.into()),
            time: Some(Timestamp::from_secs(secs)),
            ttl: Some(5.0),
            state: state.map(str::to_owned),
            metric: Some(Metric::Int(secs)),
            marks: vec!["skep".into()],
            ..Event::default()
        }
    }

    #[test]
    fn the_last_sample_of_each_series_is_kept_for_its_ttl_and_until_it_ends() {
        let last = LastSamples::default();
        let mut publish = last.beside(Box::new(Nowhere), "n1".to_owned());
        let mut send = |events: &[Event]| {
            let mut encoder = Encoder::new();
            events.iter().for_each(|event| event.with_view(|view| encoder.event(view)));
            // What the way out refuses is told all the same.
            assert_eq!(publish.publish(encoder.bytes()), Err(Refused::Full));
        };
        send(&[sample("n1", "a/x", 10, None), sample("n1", "b/x", 10, None), sample("swarm", "c/x", 10, None)]);
        send(&[sample("n1", "a/x", 12, None), sample("n1", "d/x", 12, None), sample("n1", "d/x", 13, Some("expired"))]);
        let at = |secs| {
            let (message, left_out) = last.message(Timestamp::from_secs(secs));
            let mut seen: Vec<(String, f64)> = msg::events(&message)
                .map(|view| Event::from(&view))
                .map(|event| (event.service.unwrap(), event.metric.unwrap().as_f64()))
                .collect();
            seen.sort_by(|one, other| one.0.cmp(&other.0));
            (seen, left_out)
        };
        assert_eq!(at(15), (vec![("a/x".to_owned(), 12.0), ("b/x".to_owned(), 10.0)], 0));
        assert_eq!(at(16), (vec![("a/x".to_owned(), 12.0)], 0));
    }
}
