//! What skep says beside what collectd and `docker stats` say of the same half minute: a core burnt, memory held, bytes sent and written.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod common;

use std::fs;
use std::io::Write as _;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::Skep;
use serde_json::Value;
use testbed::{Dockerd, Server, require};

/// How long both watch under load.
const SPAN: Duration = Duration::from_secs(30);

/// Sent and written in that time.
const SENT: usize = 100 << 20;
const WRITTEN: usize = 200 << 20;

/// Other programs of the machine move its numbers between a sample of the one and of the other; so much is tried.
const TRIES: usize = 3;

#[test]
fn skep_says_what_collectd_and_docker_say() {
    let (Some(collectd), Some(docker)) = (require("collectd", "collectd-core"), Dockerd::start()) else { return };
    let Some(wire) = Wire::new() else { return };
    let watch = Watch::start(&collectd, &docker);
    docker.run("burn", &[], &["sh", "-c", "while :; do :; done"]);
    let hold = "dd if=/dev/zero of=/hold/file bs=1048576 count=256; sleep 1000";
    docker.run("hold", &["-m", "400m", "--tmpfs", "/hold:size=300m"], &["sh", "-c", hold]);
    let mut found = Vec::new();
    for _ in 0..TRIES {
        found = watch.differences(&wire, &docker);
        if found.is_empty() {
            return;
        }
        println!("once more: {found:#?}");
    }
    panic!("{found:#?}");
}

/// A pair of virtual interfaces, one of them on the host; it goes when dropped.
struct Wire(String);

impl Wire {
    /// Those of runs that were killed: two with the same network would take each other's packets.
    fn remove_left() {
        for name in fs::read_dir("/sys/class/net").unwrap().flatten().map(|entry| entry.file_name()) {
            let name = name.to_string_lossy();
            let process = name.strip_prefix("sk").filter(|digits| digits.parse::<u32>().is_ok());
            if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                drop(Self(name.into_owned()));
            }
        }
    }

    fn new() -> Option<Self> {
        let ip = require("ip", "iproute2")?;
        // Not `veth…`: skep leaves those to the containers behind them.
        Self::remove_left();
        let wire = Self(format!("sk{}", std::process::id() % 100_000));
        let run = |arguments: &str| assert!(Command::new(&ip).args(arguments.split(' ')).status().unwrap().success(), "ip {arguments}");
        run(&format!("link add {0} type veth peer name {0}p", wire.0));
        run(&format!("address add 198.18.77.1/30 dev {}", wire.0));
        run(&format!("link set {} up", wire.0));
        run(&format!("link set {}p up", wire.0));
        // Nobody answers there, so nobody is asked for its address.
        run(&format!("neighbour add 198.18.77.2 lladdr 02:00:00:00:00:02 dev {}", wire.0));
        Some(wire)
    }

    /// Sends so many bytes, spread over the time.
    fn send(&self, bytes: usize, span: Duration) {
        let socket = UdpSocket::bind("198.18.77.1:0").unwrap();
        let datagram = [0; 1400];
        let (n, start) = (bytes / datagram.len(), Instant::now());
        for at in 0..n {
            socket.send_to(&datagram, "198.18.77.2:9").unwrap();
            if at % 100 == 0 {
                thread::sleep((start + span.mul_f64(at as f64 / n as f64)).saturating_duration_since(Instant::now()));
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["link", "delete", &self.0]).status();
    }
}

/// A file system of the test's own, on a file; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    fn new(folder: &Path) -> Self {
        let (image, path) = (folder.join("disk.image"), folder.join("disk"));
        fs::create_dir(&path).unwrap();
        fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
        run(Command::new("mkfs.ext4").arg("-q").arg(&image));
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&path));
        Self(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// skep and collectd over the same machine.
struct Watch {
    skep: Skep,
    collectd_server: Server,
    disk: Disk,
    folder: tempfile::TempDir,
    n_cpus: usize,
}

impl Watch {
    fn start(collectd: &Path, docker: &Dockerd) -> Self {
        // collectd refuses a path with a name that begins with a dot.
        let folder = tempfile::Builder::new().prefix("skep").tempdir().unwrap();
        let disk = Disk::new(folder.path());
        let settings = folder.path().join("skep.yaml");
        fs::write(&settings, format!("collector:\n  docker: {}\n", docker.socket().display())).unwrap();
        let skep = Skep::start("run", folder.path(), &["--config", &settings.to_string_lossy()]);
        let (path, file) = (folder.path().display(), folder.path().join("collectd.conf"));
        let load: String = ["cpu", "memory", "interface", "disk", "df", "csv"].map(|name| format!("LoadPlugin {name}\n")).concat();
        let text = format!(
            "Hostname \"node1\"\nFQDNLookup false\nInterval 1\nBaseDir \"{path}\"\nPIDFile \"{path}/collectd.pid\"\n\
             TypesDB \"/usr/share/collectd/types.db\"\n{load}<Plugin csv>\n  DataDir \"{path}/csv\"\n  StoreRates false\n</Plugin>\n\
             <Plugin df>\n  MountPoint \"{}\"\n  IgnoreSelected false\n</Plugin>\n",
            disk.0.display()
        );
        fs::write(&file, text).unwrap();
        let collectd_server =
            Server::start(Command::new(collectd).arg("-f").arg("-C").arg(&file), &folder.path().join("collectd.log")).unwrap();
        let n_cpus = thread::available_parallelism().unwrap().get();
        Self { skep, collectd_server, disk, folder, n_cpus }
    }

    /// Makes load, and gives what the two do not agree on.
    fn differences(&self, wire: &Wire, docker: &Dockerd) -> Vec<String> {
        // A quiet stretch before and after, so that both see the counters stand still.
        thread::sleep(Duration::from_secs(12));
        let from = now() - 3.0;
        fs::write(self.disk.0.join("file"), vec![7; 20 << 20]).unwrap();
        let (stats, disk) = thread::scope(|scope| {
            scope.spawn(|| wire.send(SENT, SPAN - Duration::from_secs(4)));
            let disk = scope.spawn(|| write(self.folder.path(), WRITTEN, SPAN - Duration::from_secs(4)));
            let stats = scope.spawn(|| docker_stats(docker, SPAN));
            (stats.join().unwrap(), disk.join().unwrap())
        });
        thread::sleep(Duration::from_secs(3));
        let to = now();
        let found = [
            self.cpu(from, to),
            self.memory(from, to),
            self.counter(
                "bytes sent",
                from,
                to,
                "net",
                "bytes_sent",
                ("interface", &wire.0),
                &format!("interface-{}/if_octets", wire.0),
                2,
            ),
            self.counter("bytes written", from, to, "diskio", "write_bytes", ("name", &disk), &format!("disk-{disk}/disk_octets"), 2),
            self.df("free", from, to),
            self.df("used", from, to),
            self.df("reserved", from, to),
        ];
        found.into_iter().flatten().chain(self.containers(docker, &stats)).collect()
    }

    /// Busy share of all processors, in points.
    fn cpu(&self, from: f64, to: f64) -> Option<String> {
        let ours = mean(&self.series("cpu", "usage_active", ("cpu", "cpu-total"), from, to));
        let spent =
            |state: &str| -> f64 { (0..self.n_cpus).map(|cpu| rise(&self.csv(&format!("cpu-{cpu}/cpu-{state}"), 1), from, to)).sum() };
        let idle = spent("idle");
        let all: f64 = idle + ["user", "system", "nice", "wait", "interrupt", "softirq", "steal"].map(spent).iter().sum::<f64>();
        differs("cpu busy, %", ours, 100.0 * (1.0 - idle / all), 3.0)
    }

    /// What collectd calls used: all but free, buffers, cache and slab.
    fn memory(&self, from: f64, to: f64) -> Option<String> {
        let ours = |field: &str| mean(&self.series("mem", field, ("", ""), from, to));
        let used = ours("total") - ours("free") - ours("buffered") - ours("cached") - ours("slab");
        let theirs: Vec<(f64, f64)> = within(&self.csv("memory/memory-used", 1), from, to);
        let theirs = mean(&theirs);
        differs("memory used", used, theirs, theirs * 0.01)
    }

    #[expect(clippy::too_many_arguments, reason = "one counter, by the names that it has with both")]
    fn counter(
        &self,
        what: &str,
        from: f64,
        to: f64,
        measurement: &str,
        field: &str,
        tag: (&str, &str),
        file: &str,
        column: usize,
    ) -> Option<String> {
        let ours = rise(&self.series(measurement, field, tag, from, to), from, to);
        let theirs = rise(&self.csv(file, column), from, to);
        let enough = theirs > 90e6;
        differs(what, ours, theirs, theirs * 0.02).or_else(|| (!enough).then(|| format!("{what}: collectd saw only {theirs}")))
    }

    /// To the block, of a file system that nobody else writes to; the last of both.
    fn df(&self, field: &str, from: f64, to: f64) -> Option<String> {
        let path = self.disk.0.to_string_lossy();
        let ours = self.series("disk", field, ("path", &path), from, to);
        let theirs = self.csv(&format!("df-{}/df_complex-{field}", path.trim_start_matches('/').replace('/', "-")), 1);
        let last = |rows: &[(f64, f64)]| within(rows, from, to).last().map_or(f64::NAN, |row| row.1);
        differs(&format!("df {field}"), last(&ours), last(&theirs), 4096.0)
    }

    /// `docker stats` beside ours over the same seconds.
    fn containers(&self, docker: &Dockerd, stats: &[Stats]) -> Vec<String> {
        let mut found = Vec::new();
        for (name, is_cpu) in [("burn", true), ("hold", false)] {
            let full = docker.name(name);
            let theirs: Vec<&Stats> = stats.iter().filter(|stats| stats.name == full).collect();
            let (Some(first), Some(last)) = (theirs.first(), theirs.last()) else {
                found.push(format!("docker stats lacks {full}"));
                continue;
            };
            let (from, to) = (first.at - 2.0, last.at);
            let their = |pick: fn(&Stats) -> f64| theirs.iter().map(|stats| pick(stats)).sum::<f64>() / theirs.len() as f64;
            found.extend(if is_cpu {
                let ours = mean(&self.series("docker_container_cpu", "usage_percent", ("container_name", &full), from, to));
                differs("cpu of a container, %", ours, their(|stats| stats.cpu), 5.0)
            } else {
                let ours = mean(&self.series("docker_container_mem", "working_set", ("container_name", &full), from, to));
                let theirs = their(|stats| stats.memory);
                differs("memory of a container", ours, theirs, theirs * 0.02)
            });
        }
        found
    }

    /// Stored values of ours: seconds since 1970 and value.
    fn series(&self, measurement: &str, field: &str, tag: (&str, &str), from: f64, to: f64) -> Vec<(f64, f64)> {
        let tag = if tag.0.is_empty() { String::new() } else { format!("&{}={}", tag.0, testbed::http::encode(tag.1)) };
        let path = format!("/api/v1/series?measurement={measurement}&field={field}&from={}&to={}{tag}", from as i64, to as i64 + 1);
        let found = self.skep.json(&path);
        let points = found.as_array().and_then(|series| series.first()).map(|series| series["points"].clone());
        let points = points.unwrap_or_else(|| panic!("{path} gives nothing: {found}"));
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        points.as_array().unwrap().iter().map(|point| (seconds(&point[0]), number(&point[1]))).collect()
    }

    /// A column of collectd's file of today and, around midnight, of the day before.
    fn csv(&self, file: &str, column: usize) -> Vec<(f64, f64)> {
        let path = self.folder.path().join("csv/node1").join(file);
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_string_lossy().into_owned());
        let mut files: Vec<PathBuf> = fs::read_dir(folder)
            .unwrap_or_else(|_| panic!("no {}; collectd says:\n{}", folder.display(), self.collectd_server.output()))
            .map(|e| e.unwrap().path())
            .collect();
        files.retain(|path| path.file_name().unwrap().to_string_lossy().strip_prefix(&name).is_some_and(|rest| rest.starts_with("-2")));
        files.sort();
        let lines = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
        let row = |line: &str| {
            let fields: Vec<f64> = line.split(',').filter_map(|field| field.parse().ok()).collect();
            Some((*fields.first()?, *fields.get(column)?))
        };
        lines.lines().filter_map(row).collect()
    }
}

/// One line of `docker stats`.
struct Stats {
    at: f64,
    name: String,
    /// Percent of one processor.
    cpu: f64,
    /// Bytes.
    memory: f64,
}

fn docker_stats(docker: &Dockerd, span: Duration) -> Vec<Stats> {
    let end = Instant::now() + span;
    let mut found = Vec::new();
    while Instant::now() < end {
        let text = docker.docker(&["stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.MemUsage}}"]);
        for line in text.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let cpu = fields[1].trim_end_matches('%').parse().unwrap_or(f64::NAN);
            found.push(Stats { at: now(), name: fields[0].to_owned(), cpu, memory: bytes(fields[2]) });
        }
    }
    found
}

/// `256.4MiB`
fn bytes(text: &str) -> f64 {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
    let (unit, factor) = units.into_iter().find(|(unit, _)| text.ends_with(unit)).unwrap();
    text.trim_end_matches(unit).parse::<f64>().unwrap() * f64::from(factor)
}

/// Writes so many bytes to a disk, spread over the time; gives the disk's name.
fn write(folder: &Path, bytes: usize, span: Duration) -> String {
    let path = folder.join("written");
    let mut file = fs::File::create(&path).unwrap();
    let (piece, start) = (vec![7; 4 << 20], Instant::now());
    for at in 0..bytes / piece.len() {
        file.write_all(&piece).unwrap();
        file.sync_data().unwrap();
        thread::sleep((start + span.mul_f64(at as f64 * piece.len() as f64 / bytes as f64)).saturating_duration_since(Instant::now()));
    }
    let device = Command::new("stat").args(["-c", "%d"]).arg(&path).output().unwrap();
    let device: u64 = String::from_utf8(device.stdout).unwrap().trim().parse().unwrap();
    let link = fs::read_link(format!("/sys/dev/block/{}:{}", device >> 8, device & 0xff)).unwrap();
    fs::remove_file(&path).unwrap();
    link.file_name().unwrap().to_string_lossy().into_owned()
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A time of the API: seconds, or text.
fn seconds(time: &Value) -> f64 {
    time.as_f64().unwrap_or_else(|| event::Timestamp::parse(time.as_str().unwrap()).unwrap().micros() as f64 / 1e6)
}

fn within(rows: &[(f64, f64)], from: f64, to: f64) -> Vec<(f64, f64)> {
    rows.iter().copied().filter(|(at, _)| (from..=to).contains(at)).collect()
}

fn mean(rows: &[(f64, f64)]) -> f64 {
    rows.iter().map(|(_, value)| value).sum::<f64>() / rows.len() as f64
}

/// What a counter grew by.
fn rise(rows: &[(f64, f64)], from: f64, to: f64) -> f64 {
    let rows = within(rows, from, to);
    rows.last().map_or(f64::NAN, |last| last.1) - rows.first().map_or(f64::NAN, |first| first.1)
}

fn differs(what: &str, ours: f64, theirs: f64, distance: f64) -> Option<String> {
    println!("{what}: skep {ours:.1}, the other {theirs:.1}, may differ by {distance:.1}");
    // Not when one of them is no number either.
    let agree = (ours - theirs).abs() <= distance;
    (!agree).then(|| format!("{what}: skep says {ours}, the other {theirs}, more apart than {distance}"))
}
