//! The real collectd sends to the listener: plain, signed and encrypted; with wrong passwords nothing gets in.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{PATIENCE, Skep};
use serde_json::Value;
use testbed::{Server, require, wait_until};

/// skep with its listener, and the collectd that sends to it.
struct Pair {
    collectd: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    skep: Skep,
}

impl Pair {
    /// With these keys below `collector.collectd`; `None` without collectd.
    fn start(keys: &str) -> Option<Self> {
        let collectd = require("collectd", "collectd-core")?;
        // collectd refuses a path with a name that begins with a dot.
        let folder = tempfile::Builder::new().prefix("skep").tempdir().unwrap();
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let users = folder.path().join("users");
        fs::write(&users, "# all nodes\nnode1: pass word\n").unwrap();
        let settings = folder.path().join("skep.yaml");
        let keys = keys.replace("USERS", &users.to_string_lossy());
        fs::write(&settings, format!("collector:\n  docker: off\n  collectd: {{listen: '127.0.0.1:{port}'{keys}}}\n")).unwrap();
        let skep = Skep::start("run", folder.path(), &["--config", &settings.to_string_lossy()]);
        Some(Self { collectd, folder, port, skep })
    }

    /// collectd with these lines of its `<Server>`. Each datagram is sent after a second at the latest.
    fn node(&self, server: &str) -> Node {
        let (path, port) = (self.folder.path().display(), self.port);
        let plugins: String =
            ["cpu", "load", "memory", "interface", "threshold", "csv"].map(|name| format!("LoadPlugin {name}\n")).concat();
        let text = format!(
            "Hostname \"node1\"\nFQDNLookup false\nInterval 2\nBaseDir \"{path}\"\nPIDFile \"{path}/collectd.pid\"\n\
             TypesDB \"/usr/share/collectd/types.db\"\n{plugins}\
             <LoadPlugin network>\n  FlushInterval 1\n</LoadPlugin>\n\
             <Plugin network>\n  <Server \"127.0.0.1\" \"{port}\">\n{server}\n  </Server>\n</Plugin>\n\
             <Plugin csv>\n  DataDir \"{path}/csv\"\n  StoreRates true\n</Plugin>\n\
             <Plugin threshold>\n  <Type \"load\">\n    DataSource \"shortterm\"\n    FailureMin 1000\n    Persist true\n  </Type>\n</Plugin>\n"
        );
        let file = self.folder.path().join("collectd.conf");
        fs::write(&file, text).unwrap();
        let mut command = Command::new(&self.collectd);
        command.arg("-f").arg("-C").arg(&file);
        let log = self.folder.path().join("collectd.log");
        let server = Server::start(&mut command, &log).unwrap();
        Node { command, log, server }
    }

    /// One of skep's own counters.
    fn counter(&self, name: &str) -> f64 {
        let found = self.skep.index(&format!("service = \"skep_collector/collectd_{name}\""));
        found.first().and_then(|event| event["metric"].as_f64()).unwrap_or(0.0)
    }

    /// Waits until so many more datagrams were refused, and sees that nothing got in.
    #[track_caller]
    fn check_refused(&self, node: &mut Node) {
        let before = self.counter("refused");
        let is_refused = wait_until(PATIENCE, || {
            node.keep_running();
            self.counter("refused") > before + 1.0
        });
        assert!(is_refused, "nothing was refused; collectd says:\n{}\nskep says:\n{}", node.server.output(), self.skep.server.output());
        assert_eq!((self.counter("values"), self.skep.index("tagged \"collectd\"").len()), (0.0, 0));
    }
}

/// A running collectd. The released one crashes now and then; it is started again then.
struct Node {
    command: Command,
    log: PathBuf,
    server: Server,
}

impl Node {
    fn keep_running(&mut self) {
        if !self.server.is_running() {
            self.server = Server::start(&mut self.command, &self.log).unwrap();
        }
    }
}

/// Whether collectd itself has written this value, a rate where it is one, at this time into its own files,
/// which have six digits after the point.
fn is_in_csv(folder: &Path, file: &str, column: usize, event: &Value) -> bool {
    let path = folder.join("csv/node1").join(file);
    let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_string_lossy().into_owned());
    let Ok(files) = fs::read_dir(folder) else { return false };
    // `NAME-2026-11-26`: a file a day.
    let files = files.map(|entry| entry.unwrap().path());
    let files =
        files.filter(|path| path.file_name().unwrap().to_string_lossy().strip_prefix(&name).is_some_and(|rest| rest.starts_with("-2")));
    let (time, metric) = (seconds(event), event["metric"].as_f64().unwrap());
    let is_same = |line: &str| {
        let fields: Vec<f64> = line.split(',').filter_map(|field| field.parse().ok()).collect();
        fields.len() > column && (fields[0] - time).abs() < 0.002 && (fields[column] - metric).abs() <= 1e-6
    };
    files.into_iter().any(|path| fs::read_to_string(path).unwrap().lines().any(is_same))
}

/// Seconds since 1970.
fn seconds(event: &Value) -> f64 {
    event::Timestamp::parse(event["time"].as_str().unwrap()).unwrap().as_secs_f64()
}

#[test]
fn what_collectd_sends_is_what_it_writes_into_its_own_files() {
    let Some(pair) = Pair::start("") else { return };
    let mut node = pair.node("");
    let expected = [
        ("load/load/shortterm", "load/load", 1),
        ("load/load/longterm", "load/load", 3),
        ("memory/memory-used", "memory/memory-used", 1),
        ("memory/memory-free", "memory/memory-free", 1),
        ("cpu-0/cpu-user", "cpu-0/cpu-user", 1),
        ("cpu-0/cpu-idle", "cpu-0/cpu-idle", 1),
        ("interface-lo/if_octets/rx", "interface-lo/if_octets", 1),
        ("interface-lo/if_packets/tx", "interface-lo/if_packets", 2),
    ];
    let mut found = BTreeSet::new();
    let mut rx = Value::Null;
    let are_all = wait_until(PATIENCE, || {
        node.keep_running();
        for event in pair.skep.index("host = \"node1\" and tagged \"collectd\" and not tagged \"notification\"") {
            let Some((service, file, column)) = expected.iter().find(|(service, ..)| event["service"] == *service) else { continue };
            if is_in_csv(pair.folder.path(), file, *column, &event) {
                found.insert(*service);
                rx = if *service == "interface-lo/if_octets/rx" { event } else { rx.take() };
            }
        }
        found.len() == expected.len()
    });
    assert!(
        are_all,
        "only {found:?} are as collectd has them; it says:\n{}\nskep says:\n{}",
        node.server.output(),
        pair.skep.server.output()
    );
    assert!(rx["metric"].as_f64().unwrap() > 0.0, "{rx}");
    let attributes =
        ["plugin", "plugin_instance", "type", "ds_name", "ds_type", "ds_index"].map(|key| rx[key].as_str().unwrap().to_owned());
    assert_eq!(attributes, ["interface", "lo", "if_octets", "rx", "derive:rate", "0"]);
    assert_eq!((&rx["ttl"], rx["type_instance"].is_null()), (&Value::from(4.0), true));
    // The threshold, which a load always breaks.
    let told = pair.skep.wait_for("tagged \"notification\" and state = \"critical\"", 1);
    assert_eq!((&told[0]["service"], &told[0]["host"]), (&Value::from("load/load"), &Value::from("node1")));
    assert!(told[0]["description"].as_str().unwrap().contains("shortterm"), "{}", told[0]);
    for none in ["refused", "malformed", "dropped", "unnamed", "late"] {
        assert_eq!(pair.counter(none), 0.0, "{none}");
    }
    assert!(pair.counter("series") >= 20.0 && pair.counter("values") >= 40.0);
    drop(node);
    pair.skep.stop();
}

/// A level of both sides, and what skep says to a node without it.
#[track_caller]
fn check_sealed(keys: &str, level: &str, said: &str) {
    let Some(pair) = Pair::start(keys) else { return };
    let server = |password: &str| format!("    SecurityLevel {level}\n    Username \"node1\"\n    Password \"{password}\"");
    let mut wrong = pair.node(&server("password"));
    pair.check_refused(&mut wrong);
    drop(wrong);
    let mut plain = pair.node("    SecurityLevel None");
    pair.check_refused(&mut plain);
    drop(plain);
    let mut right = pair.node(&server("pass word"));
    let is_seen = wait_until(PATIENCE, || {
        right.keep_running();
        let is_there = |service: &str| !pair.skep.index(&format!("tagged \"collectd\" and service = \"{service}\"")).is_empty();
        ["load/load/shortterm", "memory/memory-used", "cpu-0/cpu-idle"].into_iter().all(is_there)
    });
    assert!(is_seen, "no values; collectd says:\n{}\nskep says:\n{}", right.server.output(), pair.skep.server.output());
    drop(right);
    let log = pair.skep.stop();
    assert!(log.contains("its password is not that of its user") && log.contains(said) && !log.contains("pass word"), "{log}");
}

#[test]
fn signed_datagrams_get_in_and_those_of_a_wrong_password_or_without_a_signature_are_refused_and_counted() {
    check_sealed(", security: sign, users: USERS", "Sign", "it is not signed");
}

#[test]
fn encrypted_datagrams_get_in_and_those_of_a_wrong_password_or_in_the_clear_are_refused_and_counted() {
    check_sealed(", security: encrypt, users: USERS", "Encrypt", "it is not encrypted");
}
