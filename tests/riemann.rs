//! Foreign clients of Riemann's protocol work unchanged: Debian's collectd and riemann-client.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::fs;
use std::process::{Command, Output};

use common::{PATIENCE, Skep};
use testbed::{Server, require};

#[test]
fn riemann_client_sends_and_queries() {
    let Some(client) = require("riemann-client", "riemann-c-client") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let address = skep.riemann.unwrap();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let run = |arguments: &[&str]| -> Output { Command::new(&client).args(arguments).args([&host, &port]).output().unwrap() };
    let sent = run(&[
        "send",
        "--host",
        "web1",
        "--service",
        "requests",
        "--metric-d",
        "4.5",
        "--state",
        "ok",
        "--tag",
        "prod",
        "--attribute",
        "dc=fra",
    ]);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let answer = run(&["query", "service = \"requests\" and dc = \"fra\""]);
    let text = String::from_utf8_lossy(&answer.stdout).into_owned();
    assert!(answer.status.success() && text.contains("web1") && text.contains("4.5"), "{text}");
    assert_eq!(skep.index("tagged \"prod\"")[0]["metric"], 4.5);
    let refused = run(&["query", "service = "]);
    assert!(!String::from_utf8_lossy(&refused.stdout).contains("web1"));
    skep.stop();
}

#[test]
fn collectd_with_write_riemann_fills_the_index() {
    let Some(collectd) = require("collectd", "collectd-core") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let address = skep.riemann.unwrap();
    let path = folder.path().display();
    let settings = format!(
        "Hostname \"node1\"\nFQDNLookup false\nInterval 1\nBaseDir \"{path}\"\nPIDFile \"{path}/collectd.pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n\
         LoadPlugin load\nLoadPlugin memory\nLoadPlugin cpu\nLoadPlugin write_riemann\n\
         <Plugin write_riemann>\n  <Node \"skep\">\n    Host \"{}\"\n    Port \"{}\"\n    Protocol TCP\n    StoreRates true\n    AlwaysAppendDS false\n  </Node>\n  Tag \"collectd\"\n</Plugin>\n",
        address.ip(),
        address.port()
    );
    let file = folder.path().join("collectd.conf");
    fs::write(&file, settings).unwrap();
    // The released collectd corrupts its events and crashes after a while (collectd #4050); it is started again then.
    let start = || Server::start(Command::new(&collectd).arg("-f").arg("-C").arg(&file), &folder.path().join("collectd.log")).unwrap();
    let mut server = start();
    let found = testbed::wait_until(PATIENCE, || {
        if !server.is_running() {
            server = start();
        }
        ["load/load/shortterm", "memory/memory-used"]
            .iter()
            .all(|service| !skep.index(&format!("tagged \"collectd\" and service = \"{service}\"")).is_empty())
    });
    assert!(found, "collectd's events are not in the index; it says:\n{}\nskep says:\n{}", server.output(), skep.server.output());
    drop(server);
    skep.stop();
}
