//! Points reach a real InfluxDB and a real VictoriaMetrics, under Telegraf's names.

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

use common::{PATIENCE, Skep};
use testbed::influx::{Influxd, Victoria};
use testbed::{require, wait_until};

/// A collector beside the processor, sending over Riemann's protocol.
fn collector(folder: &std::path::Path, processor: &Skep) -> Skep {
    let to = processor.riemann.expect("an address").to_string();
    Skep::start("collect", folder, &["--to", &to])
}

#[test]
fn influxdb_1_holds_rows_under_telegrafs_names() {
    let Some(program) = require("influxd", "influxdb") else { return };
    let influxd = Influxd::start(&program, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::before_influx(&influxd, "metrics", folder.path());
    let collector = collector(folder.path(), &skep);
    for (field, measurement) in [("usage_active", "cpu"), ("used_percent", "mem"), ("load1", "system"), ("bytes_recv", "net")] {
        let statement = format!("SELECT count({field}) FROM {measurement}");
        let counted = || influxd.query("metrics", &statement).ok()?["results"][0]["series"][0]["values"][0][1].as_i64();
        assert!(wait_until(PATIENCE, || counted().is_some_and(|n| n > 0)), "{statement}: no rows\n{}", skep.server.output());
    }
    let tags = influxd.query("metrics", "SHOW TAG KEYS FROM cpu").unwrap();
    assert_eq!(tags["results"][0]["series"][0]["values"], serde_json::json!([["cpu"], ["host"]]));
    collector.stop();
    skep.stop();
}

#[test]
fn a_server_of_version_2_takes_the_same_points() {
    let Some(program) = require("victoria-metrics", "victoria-metrics") else { return };
    let victoria = Victoria::start(&program).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "unused").unwrap();
    let settings = format!(
        "processor:\n  influx:\n    url: http://{}\n    version: 2\n    org: swarm\n    bucket: metrics\n    token_file: {}\n",
        victoria.address,
        folder.path().join("token").display()
    );
    fs::write(folder.path().join("skep.yaml"), settings).unwrap();
    let skep = Skep::start("process", folder.path(), &["--config", folder.path().join("skep.yaml").to_str().unwrap()]);
    let collector = collector(folder.path(), &skep);
    for name in ["cpu_usage_active", "mem_used_percent", "diskio_read_bytes"] {
        let counted = || victoria.query(&format!("count_over_time({name}[1h])")).ok()?["data"]["result"].as_array().map(Vec::len);
        assert!(wait_until(PATIENCE, || counted().is_some_and(|n| n > 0)), "{name}: no rows\n{}", skep.server.output());
    }
    collector.stop();
    skep.stop();
}
