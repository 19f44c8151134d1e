//! A real swarm on one machine: dockerds in namespaces of their own, joined by a bridge that only they see.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use crate::swarm_node::{Namespaces, Node};
use crate::{dockerd, network, require};

/// The bridge's address, and with it the test's in [`Swarm::enter`].
const HUB: &str = "10.77.0.254";

const KEEPER: &str = include_str!("swarm/keeper.sh");

/// Managers `manager1` … and workers `worker1` …, each a dockerd that runs in network, mount, pid, uts, ipc and cgroup
/// namespaces of its own. All of it goes when dropped, and also when the test is killed: a keeper outside sees to it.
///
/// It needs root. There are no virtual addresses of services and no routing mesh where the kernel lacks IPVS: services
/// want `--endpoint-mode dnsrr` and ports of mode `host`.
#[derive(Debug)]
pub struct Swarm {
    client: PathBuf,
    hub: Namespaces,
    nodes: Vec<Node>,
    files: Files,
    prefix: String,
    keeper: Keeper,
}

/// What every node is started with.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
    pub(crate) dockerd: PathBuf,
    pub(crate) prefix: String,
}

/// The process that tidies up when its pipe closes.
#[derive(Debug)]
struct Keeper {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Swarm {
    /// Starts the nodes, gives them the image [`Swarm::IMAGE`] (a lone busybox) and joins them; `None` with the line
    /// `skipped: …` when a program is missing.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(managers: usize, workers: usize) -> Option<Self> {
        let (dockerd, client) = (require("dockerd", "docker.io")?, require("docker", "docker.io")?);
        let busybox = require("busybox", "busybox-static")?;
        for (program, package) in [("ip", "iproute2"), ("iptables", "iptables"), ("tini", "tini"), ("unshare", "util-linux")] {
            require(program, package)?;
        }
        let folder = tempfile::Builder::new().prefix("skep-swarm-").tempdir().expect("a temporary folder").keep();
        std::fs::write(folder.join("daemon.json"), r#"{"storage-driver": "vfs"}"#).expect("a file");
        let prefix = format!("skep-swarm-{}-{}", std::process::id(), crate::free_port());
        let keeper = Keeper::start(&prefix, &folder);
        let files = Files { folder, dockerd, prefix: prefix.clone() };
        let hub = Namespaces::of_hub(&files);
        hub.ip(&["link", "set", "lo", "up"]);
        // An address of its own: a bridge without one has that of a port, and takes another's when that node is killed, which
        // the others do not hear of.
        hub.ip(&["link", "add", "br0", "address", "02:00:0a:4d:00:fe", "type", "bridge"]);
        hub.ip(&["addr", "add", &format!("{HUB}/24"), "dev", "br0"]);
        hub.ip(&["link", "set", "br0", "up"]);
        let names = (1..=managers).map(|n| format!("manager{n}")).chain((1..=workers).map(|n| format!("worker{n}")));
        let address = |index: usize| format!("10.77.0.{}", 11 + index);
        let nodes: Vec<Node> = names.enumerate().map(|(index, name)| Node::start(&name, &address(index), HUB, &files, &hub)).collect();
        let mut swarm = Self { client, hub, nodes, files, prefix, keeper };
        swarm.nodes.iter_mut().for_each(Node::wait_for_engine);
        swarm.import(&busybox);
        swarm.join(managers);
        Some(swarm)
    }

    /// The image that every node has: `/bin/busybox` and nothing else.
    pub const IMAGE: &'static str = "skep/busybox:1";

    /// The address of the test's own programs for the nodes, once the test has entered.
    pub fn hub_address(&self) -> &'static str {
        HUB
    }

    /// From here on the calling thread, and what it starts, is on the swarm's network instead of the machine's.
    ///
    /// # Panics
    /// Without the right to do so.
    pub fn enter(&self) {
        network::enter(self.hub.pid());
    }

    /// The names of the nodes, managers first.
    pub fn names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name().to_owned()).collect()
    }

    /// The socket of a node's dockerd.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn socket(&self, node: &str) -> PathBuf {
        self.node(node).socket().to_owned()
    }

    /// A folder of the swarm's, gone with it.
    pub fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// Runs the docker client on a node; gives what it printed, without the last newline.
    ///
    /// # Panics
    /// When it fails.
    pub fn docker(&self, node: &str, arguments: &[&str]) -> String {
        let output = self.try_docker(node, arguments);
        assert!(output.status.success(), "docker {arguments:?} on {node}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The same when it may fail; a question that dockerd does not answer is given up after some seconds.
    pub fn try_docker(&self, node: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("timeout");
        command.arg("60").arg(&self.client).env_remove("DOCKER_CONTEXT");
        command.arg("-H").arg(format!("unix://{}", self.socket(node).display())).args(arguments);
        command.output().expect("the docker client starts")
    }

    /// Makes a service of [`Swarm::IMAGE`] that runs `busybox COMMAND`, and does not wait for it.
    ///
    /// # Panics
    /// When docker refuses.
    pub fn service(&self, node: &str, name: &str, options: &[&str], command: &[&str]) {
        let mut arguments = vec!["service", "create", "--detach", "--no-resolve-image", "--endpoint-mode", "dnsrr", "--name", name];
        arguments.extend(options);
        arguments.extend([Self::IMAGE, "/bin/busybox"]);
        arguments.extend(command);
        self.docker(node, &arguments);
    }

    /// The manager that leads, as `node` has it.
    pub fn leader(&self, node: &str) -> Option<String> {
        let output = self.try_docker(node, &["node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}"]);
        let lines = text(&output.stdout);
        let leader = lines.lines().find_map(|line| line.strip_suffix(" Leader"));
        leader.map(str::to_owned)
    }

    /// A command that runs in all the namespaces of a node; it ends with the node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn command(&self, node: &str, program: &Path) -> Command {
        self.node(node).command(program)
    }

    /// Takes a node's power: every process of it is gone at once, its data stays.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn kill(&mut self, node: &str) {
        let found = self.nodes.iter_mut().find(|found| found.name() == node).expect("a node of this name");
        found.kill(&self.prefix);
    }

    /// Gives a node its power back, with the data it had.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self, node: &str) {
        let found = self.nodes.iter_mut().find(|found| found.name() == node).expect("a node of this name");
        let address = found.address().to_owned();
        *found = Node::start(node, &address, HUB, &self.files, &self.hub);
        found.wait_for_engine();
    }

    /// Pulls a node's cable: all on it goes on, and hears of nobody.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn cut(&self, node: &str) {
        self.hub.ip(&["link", "set", self.node(node).link(), "down"]);
    }

    /// Puts the cable back.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn mend(&self, node: &str) {
        self.hub.ip(&["link", "set", self.node(node).link(), "up"]);
    }

    /// A node's address for others on the swarm's network.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn address(&self, node: &str) -> &str {
        self.node(node).address()
    }

    /// The names of all namespaces that hold it up at this moment, as `/proc/PID/ns` has them.
    pub fn namespaces(&self) -> Vec<String> {
        let all = self.nodes.iter().map(Node::namespaces).chain([&self.hub]);
        all.flat_map(Namespaces::names).collect()
    }

    fn node(&self, name: &str) -> &Node {
        self.nodes.iter().find(|node| node.name() == name).expect("a node of this name")
    }

    fn import(&self, busybox: &Path) {
        self.give_image(&dockerd::image_of(busybox, &self.files.folder), Self::IMAGE, &[]);
    }

    /// Gives every node an image: a tar of its files, its name, and its settings as lines of a Dockerfile.
    ///
    /// # Panics
    /// When docker refuses.
    pub fn give_image(&self, tar: &Path, name: &str, settings: &[&str]) {
        let import = |node: &Node| {
            let mut command = Command::new(&self.client);
            command.arg("-H").arg(format!("unix://{}", node.socket().display())).arg("import");
            settings.iter().for_each(|line| _ = command.args(["--change", line]));
            command.arg(tar).arg(name).stdout(Stdio::null()).spawn().expect("the docker client starts")
        };
        let imports: Vec<Child> = self.nodes.iter().map(import).collect();
        for mut import in imports {
            assert!(import.wait().expect("the docker client ends").success(), "docker import failed");
        }
    }

    /// The first manager makes the swarm, the others join it.
    fn join(&self, managers: usize) {
        let first = self.nodes.first().expect("one manager at least");
        let listen = format!("{}:2377", first.address());
        // The usual heartbeat of 5 s: with less, a busy machine loses nodes, and with them their tasks.
        let init = ["swarm", "init", "--advertise-addr", first.address(), "--listen-addr", &listen];
        self.docker(first.name(), &init);
        let token = |role| self.docker(first.name(), &["swarm", "join-token", "-q", role]);
        let (manager, worker) = (token("manager"), token("worker"));
        for (index, node) in self.nodes.iter().enumerate().skip(1) {
            let token = if index < managers { &manager } else { &worker };
            self.docker(node.name(), &["swarm", "join", "--token", token, "--advertise-addr", node.address(), &listen]);
        }
    }

    /// What the names of its control groups begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.keeper.end();
    }
}

impl Keeper {
    /// In a session of its own, so that what ends the test's processes does not end it.
    fn start(prefix: &str, folder: &Path) -> Self {
        let mut command = Command::new("setsid");
        command.args(["sh", "-c", KEEPER, "keeper", prefix]).arg(folder);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("setsid starts");
        let pipe = process.stdin.take();
        Self { process, pipe }
    }

    fn end(&mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.flush();
        }
        let _ = self.process.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
