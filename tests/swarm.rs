//! A real swarm of three managers and a worker, each with a collector of the same configuration, and one processor: what
//! happens in the swarm is seen as event, counter and state, whoever leads it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use common::{PATIENCE, Skep};
use serde_json::Value;
use testbed::{Server, Swarm, wait_until};

/// A container that may use half a processor: so many percent at the most on the whole, and in a second that a busy machine
/// has stretched.
const HALF_A_CPU: (f64, f64) = (60.0, 100.0);

struct Lab {
    /// First, so that they end before the swarm.
    collectors: BTreeMap<String, Server>,
    skep: Skep,
    swarm: Swarm,
}

impl Lab {
    fn start(managers: usize, workers: usize) -> Option<Self> {
        let swarm = Swarm::start(managers, workers)?;
        // From here on this thread is on the swarm's network, where the processor listens.
        swarm.enter();
        let folder = swarm.folder().join("skep");
        std::fs::create_dir_all(&folder).unwrap();
        let settings = folder.join("skep.yaml");
        std::fs::write(&settings, "swarm:\n  name: prod\n").unwrap();
        let address = format!("{}:5555", swarm.hub_address());
        let settings = settings.to_string_lossy().into_owned();
        let skep = Skep::start_at(&address, "process", &folder, &["--insecure", "--config", &settings]);
        let collect = |node: String| {
            let mut command = swarm.command(&node, Path::new(env!("CARGO_BIN_EXE_skep")));
            command.args(["collect", "--config", &settings, "--to", &address, "--data-dir"]).arg(folder.join(&node));
            let log = folder.join(format!("collect-{node}.log"));
            (node, Server::start(command.env_remove("SKEP_LOG"), &log).expect("nsenter starts"))
        };
        let collectors = swarm.names().into_iter().map(collect).collect();
        Some(Self { collectors, skep, swarm })
    }

    /// Runs docker on the first manager, or on another that still has its power.
    fn docker(&self, arguments: &[&str]) -> String {
        self.swarm.docker("manager1", arguments)
    }

    /// Waits until the number or text of a series of the whole swarm is so; gives the event.
    #[track_caller]
    fn until(&self, service: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let query = format!("host = \"prod\" and service = \"{service}\"");
        let mut found = Value::Null;
        let is_so = wait_until(PATIENCE, || {
            let events = self.skep.index(&query);
            assert!(events.len() <= 1, "one series: {events:?}");
            found = events.into_iter().next().unwrap_or_default();
            pause();
            holds(&found)
        });
        assert!(is_so, "{service} never is {what}, but {found}\n{}", self.logs());
        found
    }

    #[track_caller]
    fn until_number(&self, service: &str, number: f64) -> Value {
        self.until(service, &number.to_string(), |event| event["metric"].as_f64() == Some(number))
    }

    #[track_caller]
    fn until_text(&self, service: &str, text: &str) -> Value {
        self.until(service, text, |event| event["state"].as_str() == Some(text))
    }

    /// Waits for something that happened; gives the event.
    #[track_caller]
    fn until_happened(&self, name: &str, action: &str) -> Value {
        let event = self.until_number(&format!("docker_event/{name}/{action}"), 1.0);
        assert_eq!(event["action"], action);
        event
    }

    fn logs(&self) -> String {
        let log = |(node, server): (&String, &Server)| format!("{node}: {}", server.output());
        format!("{}\n{}", self.skep.server.output(), self.collectors.iter().map(log).collect::<Vec<_>>().join("\n"))
    }
}

/// Between two questions: the machine has four dockerds to run.
fn pause() {
    wait_until(Duration::from_millis(100), || false);
}

#[test]
fn services_and_nodes_of_a_real_swarm_are_told_by_whoever_leads_it() {
    let Some(mut lab) = Lab::start(3, 1) else { return };
    let start = Instant::now();
    let stage = |name: &str| println!("{:>5.1} s {name}", start.elapsed().as_secs_f64());
    one_node_tells(&lab);
    stage("one node tells");
    a_crash_loop(&lab);
    stage("crash loop");
    an_image_that_is_not_to_be_had(&lab);
    stage("no image");
    jobs(&lab);
    stage("jobs");
    a_start_first_update_under_load(&lab);
    stage("update");
    a_drained_node(&lab);
    stage("drain");
    a_node_that_loses_its_power(&mut lab);
    stage("node killed");
    let gap = a_leader_that_loses_its_power(&mut lab);
    stage(&format!("leader killed; another told after {:.1} s", gap.as_secs_f64()));
    nothing_else_is_alerted(&lab);
}

/// The stock rules tell of what happened, and of nothing else: not of updates, jobs, drains, removed services and an election.
fn nothing_else_is_alerted(lab: &Lab) {
    for node in ["worker1", "manager1"] {
        lab.skep.wait_for(&format!("service = \"alert/node-down\" and host = \"{node}\" and state = \"critical\""), 1);
    }
    let log = lab.skep.server.output();
    let alerts = log.lines().filter(|line| line.contains(" since "));
    let told: BTreeSet<&str> = alerts.filter_map(|line| line.split_once(" alert ")?.1.split(':').next()).collect();
    let happened = BTreeSet::from(["restart-loop crash", "node-down worker1", "node-down manager1"]);
    assert!(told.is_subset(&happened), "{told:?}\n{log}");
}

fn one_node_tells(lab: &Lab) {
    lab.until_number("docker_swarm/nodes_ready", 4.0);
    lab.until_number("docker_swarm/quorum_margin", 1.0);
    let leader = lab.until_number("docker_node/manager1/leader", 1.0);
    assert_eq!((leader["role"].as_str(), leader["node"].as_str()), (Some("manager"), Some("manager1")));
    lab.until_text("docker_node/worker1/node_state", "ready");
    // Each manager knows whether it leads; a worker has nothing to say.
    let standing = lab.skep.wait_for("service = \"skep_collector/swarm_leader\"", 3);
    let mut leads: Vec<_> = standing.iter().map(|event| (event["host"].as_str().unwrap(), event["metric"].as_f64().unwrap())).collect();
    leads.sort_by_key(|(host, _)| *host);
    assert_eq!(leads, [("manager1", 1.0), ("manager2", 0.0), ("manager3", 0.0)]);
}

/// A service scaled to three with an image that exits.
fn a_crash_loop(lab: &Lab) {
    lab.swarm.service("manager1", "web", &["--replicas", "1", "--stop-grace-period", "1s"], &["sleep", "1000"]);
    lab.swarm.service("manager1", "crash", &["--replicas", "1", "--restart-delay", "2s"], &["sh", "-c", "exit 3"]);
    lab.until_happened("crash", "service_create");
    lab.docker(&["service", "scale", "--detach", "web=3", "crash=3"]);
    let updated = lab.until_happened("crash", "service_update");
    assert_eq!(updated["description"], "replicas 1 to 3");
    let failed = lab.until_happened("crash", "task_failed");
    assert_eq!((failed["exit_code"].as_str(), failed["swarm_service"].as_str()), (Some("3"), Some("crash")));
    let description = failed["description"].as_str().unwrap();
    assert!(description.starts_with("task crash.") && description.ends_with("task: non-zero exit (3)"), "{description}");
    let counted = lab.until("docker_swarm/crash/tasks_failed", "some", |event| event["metric"].as_f64() >= Some(2.0));
    let before = counted["metric"].as_f64().unwrap();
    lab.until("docker_swarm/crash/tasks_failed", "more", |event| event["metric"].as_f64() > Some(before));
    lab.until_number("docker_swarm/crash/tasks_desired", 3.0);
    lab.until("docker_swarm/crash/tasks_missing", "at least one", |event| event["metric"].as_f64() >= Some(1.0));
    let running = lab.until_number("docker_swarm/web/tasks_running", 3.0);
    assert_eq!((running["service_mode"].as_str(), running["service_name"].as_str()), (Some("replicated"), Some("web")));
    lab.docker(&["service", "rm", "crash"]);
    lab.until_happened("crash", "service_remove");
    let gone = wait_until(PATIENCE, || lab.skep.index("service =~ \"docker_swarm/crash/%\"").is_empty());
    assert!(gone, "series of a removed service expire");
}

fn an_image_that_is_not_to_be_had(lab: &Lab) {
    lab.docker(&["service", "create", "--detach", "--no-resolve-image", "--name", "noimage", "skep/none:7"]);
    let failed = lab.until_happened("noimage", "image_pull_failed");
    assert!(failed["description"].as_str().unwrap().ends_with("No such image: skep/none:7"), "{failed}");
    assert_eq!(failed.get("exit_code"), None);
    lab.docker(&["service", "rm", "noimage"]);
}

fn jobs(lab: &Lab) {
    let create = |name: &str, mode: &[&str]| {
        let service = [&["service", "create", "--detach", "--no-resolve-image", "--name", name, "--mode"], mode].concat();
        lab.docker(&[&service[..], &[Swarm::IMAGE, "/bin/busybox", "true"]].concat());
    };
    create("job", &["replicated-job", "--replicas", "3", "--max-concurrent", "2"]);
    create("everywhere", &["global-job"]);
    let done = lab.until_number("docker_swarm/job/tasks_completed", 3.0);
    assert_eq!(done["service_mode"], "replicated_job");
    lab.until_number("docker_swarm/job/total_completions", 3.0);
    lab.until_number("docker_swarm/job/max_concurrent", 2.0);
    lab.until_number("docker_swarm/job/tasks_failed", 0.0);
    let done = lab.until_number("docker_swarm/everywhere/tasks_completed", 4.0);
    assert_eq!(done["service_mode"], "global_job");
    assert_eq!(lab.skep.index("service =~ \"docker_swarm/%/tasks_missing\" and service_mode =~ \"%job\""), Vec::<Value>::new());
    lab.docker(&["service", "rm", "job", "everywhere"]);
}

/// Both containers are seen while both run, and no rate is below nothing or above what they may use.
fn a_start_first_update_under_load(lab: &Lab) {
    let place = ["--constraint", "node.hostname==manager2", "--limit-cpu", "0.5"];
    let update = ["--update-order", "start-first", "--update-monitor", "2s", "--stop-grace-period", "5s"];
    // It does not mind being asked to stop, so both run for five seconds.
    lab.swarm.service("manager1", "burn", &[&place[..], &update[..]].concat(), &["sh", "-c", "trap '' TERM; while :; do :; done"]);
    let usage = |name: &str| format!("host = \"manager2\" and service =~ \"docker_container_cpu/{name}/usage_percent\"");
    let busy = || lab.skep.index(&usage("burn.1")).first().is_some_and(|event| event["metric"].as_f64() > Some(5.0));
    assert!(wait_until(PATIENCE, busy), "{}", lab.logs());
    lab.docker(&["service", "update", "--detach", "--env-add", "VERSION=2", "burn"]);
    let mut older = Vec::new();
    let both = || {
        older = lab.skep.index(&usage("burn.1~%"));
        !older.is_empty() && !lab.skep.index(&usage("burn.1")).is_empty()
    };
    assert!(wait_until(PATIENCE, both), "both containers are seen while both run\n{}", lab.logs());
    let name = older[0]["container_name"].as_str().unwrap();
    assert_eq!((name.len(), older[0]["swarm_service"].as_str()), ("burn.1~".len() + 4, Some("burn")));
    let updated = lab.until_happened("burn", "service_update_state");
    assert!(["updating", "completed"].contains(&updated["state"].as_str().unwrap()), "{updated}");
    lab.until_text("docker_swarm/burn/update_state", "completed");
    lab.until_number("docker_swarm/burn/updating", 0.0);
    lab.until_number("docker_swarm/burn/update_failed", 0.0);
    lab.until_number("docker_swarm/burn/tasks_running", 1.0);
    lab.until_number("docker_swarm/burn/tasks_failed", 0.0);
    let history = lab.skep.json("/api/v1/series?measurement=docker_container_cpu&field=usage_percent&swarm_service=burn");
    let values: Vec<f64> = history.as_array().unwrap().iter().flat_map(points).collect();
    assert!(values.len() >= 5, "{history}");
    assert!(values.iter().all(|value| (0.0..=HALF_A_CPU.1).contains(value)), "{history}");
    assert!(values.iter().sum::<f64>() / values.len() as f64 <= HALF_A_CPU.0, "{history}");
    lab.docker(&["service", "rm", "burn"]);
}

fn points(series: &Value) -> Vec<f64> {
    series["points"].as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap()).collect()
}

fn a_drained_node(lab: &Lab) {
    lab.docker(&["node", "update", "--availability", "drain", "worker1"]);
    assert_eq!(lab.until_happened("worker1", "node_drain")["node"], "worker1");
    lab.until_text("docker_node/worker1/availability", "drain");
    lab.until_number("docker_node/worker1/active", 0.0);
    lab.until_number("docker_swarm/web/tasks_running", 3.0);
    lab.docker(&["node", "update", "--availability", "active", "worker1"]);
    lab.until_happened("worker1", "node_active");
    lab.until_number("docker_node/worker1/active", 1.0);
    // Its tasks were stopped on purpose.
    lab.until_number("docker_swarm/web/tasks_failed", 0.0);
}

/// Dockerd goes on to count the tasks of the lost node as running.
fn a_node_that_loses_its_power(lab: &mut Lab) {
    let place = ["--constraint", "node.hostname==worker1"];
    lab.swarm.service("manager1", "pinned", &place, &["sleep", "1000"]);
    lab.until_number("docker_swarm/pinned/tasks_running", 1.0);
    lab.swarm.kill("worker1");
    lab.until_happened("worker1", "node_down");
    lab.until_number("docker_node/worker1/ready", 0.0);
    lab.until_text("docker_node/worker1/node_state", "down");
    lab.until_number("docker_swarm/pinned/tasks_running", 0.0);
    lab.until_number("docker_swarm/pinned/tasks_missing", 1.0);
    lab.until_number("docker_swarm/pinned/tasks_pending", 1.0);
    let listed = lab.docker(&["service", "ls", "--filter", "name=pinned", "--format", "{{.Replicas}}"]);
    assert!(listed.starts_with("1/1"), "if dockerd no longer counts it, the correction may go: {listed}");
    lab.until_number("docker_swarm/nodes_ready", 3.0);
    lab.until_number("docker_swarm/web/tasks_running", 3.0);
}

/// Gives the time from the leader's death to the first news from another.
fn a_leader_that_loses_its_power(lab: &mut Lab) -> Duration {
    let before = lab.until_number("docker_node/manager1/leader", 1.0);
    lab.swarm.kill("manager1");
    let death = Instant::now();
    let leading = "service = \"skep_collector/swarm_leader\" and metric = 1 and host != \"manager1\"";
    lab.skep.wait_for(leading, 1);
    let news = lab.until("docker_swarm/web/tasks_running", "told by another", |event| event["time"].as_str() > before["time"].as_str());
    let gap = death.elapsed();
    // The same series as before, under the swarm's name.
    assert_eq!((news["host"].as_str(), news["swarm_service"].as_str()), (Some("prod"), Some("web")));
    lab.until_number("docker_node/manager1/leader", 0.0);
    lab.until_number("docker_node/manager1/reachable", 0.0);
    lab.until_number("docker_swarm/managers_reachable", 2.0);
    lab.until_number("docker_swarm/quorum_margin", 0.0);
    lab.until_happened("manager1", "node_down");
    lab.until_number("docker_node/manager1/ready", 0.0);
    // An election takes up to twenty seconds, noticing it up to five.
    assert!(gap < PATIENCE, "nobody told of the swarm for {gap:?}");
    gap
}

/// Every question to the leader's dockerd now waits for ever; its raft stands still, so the others choose a new leader.
#[test]
fn a_leader_whose_dockerd_hangs_samples_on_and_leaves_the_swarm_to_another() {
    let Some(lab) = Lab::start(3, 0) else { return };
    let before = lab.until_number("docker_node/manager1/leader", 1.0);
    let signal = |name: &str| {
        let mut kill = lab.swarm.command("manager1", Path::new("sh"));
        assert!(kill.args(["-c", &format!("kill -{name} $(cat /run/docker.pid)")]).status().unwrap().success());
    };
    signal("STOP");
    let load = || lab.skep.index("host = \"manager1\" and service = \"system/load1\"").first().map(|event| event["time"].clone());
    for _ in 0..5 {
        let last = load();
        assert!(wait_until(PATIENCE, || load() != last && load().is_some()), "the host is sampled on\n{}", lab.logs());
    }
    lab.until("docker_node/manager1/leader", "told by another", |event| {
        event["metric"].as_f64() == Some(0.0) && event["time"].as_str() > before["time"].as_str()
    });
    lab.until_number("docker_swarm/quorum_margin", 0.0);
    signal("CONT");
    lab.until_number("docker_swarm/quorum_margin", 1.0);
    let leads = || lab.skep.index("service = \"skep_collector/swarm_leader\" and metric = 1");
    let is_one = || leads().len() == 1 && leads().iter().all(|event| event["host"] != "manager1");
    assert!(wait_until(PATIENCE, is_one), "{:?}\n{}", leads(), lab.logs());
}
