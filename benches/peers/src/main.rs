//! What does watching this host and its containers cost? skep, collectd, node_exporter and cAdvisor, one after the other over the same
//! containers, each at one sample a second: CPU seconds in 60 s, memory, metrics a second.
//!
//! `cargo build --release && cargo run --release -p skep-peers -- --help`, as root, with docker.io, busybox-static, collectd-core and
//! prometheus-node-exporter installed. cAdvisor is measured where a path to it is given.

mod peer;
mod peers;
mod usage;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use testbed::Dockerd;

use peer::Peer;
use peers::Place;

/// What a peer does before it is measured: files are open then, and containers found.
const WARM_UP: Duration = Duration::from_secs(8);

/// Measures skep beside what it takes the place of.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The program under test.
    #[arg(long, default_value = "target/release/skep")]
    skep: PathBuf,
    /// cAdvisor's program, if it is to be measured.
    #[arg(long)]
    cadvisor: Option<PathBuf>,
    /// How many containers; a table row for each.
    #[arg(long, value_delimiter = ',', default_value = "0,10,50,100")]
    containers: Vec<usize>,
    /// Which peers, by the beginnings of their names; all when not given.
    #[arg(long)]
    only: Vec<String>,
    /// How long each is measured; what it used is scaled to 60 s.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let names = peers::named(&options.only)?;
    let docker = Dockerd::start().context("dockerd and busybox are needed")?;
    println!("| containers | peer | CPU-s in 60 s | PSS MB | metrics a second |");
    println!("|---|---|---|---|---|");
    let mut n_running = 0;
    for &n in &options.containers {
        while n_running < n {
            start_container(&docker, n_running);
            n_running += 1;
        }
        for name in &names {
            let folder = tempfile::tempdir()?;
            let place =
                Place { folder: folder.path(), socket: docker.socket(), skep: &options.skep, cadvisor: options.cadvisor.as_deref() };
            if let Some(mut peer) = peers::start(name, &place)? {
                println!("| {n} | {name} | {}", measure(&mut peer, Duration::from_secs(options.seconds))?);
            }
        }
    }
    Ok(())
}

/// Most of a host's containers wait; one in five starts a program five times a second.
fn start_container(docker: &Dockerd, n: usize) {
    let name = format!("c{n}");
    match n % 5 {
        0 => docker.run(&name, &["-m", "64m", "--cpus", "0.5"], &["sh", "-c", "while :; do /bin/busybox sleep 0.2; done"]),
        _ => docker.run(&name, &[], &["sleep", "100000"]),
    };
}

fn measure(peer: &mut Peer, span: Duration) -> anyhow::Result<String> {
    peer.pass(WARM_UP);
    let (before, n_before) = (peer.cpu()?, peer.n_metrics()?);
    peer.pass(span);
    let used = peer.cpu()?.saturating_sub(before).as_secs_f64() * 60.0 / span.as_secs_f64();
    let n_metrics = peer.n_metrics()?.per_second(n_before, span);
    Ok(format!("{used:.3} | {:.1} | {n_metrics:.0} |", peer.pss()? as f64 / 1e6))
}
