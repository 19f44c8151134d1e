//! Sends the mix: one message for each device, all of one moment, and waits for the acks.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use event::msg::Encoder;
use event::{LabelsBuf, Timestamp, View};

use crate::mix::{Mix, N_FIELDS};

/// Bytes of an ack.
const ACK: usize = 6;

/// A connection and the names of the series.
pub(crate) struct Turns {
    stream: TcpStream,
    series: Vec<(String, LabelsBuf)>,
    due: Instant,
}

impl Turns {
    pub(crate) fn connect(to: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, series: Mix::series(), due: clock() })
    }

    /// Waits until so long after the turn before.
    pub(crate) fn wait(&mut self, every: Duration) {
        self.due += every;
        loop {
            let left = self.due.saturating_duration_since(clock());
            if left.is_zero() {
                break;
            }
            thread::park_timeout(left);
        }
    }

    /// Sends a value of every series, of this time; gives how many those were.
    pub(crate) fn send(&mut self, mix: &mut Mix, time: Timestamp) -> anyhow::Result<u64> {
        let mut frames = Vec::new();
        let mut n_messages = 0;
        for (device, fields) in self.series.chunks(N_FIELDS as usize).enumerate() {
            let mut encoder = Encoder::new();
            for (field, (service, labels)) in fields.iter().enumerate() {
                encoder.event(&View {
                    time: Some(time),
                    service: Some(service.as_bytes()),
                    host: Some(b"node1"),
                    ttl: Some(15.0),
                    metric: Some(mix.value(device * N_FIELDS as usize + field)),
                    labels: labels.view(),
                    ..View::default()
                });
            }
            transport::frames::put(&mut frames, encoder.bytes());
            n_messages += 1;
        }
        self.stream.write_all(&frames)?;
        let mut acks = vec![0; n_messages * ACK];
        self.stream.read_exact(&mut acks)?;
        Ok(self.series.len() as u64)
    }

    /// The time of now.
    #[expect(clippy::disallowed_methods, reason = "a load generator sends what is of now")]
    pub(crate) fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

#[expect(clippy::disallowed_methods, reason = "a load generator keeps its moments")]
fn clock() -> Instant {
    Instant::now()
}
