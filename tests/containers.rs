//! Containers of a real dockerd, by name: in the index and in InfluxDB.

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
use std::path::Path;

use common::{PATIENCE, Skep};
use testbed::influx::{ADMIN, Influxd, Victoria};
use testbed::{Dockerd, require, wait_until};

fn settings(folder: &Path, docker: &Dockerd, processor: &str) -> String {
    let file = folder.join("skep.yaml");
    fs::write(&file, format!("collector:\n  docker: {}\n{processor}", docker.socket().display())).unwrap();
    file.to_string_lossy().into_owned()
}

#[test]
fn three_containers_show_their_cpu_memory_io_network_and_processes_by_name() {
    let Some(docker) = Dockerd::start() else { return };
    for name in ["one", "two", "three"] {
        docker.run(name, &["--memory", "64m"], &["sleep", "1000"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("run", folder.path(), &["--config", &settings(folder.path(), &docker, "")]);
    for name in ["one", "two", "three"] {
        let name = docker.name(name);
        for service in [
            format!("docker_container_cpu/{name}/usage_percent"),
            format!("docker_container_mem/{name}/usage"),
            format!("docker_container_net/{name}/rx_bytes"),
            format!("docker_container_blkio/{name}/io_service_bytes_recursive_read"),
            format!("docker_container_status/{name}/pids_current"),
        ] {
            let found = skep.wait_for(&format!("service = \"{service}\""), 1);
            assert_eq!(found[0]["container_name"], name.as_str());
        }
        let limit = skep.index(&format!("service = \"docker_container_mem/{name}/limit\""))[0]["metric"].as_f64();
        assert_eq!(limit, Some(64.0 * 1024.0 * 1024.0));
    }
    let told = testbed::http::get(skep.http, "/metrics?of=containers").unwrap().body;
    let usage = |name: &str| {
        told.lines().any(|line| line.starts_with("container_memory_usage_bytes{") && line.contains(&format!("name=\"{name}\"")))
    };
    assert!(["one", "two", "three"].iter().all(|name| usage(&docker.name(name))), "{told}");
    docker.docker(&["rm", "-f", &docker.name("two")]);
    let died = format!("service = \"docker_event/{}/die\"", docker.name("two"));
    skep.wait_for(&died, 1);
    skep.stop();
}

#[test]
fn container_measurements_reach_influxdb_under_telegrafs_names() {
    let (Some(program), Some(docker)) = (require("influxd", "influxdb"), Dockerd::start()) else { return };
    docker.run("web", &["--memory", "64m"], &["sleep", "1000"]);
    let influxd = Influxd::start(&program, "").unwrap();
    influxd.query("", "CREATE DATABASE metrics").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, ADMIN.1).unwrap();
    let processor = format!(
        "processor:\n  influx:\n    url: http://{}\n    version: 1\n    database: metrics\n    username: {}\n    password_file: {}\n",
        influxd.address,
        ADMIN.0,
        password.display()
    );
    let skep = Skep::start("run", folder.path(), &["--config", &settings(folder.path(), &docker, &processor)]);
    for (field, measurement) in [
        ("usage_percent", "docker_container_cpu"),
        ("usage", "docker_container_mem"),
        ("rx_bytes", "docker_container_net"),
        ("io_service_bytes_recursive_read", "docker_container_blkio"),
        ("pids_current", "docker_container_status"),
    ] {
        let statement = format!("SELECT count({field}) FROM {measurement} WHERE container_name = '{}'", docker.name("web"));
        let counted = || influxd.query("metrics", &statement).ok()?["results"][0]["series"][0]["values"][0][1].as_i64();
        assert!(wait_until(PATIENCE, || counted().is_some_and(|n| n > 0)), "{statement}: no rows\n{}", skep.server.output());
    }
    skep.stop();
}

#[test]
fn a_server_of_version_2_takes_container_measurements_too() {
    let (Some(program), Some(docker)) = (require("victoria-metrics", "victoria-metrics"), Dockerd::start()) else { return };
    docker.run("web", &["--memory", "64m"], &["sleep", "1000"]);
    let victoria = Victoria::start(&program).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let influx = format!("http://{}?org=swarm&bucket=metrics", victoria.address);
    let skep = Skep::start("run", folder.path(), &["--config", &settings(folder.path(), &docker, ""), "--influx", &influx]);
    for name in ["docker_container_cpu_usage_percent", "docker_container_mem_usage", "docker_container_net_rx_bytes"] {
        let expression = format!("count_over_time({name}{{container_name=\"{}\"}}[1h])", docker.name("web"));
        let counted = || victoria.query(&expression).ok()?["data"]["result"].as_array().map(Vec::len);
        assert!(wait_until(PATIENCE, || counted().is_some_and(|n| n > 0)), "{expression}: no rows\n{}", skep.server.output());
    }
    skep.stop();
}
