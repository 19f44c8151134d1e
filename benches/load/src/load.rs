//! The events: nodes that send a hundred services each, always in the same order.

use event::msg::Encoder;
use event::{LabelsBuf, Metric, Timestamp, View};

/// Services of a host.
const PER_HOST: usize = 100;

/// The names of the series, and how many events make a message.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    hosts: Vec<String>,
    services: Vec<String>,
    labels: LabelsBuf,
    batch: usize,
}

impl Load {
    /// `n_series` is rounded up to whole hosts.
    pub(crate) fn new(n_series: usize, batch: usize) -> Self {
        let mut labels = LabelsBuf::new();
        labels.mark(b"skep").mark(b"load");
        Self {
            hosts: (0..n_series.div_ceil(PER_HOST)).map(|host| format!("swarm-worker-{host:04}")).collect(),
            services: (0..PER_HOST).map(|task| format!("web/api.{task}/latency")).collect(),
            labels,
            batch: batch.max(1),
        }
    }

    /// Events of a message.
    pub(crate) fn batch(&self) -> usize {
        self.batch
    }

    /// Encodes message `n` of a connection among `of`, framed; each connection has hosts of its own, so that the events of a series
    /// keep their order.
    pub(crate) fn message(&self, n: u64, connection: usize, of: usize, now: Timestamp, encoder: &mut Encoder, out: &mut Vec<u8>) {
        encoder.clear();
        let first = n as usize * self.batch;
        for at in first..first + self.batch {
            let (host, service) = (at / PER_HOST * of + connection, at % PER_HOST);
            let (Some(host), Some(service)) = (self.hosts.get(host % self.hosts.len()), self.services.get(service)) else { continue };
            encoder.event(&View {
                time: Some(now),
                state: Some(b"ok"),
                service: Some(service.as_bytes()),
                host: Some(host.as_bytes()),
                ttl: Some(15.0),
                metric: Metric::float((n % 7) as f64 * 10.0 + 0.25),
                labels: self.labels.view(),
                ..View::default()
            });
        }
        out.clear();
        out.extend_from_slice(&(encoder.bytes().len() as u32).to_be_bytes());
        out.extend_from_slice(encoder.bytes());
    }
}
