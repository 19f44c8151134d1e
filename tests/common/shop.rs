//! A shop of three services on a real swarm of three nodes, each with a collector, and one processor: well at first, then in trouble.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use testbed::{Server, Swarm, wait_until};

use super::{PATIENCE, Skep};

/// The nodes are one machine, so that what it does beside says nothing of the swarm. The memory of a container is told of sooner.
const RULES: &str = "alerts:
  cpu-high: {enabled: false}
  load-high: {enabled: false}
  disk-full-soon: {enabled: false}
  io-saturated: {enabled: false}
  host-oom: {enabled: false}
  memory-pressure: {enabled: false}
  container-memory: {for: 10s}
";

/// What all its services are made with: they are a stack, and find each other by name.
const STACK: [&str; 6] =
    ["--container-label", "com.docker.stack.namespace=shop", "--label", "com.docker.stack.namespace=shop", "--network", "shop_default"];

/// Twenty kilobytes for whoever asks.
const WEB: &str = "mkdir /www; head -c 20000 /dev/urandom >/www/index.html; exec httpd -f -p 8080 -h /www";

/// Asks the web servers again and again, and keeps so many megabytes in memory.
const API: &str = "dd if=/dev/zero of=/dev/shm/cache bs=1M count=$CACHE 2>/dev/null; \
    while :; do for n in 1 2 3 4 5; do wget -q -O - http://shop_web:8080/ | md5sum >/dev/null; done; sleep 0.3; done";

/// Works, or ends as it is told.
const WORKER: &str = "trap 'exit 0' TERM; n=0; while :; do head -c 200000 /dev/urandom | gzip >/dev/null; sleep 1; \
    n=$((n+1)); [ $n = \"$FAIL_AFTER\" ] && exit 3; done";

pub(crate) struct Shop {
    pub(crate) skep: Skep,
    /// Before the swarm, so that they end first.
    _collectors: Vec<Server>,
    pub(crate) swarm: Swarm,
}

impl Shop {
    /// Starts all of it; from then on the calling thread is on the swarm's network.
    pub(crate) fn open() -> Option<Self> {
        let swarm = Swarm::start(1, 2)?;
        swarm.enter();
        let folder = swarm.folder().join("skep");
        fs::create_dir_all(folder.join("rules")).unwrap();
        fs::write(folder.join("rules/shop.yaml"), RULES).unwrap();
        fs::write(folder.join("skep.yaml"), "swarm:\n  name: prod\n").unwrap();
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let address = format!("{}:5555", swarm.hub_address());
        // In its folder, so that its pages name files as a reader's would.
        let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
        Skep::prepare(&mut command, &address, "process", &folder, &["--insecure", "--config", "skep.yaml", "--rules", "rules"]);
        let skep = Skep::launch(command.current_dir(&folder), "process", &folder.join("process.log"));
        let collect = |node: String| {
            let mut command = swarm.command(&node, Path::new(env!("CARGO_BIN_EXE_skep")));
            command.args(["collect", "--config", &path("skep.yaml"), "--to", &address, "--data-dir", &path(&node)]);
            Server::start(command.env_remove("SKEP_LOG"), &folder.join(format!("collect-{node}.log"))).unwrap()
        };
        let collectors = swarm.names().into_iter().map(collect).collect();
        let shop = Self { skep, _collectors: collectors, swarm };
        shop.deploy();
        Some(shop)
    }

    fn docker(&self, arguments: &[&str]) {
        self.swarm.docker("manager1", arguments);
    }

    fn deploy(&self) {
        self.docker(&["network", "create", "--driver", "overlay", "shop_default"]);
        let service = |name: &str, options: &[&str], script: &str| {
            // Its programs are found by name, which a lone busybox does for its own shell.
            self.swarm.service("manager1", name, &[&STACK[..], options].concat(), &["sh", "-c", script]);
        };
        service("shop_web", &["--replicas", "3", "--limit-memory", "32M"], WEB);
        service("shop_api", &["--replicas", "2", "--limit-memory", "64M", "--env", "CACHE=20"], API);
        service("shop_worker", &["--replicas", "2", "--limit-cpu", "0.5", "--restart-delay", "4s"], WORKER);
        for (service, tasks) in [("shop_web", 3.0), ("shop_api", 2.0), ("shop_worker", 2.0)] {
            self.until(&format!("docker_swarm/{service}/tasks_running"), tasks);
        }
    }

    /// The worker crashes again and again, and the interface keeps more in memory than it should.
    pub(crate) fn fall_into_trouble(&self) {
        self.docker(&["service", "update", "--detach", "--env-add", "CACHE=60", "shop_api"]);
        self.docker(&["service", "update", "--detach", "--env-add", "FAIL_AFTER=2", "shop_worker"]);
        for alert in ["restart-loop", "container-memory"] {
            let opened = wait_until(PATIENCE * 3, || {
                pause();
                !self.skep.index(&format!("service =~ \"alert/{alert}/%\" and state != \"ok\"")).is_empty()
            });
            assert!(opened, "{alert} does not open: {:?}\n{}", self.skep.json("/api/v1/alerts"), self.skep.server.output());
        }
    }

    fn until(&self, series: &str, number: f64) {
        let mut found = Value::Null;
        let is_so = wait_until(PATIENCE * 2, || {
            pause();
            found = self.skep.index(&format!("service = \"{series}\"")).pop().unwrap_or_default();
            found.get("metric").and_then(Value::as_f64) == Some(number)
        });
        assert!(is_so, "{series} never is {number}, but {found}\n{}", self.skep.server.output());
    }
}

/// Between two questions: the machine has three dockerds to run.
fn pause() {
    wait_until(Duration::from_millis(200), || false);
}
