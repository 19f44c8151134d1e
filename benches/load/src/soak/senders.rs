//! The senders of a soak: messages at set moments for its whole length, counted as they go.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use crossbeam_channel::{Receiver, Sender, bounded};
use event::msg::Encoder;

use super::churn::{Churn, PER_HOST};
use crate::send::{self, MOST_UNDER_WAY};

/// What has been sent and acked so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Events of messages that were written whole.
    pub(crate) sent: AtomicU64,
    /// Events of messages whose ack came.
    pub(crate) acked: AtomicU64,
    /// The longest time from a message's moment to its ack since it was last asked for, in microseconds.
    pub(crate) slowest: AtomicU64,
    /// A sender has given up.
    pub(crate) is_broken: AtomicBool,
}

/// What is sent, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) series: usize,
    /// Events a second over all connections.
    pub(crate) rate: u64,
    pub(crate) connections: usize,
    pub(crate) start: Instant,
    pub(crate) span: Duration,
}

/// Sends until the span is over and every ack has come.
///
/// # Errors
/// When a sender gave up; the others then stop as well.
pub(crate) fn run(to: SocketAddr, schedule: &Schedule, counts: &Counts) -> anyhow::Result<()> {
    let ended = send::on_connections(schedule.connections, |connection| {
        let ended = one(to, schedule, connection, counts);
        if ended.is_err() {
            counts.is_broken.store(true, Ordering::Relaxed);
        }
        ended
    });
    ended.map(|_| ())
}

fn one(to: SocketAddr, schedule: &Schedule, connection: usize, counts: &Counts) -> anyhow::Result<()> {
    let stream = send::connect(to)?;
    let reader = stream.try_clone()?;
    let (moments, waiting) = bounded(MOST_UNDER_WAY);
    thread::scope(|scope| {
        let acks = scope.spawn(|| count_acks(reader, &waiting, counts));
        let sent = send_all(stream, schedule, connection, &moments, counts);
        drop(moments);
        let acked = acks.join().map_err(|_| anyhow!("the reader of acks panicked"))?;
        sent.and(acked)
    })
}

fn send_all(
    mut stream: TcpStream,
    schedule: &Schedule,
    connection: usize,
    moments: &Sender<Instant>,
    counts: &Counts,
) -> anyhow::Result<()> {
    let (mut churn, mut encoder, mut frame) = (Churn::new(schedule.series), Encoder::new(), Vec::new());
    let n_messages = (schedule.span.as_secs_f64() * schedule.rate as f64 / PER_HOST as f64) as u64;
    for n in (connection as u64..n_messages).step_by(schedule.connections) {
        let due = Duration::from_secs_f64((n * PER_HOST as u64) as f64 / schedule.rate as f64);
        send::wait_until(schedule.start + due);
        if counts.is_broken.load(Ordering::Relaxed) {
            return Ok(());
        }
        churn.message(n, due, send::wall(), &mut encoder, &mut frame);
        if moments.try_send(schedule.start + due).is_err() {
            bail!("the process is {MOST_UNDER_WAY} acks behind, or answers no more");
        }
        stream.write_all(&frame)?;
        counts.sent.fetch_add(PER_HOST as u64, Ordering::Relaxed);
    }
    Ok(())
}

fn count_acks(mut stream: TcpStream, waiting: &Receiver<Instant>, counts: &Counts) -> anyhow::Result<()> {
    for moment in waiting {
        send::read_ack(&mut stream)?;
        counts.acked.fetch_add(PER_HOST as u64, Ordering::Relaxed);
        let took = send::now().saturating_duration_since(moment);
        counts.slowest.fetch_max(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
    Ok(())
}
