//! Rates, and how long senders waited, over the interval since the last publication.

use std::sync::atomic::Ordering;

use transport::latency::Percentiles;

use super::{Kind, Own, Sample, gauge};

/// Totals at the last look, and when that was.
#[derive(Debug)]
pub(super) struct Totals {
    at: tokio::time::Instant,
    counts: [u64; 3],
}

/// What the last whole interval was like; nothing before the first is over.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recent {
    /// A second: events, messages by TCP, messages by UDP.
    rates: Option<[f64; 3]>,
    /// Absent when nothing came by TCP.
    latency: Option<Percentiles>,
}

impl Totals {
    pub(super) fn new(own: &Own, at: tokio::time::Instant) -> Self {
        let counters = own.ingest.counters();
        let counts = [own.driver.events.load(Ordering::Relaxed), counters.tcp_messages.get(), counters.udp_messages.get()];
        Self { at, counts }
    }
}

impl Recent {
    /// From one look to the next.
    pub(super) fn between(own: &Own, before: &Totals, now: &Totals) -> Self {
        let secs = now.at.saturating_duration_since(before.at).as_secs_f64();
        let mut rates = [0.0; 3];
        for ((rate, now), before) in rates.iter_mut().zip(now.counts).zip(before.counts) {
            *rate = now.saturating_sub(before) as f64 / secs;
        }
        Self { rates: (secs > 0.0).then_some(rates), latency: own.ingest.counters().tcp_latency.take() }
    }

    pub(super) fn samples(&self, samples: &mut Vec<Sample>) {
        let mut put = |name, value, about| samples.extend(gauge(name, value, about).map(|sample| Sample { kind: Kind::Gauge, ..sample }));
        if let Some([events, tcp, udp]) = self.rates {
            put("events_rate", events, "Events applied a second, over the last interval.");
            put("tcp_in_rate", tcp, "Messages by TCP a second, over the last interval.");
            put("udp_in_rate", udp, "Messages by UDP a second, over the last interval.");
        }
        if let Some(Percentiles { p50, p95, p99, p999 }) = self.latency {
            put("tcp_in_latency_p50", p50, "Half of the messages by TCP were answered faster, over the last interval.");
            put("tcp_in_latency_p95", p95, "95 of 100 messages by TCP were answered faster, over the last interval.");
            put("tcp_in_latency_p99", p99, "99 of 100 messages by TCP were answered faster, over the last interval.");
            put("tcp_in_latency_p999", p999, "999 of 1000 messages by TCP were answered faster, over the last interval.");
        }
    }
}
