//! What the processor measures about itself: for `/metrics`, and as events `skep_processor/…` that rules can watch.

mod http;
mod invalid;
mod outcomes;
mod process;
mod recent;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use event::{Duration, LabelsBuf, Metric, Name, Timestamp, View, mark, msg};
use tokio::time::{MissedTickBehavior, interval};
use transport::{Ingest, Origin, Shutdown, frames};

use self::http::Http;
use self::invalid::RulesInvalid;
use self::recent::{Recent, Totals};
use crate::driver::stats::Stats;
use crate::{send, sink, store};

/// The processor tells about itself no more often than this.
const SHORTEST: Duration = Duration::from_micros(100_000);

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// `series`, `journal_bytes` …
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// One sentence.
    pub about: &'static str,
    /// Whose it is, where there are several: key and value.
    pub of: Option<(&'static str, String)>,
    /// The number; a name's is always whole, or always floating.
    pub value: Metric,
}

/// Where the numbers come from.
#[derive(Debug)]
pub struct Own {
    /// Of the engine's thread.
    pub driver: Arc<Stats>,
    /// Of the way in.
    pub ingest: Ingest,
    /// Of the store, unless it is off.
    pub store: Option<store::Handle>,
    /// Of each InfluxDB sink, by its address.
    pub influx: Vec<(String, sink::influx::Handle)>,
    /// Of each place that streams send events on to.
    pub forward: Vec<sink::forward::Handle>,
    /// Of the notifiers.
    pub sent: send::Handle,
    /// Of the HTTP listeners.
    pub http: Http,
    rules_invalid: RulesInvalid,
    /// Set with each publication, read by `/metrics`; held for one copy.
    recent: Mutex<Recent>,
}

impl Own {
    /// Nothing has been measured yet.
    pub fn new(
        driver: Arc<Stats>,
        ingest: Ingest,
        store: Option<store::Handle>,
        influx: Vec<(String, sink::influx::Handle)>,
        forward: Vec<sink::forward::Handle>,
        sent: send::Handle,
    ) -> Self {
        let (http, rules_invalid, recent) = Default::default();
        Self { driver, ingest, store, influx, forward, sent, http, rules_invalid, recent }
    }

    /// Takes note of a reload: the first mistake of the rule files, or none.
    pub fn set_rules_invalid(&self, first: Option<String>) {
        self.rules_invalid.set(first);
    }

    /// The first mistake of the rule files, while they have any.
    pub fn rules_mistake(&self) -> Option<String> {
        self.rules_invalid.first()
    }

    /// The engine's present.
    pub fn now(&self) -> Timestamp {
        self.driver.now()
    }

    /// All numbers, those of one name together.
    pub fn samples(&self) -> Vec<Sample> {
        let mut samples = Vec::with_capacity(64);
        self.of_driver(&mut samples);
        self.of_ingest(&mut samples);
        self.of_store(&mut samples);
        self.of_influx(&mut samples);
        self.of_forward(&mut samples);
        self.of_notifiers(&mut samples);
        samples.push(self.rules_invalid.sample());
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).samples(&mut samples);
        process::samples(&mut samples);
        samples
    }

    fn of_driver(&self, samples: &mut Vec<Sample>) {
        let stats = &*self.driver;
        let counters: [(_, &AtomicU64, _); 22] = [
            ("events", &stats.events, "Events applied, those of rules included."),
            ("messages", &stats.messages, "Messages applied."),
            ("events_late", &stats.late, "Events marked late by their sender: to sinks and store only."),
            ("events_overflow", &stats.overflow, "Events of new series beyond max_series: to sinks and store only."),
            ("events_rebuilt", &stats.rebuilt, "Events whose service collectd had lost and that got it back from their attributes."),
            ("events_expired", &stats.expired, "Events that left the index because their ttl ran out."),
            ("events_too_deep", &stats.too_deep, "Events of rules on rules that were dropped because they went too deep."),
            ("instances_refused", &stats.instances_over, "Events that would have made an alert instance beyond max_instances."),
            ("events_unfit", &stats.unfit, "Events that a step of a stream could do nothing with and dropped there."),
            ("stream_samples_over", &stats.samples_over, "Events beyond what a step of a stream may keep for one key."),
            ("events_throttled", &stats.throttled, "Events and rows that a step `throttle` held back."),
            ("transitions", &stats.transitions, "Changes of alert instances."),
            ("notifications", &stats.notifications, "Messages given to notifiers."),
            ("ticks", &stats.ticks, "Ticks given to the engine."),
            ("turns", &stats.turns, "Turns of the engine's thread that applied something."),
            ("queries", &stats.queries, "Queries answered."),
            ("queries_refused", &stats.refused, "Queries that failed."),
            ("journal_bytes", &stats.journal_bytes, "Bytes that went into the journal."),
            ("held_up", &stats.held_up, "Times that ingest waited for a slow disk or for room in the journal."),
            ("snapshots", &stats.snapshots, "Snapshots taken."),
            (
                "variants_replaced",
                &stats.variants_replaced,
                "Sets of attributes that a series forgot because it came with too many different ones.",
            ),
            ("live_lost", &stats.live_lost, "Frames that live pages were too slow for; a whole picture follows."),
        ];
        samples.extend(counters.into_iter().map(|(name, number, about)| counter(name, number, about)));
        let gauges: [(_, &AtomicU64, _); 5] = [
            ("series", &stats.series, "Keys in the index."),
            ("stream_keys", &stats.stream_keys, "Keys that the streams hold, one for each stream itself among them."),
            ("live_queries", &stats.live_queries, "Distinct queries that live pages watch."),
            ("journal_failed", &stats.journal_failed, "1 when the disk refused the journal: an acknowledgement then means applied."),
            ("snapshot_bytes", &stats.snapshot_bytes, "Bytes of the last snapshot."),
        ];
        samples.extend(gauges.into_iter().map(|(name, number, about)| level(name, load(number), about)));
        let millis = stats.snapshot_micros.load(Ordering::Relaxed) as f64 / 1e3;
        samples.extend(gauge("snapshot_ms", millis, "Milliseconds that encoding the last snapshot kept the engine."));
    }

    fn of_ingest(&self, samples: &mut Vec<Sample>) {
        let counters = self.ingest.counters();
        let numbers = [
            ("deliveries", counters.deliveries.get(), "Deliveries handed to the engine."),
            ("ingest_bytes", counters.bytes.get(), "Bytes handed to the engine."),
            ("udp_dropped", counters.udp_dropped.get(), "Datagrams dropped for want of room."),
            (
                "udp_kernel_drops",
                counters.udp_kernel_drops.get(),
                "Datagrams that the kernel dropped because they came faster than they were read.",
            ),
            ("udp_undecodable", counters.udp_undecodable.get(), "Datagrams that were no message."),
            ("collector_dropped", counters.collector_dropped.get(), "Batches of the process's own collector dropped for want of room."),
            ("connections_refused", counters.connections_refused.get(), "TCP connections closed because there were too many."),
            ("connections_garbage", counters.connections_garbage.get(), "TCP connections closed for a message that was none, or too long."),
            (
                "connections_stalled",
                counters.connections_stalled.get(),
                "TCP connections closed because they stood still in a message, or did not read their replies.",
            ),
            ("tls_refused", counters.tls_refused.get(), "TLS connections whose handshake failed."),
            ("line_events", counters.line_events.get(), "Events of Graphite's and OpenTSDB's lines."),
            ("lines_refused", counters.lines_refused.get(), "Lines that were no event."),
        ];
        let sample = |(name, value, about)| Sample { name, kind: Kind::Counter, about, of: None, value: whole(value) };
        samples.extend(numbers.map(sample));
        samples.extend(self.http.samples());
        samples.push(level("connections", whole(counters.connections.get()), "TCP connections open now."));
        samples.push(level("ingest_waiting_bytes", whole(self.ingest.bytes_waiting() as u64), "Bytes that wait for the engine."));
    }

    fn of_store(&self, samples: &mut Vec<Sample>) {
        let Some(store) = &self.store else { return };
        let counters = store.counters();
        samples.extend([
            counter("store_values", &counters.values, "Values that the store took."),
            counter("store_late", &counters.late, "Values that came after their window had been sealed."),
            counter("store_refused", &counters.refused, "Values that the store cannot hold."),
            counter("store_dropped", &counters.dropped, "Values lost because the store's file could not be written for too long."),
            counter("store_commits", &counters.commits, "Transactions of the store."),
            counter("store_failures", &counters.failures, "Transactions of the store that failed; each is tried again."),
            level("store_series", load(&counters.series), "Series that the store knows."),
            level("store_file_bytes", load(&counters.file_bytes), "Bytes of the store's file."),
        ]);
    }

    fn of_forward(&self, samples: &mut Vec<Sample>) {
        type Field = fn(&sink::forward::Counts) -> u64;
        let fields: [(&'static str, Kind, Field, &'static str); 6] = [
            ("forward_events", Kind::Counter, |c| c.events, "Events that streams sent on."),
            ("forward_too_far", Kind::Counter, |c| c.too_far, "Events dropped because they had been sent on four times before."),
            ("forward_acked", Kind::Counter, |c| c.acked, "Messages of events sent on that the other acknowledged."),
            ("forward_refused", Kind::Counter, |c| c.refused, "Messages of events sent on that the other refused."),
            ("forward_dropped", Kind::Counter, |c| c.dropped, "Messages of events sent on that were lost for want of room."),
            ("forward_waiting_bytes", Kind::Gauge, |c| c.waiting_bytes, "Bytes of events sent on that wait, in memory and on disk."),
        ];
        let counts: Vec<_> = self.forward.iter().map(|handle| (handle.name(), handle.counts())).collect();
        for (name, kind, field, about) in fields {
            let sample =
                |(to, counts): &(&str, _)| Sample { name, kind, about, of: Some(("sink", (*to).to_owned())), value: whole(field(counts)) };
            samples.extend(counts.iter().map(sample));
        }
    }

    fn of_notifiers(&self, samples: &mut Vec<Sample>) {
        type Field = fn(&send::Counts) -> u64;
        let fields: [(&'static str, Kind, Field, &'static str); 5] = [
            ("notify_sent", Kind::Counter, |c| c.sent, "Messages that arrived."),
            ("notify_failed", Kind::Counter, |c| c.failed, "Tries to send a message that failed."),
            ("notify_given_up", Kind::Counter, |c| c.given_up, "Messages that were refused too often, or waited for a day, and given up."),
            ("notify_dropped", Kind::Counter, |c| c.dropped, "Messages dropped because too many waited."),
            ("notify_waiting", Kind::Gauge, |c| c.waiting, "Messages that wait to be sent."),
        ];
        let counts = self.sent.counts();
        for (name, kind, field, about) in fields {
            let sample = |(notifier, counts): &(String, send::Counts)| {
                let of = Some(("notifier", notifier.clone()));
                Sample { name, kind, about, of, value: whole(field(counts)) }
            };
            samples.extend(counts.iter().map(sample));
        }
    }

    fn of_influx(&self, samples: &mut Vec<Sample>) {
        type Field = fn(&sink::influx::Counters) -> Metric;
        let fields: [(&'static str, Kind, Field, &'static str); 16] = [
            ("influx_lines_written", Kind::Counter, |c| load(&c.lines_written), "Lines that the server took."),
            ("influx_bytes_written", Kind::Counter, |c| load(&c.bytes_written), "Bytes that the server took, as sent."),
            ("influx_requests", Kind::Counter, |c| load(&c.requests), "Requests sent."),
            ("influx_retries", Kind::Counter, |c| load(&c.retries), "Requests that failed in a way that a later try can mend."),
            ("influx_splits", Kind::Counter, |c| load(&c.splits), "Batches cut in two because the server found them too large."),
            ("influx_partial_writes", Kind::Counter, |c| load(&c.partial_writes), "Batches of which the server refused some lines."),
            ("influx_lines_rejected", Kind::Counter, |c| load(&c.lines_rejected), "Lines that the server refused."),
            ("influx_lines_spooled", Kind::Counter, |c| load(&c.lines_spooled), "Lines written to the spool."),
            (
                "influx_lines_dropped",
                Kind::Counter,
                |c| load(&c.lines_dropped),
                "Lines lost: the spool was full or could not be written, or they waited too long.",
            ),
            ("influx_queue_lines", Kind::Gauge, |c| load(&c.queue_lines), "Lines that wait in memory."),
            ("influx_spool_bytes", Kind::Gauge, |c| load(&c.spool_bytes), "Bytes that wait in the spool."),
            ("influx_spool_used_percent", Kind::Gauge, spool_used, "Share of the spool that is in use."),
            ("influx_spool_age", Kind::Gauge, |c| load(&c.spool_age_secs), "How long the oldest of the spool has waited."),
            (
                "influx_spool_disk_low",
                Kind::Gauge,
                |c| load(&c.spool_disk_low),
                "1 while the spool's disk has less than 5 % free, and the spool grows no further.",
            ),
            (
                "influx_paused",
                Kind::Gauge,
                |c| load(&c.paused),
                "1 while the server refuses everything until somebody sets something right: credentials, rights, database, address.",
            ),
            ("influx_failing_seconds", Kind::Gauge, |c| load(&c.failing_secs), "How long the server has taken nothing; 0 while it does."),
        ];
        for (name, kind, field, about) in fields {
            let of = |address: &String| Some(("sink", address.clone()));
            samples.extend(self.influx.iter().map(|(address, handle)| Sample {
                name,
                kind,
                about,
                of: of(address),
                value: field(handle.counters()),
            }));
        }
    }
}

fn spool_used(counters: &sink::influx::Counters) -> Metric {
    let [used, max] = [&counters.spool_bytes, &counters.spool_max].map(|bytes| bytes.load(Ordering::Relaxed) as f64);
    Metric::float(used * 100.0 / max).unwrap_or(Metric::Float(0.0))
}

fn load(number: &AtomicU64) -> Metric {
    whole(number.load(Ordering::Relaxed))
}

fn whole(number: u64) -> Metric {
    Metric::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn counter(name: &'static str, number: &AtomicU64, about: &'static str) -> Sample {
    Sample { name, kind: Kind::Counter, about, of: None, value: load(number) }
}

fn level(name: &'static str, value: Metric, about: &'static str) -> Sample {
    Sample { name, kind: Kind::Gauge, about, of: None, value }
}

/// A number with a fraction; none of ours is ever infinite.
fn gauge(name: &'static str, value: f64, about: &'static str) -> Option<Sample> {
    Metric::float(value).map(|value| level(name, value, about))
}

/// Under which names the processor tells about itself, and how often.
#[derive(Clone, Debug)]
pub struct Publishing {
    /// This machine's name, host of the numbers.
    pub host: String,
    /// How often.
    pub every: Duration,
}

/// Publishes numbers as events, on whole multiples of the interval, until the shutdown is requested.
pub async fn publish(own: Arc<Own>, publishing: Publishing, mut shutdown: Shutdown) {
    let every = publishing.every.max(SHORTEST);
    let ttl = (every * 3).max(Duration::from_secs(5));
    let mut timer = interval(every.to_std());
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut totals: Option<Totals> = None;
    loop {
        let tick = tokio::select! {
            at = timer.tick() => Some(at),
            () = own.rules_invalid.news() => None,
            () = shutdown.requested() => return,
        };
        let now = own.now();
        let mut encoder = msg::Encoder::new();
        if let Some(at) = tick {
            let before_first = totals.is_none();
            let before = totals.replace(Totals::new(&own, at));
            if let (Some(before), Some(now)) = (&before, &totals) {
                *own.recent.lock().unwrap_or_else(PoisonError::into_inner) = Recent::between(&own, before, now);
            }
            let due = Timestamp::from_micros(now.micros() - now.micros().rem_euclid(every.micros()));
            put(&mut encoder, &own, &own.samples(), &publishing.host, due, ttl);
            if before_first {
                put(&mut encoder, &own, &[own.rules_invalid.read()], &publishing.host, due, ttl);
            }
            outcomes::put(&mut encoder, &own.sent.take_outcomes(), &publishing.host, due, ttl);
        } else {
            put(&mut encoder, &own, &[own.rules_invalid.sample(), own.rules_invalid.read()], &publishing.host, now, ttl);
        }
        let mut framed = Vec::new();
        frames::put(&mut framed, encoder.bytes());
        let sent = tokio::select! {
            sent = own.ingest.send(framed.into(), Origin::Collector) => sent.is_ok(),
            () = shutdown.requested() => return,
        };
        if !sent {
            return;
        }
    }
}

/// A batch of the numbers.
fn put(encoder: &mut msg::Encoder, own: &Own, samples: &[Sample], host: &str, time: Timestamp, ttl: Duration) {
    let mut labels = LabelsBuf::new();
    let mistake = own.rules_invalid.first_or_none();
    for sample in samples {
        labels.clear();
        labels.mark(mark::SKEP);
        let service = match &sample.of {
            Some((key, value)) => {
                labels.attribute(key.as_bytes(), value.as_bytes());
                Name::of("skep_processor", value, sample.name).to_string()
            }
            None => Name::plain("skep_processor", sample.name).to_string(),
        };
        encoder.event(&View {
            time: Some(time),
            service: Some(service.as_bytes()),
            host: Some(host.as_bytes()),
            description: (sample.name == invalid::NAME).then_some(mistake.as_bytes()),
            ttl: Some(ttl.as_secs_f64() as f32),
            metric: Some(sample.value),
            labels: labels.view(),
            ..View::default()
        });
    }
}
