//! The socket's thread, and the sampler that hands on what it has made of the datagrams.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::msg::{self, Encoder};
use event::{Duration, Timestamp};

use super::inbox::Counts;
use super::{Inbox, Refusal, Settings};
use crate::datagrams::{self, KernelDrops};
use crate::{Error, Lists, Sampler, Samples, Series, Turn, int};

const SWEEP: Duration = Duration::from_secs(60);

/// Listens; each turn tells what came since the last.
#[derive(Debug)]
pub struct Collectd {
    inbox: Arc<Mutex<Inbox>>,
    address: SocketAddr,
    taken: Encoder,
    swept: Option<Timestamp>,
    kernel_drops: KernelDrops,
    own: Series<9>,
}

impl Collectd {
    /// Listens on a thread that ends when this is dropped. What `wanted` leaves out is not told.
    ///
    /// # Errors
    /// When the address cannot be listened on, or no thread be had.
    pub fn start(settings: &Settings, wanted: Lists) -> io::Result<Self> {
        let socket = datagrams::listen(settings.listen)?;
        let kernel_drops = KernelDrops::of(&socket, "collectd_kernel_drops")?;
        let address = socket.local_addr()?;
        let inbox = Arc::new(Mutex::new(Inbox::new(settings, wanted)));
        let shared = Arc::downgrade(&inbox);
        std::thread::Builder::new().name("collectd".to_owned()).spawn(move || listen(&socket, &shared))?;
        Ok(Self { inbox, address, taken: Encoder::new(), swept: None, kernel_drops, own: Series::plain("skep_collector", OWN) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// In the order in which they are put.
const OWN: [&str; 9] = [
    "collectd_packets",
    "collectd_refused",
    "collectd_malformed",
    "collectd_values",
    "collectd_notifications",
    "collectd_late",
    "collectd_dropped",
    "collectd_unnamed",
    "collectd_series",
];

impl Sampler for Collectd {
    fn name(&self) -> &'static str {
        "collectd"
    }

    fn can_slow_down(&self) -> bool {
        false
    }

    /// Nothing fails here.
    fn sample(&mut self, turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        let (counts, n_series) = {
            let mut inbox = lock(&self.inbox);
            inbox.exchange(&mut self.taken);
            let swept = self.swept.get_or_insert(turn.now);
            if turn.now - *swept >= SWEEP {
                *swept = turn.now;
                inbox.sweep();
            }
            (inbox.counts, inbox.n_series())
        };
        msg::events(self.taken.bytes()).for_each(|event| out.chosen(&event));
        let Counts { packets, refused, malformed, values, notifications, late, dropped, unnamed } = counts;
        let own = [packets, refused, malformed, values, notifications, late, dropped, unnamed, n_series as u64];
        self.own.put(out, own.map(int));
        self.kernel_drops.put(turn, out);
        Ok(())
    }
}

fn listen(socket: &UdpSocket, inbox: &Weak<Mutex<Inbox>>) {
    let mut datagram = vec![0; datagrams::LONGEST];
    let mut told = Vec::new();
    loop {
        // An error is of one datagram (its sender is gone), or nothing came for a while.
        let received = socket.recv_from(&mut datagram).ok();
        let Some(inbox) = inbox.upgrade() else { return };
        let received = received.and_then(|(length, from)| Some((datagram.get_mut(..length)?, from)));
        if let Some((received, from)) = received
            && let Err(refusal) = lock(&inbox).take(received)
        {
            tell_once(&mut told, refusal, from);
        }
    }
}

/// Each reason once: whoever sends to the port could fill the log else.
fn tell_once(told: &mut Vec<Refusal>, refusal: Refusal, from: SocketAddr) {
    if !told.contains(&refusal) {
        told.push(refusal);
        tracing::warn!("collectd: a datagram from {from} is refused: {refusal}; told once, further ones are counted");
    }
}

/// Rows are whole between any two values, so those that were held by a thread that died are as good as any.
fn lock(inbox: &Mutex<Inbox>) -> MutexGuard<'_, Inbox> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}
