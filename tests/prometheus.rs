//! `/metrics?of=`: what Prometheus' own tools say of it, and the names that node_exporter gives on this very machine.

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
use std::io::Write as _;
use std::process::{Command, Stdio};

use common::{PATIENCE, Skep};
use testbed::{Server, free_port, http, require, wait_until};

/// Names with their types, label names and values, by a reading that takes nothing that the format does not allow.
#[track_caller]
fn strict(text: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut open = String::new();
    assert!(text.ends_with('\n'), "the last line must end");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, about) = rest.split_once(' ').expect("a help text");
            assert!(is_name(name) && !about.is_empty() && !families.contains_key(name), "{line}");
            open = name.to_owned();
            families.insert(open.clone(), Family::default());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            let family = families.get_mut(name).expect("the help stands before");
            assert!(name == open && family.kind.is_empty() && family.samples.is_empty() && ["counter", "gauge"].contains(&kind), "{line}");
            family.kind = kind.to_owned();
        } else {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) =
                series.split_once('{').map_or((series, ""), |(name, rest)| (name, rest.strip_suffix('}').expect("a brace")));
            let family = families.get_mut(name).filter(|_| name == open).expect("a sample stands below its own type");
            assert!(!family.kind.is_empty(), "{line}");
            let keys = label_names(labels);
            let value: f64 = value.parse().expect("a number");
            assert!(family.samples.insert(labels.to_owned(), (keys, value)).is_none(), "{line} stands there twice");
        }
    }
    families
}

#[derive(Debug, Default)]
struct Family {
    kind: String,
    samples: BTreeMap<String, (Vec<String>, f64)>,
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[track_caller]
fn label_names(labels: &str) -> Vec<String> {
    let (mut names, mut rest) = (Vec::new(), labels);
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("a label");
        assert!(is_name(name) && !names.contains(&name.to_owned()), "{labels}");
        names.push(name.to_owned());
        let mut end = None;
        let mut is_escaped = false;
        for (at, c) in value.char_indices() {
            match c {
                _ if is_escaped => is_escaped = !['\\', '"', 'n'].contains(&c),
                '\\' => is_escaped = true,
                '"' => {
                    end = Some(at);
                    break;
                }
                _ => {}
            }
            assert!(!is_escaped || c == '\\', "{labels}");
        }
        let after = &value[end.expect("a closing quote") + 1..];
        rest = after.strip_prefix(',').unwrap_or(after);
        assert!(rest.is_empty() || after.starts_with(','), "{labels}");
    }
    names.sort();
    names
}

/// `promtool check metrics`, where it is installed. It finds mistakes of form; what it says of names is of node_exporter's.
#[track_caller]
fn promtool(text: &str) {
    let Some(promtool) = require("promtool", "prometheus") else { return };
    let mut child = Command::new(promtool).args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // 3: names that a style guide would not have, which are the peers' own.
    assert!(matches!(output.status.code(), Some(0 | 3)) && !said.contains("error while linting"), "{said}");
}

#[track_caller]
fn metrics(address: std::net::SocketAddr, path: &str) -> String {
    let answer = http::get(address, path).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

const SETTINGS: &str = "collector: {samplers: {cpu_time: true}, docker: off}\n";

#[test]
fn a_processor_tells_prometheus_of_its_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("skep.yaml");
    std::fs::write(&file, SETTINGS).unwrap();
    let skep = Skep::start("run", folder.path(), &["--config", file.to_str().unwrap()]);
    skep.wait_for("service = \"disk///free\" or service = \"disk///reserved\" or service = \"cpu/cpu0/time_idle\"", 1);
    let text = metrics(skep.http, "/metrics?of=host");
    promtool(&text);
    let families = strict(&text);
    assert!(families["node_load1"].samples.keys().all(|labels| labels.starts_with("instance=\"")), "{text}");
    let host = &skep.index("service = \"system/load1\"")[0]["host"];
    let text = metrics(skep.http, &format!("/metrics?of=host&host={}", host.as_str().unwrap()));
    assert!(strict(&text)["node_load1"].samples.contains_key(""), "{text}");
    assert_eq!(http::get(skep.http, "/metrics?of=nonsense").unwrap().status, 400);
    promtool(&metrics(skep.http, "/metrics"));
    skep.stop();
}

#[test]
fn a_collector_tells_what_node_exporter_tells_by_the_same_names_and_labels() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("skep.yaml");
    std::fs::write(&file, SETTINGS).unwrap();
    let nowhere = format!("127.0.0.1:{}", free_port());
    let data = folder.path().join("data");
    let arguments = ["--config", file.to_str().unwrap(), "--to", &nowhere, "--data-dir", data.to_str().unwrap()];
    let skep = Skep::start("collect", folder.path(), &arguments);
    let mut text = String::new();
    let told = wait_until(PATIENCE, || {
        text = metrics(skep.http, "/metrics?of=host");
        ["node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_filefd_maximum"]
            .iter()
            .all(|name| text.contains(&format!("# TYPE {name} ")))
    });
    assert!(told, "{text}");
    promtool(&text);
    let ours = strict(&text);
    promtool(&metrics(skep.http, "/metrics"));
    strict(&metrics(skep.http, "/metrics"));
    strict_or_empty(&metrics(skep.http, "/metrics?of=containers"));
    assert_eq!(http::get(skep.http, "/metrics?of=nonsense").unwrap().status, 400);
    compare(&ours);
    skep.stop();
}

fn strict_or_empty(text: &str) {
    if !text.is_empty() {
        strict(text);
    }
}

/// What a real node_exporter tells of this machine: each name of ours is one of its own, with labels of its own.
fn compare(ours: &BTreeMap<String, Family>) {
    let Some(exporter) = require("prometheus-node-exporter", "prometheus-node-exporter") else { return };
    let folder = tempfile::tempdir().unwrap();
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(exporter);
    command.args(["--web.listen-address", &address, "--collector.cpu.guest"]);
    let _server = Server::start(&mut command, &folder.path().join("log")).unwrap();
    let mut theirs = String::new();
    let up = wait_until(PATIENCE, || {
        http::get(address.parse().unwrap(), "/metrics").is_ok_and(|answer| {
            theirs = answer.body;
            answer.status == 200
        })
    });
    assert!(up, "node_exporter did not come up");
    let mut n_shared = 0;
    for (name, family) in ours {
        let of_theirs: Vec<&str> =
            theirs.lines().filter(|line| line.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with([' ', '{']))).collect();
        // Not every kernel shows all to it: link speeds, frequencies.
        let Some(line) = of_theirs.first() else { continue };
        n_shared += 1;
        let labels = line.split_once('{').map_or("", |(_, rest)| rest.rsplit_once('}').unwrap().0);
        let mut keys = label_names(labels);
        if name == "node_uname_info" {
            keys.retain(|key| ["nodename", "sysname"].contains(&key.as_str()));
        }
        for (ours, _) in family.samples.values() {
            assert_eq!(*ours, keys, "{name} has other labels than node_exporter's {line}");
        }
    }
    assert!(n_shared >= 80, "only {n_shared} of {} names are node_exporter's here", ours.len());
    for same in ["node_memory_MemTotal_bytes", "node_boot_time_seconds", "node_memory_SwapTotal_bytes"] {
        let line = theirs.lines().find(|line| line.starts_with(&format!("{same} "))).unwrap();
        let value: f64 = line.rsplit_once(' ').unwrap().1.parse().unwrap();
        let (_, ours) = ours[same].samples[""];
        assert!((ours - value).abs() <= 1.0, "{same}: {ours}, node_exporter has {value}");
    }
}
