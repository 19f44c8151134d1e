//! Does a recording give what was live, and what does it cost?
//!
//! Events go to a process that is recorded; then the recording is replayed with the same rules, and the last transition of every alert is
//! compared with the alert as the process has it in its index.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::load::Load;
use crate::peer::{self, Peer};
use crate::rules::Scenario;
use crate::send;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Different series, each with an alert of its own.
    #[arg(long, default_value_t = 10_000)]
    series: usize,
    /// Events.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Events of a message.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Connections.
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Messages that a connection sends ahead of their acks; few, or the recorder is left behind.
    #[arg(long, default_value_t = 2)]
    ahead: usize,
    /// An alert on the mean of an hour besides, for each series.
    #[arg(long)]
    hour: bool,
    /// Keeps the recording there.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Beside the streams of `all`. The metrics go round between 0.25 and 60.25: an alert of each series opens, and stays so; to print many
/// changes of level would be what the replay costs.
const ALERTS: &str = "alerts:
  slow:
    where: service =~ \"web/%\"
    by: [host, service]
    crit: metric > 55
    clear: metric < 0
";

/// One more of each series, that keeps all its events.
const HOUR: &str = "  slow-mean:
    where: service =~ \"web/%\"
    by: [host, service]
    over: 1h
    take: mean
    warn: metric > 25
    clear: metric < 0
";

/// How long what was sent may take to be written down.
const PATIENCE: Duration = Duration::from_secs(30);

/// An alert's state and since when, by its rule and instance.
type Alerts = BTreeMap<String, (String, String)>;

pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let text = Scenario::All.text(0) + ALERTS + if options.hour { HOUR } else { "" };
    let peer = Peer::start(skep, &text, true)?;
    let folder = tempfile::tempdir()?;
    let recording = options.out.clone().unwrap_or_else(|| folder.path().join("load.skeprec"));
    let recorder = record(skep, &peer, &recording)?;
    let load = Load::new(options.series, options.batch);
    send::ahead(peer.riemann, &load, options.connections, options.events, options.ahead)?;
    let live = alerts(&peer)?;
    end(recorder, &recording)?;
    let rules = folder.path().join("rules");
    fs::create_dir(&rules)?;
    fs::write(rules.join("load.yaml"), text)?;
    let (replayed, n_transitions, cpu) = replay(skep, &rules, &recording)?;
    print(&live, &replayed, n_transitions, cpu, &recording)
}

/// Starts the recorder and waits until it is taken on; what else it says comes from the pipe.
fn record(skep: &Path, peer: &Peer, to: &Path) -> anyhow::Result<(Child, BufReader<ChildStderr>)> {
    let mut child = Command::new(skep)
        .args(["record", "--log", "info", "--url", &format!("http://{}", peer.http), "--out"])
        .arg(to)
        .stderr(Stdio::piped())
        .spawn()?;
    let mut said = BufReader::new(child.stderr.take().context("no stderr")?);
    let mut line = String::new();
    said.read_line(&mut line)?;
    ensure!(line.contains("recording into"), "the recorder said: {line}");
    Ok((child, said))
}

/// Ends it once nothing more is written.
fn end((mut recorder, mut said): (Child, BufReader<ChildStderr>), recording: &Path) -> anyhow::Result<()> {
    let (mut size, until) = (0, send::now() + PATIENCE);
    loop {
        send::wait_until(send::now() + Duration::from_secs(1));
        let now = fs::metadata(recording)?.len();
        if now == size || send::now() > until {
            break;
        }
        size = now;
    }
    kill_process(Pid::from_child(&recorder), Signal::INT)?;
    let mut last = String::new();
    said.read_to_string(&mut last)?;
    ensure!(recorder.wait()?.success(), "the recorder failed: {last}");
    Ok(())
}

/// As the process has them now.
fn alerts(peer: &Peer) -> anyhow::Result<Alerts> {
    let query = "/api/v1/index?query=service%20%3D~%20%22alert%2Fslow%25%22";
    let mut stream = TcpStream::connect(peer.http)?;
    write!(stream, "GET {query} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept-Encoding: identity\r\n\r\n", peer.http)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    let reply = String::from_utf8_lossy(&reply);
    let Some((_, body)) = reply.split_once("\r\n\r\n") else { bail!("no reply to {query}: {reply}") };
    let body = body.get(body.find('[').context("no array")?..=body.rfind(']').context("no end of the array")?).unwrap_or_default();
    let events: Vec<Value> = serde_json::from_str(body).context("the index is no JSON")?;
    let text = |event: &Value, key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let key = |event: &Value| format!("{} {}", text(event, "host"), text(event, "service"));
    Ok(events.iter().map(|event| (key(event), (text(event, "state"), text(event, "since")))).collect())
}

/// The last transition of each alert, how many there were, and the processor time.
fn replay(skep: &Path, rules: &Path, recording: &Path) -> anyhow::Result<(Alerts, u64, Duration)> {
    let mut child = Command::new(skep).args(["replay", "--json", "--rules"]).arg(rules).arg(recording).stdout(Stdio::piped()).spawn()?;
    let out = BufReader::new(child.stdout.take().context("no stdout")?);
    let (mut alerts, mut n_transitions) = (Alerts::new(), 0);
    for line in out.lines() {
        let told: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("kind") == "transition" {
            n_transitions += 1;
            alerts.insert(format!("{} {}", text("host"), text("service")), (text("to"), text("time")));
        }
    }
    // It has ended or is about to; its times can be read until it is waited for.
    send::wait_until(send::now() + Duration::from_millis(200));
    let cpu = peer::cpu(child.id())?;
    ensure!(child.wait()?.success(), "the replay failed");
    Ok((alerts, n_transitions, cpu))
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
fn print(live: &Alerts, replayed: &Alerts, n_transitions: u64, cpu: Duration, recording: &Path) -> anyhow::Result<()> {
    let bytes = File::open(recording).and_then(|file| file.metadata()).map(|file| file.len()).map_err(io::Error::other)?;
    println!("live: {} alerts; replayed: {}, {n_transitions} transitions", live.len(), replayed.len());
    println!("{} MB, {:.2} CPU-s for the replay, printing included", bytes >> 20, cpu.as_secs_f64());
    let differing = live.iter().filter(|(key, alert)| replayed.get(*key) != Some(alert)).take(5).collect::<Vec<_>>();
    for (key, alert) in &differing {
        println!("{key}: live {alert:?}, replayed {:?}", replayed.get(*key));
    }
    ensure!(!live.is_empty() && live.len() == replayed.len() && differing.is_empty(), "the replay is not what was live");
    println!("each with the same state since the same microsecond");
    Ok(())
}
