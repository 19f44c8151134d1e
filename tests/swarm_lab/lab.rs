//! The swarm with both stacks on it, and all that can be asked of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use event::Timestamp;
use serde_json::Value;
use testbed::{Swarm, http, require, wait_until};

use crate::common::command::run;
use crate::common::{image, page, project, stack};
use crate::influx::Influx;
use crate::post_box::{PostBox, Told};
use crate::traces::Traces;

/// Containers are made on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The node that keeps the data: the processor and InfluxDB run there. No manager, for those are killed.
pub(crate) const DATA: &str = "worker1";

/// The image that skep is upgraded to: the same program, by another name.
pub(crate) const NEXT: &str = "skep:next";

/// Added to the stack's own rules, and a stock rule told sooner; the address of the post box follows.
const RULES: &str = "  service-short:
    warn: {for: 5s}
  level-high:
    where: service = \"level\"
    by: [host]
    crit: metric > 5
notify:
  default:
    group: [alert, host]
    wait: 300ms
    webhook:
      url: http://";

pub(crate) struct Lab {
    pub(crate) swarm: Swarm,
    pub(crate) influx: Influx,
    pub(crate) posts: PostBox,
    pub(crate) traces: Traces,
    /// The manager that is asked; none that is killed.
    pub(crate) manager: String,
    start: Instant,
}

impl Lab {
    /// `None` with the line `skipped: …` when a program is missing.
    pub(crate) fn start(traces: Traces) -> Option<Self> {
        let start = Instant::now();
        let (influxd, busybox) = (require("influxd", "influxdb")?, require("busybox", "busybox-static")?);
        let swarm = Swarm::start(3, 2)?;
        traces.remember(&swarm);
        swarm.enter();
        let posts = PostBox::start(swarm.hub_address());
        let influx = Influx(format!("{}:8086", swarm.address(DATA)).parse().unwrap());
        let lab = Self { swarm, influx, posts, traces, manager: "manager1".to_owned(), start };
        lab.stage("five nodes are a swarm");
        let skep = image::of_skep(lab.swarm.folder());
        lab.swarm.give_image(&skep, image::SKEP, image::SETTINGS);
        lab.swarm.give_image(&skep, NEXT, &[image::SETTINGS, &["LABEL version=next"]].concat());
        let influxdb = image::of_influxd(&influxd, &busybox, lab.swarm.folder());
        lab.swarm.give_image(&influxdb, image::INFLUXDB, image::INFLUXDB_SETTINGS);
        for node in lab.swarm.names() {
            run(Command::new("sh").arg(project("vagrant/apps/build.sh")).env("DOCKER_HOST", lab.host(&node)));
        }
        lab.stage("each has the images");
        lab.deploy();
        lab.stage("both stacks are deployed");
        Some(lab)
    }

    fn host(&self, node: &str) -> String {
        format!("unix://{}", self.swarm.socket(node).display())
    }

    /// skep as docs/operating.md has it, the applications as the playbook does it.
    fn deploy(&self) {
        self.prepare();
        self.operate("install", &[("NODE", DATA)], image::SKEP);
        let mut command = Command::new("docker");
        command.args(["stack", "deploy", "--resolve-image", "never", "-c", "apps.yml", "-c", "apps.ci.yml", "apps"]);
        command.current_dir(project("vagrant/apps")).env_remove("DOCKER_CONTEXT");
        run(command.env("DOCKER_HOST", self.host(&self.manager)));
    }

    /// Runs a block of docs/operating.md, with these words in place of others.
    pub(crate) fn operate(&self, block: &str, words: &[(&str, &str)], image: &str) {
        let block = page::block(&format!("run on a swarm: {block}"));
        let block = words.iter().fold(block, |block, (usual, own)| block.replace(usual, own));
        let mut command = Command::new("sh");
        command.args(["-euc", &block]).current_dir(self.checkout());
        command.env_remove("DOCKER_CONTEXT").env("DOCKER_HOST", self.host(&self.manager));
        command.env("SKEP_DASHBOARDS", project("dashboards")).env("SKEP_PORT_MODE", "host");
        command.env("SKEP_STACK_FILES", format!("skep.ci.yml skep.outside.yml {}", stack::INFLUXDB));
        run(command.envs([("SKEP_IMAGE", image), ("SKEP_RESOLVE_IMAGE", "never")]));
    }

    /// What stands for a checkout of the project: `make deploy` and its stack, with settings and rules for this place.
    fn checkout(&self) -> PathBuf {
        self.swarm.folder().join("checkout")
    }

    fn prepare(&self) {
        fs::create_dir_all(self.checkout().join("vagrant")).unwrap();
        fs::copy(project("Makefile"), self.checkout().join("Makefile")).unwrap();
        let stack = stack::copy(&self.checkout().join("vagrant/stack"));
        stack::change(&stack, "rules.yaml", |text| format!("{text}{RULES}{}/hook\n", self.posts.address));
    }

    /// What took how long, and when it was: messages and logs tell the time of the day.
    pub(crate) fn stage(&self, name: &str) {
        println!("{:>5.1} s {name} ({})", self.start.elapsed().as_secs_f64(), clock());
    }

    pub(crate) fn docker(&self, arguments: &[&str]) -> String {
        self.swarm.docker(&self.manager, arguments)
    }

    /// The JSON at a path of the page, when there is an answer.
    pub(crate) fn ask(&self, path: &str) -> Option<Value> {
        let page = format!("{}:5556", self.swarm.address(DATA)).parse().unwrap();
        let answer = http::get(page, path).ok().filter(|answer| answer.status == 200)?;
        serde_json::from_str(&answer.body).ok()
    }

    pub(crate) fn index(&self, query: &str) -> Vec<Value> {
        let found = self.ask(&format!("/api/v1/index?query={}", http::encode(query)));
        found.and_then(|events| events.as_array().cloned()).unwrap_or_default()
    }

    pub(crate) fn hosts(&self, query: &str) -> Vec<String> {
        let mut hosts: Vec<String> = self.index(query).iter().filter_map(|event| Some(event["host"].as_str()?.to_owned())).collect();
        hosts.sort_unstable();
        hosts
    }

    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl FnMut() -> bool) {
        self.until_within(PATIENCE, what, holds);
    }

    #[track_caller]
    pub(crate) fn until_within(&self, patience: Duration, what: &str, mut holds: impl FnMut() -> bool) {
        let is_so = wait_until(patience, || {
            let is_so = holds();
            // The machine has five dockerds to run.
            wait_until(Duration::from_millis(200), || is_so);
            is_so
        });
        if !is_so {
            panic!("{what}: not within {patience:?}\n{}", self.told());
        }
    }

    /// Waits until the number of a series of the whole swarm is so.
    #[track_caller]
    pub(crate) fn until_number(&self, service: &str, number: f64) {
        let query = format!("host = \"swarm\" and service = \"{service}\" and metric = {number}");
        self.until(&format!("{service} is {number}"), || self.index(&query).len() == 1);
    }

    /// Waits for an alert by what stands behind `alert/`, in this state.
    #[track_caller]
    pub(crate) fn until_alert(&self, name: &str, host: &str, state: &str) {
        let query = format!("service = \"alert/{name}\" and host = \"{host}\" and state = \"{state}\"");
        self.until(&format!("{name} of {host} is {state}"), || self.index(&query).len() == 1);
    }

    /// Waits for something that happened, by the end of its description; InfluxDB has it too.
    #[track_caller]
    pub(crate) fn until_happened(&self, name: &str, action: &str, description: &str) {
        let query = format!("service = \"docker_event/{name}/{action}\"");
        let ends = |event: &Value| event["description"].as_str().unwrap_or_default().ends_with(description);
        self.until(&format!("{action} of {name}"), || self.index(&query).iter().any(ends));
        let events = format!("SELECT * FROM docker_event WHERE swarm_service = '{name}' AND action = '{action}'");
        self.until(&format!("InfluxDB has {action} of {name}"), || !self.influx.rows(&events).is_empty());
    }

    /// A message that comes twice bears the same id; and nobody was said to be down but those who were.
    pub(crate) fn told_once(&self, down: &[String], kills_from: Timestamp) {
        for (told, ids) in self.posts.told() {
            assert_eq!(ids.len(), 1, "{told:?} was told as several messages: {ids:?}\n{}", self.told());
            let is_true = told.alert != "node-down" || down.contains(&told.host) || self.says_so_itself(&told, kills_from);
            assert!(is_true, "{told:?}, and it was not\n{}", self.told());
        }
    }

    /// Whether the log of a node's collector owns that it was not to be heard of: it lost the processor or was started anew, while
    /// nobody had killed the processor. Docker's networks on a busy machine do that; a collector that is heard of logs nothing.
    fn says_so_itself(&self, told: &Told, kills_from: Timestamp) -> bool {
        let since = Timestamp::parse(&told.since).unwrap();
        let (from, to) = ((since - event::Duration::from_secs(60)).to_string(), since.min(kills_from).to_string());
        let logs = self.docker(&["service", "logs", "--timestamps", "skep_collector"]);
        let mut lines = logs.lines().filter(|line| line.contains(&format!("@{} ", told.host)));
        let found = lines.find(|line| *line > from.as_str() && *line < to.as_str());
        println!("        {} was down from {} on, as its collector says: {found:?}", told.host, told.since);
        found.is_some()
    }

    /// What swarm and services say, for a test that fails.
    fn told(&self) -> String {
        let ask = |arguments: &[&str]| {
            let told = self.swarm.try_docker(&self.manager, arguments);
            String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned()
        };
        let logs = ["skep_collector", "skep_processor", "skep_influxdb"].map(|service| ask(&["service", "logs", "--tail", "40", service]));
        let alerts = self.ask("/api/v1/alerts").unwrap_or_default();
        let tasks = ["skep", "apps"].map(|stack| ask(&["stack", "ps", "--no-trunc", stack]));
        format!("{}\n{}\nalerts {alerts}\nposts {:#?}\n{}", ask(&["node", "ls"]), tasks.join("\n"), self.posts.told(), logs.join("\n"))
    }
}

pub(crate) fn clock() -> Timestamp {
    Timestamp::from_micros(now() as i64 * 1000)
}

/// Milliseconds of the wall clock, as InfluxDB has them.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}
