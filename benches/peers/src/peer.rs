//! A peer that runs: asked each second where it wants to be, ended by pid.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::usage;

/// How the metrics of a peer are counted.
#[derive(Clone, Debug)]
pub(crate) enum Count {
    /// Events that a skep process has taken so far; its HTTP address.
    Skep(SocketAddr),
    /// Values that collectd knows, by its socket; each is new each second.
    Collectd(PathBuf),
    /// Lines of a scrape, which is asked for each second.
    Scraped(SocketAddr),
}

/// A count of metrics, or of how many there are at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Metrics {
    SoFar(f64),
    EachSecond(f64),
}

impl Metrics {
    pub(crate) fn per_second(self, before: Self, span: Duration) -> f64 {
        match (self, before) {
            (Self::SoFar(now), Self::SoFar(before)) => (now - before) / span.as_secs_f64(),
            (Self::SoFar(n) | Self::EachSecond(n), _) => n,
        }
    }
}

/// One peer, and what it needs beside it.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    /// The processor that a collector sends to; it is not counted.
    pub(crate) beside: Option<Box<Self>>,
    pub(crate) count: Option<Count>,
}

impl Peer {
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self { child: child.with_context(|| format!("could not start {name}"))?, beside: None, count: None })
    }

    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        usage::cpu(self.child.id())
    }

    pub(crate) fn pss(&self) -> anyhow::Result<u64> {
        usage::pss(self.child.id())
    }

    /// Lets time pass; what is scraped is scraped each second.
    #[expect(clippy::disallowed_methods, reason = "a program that keeps time by itself")]
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = Instant::now() + span;
        while Instant::now() < end {
            let next = Instant::now() + Duration::from_secs(1);
            if let Some(Count::Scraped(at)) = &self.count {
                // It may not listen yet; the count at the end tells.
                let _ = get(*at, "/metrics");
            }
            thread::sleep(next.min(end).saturating_duration_since(Instant::now()));
        }
    }

    pub(crate) fn n_metrics(&self) -> anyhow::Result<Metrics> {
        Ok(match &self.count {
            Some(Count::Skep(at)) => {
                let text = get(*at, "/metrics")?;
                let value = text.lines().find_map(|line| line.strip_prefix("skep_processor_events")?.rsplit(' ').next()?.parse().ok());
                Metrics::SoFar(value.context("no skep_processor_events in /metrics")?)
            }
            Some(Count::Collectd(socket)) => Metrics::EachSecond(n_values(socket).context("collectd's socket")?),
            Some(Count::Scraped(at)) => {
                let text = get(*at, "/metrics")?;
                Metrics::EachSecond(text.lines().filter(|line| !line.starts_with('#') && line.contains(' ')).count() as f64)
            }
            None => Metrics::EachSecond(0.0),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; nothing else can be done here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `LISTVAL` answers `N Values found` first.
fn n_values(socket: &PathBuf) -> anyhow::Result<f64> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(b"LISTVAL\n")?;
    let mut start = [0; 64];
    let n = stream.read(&mut start)?;
    let text = String::from_utf8_lossy(start.get(..n).unwrap_or_default()).into_owned();
    text.split_whitespace().next().and_then(|n| n.parse().ok()).context("no number of values")
}

fn get(at: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
