//! `kill -9` at random moments under load: what was acked is there afterwards, and open alerts are open since when they were.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::Skep;
use common::sender::{Sender, event};
use testbed::wait_until;

/// How often the process is killed; `SKEP_KILLS` says otherwise.
const KILLS: u32 = 20;
const SERIES: usize = 50;

/// Events of the load lie this far back, so that each message may have a second of its own without reaching the future.
const BACK: i64 = 3600;

#[test]
fn nothing_acked_is_lost_and_alerts_stay_open() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(
        rules.join("level.yaml"),
        "alerts:\n  level-high:\n    where: service = \"level\"\n    by: [host]\n    crit: metric > 5\n",
    )
    .unwrap();
    let arguments = ["--rules", rules.to_str().unwrap()];

    let kills = std::env::var("SKEP_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let base = now() - BACK;
    let mut acked = Vec::new();
    let mut second = base;
    let mut since = None;
    for round in 0..kills {
        let mut skep = Skep::start("process", folder.path(), &arguments);
        let found = open_since(&skep, round == 0);
        if let Some(found) = found {
            assert_eq!(*since.get_or_insert_with(|| found.clone()), found, "round {round}: the alert's `since` moved");
        } else {
            assert_eq!(round, 0, "the alert is not open after kill {round}:\n{}", skep.server.output());
            let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
            sender.send(&[event("a", "level", now(), 9.0, 86_400.0)]).unwrap();
        }
        let next = load_until_killed(&mut skep, second, BACK / i64::from(kills) - 2);
        acked.extend(second..next);
        // The second that was on its way when the process died may be there or not; the next round starts behind it.
        second = next + 1;
    }
    let skep = Skep::start("process", folder.path(), &arguments);
    assert!(acked.len() > kills as usize, "only {} messages were acked: this is no load", acked.len());
    check_store(&skep, &acked, base, second);
    println!("{kills} kills, {} messages of {SERIES} events acked, none missing", acked.len());
    skep.stop();
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// The `since` of the one open alert; in the first round there may be none yet.
fn open_since(skep: &Skep, first: bool) -> Option<String> {
    let query = "service =~ \"alert/%\" and state = \"critical\"";
    let events = if first { skep.index(query) } else { skep.wait_for(query, 1) };
    events.first().map(|event| event["since"].as_str().expect("a since").to_owned())
}

/// Sends one message a second of event time, as fast as acks come, and kills the process after a random moment.
/// Gives the first second that was not acked.
fn load_until_killed(skep: &mut Skep, first: i64, most: i64) -> i64 {
    let address = skep.riemann.unwrap();
    let (sender, done) = mpsc::channel();
    let load = thread::spawn(move || {
        let mut client = Sender::connect(address).unwrap();
        let mut second = first;
        let mut events: Vec<_> = (0..SERIES).map(|n| event("load", &format!("load-{n}"), 0, 0.0, 7200.0)).collect();
        loop {
            for (n, event) in events.iter_mut().enumerate() {
                event.time = Some(event::Timestamp::from_secs(second));
                event.metric = Some(event::Metric::Float(value(n, second)));
            }
            if client.send(&events).is_err() {
                break;
            }
            second += 1;
            // The load stays below the second of now: later events would be of the future.
            if second - first >= most {
                break;
            }
        }
        let _ = sender.send(second);
    });
    thread::sleep(Duration::from_millis(20 + u64::from(rand_below(400))));
    skep.server.kill();
    load.join().unwrap();
    done.recv().unwrap()
}

fn value(n: usize, second: i64) -> f64 {
    (second % 1000) as f64 + n as f64 / 128.0
}

/// Random enough for a moment: the clock's microseconds.
fn rand_below(limit: u32) -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros() % limit
}

#[track_caller]
fn check_store(skep: &Skep, acked: &[i64], from: i64, to: i64) {
    for n in 0..SERIES {
        let mut missing = BTreeSet::new();
        // The journal is applied before the first answer; what it holds reaches the store a moment later.
        let whole = wait_until(common::PATIENCE, || {
            let points = stored(skep, n, from, to);
            missing = acked.iter().filter(|second| points.get(second) != Some(&value(n, **second))).collect();
            missing.is_empty()
        });
        assert!(whole, "load-{n}: {} of {} acked events are not in the store, first {:?}", missing.len(), acked.len(), missing.first());
    }
}

fn stored(skep: &Skep, n: usize, from: i64, to: i64) -> BTreeMap<i64, f64> {
    let path = format!("/api/v1/series?measurement=load-{n}&field=value&from={from}&to={to}&step=1s&host=load");
    let answer = skep.json(&path);
    let points = answer[0]["points"].as_array().map(Vec::as_slice).unwrap_or_default();
    points.iter().filter_map(|pair| Some((pair[0].as_f64()? as i64, pair[1].as_f64()?))).collect()
}
