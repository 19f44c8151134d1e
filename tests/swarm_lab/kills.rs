//! The processor is killed again and again under load: the swarm starts it anew, and nothing that was acked is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::common::sender::{Sender, event};
use crate::lab::{DATA, Lab, now};

const KILLS: usize = 3;

/// Each number has a second of its own, the first one so long ago; more are not sent than lie between it and now. The store keeps
/// seconds for two hours.
const BACK: i64 = 3600;
const MOST: i64 = 3400;

/// Numbers that are acked between two kills, at least.
const ACKED: usize = 50;

/// A container that is killed closes no connection: so long is waited for an ack.
const LIMIT: Duration = Duration::from_secs(3);

/// Between two numbers.
const PACE: Duration = Duration::from_millis(20);

/// Kills it, and sees that all that was acked is in InfluxDB and in the store.
pub(crate) fn of_the_processor(lab: &Lab) {
    let base = now() as i64 / 1000 - BACK;
    let (stop, n_acked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load = thread::spawn({
        let (stop, n_acked, address) = (stop.clone(), n_acked.clone(), format!("{}:5555", lab.swarm.address(DATA)));
        move || send(&address, base, &stop, &n_acked)
    });
    for round in 0..KILLS {
        let before = n_acked.load(Ordering::Relaxed);
        lab.until("numbers are acked", || n_acked.load(Ordering::Relaxed) >= before + ACKED);
        kill(lab, round);
    }
    stop.store(true, Ordering::Relaxed);
    let acked = load.join().unwrap();
    let missing = |found: &BTreeMap<i64, f64>| acked.iter().filter(|n| found.get(&(base + **n)) != Some(&(**n as f64))).count();
    lab.until("InfluxDB has all that was acked", || missing(&in_influx(lab)) == 0);
    lab.until("the store has all that was acked", || missing(&in_store(lab, base)) == 0);
    println!("        {KILLS} kills, {} numbers acked, none missing", acked.len());
}

/// Opens an alert, kills the processor before or while it tells of it, and waits for the next one.
fn kill(lab: &Lab, round: usize) {
    let address = format!("{}:5555", lab.swarm.address(DATA)).parse().unwrap();
    let host = format!("h{round}");
    let opened = || {
        Sender::connect_for(address, LIMIT)
            .is_ok_and(|mut sender| sender.send(&[event(&host, "level", now() as i64 / 1000, 9.0, 86_400.0)]).is_ok())
    };
    lab.until("an alert opens", opened);
    thread::sleep(Duration::from_millis(now() % 500));
    let container = lab.swarm.docker(DATA, &["ps", "--quiet", "--filter", "name=skep_processor"]);
    let pid = lab.swarm.docker(DATA, &["inspect", "--format", "{{.State.Pid}}", &container]);
    assert!(lab.swarm.command(DATA, Path::new("kill")).args(["-KILL", &pid]).status().unwrap().success());
    lab.until("another task of the processor runs", || {
        let now = lab.swarm.docker(DATA, &["ps", "--quiet", "--filter", "name=skep_processor"]);
        !now.is_empty() && now != container && lab.ask("/api/v1/alerts").is_some()
    });
    lab.until_alert("level-high", &host, "critical");
    lab.until("it is told", || lab.posts.has("level-high", &host, "opened"));
}

/// Sends one number after the other; gives those that were acked.
fn send(address: &str, base: i64, stop: &AtomicBool, n_acked: &AtomicUsize) -> BTreeSet<i64> {
    let (mut acked, mut sender) = (BTreeSet::new(), None);
    for n in 0..MOST {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        thread::sleep(PACE);
        sender = sender.or_else(|| Sender::connect_for(address.parse().unwrap(), LIMIT).ok());
        let Some(client) = &mut sender else { continue };
        // What had no ack may be there or not; it is not sent again.
        match client.send(&[event("sender", "number", base + n, n as f64, 86_400.0)]) {
            Ok(()) => {
                acked.insert(n);
                n_acked.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => sender = None,
        }
    }
    acked
}

fn in_influx(lab: &Lab) -> BTreeMap<i64, f64> {
    let rows = lab.influx.rows("SELECT value FROM number WHERE host = 'sender'");
    rows.iter().filter_map(|row| Some((row.first()?.as_i64()? / 1000, row.get(1)?.as_f64()?))).collect()
}

fn in_store(lab: &Lab, base: i64) -> BTreeMap<i64, f64> {
    let path = format!("/api/v1/series?measurement=number&field=value&from={base}&to={}&step=1s&host=sender", base + MOST);
    let answer = lab.ask(&path).unwrap_or_default();
    let points = answer[0]["points"].as_array().cloned().unwrap_or_default();
    points.iter().filter_map(|pair| Some((pair[0].as_f64()? as i64, pair[1].as_f64()?))).collect()
}
