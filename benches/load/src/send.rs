//! Senders: as fast as acks allow, or at set moments.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow, bail};
use crossbeam_channel::{Receiver, Sender, bounded};
use event::Timestamp;
use event::msg::Encoder;

use crate::load::Load;

/// Framed `Msg{ok: true}`.
const ACK: [u8; 6] = [0, 0, 0, 2, 0x10, 1];

/// Messages at set moments that may wait for their acks; more than an open loop of a minute ever has.
pub(crate) const MOST_UNDER_WAY: usize = 1 << 16;

/// What was sent and acked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) events: u64,
    pub(crate) elapsed: Duration,
}

/// How long acks took from the moment their message was to be sent, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acks {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

/// Sends `n_events` over so many connections, each up to `window` messages ahead of its acks.
pub(crate) fn ahead(to: SocketAddr, load: &Load, connections: usize, n_events: u64, window: usize) -> anyhow::Result<Sent> {
    let per_connection = n_events.div_ceil((load.batch() * connections) as u64);
    let start = now();
    on_connections(connections, |connection| one_ahead(to, load, connection, connections, per_connection, window))?;
    Ok(Sent { events: per_connection * (load.batch() * connections) as u64, elapsed: now() - start })
}

fn one_ahead(to: SocketAddr, load: &Load, connection: usize, of: usize, n_messages: u64, window: usize) -> anyhow::Result<()> {
    let mut stream = connect(to)?;
    let (mut encoder, mut frame, mut under_way) = (Encoder::new(), Vec::new(), 0);
    for n in 0..n_messages {
        if under_way == window {
            read_ack(&mut stream)?;
            under_way -= 1;
        }
        load.message(n, connection, of, wall(), &mut encoder, &mut frame);
        stream.write_all(&frame)?;
        under_way += 1;
    }
    (0..under_way).try_for_each(|_| read_ack(&mut stream))
}

/// One message's ack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    /// When the message was to be sent.
    pub(crate) moment: Instant,
    /// From then until its ack.
    pub(crate) took: Duration,
}

impl Acks {
    /// Of times in milliseconds; all 0 where there are none.
    pub(crate) fn of(taken: impl Iterator<Item = Taken>) -> Self {
        let mut took: Vec<Duration> = taken.map(|taken| taken.took).collect();
        took.sort_unstable();
        let pick = |quantile: f64| {
            let at = ((took.len() as f64 * quantile) as usize).min(took.len().saturating_sub(1));
            took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1e3)
        };
        Self { p50: pick(0.5), p99: pick(0.99), p999: pick(0.999), max: pick(1.0) }
    }
}

/// Sends `rate` events a second for so long; each message has a moment, and its ack is timed from there, however late it was sent.
pub(crate) fn at_rate(to: SocketAddr, load: &Load, connections: usize, rate: u64, span: Duration) -> anyhow::Result<Vec<Taken>> {
    let every = Duration::from_secs_f64((load.batch() * connections) as f64 / rate as f64);
    let streams = (0..connections).map(|_| connect(to)).collect::<anyhow::Result<Vec<_>>>()?;
    let start = now() + Duration::from_millis(100);
    let taken = on_connections(connections, |connection| {
        // The connections' moments are spread over the time between two of one.
        let first = start + every * connection as u32 / connections as u32;
        let stream = streams.get(connection).context("as many streams as connections")?;
        one_at_rate(stream.try_clone()?, load, connection, connections, first, every, span)
    })?;
    Ok(taken.into_iter().flatten().collect())
}

fn one_at_rate(
    mut stream: TcpStream,
    load: &Load,
    connection: usize,
    of: usize,
    first: Instant,
    every: Duration,
    span: Duration,
) -> anyhow::Result<Vec<Taken>> {
    let reader = stream.try_clone()?;
    let (moments, waiting) = bounded(MOST_UNDER_WAY);
    let timer = thread::spawn(move || time_acks(reader, &waiting));
    send_at_moments(&mut stream, load, connection, of, &moments, first, every, span)?;
    drop(moments);
    timer.join().map_err(|_| anyhow!("the reader of acks panicked"))?
}

#[expect(clippy::too_many_arguments, reason = "the whole of one sender, which nobody else calls")]
fn send_at_moments(
    stream: &mut TcpStream,
    load: &Load,
    connection: usize,
    of: usize,
    moments: &Sender<Instant>,
    first: Instant,
    every: Duration,
    span: Duration,
) -> anyhow::Result<()> {
    let (mut encoder, mut frame) = (Encoder::new(), Vec::new());
    let n_messages = (span.as_secs_f64() / every.as_secs_f64()) as u64;
    for n in 0..n_messages {
        let moment = first + every.mul_f64(n as f64);
        load.message(n, connection, of, wall(), &mut encoder, &mut frame);
        wait_until(moment);
        if moments.try_send(moment).is_err() {
            bail!("the process is {MOST_UNDER_WAY} acks behind");
        }
        stream.write_all(&frame)?;
    }
    Ok(())
}

fn time_acks(mut stream: TcpStream, waiting: &Receiver<Instant>) -> anyhow::Result<Vec<Taken>> {
    let mut taken = Vec::new();
    for moment in waiting {
        read_ack(&mut stream)?;
        taken.push(Taken { moment, took: now().saturating_duration_since(moment) });
    }
    Ok(taken)
}

/// Runs `work` once for each connection, each in a thread of its own.
pub(crate) fn on_connections<T: Send>(n: usize, work: impl Fn(usize) -> anyhow::Result<T> + Sync) -> anyhow::Result<Vec<T>> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..n).map(|connection| scope.spawn(move || work(connection))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a sender panicked"))?).collect()
    })
}

pub(crate) fn connect(to: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(to).with_context(|| format!("could not connect to {to}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

pub(crate) fn read_ack(stream: &mut TcpStream) -> anyhow::Result<()> {
    let mut reply = [0; ACK.len()];
    stream.read_exact(&mut reply).context("no ack came")?;
    if reply != ACK {
        bail!("a reply that is no ack: {reply:?}");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a program that keeps time by itself")]
pub(crate) fn wait_until(moment: Instant) {
    if let Some(left) = moment.checked_duration_since(now()) {
        thread::sleep(left);
    }
}

#[expect(clippy::disallowed_methods, reason = "a program that keeps time by itself")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a program that keeps time by itself")]
pub(crate) fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
