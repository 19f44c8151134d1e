//! The swarm of the test bed: it comes up, and nothing of it stays.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use testbed::{Server, Swarm, wait_until};

/// The control groups whose path holds this name, and processes in them.
fn left_of(prefix: &str) -> Vec<String> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let points = mounts.lines().filter(|line| line.split(' ').nth(2).is_some_and(|kind| kind.starts_with("cgroup")));
    let groups = points.map(|line| Path::new(line.split(' ').nth(1).unwrap()).join(prefix));
    groups.filter(|group| group.exists()).map(|group| group.display().to_string()).collect()
}

#[test]
fn nodes_join_and_leave_nothing_behind() {
    let Some(mut swarm) = Swarm::start(1, 1) else { return };
    let (prefix, folder) = (swarm.prefix().to_owned(), swarm.folder().to_owned());
    assert!(!left_of(&prefix).is_empty(), "it has groups of its own");
    assert_eq!(swarm.leader("manager1").as_deref(), Some("manager1"));
    swarm.service("manager1", "web", &["--mode", "global"], &["sleep", "1000"]);
    let running = |swarm: &Swarm, n: usize| {
        let list = ["service", "ps", "web", "--format", "{{.Node}} {{.CurrentState}}", "--filter", "desired-state=running"];
        wait_until(Duration::from_secs(60), || swarm.docker("manager1", &list).matches("Running").count() == n)
    };
    assert!(running(&swarm, 2), "{}", swarm.docker("manager1", &["service", "ps", "web"]));
    let hostname = swarm.command("worker1", Path::new("hostname")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&hostname.stdout).trim(), "worker1");
    swarm.kill("worker1");
    swarm.restart("worker1");
    // Its dockerd starts without containers; the swarm gives it its task back.
    assert!(wait_until(Duration::from_secs(60), || !swarm.docker("worker1", &["ps", "-q"]).is_empty()));
    drop(swarm);
    assert_eq!(left_of(&prefix), Vec::<String>::new());
    assert!(!folder.exists());
    let processes = Command::new("pgrep").args(["-f", &folder.to_string_lossy()]).output().unwrap();
    assert!(processes.stdout.is_empty(), "processes are left: {}", String::from_utf8_lossy(&processes.stdout));
}

/// Runs only as a child of the test below.
#[test]
fn a_swarm_whose_test_is_killed() {
    let Some(told) = std::env::var_os("SKEP_TEST_SWARM_KILLED") else { return };
    let Some(swarm) = Swarm::start(1, 0) else { return };
    std::fs::write(told, format!("{}\n{}\n", swarm.prefix(), swarm.folder().display())).unwrap();
    wait_until(Duration::from_secs(600), || false);
}

#[test]
fn nothing_is_left_of_a_swarm_whose_test_was_killed() {
    if testbed::require("dockerd", "docker.io").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_swarm_whose_test_is_killed"]).env("SKEP_TEST_SWARM_KILLED", &told);
    let mut test = Server::start(&mut command, &folder.path().join("log")).unwrap();
    let lines = || std::fs::read_to_string(&told).ok().filter(|text| text.ends_with("\n"));
    assert!(wait_until(Duration::from_secs(120), || lines().is_some() || !test.is_running()), "{}", test.output());
    let lines = lines().expect("the other test makes a swarm");
    let (prefix, swarm) = lines.trim().split_once('\n').unwrap();
    test.kill();
    let is_gone = || left_of(prefix).is_empty() && !Path::new(swarm).exists();
    assert!(wait_until(Duration::from_secs(60), is_gone), "left: {:?} {swarm}", left_of(prefix));
}
