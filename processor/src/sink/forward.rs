//! Sends events of streams on to another skep or Riemann, as a collector sends: acknowledged, kept on disk while the other is away.
//!
//! What is sent is marked with how often it was sent on (`hops`), so that no event goes round for ever.

mod hops;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use event::msg::Encoder;
use event::{LabelsBuf, Timestamp, View};
use transport::Publish as _;
use transport::client::{self, Client, Watch};
use transport::log::Position;

/// A message is sent once it is so long, before the end of a turn if need be.
const MESSAGE_BYTES: usize = 64 << 10;

/// At the end, how long acknowledgements are awaited before the rest is kept on disk.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// Where to, and what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// As rules call it.
    pub name: String,
    /// How the client behaves; it has a backlog, or a crash would lose what waits.
    pub client: client::Settings,
}

/// What is counted beside what the client counts.
#[derive(Debug, Default)]
struct Counters {
    events: AtomicU64,
    too_far: AtomicU64,
}

/// The engine's end.
#[derive(Debug)]
pub struct Outlet {
    name: String,
    client: Client,
    encoder: Encoder,
    labels: LabelsBuf,
    counters: Arc<Counters>,
    /// The last message up to each position whose messages may not all be settled; one at least for each in the client's queue.
    pending: VecDeque<(u64, Position)>,
    n_published: u64,
    flushed: Position,
}

/// For whoever tells about it.
#[derive(Clone, Debug)]
pub struct Handle {
    name: String,
    watch: Watch,
    counters: Arc<Counters>,
}

/// What became of what was sent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events handed to it.
    pub events: u64,
    /// Events that had been sent on too often.
    pub too_far: u64,
    /// Messages that the other acknowledged.
    pub acked: u64,
    /// Messages that it refused.
    pub refused: u64,
    /// Messages lost for want of room, in memory and on disk.
    pub dropped: u64,
    /// Bytes that wait, in memory and on disk.
    pub waiting_bytes: u64,
}

/// Starts the client, which connects on its own.
///
/// # Errors
/// When no thread can be had.
pub fn open(settings: Settings) -> io::Result<(Outlet, Handle)> {
    let client = Client::start(settings.client)?;
    let counters = Arc::<Counters>::default();
    let handle = Handle { name: settings.name.clone(), watch: client.watch(), counters: counters.clone() };
    let outlet = Outlet {
        name: settings.name,
        client,
        encoder: Encoder::new(),
        labels: LabelsBuf::new(),
        counters,
        pending: VecDeque::new(),
        n_published: 0,
        flushed: Position::START,
    };
    Ok((outlet, handle))
}

impl Handle {
    /// As rules call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What became of it so far.
    pub fn counts(&self) -> Counts {
        let of_client = self.watch.counts();
        let backlog = of_client.backlog.unwrap_or_default();
        Counts {
            events: self.counters.events.load(Ordering::Relaxed),
            too_far: self.counters.too_far.load(Ordering::Relaxed),
            acked: of_client.acked,
            refused: of_client.failed,
            dropped: of_client.dropped + backlog.dropped,
            waiting_bytes: of_client.bytes_waiting + backlog.bytes,
        }
    }
}

impl Outlet {
    /// As rules call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes an event; one without time is of now.
    pub fn event(&mut self, event: &View<'_>, now: Timestamp) {
        if !hops::write(event.labels, &mut self.labels) {
            self.counters.too_far.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let time = Some(event.time.unwrap_or(now));
        self.encoder.event(&View { time, labels: self.labels.view(), ..*event });
        self.counters.events.fetch_add(1, Ordering::Relaxed);
        if self.encoder.bytes().len() >= MESSAGE_BYTES {
            self.publish();
        }
    }

    fn publish(&mut self) {
        if self.encoder.n_events() == 0 {
            return;
        }
        // What is refused is counted by the client; it was numbered all the same where it was taken.
        if self.client.publish(self.encoder.bytes()).is_ok() {
            self.n_published += 1;
        }
        self.encoder.clear();
    }

    /// All up to this position was handed over.
    pub fn flush(&mut self, position: Position) {
        self.publish();
        let settled = self.client.watch().settled();
        while self.pending.front().is_some_and(|(last, _)| *last <= settled) {
            self.pending.pop_front();
        }
        if self.n_published > settled && self.pending.back().is_none_or(|(last, _)| *last < self.n_published) {
            // Up to the position before this turn's all is settled once those before are.
            self.pending.push_back((self.n_published, self.flushed));
        }
        self.flushed = position;
    }

    /// Up to where everything was acknowledged, refused, dropped or written to disk.
    pub fn safe(&self) -> Position {
        let settled = self.client.watch().settled();
        self.pending.iter().find(|(last, _)| *last > settled).map_or(self.flushed, |(_, before)| *before)
    }

    /// Waits a little for acknowledgements; what is left is kept on disk.
    pub fn finish(mut self) {
        self.publish();
        self.client.flush(LAST_PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn it_is_safe_up_to_what_was_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = vec![listener.local_addr().unwrap().to_string()];
        let (mut outlet, handle) = open(Settings { name: "a".to_owned(), client: client::Settings::to(to) }).unwrap();
        let event = View { service: Some(b"s"), ..View::default() };
        let at = Position::from_u64;
        outlet.flush(at(1));
        assert_eq!(outlet.safe(), at(1));
        outlet.event(&event, Timestamp::from_secs(1));
        outlet.flush(at(2));
        outlet.flush(at(3));
        assert_eq!(outlet.safe(), at(1));
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(outlet.safe(), at(1));
        // `Msg {ok: true}`
        stream.write_all(&[0, 0, 0, 2, 0x10, 1]).unwrap();
        assert!(outlet.client.flush(Duration::from_secs(60)));
        assert_eq!(outlet.safe(), at(3));
        outlet.flush(at(4));
        assert_eq!((outlet.safe(), outlet.pending.len()), (at(4), 0));
        assert_eq!(handle.counts(), Counts { events: 1, acked: 1, ..Counts::default() });
    }
}
