//! Three managers with the stack on them, and what can be asked of it.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{http, require, wait_until};

use crate::common::command::run;
use crate::common::uml::Uml;
use crate::common::{image, project, stack};

/// The machines are several times slower than the one under them.
const PATIENCE: Duration = Duration::from_secs(480);

/// The nodes, and the ends of their addresses. All are managers.
pub(crate) const NODES: [(&str, &str); 3] = [("manager1", "21"), ("manager2", "22"), ("manager3", "23")];

/// The node that keeps the data, for the stack is deployed there: processor and InfluxDB run on it, and on no other.
pub(crate) const DATA: &str = "21";

/// A node where neither runs.
pub(crate) const OTHER: (&str, &str) = NODES[1];

pub(crate) struct Lab {
    pub(crate) uml: Uml,
    start: Instant,
}

impl Lab {
    /// `None` with the line `skipped: …` when a program is missing.
    pub(crate) fn start() -> Option<Self> {
        let (influxd, busybox) = (require("influxd", "influxdb")?, require("busybox", "busybox-static")?);
        let lab = Self { uml: Uml::new(), start: Instant::now() };
        lab.on_all(|name, number| lab.uml.boot(name, number));
        lab.uml.enter();
        println!("kernel {}", lab.uml.run(DATA, "uname -r").trim());
        println!("Docker {}", lab.uml.run(DATA, "docker version --format '{{.Server.Version}}'").trim());
        println!("control groups {}", lab.uml.run(DATA, "stat -f -c %T /sys/fs/cgroup").trim());
        lab.stage("three machines run, with Docker");
        lab.join();
        println!("{}", lab.uml.run(DATA, "docker node ls"));
        lab.stage("they are a swarm");
        let folder = tempfile::tempdir().unwrap();
        let (skep, influxdb) = (image::of_skep(folder.path()), image::of_influxd(&influxd, &busybox, folder.path()));
        lab.on_all(|_, number| lab.give_image(number, &skep, image::SKEP, image::SETTINGS));
        lab.give_image(DATA, &influxdb, image::INFLUXDB, image::INFLUXDB_SETTINGS);
        lab.stage("they have the images");
        lab.deploy(folder.path());
        lab.stage("the stack is deployed");
        Some(lab)
    }

    /// Does something for all nodes side by side.
    pub(crate) fn on_all(&self, act: impl Fn(&str, &str) + Sync) {
        thread::scope(|scope| NODES.map(|(name, number)| scope.spawn(|| act(name, number))).map(|thread| thread.join().unwrap()));
    }

    fn join(&self) {
        self.uml.run(DATA, &format!("docker swarm init --advertise-addr {}", address(DATA)));
        let token = self.uml.run(DATA, "docker swarm join-token --quiet manager");
        for (_, number) in &NODES[1..] {
            self.uml.run(number, &format!("docker swarm join --token {} {}:2377", token.trim(), address(DATA)));
        }
    }

    fn give_image(&self, number: &str, tar: &Path, name: &str, settings: &[&str]) {
        self.uml.put(number, tar, "/var/tmp/image.tar");
        let settings: String = settings.iter().map(|line| format!("--change '{line}' ")).collect();
        self.uml.run(number, &format!("docker import {settings} /var/tmp/image.tar {name} && rm /var/tmp/image.tar"));
    }

    /// As a person would: the project's files brought to a manager, and the stack's own script run there.
    fn deploy(&self, folder: &Path) {
        let (tree, tar) = (folder.join("project"), folder.join("project.tar"));
        std::fs::create_dir_all(tree.join("vagrant")).unwrap();
        stack::copy(&tree.join("vagrant/stack"));
        run(Command::new("cp").arg("-r").arg(project("dashboards")).arg(&tree));
        run(Command::new("tar").arg("-C").arg(&tree).arg("-cf").arg(&tar).arg("."));
        self.uml.put(DATA, &tar, "/var/tmp/project.tar");
        let told = self.uml.run(
            DATA,
            &format!(
                "mkdir /root/skep && tar -C /root/skep -xf /var/tmp/project.tar && SKEP_IMAGE={} SKEP_RESOLVE_IMAGE=never \
                 SKEP_GRAFANA_REPLICAS=0 SKEP_STACK_FILES={} sh /root/skep/vagrant/stack/deploy.sh",
                image::SKEP,
                stack::INFLUXDB,
            ),
        );
        print!("{told}");
    }

    pub(crate) fn services_converge(&self) {
        let wanted = ["skep_collector 3/3", "skep_grafana 0/0", "skep_influxdb 1/1", "skep_processor 1/1"];
        let ask = || self.uml.try_run(DATA, "docker service ls --format '{{.Name}} {{.Replicas}}' | sort").0;
        self.until("all services run", || ask().lines().eq(wanted));
        println!("{}", self.uml.run(DATA, "docker service ls"));
        println!("{}", self.uml.run(DATA, "docker stack ps --filter desired-state=running skep"));
    }

    /// By the names of the nodes, in the index and in InfluxDB.
    pub(crate) fn collectors_appear(&self) {
        let names = NODES.map(|(name, _)| name);
        self.until("all nodes are in the index", || self.hosts("service = \"cpu/usage_user\"") == names);
        println!("index: {:?}", self.hosts("service = \"cpu/usage_user\""));
        let influxdb = format!("{}:8086", address(DATA)).parse().unwrap();
        let path = format!("/query?db=swarm&q={}", http::encode("SHOW TAG VALUES FROM cpu WITH KEY = host"));
        let hosts = || {
            let answer: Value =
                http::get(influxdb, &path).ok().and_then(|answer| serde_json::from_str(&answer.body).ok()).unwrap_or_default();
            let rows = answer["results"][0]["series"][0]["values"].as_array().cloned().unwrap_or_default();
            rows.iter().filter_map(|row| Some(row[1].as_str()?.to_owned())).collect::<Vec<_>>()
        };
        self.until("all nodes are in InfluxDB", || hosts() == names);
        println!("InfluxDB: {:?}", hosts());
    }

    /// The events of the index that match, asked on a node that does not run the processor.
    pub(crate) fn index(&self, query: &str) -> Vec<Value> {
        let page = format!("{}:5556", address(OTHER.1)).parse().unwrap();
        let answer = http::get(page, &format!("/api/v1/index?query={}", http::encode(query))).ok();
        let events: Option<Value> = answer.and_then(|answer| serde_json::from_str(&answer.body).ok());
        events.and_then(|events| events.as_array().cloned()).unwrap_or_default()
    }

    pub(crate) fn hosts(&self, query: &str) -> Vec<String> {
        let mut hosts: Vec<String> = self.index(query).iter().filter_map(|event| Some(event["host"].as_str()?.to_owned())).collect();
        hosts.sort_unstable();
        hosts
    }

    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let is_so = wait_until(PATIENCE, || {
            let is_so = holds();
            // Three machines run on this one.
            wait_until(Duration::from_secs(1), || is_so);
            is_so
        });
        assert!(is_so, "{what}: not within {PATIENCE:?}\n{}", self.told());
    }

    /// What took how long.
    pub(crate) fn stage(&self, name: &str) {
        println!("{:>5.1} s {name}", self.start.elapsed().as_secs_f64());
    }

    /// What swarm and services say, for a test that fails.
    fn told(&self) -> String {
        let logs = "for each in collector processor influxdb; do timeout 20 docker service logs --tail 30 skep_$each; done";
        let commands = ["docker node ls", "docker service ls", "docker stack ps --no-trunc skep", logs];
        commands.map(|command| self.uml.try_run(DATA, command).0).join("\n")
    }
}

/// The address of a node, for the others and for the test.
pub(crate) fn address(number: &str) -> String {
    format!("10.78.0.{number}")
}
