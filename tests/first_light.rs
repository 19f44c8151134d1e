//! `skep run` watches this machine: host samples in the index, points in the store, an orderly end.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use common::Skep;
use testbed::{http, wait_until};

#[test]
fn one_command_shows_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    for measurement in ["cpu", "mem", "disk", "diskio", "net", "system"] {
        let events = skep.wait_for(&format!("service =~ \"{measurement}/%\""), 1);
        let host = events[0]["host"].as_str().expect("a host");
        assert_eq!(host, std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim());
    }
    let used = skep.index("service = \"mem/used_percent\"")[0]["metric"].as_f64().expect("a number");
    assert!((0.0..=100.0).contains(&used), "{used} % of memory");
    let events = skep.index("service = \"cpu/usage_active\"");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["cpu"], "cpu-total");
    assert_eq!(http::get(skep.http, "/healthz").unwrap().status, 200);
    skep.stop();
}

#[test]
fn the_store_keeps_what_the_index_showed_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    skep.wait_for("service = \"mem/used_percent\"", 1);
    let path = "/api/v1/series?measurement=mem&field=used_percent&from=0&to=9999999999&step=1s";
    let n_points = |skep: &Skep| skep.json(path)[0]["points"].as_array().map_or(0, Vec::len);
    assert!(wait_until(common::PATIENCE, || n_points(&skep) >= 3));
    let before = skep.json(path)[0]["points"][0].clone();
    skep.stop();
    let skep = Skep::start("run", folder.path(), &[]);
    assert_eq!(skep.json(path)[0]["points"][0], before);
    skep.stop();
}

#[test]
fn a_second_skep_on_the_same_folder_says_who_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    let data = folder.path().join("data");
    let (code, _, error) = common::run(&["run", "--http", "127.0.0.1:0", "--riemann", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(error.contains(data.to_str().unwrap()), "{error}");
    skep.stop();
}

#[test]
fn a_taken_port_is_named_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &[]);
    let other = tempfile::tempdir().unwrap();
    let address = skep.http.to_string();
    let (code, _, error) =
        common::run(&["run", "--http", &address, "--riemann", "127.0.0.1:0", "--data-dir", other.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(error.contains(&address) && error.contains("--http"), "{error}");
    skep.stop();
}
