//! How much slower are the acks of a well-behaved client beside others that do harm?
//!
//! A process for each kind of harm: the client is timed alone, then beside it, then what the process counted is read.
//! Harm comes as fast as one thread makes it, on this very machine; `a busy core` does nothing else, and shows what that alone does.

mod harm;

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow};

pub(crate) use self::harm::raise_limit_of_files;
use self::harm::{Harm, KINDS, Stage};
use crate::counters::Counters;
use crate::load::Load;
use crate::peer::Peer;
use crate::rules::Scenario;
use crate::send::{self, Acks};

/// Series of the client.
const SERIES: usize = 1_000;

/// Room for the client's series and the process's own, and for no flood.
const SETTINGS: &str = "processor:\n  max_series: 5000\n  store: off\n";

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Each of these, by its name; all when left out.
    #[arg(long, value_parser = harm::parse)]
    harm: Vec<&'static Harm>,
    /// Events a second of the client, over one connection.
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Events of its messages.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// So long alone, and so long beside each kind.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// One kind of harm.
struct Row {
    harm: &'static Harm,
    alone: Acks,
    beside: Acks,
    /// What the harm came to.
    done: u64,
    /// CPU seconds of the process a second, beside the harm.
    cpu: f64,
    /// Growth of the number that tells of the harm.
    counted: f64,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let kinds: Vec<&'static Harm> = if options.harm.is_empty() { KINDS.iter().collect() } else { options.harm.clone() };
    raise_limit_of_files();
    head(options);
    for harm in kinds {
        print(&measure(skep, options, harm).with_context(|| format!("beside {}", harm.name))?);
    }
    Ok(())
}

fn measure(skep: &Path, options: &Options, harm: &'static Harm) -> anyhow::Result<Row> {
    let peer = Peer::with(skep, &Scenario::Fixed.text(0), SETTINGS)?;
    let load = Load::new(SERIES, options.batch);
    send::ahead(peer.riemann, &load, 1, SERIES as u64 * 10, 1)?;
    let span = Duration::from_secs(options.seconds);
    let client = || send::at_rate(peer.riemann, &load, 1, options.rate.max(1), span).map(|taken| Acks::of(taken.into_iter()));
    let alone = client()?;
    let before = Counters::read(peer.http)?;
    let ((beside, cpu, counted), done) = during(harm, peer.riemann, || {
        let (start, used) = (send::now(), peer.usage()?.cpu);
        let acks = client()?;
        let cpu = (peer.usage()?.cpu - used).as_secs_f64() / (send::now() - start).as_secs_f64();
        Ok((acks, cpu, Counters::read(peer.http)?.get(harm.counter) - before.get(harm.counter)))
    })?;
    Ok(Row { harm, alone, beside, done, cpu, counted })
}

/// Works while the harm is done; gives what came of both.
fn during<T>(harm: &Harm, to: SocketAddr, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, u64)> {
    let stage = Stage::default();
    thread::scope(|scope| {
        let doing = scope.spawn(|| {
            let done = (harm.work)(to, &stage);
            // If it failed, nobody shall wait for its beginning.
            stage.begin();
            done
        });
        while !stage.has_begun() {
            send::wait_until(send::now() + Duration::from_millis(5));
        }
        let worked = work();
        stage.end();
        let done = doing.join().map_err(|_| anyhow!("the harm panicked"))?.context("doing harm")?;
        Ok((worked?, done))
    })
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn head(options: &Options) {
    let Options { rate, batch, seconds, .. } = options;
    println!("a client of {rate} events/s in messages of {batch}; {seconds} s alone, {seconds} s beside each");
    println!("| beside | alone p50, p99 ms | beside p50, p99 ms | ratio p50, p99 | harm done | counted by skep | CPU-s of skep a second |");
    println!("|---|---|---|---|---|---|---|");
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(row: &Row) {
    let Row { harm, alone, beside, done, cpu, counted } = row;
    let pair = |p50: f64, p99: f64| format!("{p50:.2}, {p99:.2}");
    let (before, after) = (pair(alone.p50, alone.p99), pair(beside.p50, beside.p99));
    let ratios = pair(beside.p50 / alone.p50, beside.p99 / alone.p99);
    let counted = if harm.counter.is_empty() { String::new() } else { format!("{} {counted}", harm.counter) };
    println!("| {} | {before} | {after} | {ratios} | {done} {} | {counted} | {cpu:.2} |", harm.name, harm.unit);
}
