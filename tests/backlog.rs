//! The processor goes away and comes back: the collector loses nothing, lives through its own death, and no alert fires from what is past.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::Skep;
use testbed::{http, wait_until};

const RULE: &str = "alerts:\n  load-peak:\n    where: service = \"system/load1\"\n    by: [host]\n    crit: metric > 50\n";

/// A host whose load the test sets, and the processor's place.
struct World {
    folder: tempfile::TempDir,
    riemann: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let riemann = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let world = Self { folder, riemann };
        std::fs::create_dir_all(world.path("rules")).unwrap();
        std::fs::create_dir_all(world.path("host/proc")).unwrap();
        std::fs::write(world.path("rules/load.yaml"), RULE).unwrap();
        std::fs::write(world.path("host/proc/stat"), "cpu  1 0 1 9 0 0 0 0 0 0\ncpu0 1 0 1 9 0 0 0 0 0 0\n").unwrap();
        std::fs::write(world.path("host/proc/uptime"), "1000.00 900.00\n").unwrap();
        std::fs::write(world.path("skep.yaml"), "collector: {host: node1, docker: off, interval: 1s}\n").unwrap();
        world.set_load("0.50");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn set_load(&self, load: &str) {
        // In place: the collector holds the file open.
        std::fs::write(self.path("host/proc/loadavg"), format!("{load} 0.40 0.30 1/200 4242\n")).unwrap();
    }

    fn processor(&self) -> Skep {
        Skep::start_at(&self.riemann, "process", self.folder.path(), &["--rules", &self.text("rules")])
    }

    fn collector(&self) -> Skep {
        let (config, host, data) = (self.text("skep.yaml"), self.text("host"), self.text("collector"));
        let arguments = ["--config", &config, "--host-root", &host, "--data-dir", &data, "--to", &self.riemann];
        Skep::start("collect", self.folder.path(), &arguments)
    }

    fn backlog_bytes(&self) -> u64 {
        let files = std::fs::read_dir(self.path("collector/backlog")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// The loads in the store by second.
fn loads(skep: &Skep, from: i64) -> BTreeMap<i64, f64> {
    let answer = skep.json(&format!("/api/v1/series?measurement=system&field=load1&from={from}&to={}&step=1s&host=node1", now() + 1));
    let points = answer[0]["points"].as_array().map(Vec::as_slice).unwrap_or_default();
    points.iter().filter_map(|pair| Some((pair[0].as_f64()? as i64, pair[1].as_f64()?))).collect()
}

fn value(skep: &Skep, service: &str) -> f64 {
    skep.wait_for(&format!("service = \"{service}\" and host = \"node1\""), 1)[0]["metric"].as_f64().unwrap()
}

/// Waits until every second from `from` to `to` is stored; a busy machine may have made the collector miss turns, which it says.
#[track_caller]
fn check_whole(skep: &Skep, from: i64, to: i64) -> BTreeMap<i64, f64> {
    let mut found = BTreeMap::new();
    let whole = wait_until(common::PATIENCE, || {
        found = loads(skep, from);
        let n_missing = (from..=to).filter(|second| !found.contains_key(second)).count();
        n_missing as f64 <= value(skep, "skep_collector/turns_missed")
    });
    assert!(whole, "from {from} to {to} only these are stored: {:?}", found.keys().collect::<Vec<_>>());
    found
}

#[track_caller]
fn check_no_alert(skep: &Skep) {
    assert_eq!(skep.index("service =~ \"alert/load-peak%\""), Vec::<serde_json::Value>::new(), "an alert fired from what is past");
}

fn late(skep: &Skep) -> u64 {
    let text = http::get(skep.http, "/metrics").unwrap().body;
    let line = text.lines().find(|line| line.starts_with("skep_processor_events_late")).unwrap_or_default();
    line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() as u64
}

#[test]
fn what_was_sampled_while_the_processor_was_away_is_stored_once_it_is_back_and_fires_nothing() {
    let world = World::new();
    let mut processor = world.processor();
    let collector = world.collector();
    processor.wait_for("service = \"system/load1\" and host = \"node1\"", 1);
    let begun = now();
    processor.server.kill();
    world.set_load("99.00");
    assert!(wait_until(common::PATIENCE, || world.backlog_bytes() > 20_000), "nothing is kept on disk:\n{}", collector.server.output());
    sleep(Duration::from_secs(3));
    let ended = now();
    world.set_load("0.25");
    // What is in memory is live when the processor returns: the load must be low again in all of it.
    sleep(Duration::from_secs(7));
    let processor = world.processor();
    assert!(processor.wait_for("service = \"skep_collector/backlog_bytes\" and host = \"node1\"", 1).len() == 1);
    let found = check_whole(&processor, begun + 1, now() - 2);
    let high = found.range(begun + 1..=ended).filter(|(_, load)| **load == 99.0).count();
    assert!(high >= 5, "{found:?}");
    assert!(late(&processor) > 0);
    assert!(wait_until(common::PATIENCE, || value(&processor, "skep_collector/backlog_bytes") == 0.0));
    assert_eq!(value(&processor, "skep_collector/backlog_dropped"), 0.0);
    check_no_alert(&processor);
    // Of live heartbeats only: those of the backlog are late by what the processor was away.
    let offset = value(&processor, "skep_collector/clock_offset");
    assert!((0.0..6.0).contains(&offset), "{offset} s");
    let said = collector.stop();
    assert!(said.contains("kept in the backlog") && said.contains("the backlog was sent"), "{said}");
    processor.stop();
}

#[test]
fn the_backlog_lives_through_kill_9_of_the_collector() {
    let world = World::new();
    world.set_load("99.00");
    let begun = now();
    let mut collector = world.collector();
    sleep(Duration::from_secs(10));
    assert!(wait_until(common::PATIENCE, || world.backlog_bytes() > 20_000), "nothing is kept on disk:\n{}", collector.server.output());
    let killed = now();
    collector.server.kill();
    world.set_load("0.25");
    let collector = world.collector();
    let processor = world.processor();
    let mut found = BTreeMap::new();
    // Samples of the last 5 s, and of the turn under way, were in memory.
    let last = killed - 8;
    let whole = wait_until(common::PATIENCE, || {
        found = loads(&processor, begun);
        found.range(..=last).filter(|(_, load)| **load == 99.0).count() >= 1 && found.contains_key(&(now() - 2))
    });
    assert!(whole, "{begun} to {last}: {found:?}\n{}", collector.server.output());
    check_no_alert(&processor);
    collector.stop();
    processor.stop();
}

#[test]
fn a_disk_that_refuses_the_backlog_is_told_and_counted() {
    let world = World::new();
    std::fs::create_dir_all(world.path("collector")).unwrap();
    // A file where the folder should be; a full disk takes the same way.
    std::fs::write(world.path("collector/backlog"), "in the way").unwrap();
    let collector = world.collector();
    let processor = world.processor();
    assert_eq!(value(&processor, "skep_collector/backlog_failing"), 1.0);
    let said = collector.stop();
    assert!(said.contains("the backlog cannot be used"), "{said}");
    processor.stop();
}

/// On a file system of 64 KiB, where this user may mount one.
#[test]
fn a_full_disk_is_told_counted_and_tried_again() {
    let world = World::new();
    let data = world.path("collector");
    std::fs::create_dir_all(&data).unwrap();
    let Some(_mounted) = Small::mount(&data) else {
        println!("not tested: this user may not mount a tmpfs");
        return;
    };
    std::fs::write(data.join("filler"), vec![0; 48 << 10]).unwrap();
    let collector = world.collector();
    let full = wait_until(common::PATIENCE, || collector.server.output().contains("the backlog cannot be used"));
    assert!(full, "{}", collector.server.output());
    std::fs::remove_file(data.join("filler")).unwrap();
    let again = wait_until(common::PATIENCE, || collector.server.output().contains("the backlog can be used again"));
    assert!(again, "{}", collector.server.output());
    collector.stop();
}

/// A small file system, unmounted when dropped.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mount = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"]).arg(at).output().ok()?;
        mount.status.success().then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        // A lazy unmount: the collector may still be ending.
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0).output();
    }
}
