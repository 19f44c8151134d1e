//! The stock rules over a real dockerd: they tell of crashes, kills and failed checks, and not of stops and good ends.

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

use common::Skep;
use testbed::Dockerd;

/// The same rule, told sooner: nobody waits a minute for a test.
const SOONER: &str = "alerts: {container-unhealthy: {warn: {for: 1s}}}\n";

/// How often each of them ends: more often than a crash loop must to be told.
const N_ENDS: usize = 6;

#[test]
fn crashes_kills_and_failed_checks_are_told_and_stops_and_good_ends_are_not() {
    let Some(docker) = Dockerd::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("sooner.yaml"), SOONER).unwrap();
    let settings = folder.path().join("skep.yaml");
    fs::write(&settings, format!("collector:\n  docker: {}\n", docker.socket().display())).unwrap();
    let skep = Skep::start("run", folder.path(), &["--config", settings.to_str().unwrap(), "--rules", rules.to_str().unwrap()]);
    skep.wait_for("service = \"skep_collector/containers\"", 1);

    let check = ["--health-cmd", "/bin/busybox false", "--health-interval", "1s", "--health-retries", "1"];
    docker.run("sick", &check, &["sleep", "1000"]);
    // Not at once: containerd does not hear of a kill that comes before it listens.
    let greedy = "/bin/busybox sleep 2; exec /bin/busybox tail /dev/zero";
    docker.run("greedy", &["--memory", "8m", "--memory-swap", "8m"], &["sh", "-c", greedy]);
    docker.run("crash", &["--restart", "always"], &["sh", "-c", "exit 3"]);
    docker.run("cron", &["--restart", "always"], &["sh", "-c", "exit 0"]);
    // Told to stop it ends with 143.
    docker.run("stopped", &[], &["sleep", "1000"]);
    for _ in 0..N_ENDS {
        docker.docker(&["restart", "--time", "0", &docker.name("stopped")]);
    }
    let open = |alert: &str, name: &str| {
        let name = docker.name(name);
        skep.wait_for(&format!("alert = \"{alert}\" and container_name = \"{name}\" and state = \"warning\""), 1);
    };
    open("container-unhealthy", "sick");
    open("container-oom", "greedy");
    open("container-restarts", "crash");
    let cron = docker.name("cron");
    let ends = || docker.docker(&["inspect", "--format", "{{.RestartCount}}", &cron]).parse::<usize>().unwrap();
    assert!(testbed::wait_until(common::PATIENCE, || ends() >= N_ENDS), "{} restarts", ends());

    let told = skep.index("alert =~ \"%\" and service =~ \"alert/%\"");
    let told: BTreeSet<String> = told.iter().map(|event| event["alert"].as_str().unwrap().to_owned()).collect();
    let happened = ["container-unhealthy", "container-oom", "container-restarts"].map(str::to_owned);
    assert_eq!(told, BTreeSet::from(happened), "{}", skep.server.output());
    let restarts = skep.index("alert = \"container-restarts\"");
    assert_eq!(restarts.len(), 1, "{restarts:?}");
    skep.stop();
}
