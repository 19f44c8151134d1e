//! A Riemann client that sends one event per series and second and remembers what was acked.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use event::msg::Encoder;
use event::{Event, Metric, Timestamp};

/// One connection; every message waits for its ack.
pub(crate) struct Sender {
    stream: TcpStream,
    message: Encoder,
}

impl Sender {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::connect_for(address, Duration::from_secs(30))
    }

    /// The same; an ack that does not come within `limit` is an error.
    pub(crate) fn connect_for(address: SocketAddr, limit: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(limit))?;
        Ok(Self { stream, message: Encoder::new() })
    }

    /// Sends the events as one message and waits for the reply; an error when it is no ack.
    pub(crate) fn send(&mut self, events: &[Event]) -> io::Result<()> {
        self.message.clear();
        for event in events {
            event.with_view(|view| self.message.event(view));
        }
        let bytes = self.message.bytes();
        let length = u32::try_from(bytes.len()).expect("a small message").to_be_bytes();
        self.stream.write_all(&[&length, bytes].concat())?;
        let mut head = [0; 4];
        self.stream.read_exact(&mut head)?;
        let mut reply = vec![0; u32::from_be_bytes(head) as usize];
        self.stream.read_exact(&mut reply)?;
        let reply = event::msg::Msg::decode(&reply).map_err(io::Error::other)?;
        if reply.ok == Some(true) { Ok(()) } else { Err(io::Error::other("the server refused the message")) }
    }
}

/// An event of a foreign client.
pub(crate) fn event(host: &str, service: &str, second: i64, metric: f64, ttl: f32) -> Event {
    Event {
        host: Some(host.to_owned()),
        service: Some(service.to_owned()),
        time: Some(Timestamp::from_secs(second)),
        metric: Some(Metric::Float(metric)),
        ttl: Some(ttl),
        ..Event::default()
    }
}
