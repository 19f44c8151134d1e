//! Does the memory stay level while series come and go, and is every event acked?
//!
//! Events come at set moments for half an hour; each minute one series in a hundred falls silent, and a new one takes its place.

mod churn;
mod senders;
mod verdict;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};

use self::senders::{Counts, Schedule};
use self::verdict::Outcome;
use crate::counters::Counters;
use crate::peer::Peer;
use crate::send;

const RULES: &str = include_str!("soak/rules.yaml");

/// What to run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long.
    #[arg(long, default_value_t = 30)]
    minutes: u32,
    /// The memory of this minute is what that of the last one is compared with; a run that is no longer is not judged by its memory.
    #[arg(long, default_value_t = 5)]
    settled: u32,
    /// Events a second, sent at set moments whether or not acks have come.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Series that live at a time.
    #[arg(long, default_value_t = 100_000)]
    series: usize,
    /// Connections.
    #[arg(long, default_value_t = 4)]
    connections: usize,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let peer = Peer::start(skep, RULES, true)?;
    let before = Counters::read(peer.http)?;
    let counts = Counts::default();
    let schedule = Schedule {
        series: options.series,
        rate: options.rate.max(1),
        connections: options.connections.max(1),
        start: send::now() + Duration::from_millis(100),
        span: Duration::from_secs(60) * options.minutes,
    };
    let (ended, watched) = thread::scope(|scope| {
        let senders = scope.spawn(|| senders::run(peer.riemann, &schedule, &counts));
        let watched = watch(&peer, options.minutes, &schedule, &counts, &before);
        if watched.is_err() {
            counts.is_broken.store(true, Ordering::Relaxed);
        }
        (senders.join().map_err(|_| anyhow!("the senders panicked")).and_then(|ended| ended), watched)
    });
    let (levels, after) = match (watched, Counters::read(peer.http)) {
        (Ok(levels), Ok(after)) => (levels, after),
        // What the senders met says more than that nothing answers any more.
        (Err(error), _) | (_, Err(error)) => return Err(ended.err().unwrap_or(error)).context("the soak failed"),
    };
    let outcome = Outcome {
        sent: counts.sent.load(Ordering::Relaxed),
        acked: counts.acked.load(Ordering::Relaxed),
        lost: after.losses_since(&before).map(|(_, growth)| growth as u64).sum(),
        applied: (after.get("events") - before.get("events")) as u64,
        settled: options
            .settled
            .checked_sub(1)
            .and_then(|at| levels.get(at as usize).copied())
            .filter(|_| options.minutes > options.settled),
        last: levels.last().copied().unwrap_or_default(),
    };
    conclude(&outcome, ended)
}

/// Prints a row each minute, and gives the memory of each: the median of its seconds, so that a snapshot in the making does not count.
fn watch(peer: &Peer, minutes: u32, schedule: &Schedule, counts: &Counts, before: &Counters) -> anyhow::Result<Vec<u64>> {
    let mut levels = Vec::new();
    head(before);
    for minute in 0..minutes {
        let mut seconds = Vec::with_capacity(60);
        for second in 1..=60 {
            send::wait_until(schedule.start + Duration::from_secs(u64::from(minute) * 60 + second));
            if counts.is_broken.load(Ordering::Relaxed) {
                return Ok(levels);
            }
            seconds.push(peer.usage()?.rss_anon);
        }
        seconds.sort_unstable();
        let level = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
        let most = seconds.last().copied().unwrap_or_default();
        levels.push(level);
        row(minute + 1, level, most, counts, &Counters::read(peer.http)?, before);
    }
    Ok(levels)
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn head(counters: &Counters) {
    let names: Vec<&str> = counters.losses_since(counters).map(|(name, _)| name).collect();
    println!("counters of losses: {}", names.join(", "));
    println!("| minute | RssAnon MiB, median | most | events sent | acked | slowest ack ms | series | expired | lost |");
    println!("|---|---|---|---|---|---|---|---|---|");
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn row(minute: u32, level: u64, most: u64, counts: &Counts, now: &Counters, before: &Counters) {
    let (level, most) = (mib(level), mib(most));
    let (sent, acked) = (counts.sent.load(Ordering::Relaxed), counts.acked.load(Ordering::Relaxed));
    let slowest = counts.slowest.swap(0, Ordering::Relaxed) as f64 / 1e3;
    let (series, expired) = (now.get("series"), now.get("events_expired"));
    let lost: Vec<String> = now.losses_since(before).filter(|(_, n)| *n != 0.0).map(|(name, n)| format!("{name} {n}")).collect();
    let lost = if lost.is_empty() { "none".to_owned() } else { lost.join(", ") };
    println!("| {minute} | {level:.1} | {most:.1} | {sent} | {acked} | {slowest:.1} | {series} | {expired} | {lost} |");
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn conclude(outcome: &Outcome, ended: anyhow::Result<()>) -> anyhow::Result<()> {
    let Outcome { sent, acked, lost, applied, .. } = outcome;
    println!("sent {sent}, acked {acked}, counted as lost {lost}, applied {applied} (the rules' own events included)");
    match outcome.growth() {
        Some(growth) => println!("RssAnon of the last minute is {growth:.3} of what it was when settled"),
        None => println!("too short to judge the memory"),
    }
    let mut faults: Vec<String> = outcome.faults();
    faults.extend(ended.err().map(|error| format!("{error:#}")));
    if !faults.is_empty() {
        bail!("the soak failed: {}", faults.join("; "));
    }
    Ok(())
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
