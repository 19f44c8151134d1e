//! What does an event cost a real `skep process`, and how long does an ack take? Drives one over loopback by Riemann's protocol.
//!
//! `cargo build --release && cargo run --release -p skep-load -- --help`. Processor time is that of the skep process alone.

mod beside;
mod counters;
mod history;
mod idle_rules;
mod influx;
mod live_pages;
mod load;
mod memory;
#[path = "../../mix/mod.rs"]
mod mix;
mod open_alerts;
mod peer;
mod reload;
mod replay;
mod report;
mod rules;
mod send;
mod soak;
mod turns;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use load::Load;
use peer::{Peer, Usage};
use report::Row;
use rules::Scenario;
use send::Acks;

/// Events before the measuring begins: series are known then, and buffers have their size.
const WARM_UP: u64 = 200_000;

/// Drives a skep process and prints what its events cost.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// What to measure; the scenarios when left out.
    #[command(subcommand)]
    mode: Option<Mode>,
    /// The program under test.
    #[arg(long, default_value = "target/release/skep", global = true)]
    skep: PathBuf,
    /// What its rules do; all when left out.
    #[arg(long, value_enum)]
    scenario: Vec<Scenario>,
    /// Rules that match nothing, beside those of the scenario.
    #[arg(long, default_value_t = 0)]
    idle_rules: usize,
    /// Events of a message.
    #[arg(long, value_delimiter = ',', default_value = "100")]
    batch: Vec<usize>,
    /// Connections.
    #[arg(long, value_delimiter = ',', default_value = "4")]
    connections: Vec<usize>,
    /// Different series: hosts with a hundred services each.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// Events of a measurement of cost.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// Messages that a connection sends ahead of their acks; 1 waits for each.
    #[arg(long, default_value_t = 32)]
    ahead: usize,
    /// Events a second for the measurement of acks, sent at set moments whether or not acks have come; 0 leaves it out.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Seconds of the measurement of acks.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// With the journal off, besides with it on.
    #[arg(long)]
    journal_off: bool,
    /// One JSON object a line in place of a table.
    #[arg(long)]
    json: bool,
}

/// One question each.
#[derive(Debug, Subcommand)]
enum Mode {
    /// Does an event cost more, the more rules there are that match nothing?
    IdleRules(idle_rules::Options),
    /// Do acks wait while the rules are read again?
    Reload(reload::Options),
    /// Do acks wait when very many alerts are open?
    OpenAlerts(open_alerts::Options),
    /// What do open live pages cost, some of which do not read?
    LivePages(live_pages::Options),
    /// Does a recording give what was live, and what does it cost?
    Replay(replay::Options),
    /// Does the memory stay level while series come and go, and is every event acked?
    Soak(soak::Options),
    /// How much slower are the acks of a well-behaved client beside others that do harm?
    Beside(beside::Options),
    /// How soon is a skep back that holds a week of history, and how fast does it answer?
    History(history::Options),
    /// What memory does a skep with journal and store take at 4,000 values a second?
    Memory(memory::Options),
    /// What does a value cost on its way to a real InfluxDB?
    Influx(influx::Options),
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    match &options.mode {
        None => scenarios(&options),
        Some(Mode::IdleRules(mode)) => idle_rules::run(&options.skep, mode),
        Some(Mode::Reload(mode)) => reload::run(&options.skep, mode),
        Some(Mode::OpenAlerts(mode)) => open_alerts::run(&options.skep, mode),
        Some(Mode::LivePages(mode)) => live_pages::run(&options.skep, mode),
        Some(Mode::Replay(mode)) => replay::run(&options.skep, mode),
        Some(Mode::Soak(mode)) => soak::run(&options.skep, mode),
        Some(Mode::Beside(mode)) => beside::run(&options.skep, mode),
        Some(Mode::History(mode)) => history::run(&options.skep, mode),
        Some(Mode::Memory(mode)) => memory::run(&options.skep, mode),
        Some(Mode::Influx(mode)) => influx::run(&options.skep, mode),
    }
}

fn scenarios(options: &Options) -> anyhow::Result<()> {
    let scenarios = if options.scenario.is_empty() { Scenario::all() } else { options.scenario.clone() };
    report::head(options.json);
    for scenario in scenarios {
        for &batch in &options.batch {
            for &connections in &options.connections {
                for journal in [true, false] {
                    if journal || options.journal_off {
                        let row = measure(options, scenario, batch, connections, journal)?;
                        report::row(&row, options.json);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A fresh process for each row, so that no row pays for the one before.
fn measure(options: &Options, scenario: Scenario, batch: usize, connections: usize, journal: bool) -> anyhow::Result<Row> {
    let peer = Peer::start(&options.skep, &scenario.text(options.idle_rules), journal)?;
    let load = Load::new(options.series, batch);
    send::ahead(peer.riemann, &load, connections, WARM_UP.max(options.series as u64 * 2), options.ahead)?;
    let before = peer.usage()?;
    let sent = send::ahead(peer.riemann, &load, connections, options.events, options.ahead).context("sending")?;
    let cpu = peer.usage()?.cpu.saturating_sub(before.cpu);
    let acks = match options.rate {
        0 => None,
        rate => {
            let taken = send::at_rate(peer.riemann, &load, connections, rate, Duration::from_secs(options.seconds))?;
            Some(Acks::of(taken.into_iter()))
        }
    };
    let Usage { rss_anon, .. } = peer.usage()?;
    Ok(Row {
        scenario: scenario.name(),
        idle_rules: options.idle_rules,
        batch,
        connections,
        journal,
        series: options.series,
        cpu_per_million: cpu.as_secs_f64() * 1e6 / sent.events as f64,
        events_per_second: sent.events as f64 / sent.elapsed.as_secs_f64(),
        acks,
        rss_anon,
    })
}
