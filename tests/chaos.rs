//! InfluxDB dies and comes back, skep is killed, and events keep coming: every value that was acked is in InfluxDB, once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::Skep;
use common::sender::{Sender, event};
use testbed::influx::{ADMIN, Influxd};
use testbed::{free_port, require, wait_until};

/// What a run is made of; `SKEP_CHAOS` set means the long one.
struct Plan {
    /// How often InfluxDB is killed and started again.
    restarts: u32,
    /// How often skep is killed, each time while InfluxDB is away.
    kills: u32,
    /// How long InfluxDB stays up, and how long away.
    phase: Duration,
    /// Values in a message.
    series: usize,
    /// Messages a second.
    rate: u32,
    /// How long the backlog may take in the end.
    patience: Duration,
}

const SHORT: Plan = Plan { restarts: 2, kills: 1, phase: Duration::from_millis(1500), series: 20, rate: 50, patience: common::PATIENCE };

/// 20,000 values a second.
const LONG: Plan =
    Plan { restarts: 10, kills: 5, phase: Duration::from_secs(6), series: 1000, rate: 20, patience: Duration::from_secs(600) };

/// Values of a series are whole numbers from a million times its number on: each tells which message it came in.
const OF_A_SERIES: u64 = 1_000_000;

/// Numbers of the messages that were sent, and of those that were acked.
#[derive(Default)]
struct Sent {
    all: u64,
    acked: Vec<u64>,
}

#[test]
fn every_acked_value_is_in_influxdb_once() {
    let Some(program) = require("influxd", "influxdb") else { return };
    let plan = if std::env::var_os("SKEP_CHAOS").is_some() { LONG } else { SHORT };
    let mut influxd = Influxd::start(&program, "").unwrap();
    influxd.query("", "CREATE DATABASE chaos").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path(), &influxd);
    let riemann = format!("127.0.0.1:{}", free_port());
    let start = || Skep::start_at(&riemann, "process", folder.path(), &["--config", &config]);
    let mut skep = start();

    let stop = Arc::new(AtomicBool::new(false));
    let load = {
        let (riemann, stop) = (riemann.clone(), Arc::clone(&stop));
        let (series, every) = (plan.series, Duration::from_secs(1) / plan.rate);
        thread::spawn(move || load(&riemann, series, every, &stop))
    };
    for round in 0..plan.restarts {
        thread::sleep(plan.phase);
        influxd.kill();
        thread::sleep(plan.phase / 2);
        if round < plan.kills {
            skep.server.kill();
            skep = start();
        }
        thread::sleep(plan.phase / 2);
        influxd.restart().unwrap();
    }
    thread::sleep(plan.phase);
    stop.store(true, Ordering::Relaxed);
    let sent = load.join().unwrap();

    let ended = Instant::now();
    check(&influxd, &sent, &plan, &skep);
    println!(
        "{} restarts of InfluxDB, {} kills of skep: {} messages of {} values acked ({} sent), all there {:.1} s after the last",
        plan.restarts,
        plan.kills,
        sent.acked.len(),
        plan.series,
        sent.all,
        ended.elapsed().as_secs_f64()
    );
    skep.stop();
}

fn configuration(folder: &Path, influxd: &Influxd) -> String {
    let password = folder.join("password");
    fs::write(&password, ADMIN.1).unwrap();
    let settings = format!(
        "processor:\n  influx: {{url: 'http://{}', version: 1, database: chaos, username: {}, password_file: {}}}\n",
        influxd.address,
        ADMIN.0,
        password.display()
    );
    let path = folder.join("skep.yaml");
    fs::write(&path, settings).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends messages at a steady pace and connects again when skep was killed. A message that was not acked may have been taken or not; it is
/// not sent again.
fn load(riemann: &str, series: usize, every: Duration, stop: &AtomicBool) -> Sent {
    let address = riemann.parse().unwrap();
    let base = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64 - 3_600_000_000;
    let mut events: Vec<_> = (0..series).map(|n| event("chaos", &format!("load-{n}"), 0, 0.0, 7200.0)).collect();
    let (mut sent, mut connection) = (Sent::default(), None);
    let mut next = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let Some(sender) = &mut connection else {
            connection = Sender::connect(address).ok();
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        for (n, event) in (0..).zip(&mut events) {
            event.time = Some(event::Timestamp::from_micros(base + sent.all.cast_signed() * 1000));
            event.metric = Some(event::Metric::Float((n * OF_A_SERIES + sent.all) as f64));
        }
        match sender.send(&events) {
            Ok(()) => sent.acked.push(sent.all),
            Err(_) => connection = None,
        }
        sent.all += 1;
        next = (next + every).max(Instant::now() - Duration::from_secs(1));
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    sent
}

#[track_caller]
fn check(influxd: &Influxd, sent: &Sent, plan: &Plan, skep: &Skep) {
    assert!(sent.acked.len() > 50, "only {} messages were acked: this is no load", sent.acked.len());
    for n in 0..plan.series as u64 {
        let mut missing = Vec::new();
        let whole = wait_until(plan.patience, || {
            let found = stored(influxd, n);
            missing = sent.acked.iter().filter(|number| !found.contains(number)).copied().collect();
            missing.is_empty()
        });
        assert!(whole, "load-{n}: {} of {} are missing: {missing:?}\n{}", missing.len(), sent.acked.len(), skep.server.output());
        let found = stored(influxd, n);
        assert!(found.last().is_none_or(|last| *last < sent.all), "load-{n}: {found:?} was never sent");
    }
}

/// The numbers of the messages whose value of a series is stored; each is there once.
fn stored(influxd: &Influxd, n: u64) -> BTreeSet<u64> {
    let answer = influxd.query("chaos", &format!("SELECT value FROM \"load-{n}\"")).unwrap();
    let rows = answer.pointer("/results/0/series/0/values").and_then(|rows| rows.as_array()).map_or(&[][..], Vec::as_slice);
    let found: BTreeSet<u64> = rows.iter().map(|row| row[1].as_f64().unwrap() as u64 - n * OF_A_SERIES).collect();
    assert_eq!(found.len(), rows.len(), "load-{n}: a value is there twice");
    found
}
