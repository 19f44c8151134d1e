//! Do acks wait while the rules are read again?
//!
//! Events come at set moments, whether or not acks have come; in the midst of them one threshold of many rules changes.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};

use crate::load::Load;
use crate::peer::Peer;
use crate::send::{self, Acks, Taken};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Different series.
    #[arg(long, default_value_t = 100_000)]
    series: usize,
    /// Rules; a tenth of them match a hundred series each, and a tenth of those are open for all of them.
    #[arg(long, default_value_t = 10_000)]
    rules: usize,
    /// Events a second.
    #[arg(long, default_value_t = 50_000)]
    rate: u64,
    /// Events of a message.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// The rules change so often.
    #[arg(long, default_value_t = 3)]
    reloads: usize,
    /// Seconds before each change.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

/// One change of the rules.
struct Reload {
    sent: Instant,
    replied: Instant,
    /// In bytes.
    rss_before: u64,
    /// When it was over.
    rss_after: u64,
}

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let peer = &Peer::start(skep, &text(options.rules, 90), true)?;
    let load = &Load::new(options.series, options.batch);
    send::ahead(peer.riemann, load, options.connections, options.series as u64 * 2, 8)?;
    let calm = Duration::from_secs(options.seconds);
    let start = send::now();
    // A reload takes a while too; the last one is followed by as much as there was before it.
    let span = calm * (options.reloads as u32 + 2);
    let (taken, reloads) = thread::scope(|scope| -> anyhow::Result<_> {
        let sender = scope.spawn(move || send::at_rate(peer.riemann, load, options.connections, options.rate, span));
        let reloads = (1..=options.reloads as u32).map(|n| {
            send::wait_until(start + calm * n);
            reload(peer, &text(options.rules, 90 + n))
        });
        let reloads: Vec<Reload> = reloads.collect::<Result<_, _>>()?;
        Ok((sender.join().map_err(|_| anyhow!("the senders panicked"))??, reloads))
    })?;
    print(&taken, &reloads, peer.usage()?.rss_anon);
    Ok(())
}

fn reload(peer: &Peer, text: &str) -> anyhow::Result<Reload> {
    peer.write_rules(text)?;
    let rss_before = peer.usage()?.rss_anon;
    let sent = send::now();
    let mut stream = TcpStream::connect(peer.http)?;
    write!(stream, "POST /reload HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", peer.http)?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    if !reply.starts_with("HTTP/1.1 200") {
        bail!("the rules were refused: {reply}");
    }
    Ok(Reload { sent, replied: send::now(), rss_before, rss_after: peer.usage()?.rss_anon })
}

/// Rules of which every tenth matches; `crit` is the level of one of those.
fn text(n_rules: usize, crit: u32) -> String {
    let mut text = String::from("alerts:\n");
    for n in 0..n_rules {
        // Writing to a String cannot fail.
        let _ = match (n % 10, n / 10) {
            (0, at) => {
                let level = if at % 10 == 0 {
                    0
                } else if at == 1 {
                    crit
                } else {
                    90
                };
                let (service, host) = (at % 100, at / 100 % 10);
                writeln!(
                    text,
                    "  some-{n}:\n    where: service = \"web/api.{service}/latency\" and host =~ \"swarm-worker-0{host}%\"\n    crit: metric > {level}"
                )
            }
            _ => writeln!(text, "  idle-{n}:\n    where: service = \"idle/{n}\" and metric > {n}\n    crit: metric > 90"),
        };
    }
    text
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(taken: &[Taken], reloads: &[Reload], rss_end: u64) {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let within = |from: Instant, to: Instant| Acks::of(taken.iter().copied().filter(|taken| (from..to).contains(&taken.moment)));
    let second = Duration::from_secs(1);
    println!("| acks, ms | p50 | p99 | max |");
    println!("|---|---|---|---|");
    for (at, reload) in reloads.iter().enumerate() {
        let spans = [
            ("the second before", reload.sent - second, reload.sent),
            ("until the reply", reload.sent, reload.replied),
            ("the second after", reload.replied, reload.replied + second),
        ];
        for (name, from, to) in spans {
            let acks = within(from, to);
            println!("| {}: {name} | {:.2} | {:.2} | {:.2} |", at + 1, acks.p50, acks.p99, acks.max);
        }
    }
    for reload in reloads {
        let took = (reload.replied - reload.sent).as_secs_f64();
        println!("reload: {took:.3} s, RssAnon {:.1} MiB before, {:.1} MiB after", mib(reload.rss_before), mib(reload.rss_after));
    }
    println!("RssAnon at the end: {:.1} MiB", mib(rss_end));
}
