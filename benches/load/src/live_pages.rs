//! What do open live pages cost, some of which do not read: memory, and how long acks take beside them?

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow, ensure};

use crate::load::Load;
use crate::peer::Peer;
use crate::rules::Scenario;
use crate::send::{self, Acks};

/// Pauses between two looks at all pages.
const TURN: Duration = Duration::from_millis(50);

/// As a page asks: of one measurement, and some ask for all of a host.
const QUERIES: [&str; 4] = [
    "service%20%3D~%20%22web%2F%25%22",
    "host%20%3D%20%22swarm-worker-0001%22",
    "host%20%3D%20%22swarm-worker-0002%22",
    "tagged%20%22load%22",
];

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Pages, each a stream of server-sent events.
    #[arg(long, default_value_t = 200)]
    pages: usize,
    /// Of them so many do not read what they are sent.
    #[arg(long, default_value_t = 20)]
    stalled: usize,
    /// Series in the index.
    #[arg(long, default_value_t = 5_000)]
    series: usize,
    /// Events a second, sent at set moments whether or not acks have come.
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Events of a message.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// So long without pages, and so long with them.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    crate::beside::raise_limit_of_files();
    let peer = &Peer::with(skep, &Scenario::Index.text(0), "processor:\n  journal: {max: 1GiB}\n  store: off\n")?;
    let load = &Load::new(options.series, options.batch);
    send::ahead(peer.riemann, load, 1, options.series as u64 * 4, 8)?;
    let span = Duration::from_secs(options.seconds);
    let acks = || send::at_rate(peer.riemann, load, 4, options.rate.max(1), span).map(|taken| Acks::of(taken.into_iter()));
    let alone = acks()?;
    let before = peer.usage()?;
    let mut pages = (0..options.pages).map(|n| open(peer.http, n)).collect::<anyhow::Result<Vec<_>>>()?;
    let stalled = pages.split_off(options.pages.saturating_sub(options.stalled));
    let is_over = &AtomicBool::new(false);
    let (beside, read, most) = thread::scope(|scope| -> anyhow::Result<_> {
        let reader = scope.spawn(move || read_all(pages, is_over));
        let watcher = scope.spawn(move || most_memory(peer, is_over));
        let beside = acks();
        is_over.store(true, Ordering::Release);
        let read = reader.join().map_err(|_| anyhow!("the reader panicked"))??;
        let most = watcher.join().map_err(|_| anyhow!("the watcher panicked"))??;
        Ok((beside?, read, most))
    })?;
    let after = peer.usage()?;
    drop(stalled);
    print(&alone, &beside);
    growth(before.rss_anon, after.rss_anon, most, read)
}

fn open(http: SocketAddr, n: usize) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(http)?;
    let query = QUERIES.get(n % QUERIES.len()).context("there are queries")?;
    write!(stream, "GET /api/v1/live?s=a:{query}&rate=1000 HTTP/1.1\r\nHost: {http}\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    ensure!(head == *b"HTTP/1.1 200", "page {n} was refused: {}", String::from_utf8_lossy(&head));
    Ok(stream)
}

/// Reads what comes of all pages; gives how many bytes that were.
fn read_all(mut pages: Vec<TcpStream>, is_over: &AtomicBool) -> anyhow::Result<u64> {
    pages.iter().try_for_each(|page| page.set_nonblocking(true))?;
    let (mut buffer, mut n_bytes) = (vec![0; 64 << 10], 0);
    while !is_over.load(Ordering::Acquire) {
        for page in &mut pages {
            loop {
                match page.read(&mut buffer) {
                    Ok(0) => return Err(anyhow!("a page that reads was closed")),
                    Ok(n) => n_bytes += n as u64,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        send::wait_until(send::now() + TURN);
    }
    Ok(n_bytes)
}

/// The most memory that was in use at a look.
fn most_memory(peer: &Peer, is_over: &AtomicBool) -> anyhow::Result<u64> {
    let mut most = 0;
    while !is_over.load(Ordering::Acquire) {
        most = most.max(peer.usage()?.rss_anon);
        send::wait_until(send::now() + Duration::from_millis(500));
    }
    Ok(most)
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(alone: &Acks, beside: &Acks) {
    println!("acks without pages, ms: p50 {:.2}, p99 {:.2}, p99.9 {:.2}", alone.p50, alone.p99, alone.p999);
    println!("acks beside them, ms:   p50 {:.2}, p99 {:.2}, p99.9 {:.2}", beside.p50, beside.p99, beside.p999);
    println!("p99 beside them: {:.2} × that without", beside.p99 / alone.p99);
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn growth(before: u64, after: u64, most: u64, read: u64) -> anyhow::Result<()> {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("RssAnon: {:.1} MiB before, {:.1} MiB at the end, {:.1} MiB at the most", mib(before), mib(after), mib(most));
    println!("pages read {:.1} MiB", mib(read));
    ensure!(read > 0, "no page was sent anything");
    Ok(())
}
