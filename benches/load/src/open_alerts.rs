//! Do acks wait when very many alerts are open, for snapshots and for who asks which alerts are open?

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{anyhow, ensure};

use crate::counters::Counters;
use crate::load::Load;
use crate::peer::Peer;
use crate::send::{self, Acks};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Series, each with an alert that is open all the time.
    #[arg(long, default_value_t = 50_000)]
    series: usize,
    /// Events a second, sent at set moments whether or not acks have come.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Events of a message.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// So long; a snapshot is made every ten.
    #[arg(long, default_value_t = 35)]
    seconds: u64,
    /// All are told to a notifier besides, whose other end does not answer.
    #[arg(long)]
    notify: bool,
}

const RULES: &str = "alerts:
  any:
    where: service =~ \"web/%\"
    by: [host, service]
    crit: metric > 0
";

/// Told as fast as they open; what waits of one message is bounded.
const NOTIFIER: &str = "    to: ops
notify:
  ops:
    webhook: {url: \"http://127.0.0.1:9/\"}
    wait: 0s
";

/// What was asked beside the load.
#[derive(Debug, Default)]
struct Asked {
    /// Milliseconds of the longest snapshot.
    snapshot_ms: f64,
    snapshot_bytes: f64,
    snapshots: f64,
    /// How long each list of open alerts took, and the bytes of the last.
    pages: Vec<Duration>,
    page_bytes: usize,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let rules = if options.notify { format!("{RULES}{NOTIFIER}") } else { RULES.to_owned() };
    let peer = &Peer::start(skep, &rules, true)?;
    let load = &Load::new(options.series, options.batch);
    send::ahead(peer.riemann, load, options.connections, options.series as u64 * 2, 8)?;
    let span = Duration::from_secs(options.seconds);
    let (taken, asked) = thread::scope(|scope| -> anyhow::Result<_> {
        let sender = scope.spawn(move || send::at_rate(peer.riemann, load, options.connections, options.rate, span));
        let mut asked = Asked::default();
        while !sender.is_finished() {
            send::wait_until(send::now() + Duration::from_secs(1));
            ask(peer.http, &mut asked)?;
        }
        Ok((sender.join().map_err(|_| anyhow!("the senders panicked"))??, asked))
    })?;
    print(&Acks::of(taken.into_iter()), &asked, peer.usage()?.rss_anon)
}

fn ask(http: SocketAddr, asked: &mut Asked) -> anyhow::Result<()> {
    let counters = Counters::read(http)?;
    asked.snapshot_ms = asked.snapshot_ms.max(counters.get("snapshot_ms"));
    (asked.snapshot_bytes, asked.snapshots) = (counters.get("snapshot_bytes"), counters.get("snapshots"));
    let begun = send::now();
    let mut stream = TcpStream::connect(http)?;
    write!(stream, "GET /api/v1/alerts HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n")?;
    let mut reply = Vec::new();
    asked.page_bytes = stream.read_to_end(&mut reply)?;
    asked.pages.push(send::now() - begun);
    ensure!(reply.starts_with(b"HTTP/1.1 200"), "the alerts were refused: {}", String::from_utf8_lossy(&reply));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(acks: &Acks, asked: &Asked, rss: u64) -> anyhow::Result<()> {
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    println!("acks, ms: p50 {:.2}, p99 {:.2}, p99.9 {:.2}, max {:.2}", acks.p50, acks.p99, acks.p999, acks.max);
    println!(
        "snapshots: {}, {:.1} MiB, the longest kept the engine {:.1} ms",
        asked.snapshots,
        mib(asked.snapshot_bytes),
        asked.snapshot_ms
    );
    let longest = asked.pages.iter().max().copied().unwrap_or_default();
    println!("the list of open alerts: {:.3} MiB, at the most {:.1} ms", mib(asked.page_bytes as f64), longest.as_secs_f64() * 1e3);
    println!("RssAnon: {:.1} MiB", mib(rss as f64));
    ensure!(asked.snapshots > 0.0, "no snapshot was made");
    Ok(())
}
