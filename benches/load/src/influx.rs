//! What does a value cost on its way to a real InfluxDB?
//!
//! The same values twice, without a store: with no InfluxDB, and with an `influxd` that takes them, gzip as always. The difference is what
//! encoding, packing and sending cost. Each turn of the mix makes a hundred lines of forty fields.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use event::Timestamp;
use testbed::influx::{ADMIN, Influxd};

use crate::counters::Counters;
use crate::mix::{MEASUREMENT, Mix, N_ENTITIES};
use crate::peer::Peer;
use crate::turns::Turns;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Values.
    #[arg(long, default_value_t = 4_000_000)]
    values: u64,
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let program = testbed::require("influxd", "influxdb").context("there is no influxd here; install influxdb")?;
    let version = Command::new(&program).arg("version").output()?;
    println!("{}", String::from_utf8_lossy(&version.stdout).trim());
    let without = cost(skep, options.values, None)?;
    let influxd = Influxd::start(&program, "")?;
    let with = cost(skep, options.values, Some(&influxd))?;
    println!("CPU seconds for a million values: {without:.3} without InfluxDB, {with:.3} with, {:.3} for it", with - without);
    Ok(())
}

/// Processor time of skep for a million values, until InfluxDB has them all.
#[expect(clippy::print_stdout, reason = "what the program is for")]
fn cost(skep: &Path, values: u64, influxd: Option<&Influxd>) -> anyhow::Result<f64> {
    let mut settings = "processor:\n  journal: off\n  store: off\n".to_owned();
    let secrets = tempfile::tempdir()?;
    if let Some(influxd) = influxd {
        let password = secrets.path().join("password");
        std::fs::write(&password, ADMIN.1)?;
        settings.push_str(&format!(
            "  influx: {{url: 'http://{}', database: load, username: {}, password_file: {}}}\n",
            influxd.address,
            ADMIN.0,
            password.display()
        ));
    }
    let peer = Peer::with(skep, "alerts: {}\n", &settings)?;
    let mut turns = Turns::connect(peer.riemann)?;
    let (mut mix, before) = (Mix::new(), peer.usage()?);
    let (mut sent, mut n_turns) = (0, 0);
    let end = Turns::now();
    while sent < values {
        // Each turn has a second of its own, the last of them now.
        let time = Timestamp::from_secs(end.secs() - 3600 + n_turns);
        sent += turns.send(&mut mix, time)?;
        n_turns += 1;
    }
    if influxd.is_some() {
        let lines = n_turns.unsigned_abs() * u64::from(N_ENTITIES);
        wait(&peer, lines)?;
    }
    let cpu = peer.usage()?.cpu.saturating_sub(before.cpu);
    if let Some(influxd) = influxd {
        let counters = Counters::read(peer.http)?;
        println!(
            "{:.0} bytes sent, {:.2} a value",
            counters.get("influx_bytes_written"),
            counters.get("influx_bytes_written") / sent as f64
        );
        let answer = influxd.query("load", &format!("SELECT count(f20) FROM {MEASUREMENT}"))?;
        let found = answer.pointer("/results/0/series/0/values/0/1").and_then(serde_json::Value::as_u64).unwrap_or(0);
        ensure!(found == n_turns.unsigned_abs() * u64::from(N_ENTITIES), "InfluxDB has {found} values of a field");
    }
    Ok(cpu.as_secs_f64() * 1e6 / sent as f64)
}

/// Waits until InfluxDB has taken so many lines; lines of skep itself may be among them, so a little longer.
fn wait(peer: &Peer, lines: u64) -> anyhow::Result<()> {
    for _ in 0..600 {
        let counters = Counters::read(peer.http)?;
        if counters.get("influx_lines_written") >= lines as f64 && counters.get("influx_queue_lines") == 0.0 {
            return Ok(());
        }
        thread::park_timeout(Duration::from_millis(100));
    }
    anyhow::bail!("InfluxDB has not taken all after a minute")
}
