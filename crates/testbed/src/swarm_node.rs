//! The nodes of a swarm: processes with namespaces of their own.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::swarm::Files;
use crate::{Server, wait_until};

/// How long namespaces may take to be made, and to end.
const PATIENCE: Duration = Duration::from_secs(60);

const ENTER: &str = include_str!("swarm/enter.sh");
const NODE: &str = include_str!("swarm/node.sh");

/// A process that holds namespaces; they go with it.
#[derive(Debug)]
pub(crate) struct Namespaces(Server);

impl Namespaces {
    /// A network of its own, and nothing else.
    pub(crate) fn of_hub(files: &Files) -> Self {
        Self::start(files, "hub", &["--net"], &["sleep", "infinity"])
    }

    /// `unshare WHAT PROGRAM…` in control groups of its own. Waits until the new network is there.
    fn start(files: &Files, name: &str, what: &[&str], program: &[&str]) -> Self {
        let group = format!("{}/{name}", files.prefix);
        let mut command = Command::new("sh");
        command.args(["-c", ENTER, "enter", &group, "unshare"]).args(what).arg("--").args(program);
        let mut server = Server::start(&mut command, &files.folder.join(format!("{name}.log"))).expect("sh starts");
        let network = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/net")).ok();
        // Of the thread: it may have entered the hub's network, which then is what the new process begins with.
        let (pid, before) = (server.pid().to_string(), network("thread-self"));
        let is_made = wait_until(PATIENCE, || network(&pid).is_some_and(|now| Some(now) != before) || !server.is_running());
        assert!(is_made && server.is_running(), "{name} has no namespaces:\n{}", server.output());
        Self(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// The names of those that it holds, as `/proc` has them; those that it shares with the test are not among them.
    pub(crate) fn names(&self) -> Vec<String> {
        let of = |process: &str, kind: &str| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).ok();
        let pid = self.pid().to_string();
        let own = ["net", "mnt", "uts", "ipc", "cgroup", "pid_for_children"].into_iter().filter_map(|kind| {
            // The test's first thread, which a test has no way to enter the hub's network with.
            of(&pid, kind).filter(|name| Some(name) != of("self", kind).as_ref())
        });
        own.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// Runs `ip` in the network.
    #[track_caller]
    pub(crate) fn ip(&self, arguments: &[&str]) {
        let output = Command::new("nsenter").arg(format!("--net=/proc/{}/ns/net", self.pid())).arg("ip").args(arguments).output();
        let output = output.expect("nsenter starts");
        assert!(output.status.success(), "ip {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// One dockerd with its namespaces.
#[derive(Debug)]
pub(crate) struct Node {
    name: String,
    address: String,
    socket: PathBuf,
    /// Its end of the cable, at the hub.
    link: String,
    namespaces: Namespaces,
}

impl Node {
    /// Starts it; its dockerd answers a moment later.
    pub(crate) fn start(name: &str, address: &str, gateway: &str, files: &Files, hub: &Namespaces) -> Self {
        // A number of its own for each start: the kernel takes its time to forget the link of a node that was killed.
        static STARTS: AtomicU32 = AtomicU32::new(0);
        let link = format!("v{}", STARTS.fetch_add(1, Ordering::Relaxed));
        std::fs::create_dir_all(files.folder.join(name)).expect("a folder");
        let (folder, dockerd) = (files.folder.to_string_lossy(), files.dockerd.to_string_lossy());
        let what = ["--net", "--mount", "--uts", "--ipc", "--cgroup", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
        // The first process of a pid namespace must take care of orphans, which dockerd does not.
        let program = ["tini", "-s", "--", "sh", "-c", NODE, "node", name, address, gateway, &folder, &dockerd];
        let namespaces = Namespaces::start(files, name, &what, &program);
        let pid = namespaces.pid().to_string();
        hub.ip(&["link", "add", &link, "type", "veth", "peer", "name", "eth0", "netns", &pid]);
        hub.ip(&["link", "set", &link, "master", "br0", "up"]);
        let socket = files.folder.join(name).join("docker.sock");
        Self { name: name.to_owned(), address: address.to_owned(), socket, link, namespaces }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The socket of its dockerd, as seen from outside.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Waits until dockerd takes connections.
    pub(crate) fn wait_for_engine(&mut self) {
        let Self { socket, namespaces: Namespaces(server), name, .. } = self;
        let answers = wait_until(PATIENCE, || UnixStream::connect(&*socket).is_ok() || !server.is_running()) && server.is_running();
        assert!(answers, "dockerd on {name} does not answer:\n{}", server.output());
    }

    /// Its first process ends with the one that holds the namespaces, and all others with that.
    pub(crate) fn kill(&mut self, prefix: &str) {
        self.namespaces.0.kill();
        let groups = control_groups(&format!("{prefix}/{}", self.name));
        let is_empty = |group: &PathBuf| std::fs::read_to_string(group.join("cgroup.procs")).is_ok_and(|pids| pids.is_empty());
        assert!(wait_until(PATIENCE, || groups.iter().all(is_empty)), "processes of {} go on", self.name);
    }

    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    pub(crate) fn namespaces(&self) -> &Namespaces {
        &self.namespaces
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let pid = self.namespaces.pid();
        let mut command = Command::new("nsenter");
        for kind in ["mnt", "uts", "ipc", "net", "cgroup"] {
            let flag = if kind == "mnt" { "mount" } else { kind };
            command.arg(format!("--{flag}=/proc/{pid}/ns/{kind}"));
        }
        command.arg(format!("--pid=/proc/{pid}/ns/pid_for_children")).arg("--").arg(program);
        command
    }
}

/// The folders of a control group, one in each hierarchy that has it.
pub(crate) fn control_groups(name: &str) -> Vec<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let of_groups = mounts.lines().filter(|line| line.split(' ').nth(2).is_some_and(|kind| kind.starts_with("cgroup")));
    of_groups.filter_map(|line| line.split(' ').nth(1)).map(|point| Path::new(point).join(name)).filter(|group| group.is_dir()).collect()
}
