//! How soon is a skep back that holds a week of history, and how fast does it answer?
//!
//! The store is filled as a running skep fills it, on simulated time that ends now: a value a minute for the days that are kept by the
//! minute, every 10 s for the last day, each second for the last hours. Then a real skep is started on it and asked over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use engine::{Kind, Series, SeriesId};
use event::{Timestamp, View};
use processor::sink::Flush;
use processor::store::{self, Settings};
use transport::log::Position;

use crate::mix::{MEASUREMENT, Mix};
use crate::peer::Peer;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Days of history.
    #[arg(long, default_value_t = 7)]
    days: i64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 50)]
    times: usize,
    /// How often it is started.
    #[arg(long, default_value_t = 3)]
    starts: usize,
}

/// The last stretches, in seconds before now: by the second, and every ten.
const FINE: i64 = 8_100;
const MIDDLE: i64 = 90_000;

#[expect(clippy::print_stdout, reason = "what the program is for")]
pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    let begun = now();
    let n_values = fill(&data, options.days)?;
    let bytes = std::fs::metadata(data.join("store.db"))?.len();
    println!("filled in {:.0} s: {n_values} values given, {:.1} MiB", begun.elapsed().as_secs_f64(), bytes as f64 / f64::from(1 << 20));
    let settings = "processor:\n  journal: {max: 1GiB}\n";
    let mut folder = folder;
    for _ in 1..options.starts.max(1) {
        let copy = tempfile::tempdir()?;
        copied(&data_of(&folder), &data_of(&copy))?;
        start(skep, copy, settings)?;
    }
    // The last of them stays, to be asked.
    let copy = tempfile::tempdir()?;
    copied(&data_of(&folder), &data_of(&copy))?;
    folder = copy;
    let peer = start(skep, folder, settings)?;
    questions(&peer, options.times)?;
    let usage = peer.usage()?;
    println!("RssAnon then: {:.1} MiB", usage.rss_anon as f64 / f64::from(1 << 20));
    Ok(())
}

fn data_of(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("data")
}

fn copied(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        std::fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn start(skep: &Path, folder: tempfile::TempDir, settings: &str) -> anyhow::Result<Peer> {
    let begun = now();
    let peer = Peer::over(skep, folder, "alerts: {}\n", settings)?;
    let ready = begun.elapsed();
    let answer = get(peer.http, "/query?q=SHOW%20MEASUREMENTS")?;
    ensure!(answer.contains(MEASUREMENT), "the store does not hold what was put into it: {answer}");
    println!("started: listens after {:.0} ms, has told what it holds after {:.0} ms", ms(ready), ms(begun.elapsed()));
    Ok(peer)
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn questions(peer: &Peer, times: usize) -> anyhow::Result<()> {
    let to = wall().secs();
    let (hour, six) = (to - 3600, to - 6 * 3600);
    let of_one = format!("/api/v1/series?measurement={MEASUREMENT}&field=f20&container_name=web.7&from={hour}&to={to}");
    let top = format!(
        "SELECT top(mean, container_name, 10) FROM (SELECT mean(f33) AS mean FROM {MEASUREMENT} WHERE time >= {six}s AND time < {to}s GROUP BY container_name)"
    );
    let chart =
        format!("SELECT mean(f33) FROM {MEASUREMENT} WHERE time >= {}s GROUP BY time(1h), container_name fill(none)", to - 7 * 86_400);
    println!("| question | bytes | median ms | worst ms |\n|---|---|---|---|");
    for (name, path) in [
        ("one series over an hour", of_one),
        ("top 10 of 100 containers over 6 h, by their means", query(&top)),
        ("100 containers over 7 days, by the hour", query(&chart)),
    ] {
        let mut took = Vec::new();
        let mut bytes = 0;
        for _ in 0..times.max(1) {
            let begun = now();
            let answer = get(peer.http, &path)?;
            took.push(begun.elapsed());
            ensure!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("\"error\""), "{name}: {answer}");
            bytes = answer.len();
        }
        took.sort_unstable();
        let median = took.get(took.len() / 2).copied().unwrap_or_default();
        println!("| {name} | {bytes} | {:.2} | {:.2} |", ms(median), ms(took.last().copied().unwrap_or_default()));
    }
    Ok(())
}

fn query(text: &str) -> String {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/query?epoch=ms&q={encoded}")
}

fn get(http: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(http)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context("no answer")?;
    Ok(answer)
}

/// Gives the store so many days that end now; how many values those were.
fn fill(data: &Path, days: i64) -> anyhow::Result<u64> {
    let settings = Settings { commit_every: event::Duration::from_secs(1), ..Settings::new(data) };
    let (mut outlet, _handle, thread) = store::open(&settings)?;
    let (series, mut mix, mut n_values) = (Mix::series(), Mix::new(), 0);
    let end = wall().secs();
    let mut second = (end - days * 86_400).div_euclid(60) * 60;
    while second <= end {
        let time = Timestamp::from_secs(second);
        for (id, (service, labels)) in (0u32..).zip(&series) {
            let series =
                Series { id: Some(SeriesId(id)), host: Some("node1"), service: Some(service), labels: labels.view(), sample: true };
            let metric = Some(mix.value(id as usize));
            outlet.event(series, &View { time: Some(time), metric, ..View::default() }, Kind::Live);
            n_values += 1;
        }
        while outlet.flush(Position::from_u64(0), time) == Flush::Full {
            thread::park_timeout(Duration::from_millis(1));
        }
        let left = end - second;
        second += if left <= FINE {
            1
        } else if left <= MIDDLE {
            10
        } else {
            60
        };
    }
    outlet.close();
    ensure!(thread.join(), "the store could not be written");
    Ok(n_values)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::disallowed_methods, reason = "a load generator measures")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a load generator sends what is of now")]
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
