//! Programs that speak Riemann's protocol, unchanged: Debian's collectd and riemann-client, and bernhard from PyPI.

use std::fs;
use std::process::{Command, Output};

use testbed::{Server, require};

use crate::common::python;
use crate::common::{PATIENCE, Skep};

/// bernhard 0.2.6 is of 2017: it wants `pkg_resources`, which newer setuptools have no more, and a protobuf whose version begins with 3.
const PACKAGES: [&str; 3] = ["bernhard==0.2.6", "protobuf==3.20.3", "setuptools<81"];

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

/// Sends an event with all it can say, asks for it, and asks what is no query.
const BERNHARD: &str = r#"
import sys, bernhard
client = bernhard.Client(host=sys.argv[1], port=int(sys.argv[2]))
event = {'host': 'web1', 'service': 'requests', 'state': 'ok', 'metric': 4.5, 'ttl': 600, 'tags': ['prod', 'eu'],
         'description': 'a text', 'attributes': {'dc': 'fra'}}
assert client.send(event, {'host': 'web2', 'service': 'requests', 'metric': 1, 'ttl': 600})
found = client.query('service = "requests" and dc = "fra"')
assert len(found) == 1, found
only = found[0]
told = (only.host, only.service, only.state, only.metric, only.ttl, list(only.tags), only.description, [(a.key, a.value) for a in only.attributes])
assert told == ('web1', 'requests', 'ok', 4.5, 600.0, ['prod', 'eu'], 'a text', [('dc', 'fra')]), told
assert client.query('service = ') == []
assert len(client.query('service = "requests"')) == 2
assert all(client.send({'host': 'web1', 'service': 'turns', 'metric': n, 'ttl': 600}) for n in range(100))
udp = bernhard.Client(host=sys.argv[1], port=int(sys.argv[2]), transport=bernhard.UDPTransport)
udp.connect()
udp.connection.write(bernhard.Message(events=[bernhard.Event(params={'service': 'by-udp', 'metric': 7, 'ttl': 600})]).raw)
"#;

#[test]
fn bernhard_sends_and_queries() {
    let Some(python) = python::with("bernhard", &PACKAGES, "bernhard") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let address = skep.riemann.unwrap();
    let output = Command::new(python).args(["-c", BERNHARD, &address.ip().to_string(), &address.port().to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(skep.index("service = \"requests\" and tagged \"prod\"")[0]["attributes"], serde_json::Value::Null);
    assert_eq!(skep.index("service = \"requests\" and tagged \"prod\"")[0]["dc"], "fra");
    assert_eq!(skep.index("service = \"turns\"")[0]["metric"], 99.0);
    assert_eq!(skep.wait_for("service = \"by-udp\"", 1)[0]["metric"], 7.0);
    skep.stop();
}
