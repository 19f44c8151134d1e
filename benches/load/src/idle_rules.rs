//! Does an event cost more, the more rules there are that match nothing?
//!
//! All processes live through the whole run and are measured in turns, so that what else the machine does meets them alike.

use std::path::Path;

use crate::load::Load;
use crate::peer::Peer;
use crate::rules::Scenario;
use crate::send;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// So many rules each; the first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_value = "0,10,100,1000,10000")]
    counts: Vec<usize>,
    /// Each is measured so often; the least counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Events of a measurement.
    #[arg(long, default_value_t = 3_000_000)]
    events: u64,
    /// Different series.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// Events of a message.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Messages that a connection sends ahead of their acks.
    #[arg(long, default_value_t = 32)]
    ahead: usize,
}

/// A process with so many rules, and what it cost.
struct Candidate {
    n_rules: usize,
    peer: Peer,
    /// CPU seconds for a million events, by round.
    costs: Vec<f64>,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let load = Load::new(options.series, options.batch);
    let start = |&n_rules: &usize| -> anyhow::Result<Candidate> {
        let peer = Peer::start(skep, &Scenario::Index.text(n_rules), true)?;
        Ok(Candidate { n_rules, peer, costs: Vec::new() })
    };
    let mut candidates: Vec<Candidate> = options.counts.iter().map(start).collect::<Result<_, _>>()?;
    for candidate in &candidates {
        send::ahead(candidate.peer.riemann, &load, options.connections, crate::WARM_UP.max(options.series as u64 * 2), options.ahead)?;
    }
    for _ in 0..options.rounds.max(1) {
        for candidate in &mut candidates {
            let before = candidate.peer.usage()?.cpu;
            let sent = send::ahead(candidate.peer.riemann, &load, options.connections, options.events, options.ahead)?;
            let cpu = candidate.peer.usage()?.cpu.saturating_sub(before);
            candidate.costs.push(cpu.as_secs_f64() * 1e6 / sent.events as f64);
        }
    }
    print(&candidates)
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(candidates: &[Candidate]) -> anyhow::Result<()> {
    println!("| rules that match nothing | CPU-s per 1 M, least | of the first | every round | RssAnon MiB |");
    println!("|---|---|---|---|---|");
    let least = |candidate: &Candidate| candidate.costs.iter().copied().fold(f64::INFINITY, f64::min);
    let first = candidates.first().map_or(f64::NAN, least);
    for candidate in candidates {
        let (n_rules, cost) = (candidate.n_rules, least(candidate));
        let ratio = cost / first;
        let rounds: Vec<String> = candidate.costs.iter().map(|cost| format!("{cost:.3}")).collect();
        let mib = candidate.peer.usage()?.rss_anon as f64 / f64::from(1 << 20);
        println!("| {n_rules} | {cost:.3} | {ratio:.2} | {} | {mib:.1} |", rounds.join(", "));
    }
    Ok(())
}
