//! The socket's thread, and the sampler that tells what it has added up.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time;

use event::Duration;

use super::{Settings, Sums};
use crate::{Error, Sampler, Samples, Series, Turn, int};

/// The longest datagram that there is.
const DATAGRAM_BYTES: usize = 64 << 10;

/// How often the thread looks whether it is still wanted when nothing comes.
const LOOK: time::Duration = time::Duration::from_millis(250);

/// Listens; each turn tells what came since the last.
#[derive(Debug)]
pub struct Statsd {
    sums: Arc<Mutex<Sums>>,
    address: SocketAddr,
    interval: Duration,
    own: Series<4>,
}

impl Statsd {
    /// Listens on a thread that ends when this is dropped. `interval` is that between two turns.
    ///
    /// # Errors
    /// When the address cannot be listened on, or no thread be had.
    pub fn start(settings: &Settings, interval: Duration) -> io::Result<Self> {
        let socket = UdpSocket::bind(settings.listen)?;
        socket.set_read_timeout(Some(LOOK))?;
        let address = socket.local_addr()?;
        let sums = Arc::new(Mutex::new(Sums::new(settings)));
        let shared = Arc::downgrade(&sums);
        std::thread::Builder::new().name("statsd".to_owned()).spawn(move || listen(&socket, &shared))?;
        let own = Series::plain("skep_collector", ["statsd_lines", "statsd_refused", "statsd_dropped", "statsd_names"]);
        Ok(Self { sums, address, interval, own })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Sampler for Statsd {
    fn name(&self) -> &'static str {
        "statsd"
    }

    fn can_slow_down(&self) -> bool {
        false
    }

    /// Nothing fails here.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let (counts, n_names) = {
            let mut sums = lock(&self.sums);
            sums.tell(turn.due, self.interval, out);
            (sums.counts, sums.n_names())
        };
        self.own.put(out, [int(counts.lines), int(counts.refused), int(counts.dropped), int(n_names as u64)]);
        Ok(())
    }
}

fn listen(socket: &UdpSocket, sums: &Weak<Mutex<Sums>>) {
    let mut datagram = vec![0; DATAGRAM_BYTES];
    loop {
        // An error is of one datagram (its sender is gone), or nothing came for a while.
        let received = socket.recv(&mut datagram).ok().and_then(|length| datagram.get(..length));
        let Some(sums) = sums.upgrade() else { return };
        if let Some(received) = received {
            lock(&sums).take(received);
        }
    }
}

/// Sums are whole between any two lines, so one that was held by a thread that died is as good as any.
fn lock(sums: &Mutex<Sums>) -> MutexGuard<'_, Sums> {
    sums.lock().unwrap_or_else(PoisonError::into_inner)
}
