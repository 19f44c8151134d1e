//! The socket's thread, and the sampler that tells what it has added up.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::Duration;

use super::{Settings, Sums};
use crate::datagrams::{self, KernelDrops};
use crate::{Error, Sampler, Samples, Series, Turn, int};

/// Listens; each turn tells what came since the last.
#[derive(Debug)]
pub struct Statsd {
    sums: Arc<Mutex<Sums>>,
    address: SocketAddr,
    interval: Duration,
    kernel_drops: KernelDrops,
    own: Series<4>,
}

impl Statsd {
    /// Listens on a thread that ends when this is dropped. `interval` is that between two turns.
    ///
    /// # Errors
    /// When the address cannot be listened on, or no thread be had.
    pub fn start(settings: &Settings, interval: Duration) -> io::Result<Self> {
        let socket = datagrams::listen(settings.listen)?;
        let kernel_drops = KernelDrops::of(&socket, "statsd_kernel_drops")?;
        let address = socket.local_addr()?;
        let sums = Arc::new(Mutex::new(Sums::new(settings)));
        let shared = Arc::downgrade(&sums);
        std::thread::Builder::new().name("statsd".to_owned()).spawn(move || listen(&socket, &shared))?;
        let own = Series::plain("skep_collector", ["statsd_lines", "statsd_refused", "statsd_dropped", "statsd_names"]);
        Ok(Self { sums, address, interval, kernel_drops, own })
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
        self.kernel_drops.put(turn, out);
        Ok(())
    }
}

fn listen(socket: &UdpSocket, sums: &Weak<Mutex<Sums>>) {
    let mut datagram = vec![0; datagrams::LONGEST];
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
