//! The stack file, deployed as it is by its own script on a real swarm: a collector on every node, one processor that hears of all;
//! deployed again nothing changes, and a changed rule rolls through.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use common::command::run;
use common::{image, project};
use serde_json::Value;
use testbed::{Swarm, http, wait_until};

/// Containers are made on a busy machine, and their health is asked for every ten seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the first manager publishes the page.
const PAGE: &str = "10.77.0.11:5556";

struct Stack {
    swarm: Swarm,
    /// A copy of `vagrant/stack`, to be changed.
    folder: PathBuf,
}

impl Stack {
    fn start() -> Option<Self> {
        let swarm = Swarm::start(1, 1)?;
        swarm.enter();
        swarm.give_image(&image::of_skep(swarm.folder()), image::SKEP, image::SETTINGS);
        let folder = swarm.folder().join("stack");
        run(Command::new("cp").arg("-r").arg(project("vagrant/stack")).arg(&folder));
        Some(Self { swarm, folder })
    }

    fn deploy(&self) -> String {
        let mut command = Command::new("sh");
        command.arg(self.folder.join("deploy.sh")).env_remove("DOCKER_CONTEXT");
        command.env("DOCKER_HOST", format!("unix://{}", self.swarm.socket("manager1").display()));
        command.env("SKEP_DASHBOARDS", project("dashboards"));
        run(command.envs([("SKEP_IMAGE", image::SKEP), ("SKEP_STACK_FILES", "skep.ci.yml"), ("SKEP_RESOLVE_IMAGE", "never")]))
    }

    /// The ids of all tasks that are to run.
    fn tasks(&self) -> Vec<String> {
        let listed = self.swarm.docker("manager1", &["stack", "ps", "--quiet", "--no-trunc", "--filter", "desired-state=running", "skep"]);
        let mut tasks: Vec<String> = listed.lines().map(str::to_owned).collect();
        tasks.sort_unstable();
        tasks
    }

    #[track_caller]
    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        if !wait_until(PATIENCE, || holds() || !pause()) {
            let logs = ["skep_collector", "skep_processor"].map(|service| {
                let told = self.swarm.try_docker("manager1", &["service", "logs", "--tail", "20", service]);
                String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned()
            });
            let tasks = self.swarm.docker("manager1", &["stack", "ps", "--no-trunc", "skep"]);
            panic!("{what}: not within {PATIENCE:?}\n{tasks}\n{}", logs.join("\n"));
        }
    }
}

/// Between two questions; always true.
fn pause() -> bool {
    wait_until(Duration::from_millis(300), || false);
    true
}

/// The JSON at a path of the page, when there is an answer.
fn ask(path: &str) -> Option<Value> {
    let answer = http::get(PAGE.parse().unwrap(), path).ok().filter(|answer| answer.status == 200)?;
    serde_json::from_str(&answer.body).ok()
}

fn index(query: &str) -> Vec<Value> {
    let found = ask(&format!("/api/v1/index?query={}", http::encode(query)));
    found.and_then(|events| events.as_array().cloned()).unwrap_or_default()
}

fn hosts(query: &str) -> Vec<String> {
    let mut hosts: Vec<String> = index(query).iter().filter_map(|event| Some(event["host"].as_str()?.to_owned())).collect();
    hosts.sort_unstable();
    hosts
}

#[test]
fn the_stack_comes_up_on_every_node_and_a_changed_rule_rolls_through() {
    let Some(stack) = Stack::start() else { return };
    let told = stack.deploy();
    assert!(told.contains("made the secret skep_token") && told.contains("this node keeps the data"), "{told}");
    stack.until("both nodes are heard of", || hosts("service = \"skep_collector/heartbeat\"") == ["manager1", "worker1"]);
    the_host_and_its_containers_are_seen(&stack);
    let tasks = stack.tasks();
    assert_eq!(tasks.len(), 3, "two collectors and a processor: {tasks:?}");
    stack.deploy();
    assert_eq!(stack.tasks(), tasks, "deployed again, nothing changes");
    a_changed_rule_rolls_through(&stack, &tasks);
}

fn the_host_and_its_containers_are_seen(stack: &Stack) {
    stack.until("the swarm is told of", || {
        index("service = \"docker_swarm/skep_collector/tasks_running\"").iter().any(|event| event["metric"].as_f64() == Some(2.0))
    });
    stack.until("every container is sampled", || {
        hosts("service =~ \"docker_container_mem/skep_collector/usage\"") == ["manager1", "worker1"]
            && hosts("service =~ \"docker_container_cpu/skep_processor.1/usage_percent\"") == ["manager1"]
    });
    // What a collector that sees only its own container would lack.
    assert_eq!(hosts("service = \"net/eth0/bytes_recv\""), ["manager1", "worker1"]);
    assert!(index("service = \"skep_collector/sees_only_itself\"").iter().all(|event| event["metric"].as_f64() == Some(0.0)));
    stack.until("all are healthy", || {
        ["manager1", "worker1"].iter().all(|node| {
            let healthy = stack.swarm.docker(node, &["ps", "--quiet", "--filter", "health=healthy"]).lines().count();
            healthy == stack.swarm.docker(node, &["ps", "--quiet"]).lines().count()
        })
    });
}

fn a_changed_rule_rolls_through(stack: &Stack, before: &[String]) {
    let rule = "  beats:\n    where: service = \"skep_collector/heartbeat\"\n    by: [host]\n    warn: metric > 0\n";
    let rules = stack.folder.join("rules.yaml");
    fs::write(&rules, fs::read_to_string(&rules).unwrap() + rule).unwrap();
    stack.deploy();
    stack.until("the new rule is open for both nodes", || hosts("service = \"alert/beats\"") == ["manager1", "worker1"]);
    let after = stack.tasks();
    let kept = after.iter().filter(|task| before.contains(task)).count();
    assert_eq!((after.len(), kept), (3, 2), "the processor alone is another: {before:?} {after:?}");
    let sent = index("service = \"skep_collector/backlog_dropped\"").iter().all(|event| event["metric"].as_f64() == Some(0.0));
    assert!(sent, "what was sampled meanwhile was kept");
}
