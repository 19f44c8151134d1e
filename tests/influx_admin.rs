//! `skep influx setup` and `skep doctor` against a real InfluxDB 1 with authentication on.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::os::unix::fs::PermissionsExt as _;

use common::run;
use testbed::influx::{ADMIN, Influxd};
use testbed::require;

/// Exit code, and stdout.
fn skep(arguments: &[&str]) -> (i32, String) {
    let (code, out, err) = run(arguments);
    (code, format!("{out}{err}"))
}

#[test]
fn a_server_with_nobody_is_made_ready_and_its_logins_may_do_no_more_than_they_must() {
    let Some(program) = require("influxd", "influxdb") else { return };
    let influxd = Influxd::without_users(&program, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("admin"), ADMIN.1).unwrap();
    let url = format!("http://{}?db=my_swarm", influxd.address);
    let (admin, secrets) = (path("admin"), path("keys"));
    let setup = ["influx", "setup", "--influx", &url, "--admin-password-file", &admin, "--retention", "30d", "--secrets", &secrets];
    let (code, said) = skep(&setup);
    assert_eq!(code, 0, "{said}");
    let steps: Vec<_> = said.lines().filter(|line| line.starts_with("made")).map(|line| line.split_once(' ').unwrap().1.trim()).collect();
    let expected = [
        "administrator `admin`",
        "database `my_swarm`",
        "retention of 2592000 s",
        "user `skep` who may write `my_swarm`",
        "user `skep_reader` who may read `my_swarm`",
    ];
    assert_eq!(steps, expected, "{said}");
    let policies = influxd.query("my_swarm", "SHOW RETENTION POLICIES").unwrap();
    assert_eq!(policies["results"][0]["series"][0]["values"][0][1], "720h0m0s");
    let grants = |user: &str| influxd.query("", &format!("SHOW GRANTS FOR {user}")).unwrap()["results"][0]["series"][0]["values"].clone();
    assert_eq!(grants("skep"), serde_json::json!([["my_swarm", "WRITE"]]));
    assert_eq!(grants("skep_reader"), serde_json::json!([["my_swarm", "READ"]]));
    let mode = std::fs::metadata(path("keys/influx-write")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (code, said) = skep(&setup);
    assert!(code == 0 && said.contains("is there user `skep`") && !said.contains("kept"), "{said}");
    doctor(&influxd, &path("keys/influx-write"));
}

/// The writer may write; what it may not ask is told, and no failure.
fn doctor(influxd: &Influxd, password: &str) {
    let password = std::fs::read_to_string(password).unwrap();
    let url = |user: &str, password: &str| format!("http://{user}:{password}@{}?db=my_swarm", influxd.address);
    let (code, said) = skep(&["doctor", "--influx", &url("skep", &password)]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("takes points") && said.contains("1.6") && said.contains("cannot be read with this login"), "{said}");
    let (code, said) = skep(&["doctor", "--json", "--influx", &url(ADMIN.0, ADMIN.1)]);
    assert_eq!(code, 0, "{said}");
    let checks: Vec<serde_json::Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let found: Vec<_> = checks.iter().map(|check| (check["check"].as_str().unwrap(), check["health"].as_str().unwrap())).collect();
    let expected = ["reach", "version", "clock", "write", "read", "retention", "series"].map(|name| (name, "ok"));
    assert_eq!(found, expected, "{said}");
    let (code, said) = skep(&["doctor", "--influx", &url("skep", "wrong")]);
    assert!(code == 1 && said.contains("BAD") && said.contains("authorization failed"), "{said}");
    let (code, said) = skep(&["doctor", "--influx", "http://127.0.0.1:1"]);
    assert!(code == 1 && said.contains("does not answer"), "{said}");
}
