//! The collector on control groups v2: real containers on a node that User Mode Linux boots, watched there by the binary.
//!
//! Not part of `cargo test`, for the node's disk takes minutes to make: `make test-cgroup2` runs it, as root.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use std::path::Path;
use std::time::Duration;

use common::uml::Uml;
use serde_json::Value;
use testbed::wait_until;

/// The node's place in its network.
const NODE: &str = "21";

/// How long the node may take for anything; it is several times slower than the machine under it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A node with Docker and a running skep; it is gone when dropped.
struct Node(Uml);

impl Node {
    /// Boots the node, starts skep on it.
    fn start() -> Self {
        let node = Self(Uml::new());
        node.0.boot("cgroup2", NODE);
        node.0.put(NODE, Path::new(env!("CARGO_BIN_EXE_skep")), "/usr/local/bin/skep");
        node.0.box_image(NODE);
        node.run("systemd-run --quiet --unit=skep --setenv=HOME=/root skep run --data-dir /var/lib/skep");
        node
    }

    /// What a command prints on the node.
    #[track_caller]
    fn run(&self, command: &str) -> String {
        self.0.run(NODE, command)
    }

    /// The number that the index of the node's skep holds for a service; waits until it is one that is wanted.
    #[track_caller]
    fn wait(&self, service: &str, is_wanted: impl Fn(f64) -> bool) -> f64 {
        let mut last = None;
        let query = format!("skep query 'service = \"{service}\"' --json");
        let seen = wait_until(PATIENCE, || {
            let (text, _) = self.0.try_run(NODE, &query);
            let event: Option<Value> = text.lines().find_map(|line| serde_json::from_str(line).ok());
            last = event.and_then(|event| event["metric"].as_f64());
            last.is_some_and(&is_wanted)
        });
        assert!(seen, "{service} is {last:?}; skep says:\n{}", self.run("journalctl -u skep --no-pager | tail -n 20"));
        println!("{service} {}", last.unwrap());
        last.unwrap()
    }
}

fn within(expected: f64, distance: f64) -> impl Fn(f64) -> bool {
    move |value| (value - expected).abs() <= distance
}

#[test]
fn containers_of_a_node_with_cgroup_v2_are_seen_as_they_are() {
    let node = Node::start();
    println!("kernel {}", node.run("uname -r").trim());
    println!("controllers {}", node.run("cat /sys/fs/cgroup/cgroup.controllers").trim());

    // Processor and throttling: a quota of 0.3 of a processor, used up.
    node.run("docker run -d --name burn --cpus 0.3 box:1 /bin/sh -c 'while :; do :; done'");
    node.wait("docker_container_cpu/burn/usage_percent", within(30.0, 8.0));
    node.wait("docker_container_cpu/burn/usage_limit_percent", within(100.0, 25.0));
    node.wait("docker_container_cpu/burn/throttling_throttled_periods", |count| count > 10.0);
    node.wait("docker_container_cpu/burn/throttling_throttled_time", |nanos| nanos > 1e9);
    node.run("docker rm -f burn");

    // Memory: 32 MiB written into a tmpfs of the container, under a limit of 64 MiB.
    node.run("docker run -d --name hold -m 64m --pids-limit 50 --tmpfs /hold box:1 /bin/sh -c 'dd if=/dev/zero of=/hold/file bs=1M count=32; sleep 1000'");
    node.wait("docker_container_mem/hold/usage", |bytes| bytes > 32e6);
    node.wait("docker_container_mem/hold/limit", within(64.0 * 1048576.0, 0.0));
    node.wait("docker_container_mem/hold/usage_percent", within(52.0, 6.0));
    node.wait("docker_container_status/hold/pids_current", within(2.0, 1.0));
    node.wait("docker_container_status/hold/pids_limit", within(50.0, 0.0));
    let in_file = node.run("cat /sys/fs/cgroup/system.slice/docker-$(docker inspect -f '{{.Id}}' hold).scope/memory.current");
    let in_file: f64 = in_file.trim().parse().unwrap();
    node.wait("docker_container_mem/hold/usage", within(in_file, in_file * 0.02));

    // Disk: 40 MiB written and synced.
    node.run("docker run -d --name write box:1 /bin/sh -c 'dd if=/dev/zero of=/file bs=1M count=40 conv=fsync; sleep 1000'");
    node.wait("docker_container_blkio/write/io_service_bytes_recursive_write", |bytes| bytes >= 40.0 * 1048576.0);

    // Killed for memory: a child of the container's first process, which starts the next one.
    node.run("docker run -d --name greedy -m 16m box:1 /bin/sh -c 'while :; do tail /dev/zero; sleep 2; done'");
    node.wait("docker_container_mem/greedy/oom_kill", |count| count >= 2.0);
    node.wait("docker_container_mem/greedy/failcnt", |count| count >= 2.0);
    node.wait("docker_event/greedy/oom", within(1.0, 0.0));

    // The first process itself: Docker 20.10 tells of no lack of memory here, but how it ended.
    node.run("docker run -d --name killed -m 16m box:1 tail /dev/zero");
    node.wait("docker_event/killed/die", within(1.0, 0.0));
    node.wait("docker_container_status/killed/exitcode", within(137.0, 0.0));

    // Pressure, where this kernel keeps it.
    let has_pressure = node.run("ls /proc/pressure 2>/dev/null | wc -l").trim() != "0";
    println!("pressure: {}", if has_pressure { "kept by this kernel" } else { "not kept by this kernel, so not checked" });
    if has_pressure {
        node.wait("docker_container_cpu/hold/pressure_some_total", |micros| micros >= 0.0);
    }
}
