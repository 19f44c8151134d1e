//! A dockerd of the test's own: in a network namespace of its own, with its data in a temporary folder.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::swarm_node::control_groups;
use crate::{Server, network, require, wait_until};

/// How long dockerd may take to start, and to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running dockerd and what the test made in it; all of it goes when dropped.
///
/// It needs root. With `SKEP_TEST_DOCKER=/var/run/docker.sock` the dockerd behind that socket is used instead, and only
/// the containers and the images of the test are taken away.
#[derive(Debug)]
pub struct Dockerd {
    client: PathBuf,
    socket: PathBuf,
    /// What the names of this test's containers begin with.
    prefix: String,
    own: Option<(Server, TempDir)>,
}

impl Dockerd {
    /// Starts it and imports the image [`Dockerd::image`], a lone busybox; `None` with the line `skipped: …` when dockerd or
    /// busybox is missing.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Option<Self> {
        Self::start_with("{}")
    }

    /// The same with a `daemon.json` of the test's own; that of a dockerd which is not ours stays as it is.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_with(settings: &str) -> Option<Self> {
        let (dockerd, client) = (require("dockerd", "docker.io")?, require("docker", "docker.io")?);
        let busybox = require("busybox", "busybox-static")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let prefix = format!("skep-{}-{}", std::process::id(), crate::free_port());
        let mut docker = match std::env::var_os("SKEP_TEST_DOCKER") {
            Some(socket) => Self { client, socket: PathBuf::from(socket), prefix, own: None },
            None => {
                let socket = folder.path().join("docker.sock");
                std::fs::write(folder.path().join("daemon.json"), settings).expect("a file");
                let server =
                    Server::start(&mut command(&dockerd, folder.path(), &prefix), &folder.path().join("log")).expect("dockerd starts");
                Self { client, socket, prefix, own: Some((server, folder)) }
            }
        };
        docker.wait();
        docker.import(&busybox);
        Some(docker)
    }

    fn wait(&mut self) {
        let Self { socket, own, .. } = self;
        let ended = |own: &mut Option<(Server, TempDir)>| own.as_mut().is_some_and(|(server, _)| !server.is_running());
        let answers = wait_until(PATIENCE, || UnixStream::connect(&*socket).is_ok() || ended(own)) && !ended(own);
        let log = || own.as_ref().map(|(server, _)| server.output()).unwrap_or_default();
        assert!(answers, "dockerd does not answer at {}:\n{}", socket.display(), log());
    }

    fn import(&self, busybox: &Path) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        self.docker(&["import", &image_of(busybox, folder.path()).to_string_lossy(), &self.image()]);
    }

    /// Ends the daemon alone; its containers live on where it was started with `live-restore`.
    ///
    /// # Panics
    /// When it does not end, or is not ours.
    pub fn end_daemon(&mut self) {
        let (server, _) = self.own.as_mut().expect("a dockerd of our own");
        assert!(server.terminate(PATIENCE).is_some(), "dockerd does not end:\n{}", server.output());
    }

    /// Starts the daemon that was ended again.
    ///
    /// # Panics
    /// When it does not start, or is not ours.
    pub fn start_daemon(&mut self) {
        let dockerd = require("dockerd", "docker.io").expect("dockerd");
        let (server, folder) = self.own.as_mut().expect("a dockerd of our own");
        *server = Server::start(&mut command(&dockerd, folder.path(), &self.prefix), &folder.path().join("log")).expect("dockerd starts");
        self.wait();
    }

    /// Its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The image that was imported: `/bin/busybox` and nothing else.
    pub fn image(&self) -> String {
        format!("{}:1", self.prefix)
    }

    /// The full name of this test's container `name`; no other test has one of that name.
    pub fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Starts a container called [`Dockerd::name`]`(name)` that runs `busybox COMMAND`; gives its id.
    ///
    /// # Panics
    /// When docker refuses.
    pub fn run(&self, name: &str, options: &[&str], command: &[&str]) -> String {
        let (name, image) = (self.name(name), self.image());
        let mut arguments = vec!["run", "-d", "--name", &name];
        arguments.extend(options);
        arguments.extend([image.as_str(), "/bin/busybox"]);
        arguments.extend(command);
        self.docker(&arguments)
    }

    /// Runs the docker client; gives what it printed, without the last newline.
    ///
    /// # Panics
    /// When it fails.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("the docker client starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert!(output.status.success(), "docker {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The server's process, for signals; `None` for one that is not ours.
    pub fn pid(&self) -> Option<u32> {
        self.own.as_ref().map(|(server, _)| server.pid())
    }

    /// From here on the calling thread, and what it starts, is on dockerd's network, where containers of `--network host` are.
    ///
    /// # Panics
    /// Without the right to do so.
    pub fn enter(&self) {
        if let Some(pid) = self.pid() {
            network::enter(pid);
        }
    }

    /// The docker client with these arguments, to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.client);
        command.env_remove("DOCKER_CONTEXT").arg("-H").arg(format!("unix://{}", self.socket.display())).args(arguments);
        command
    }

    /// Takes the test's containers and its images away from a dockerd that is not ours.
    fn tidy(&self) {
        let remove = |listed: &[&str], removal: &[&str]| {
            let ids = self.command(listed).output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
            for id in ids.unwrap_or_default().split_whitespace() {
                let _ = self.command(&[removal, &[id]].concat()).output();
            }
        };
        remove(&["ps", "-aq", "--filter", &format!("name={}", self.prefix)], &["rm", "-f"]);
        remove(&["images", "-q", "--filter", &format!("reference={}*", self.prefix)], &["rmi", "-f"]);
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        match &mut self.own {
            Some((server, folder)) => {
                // First its containers, by their groups: dockerd hangs now and then when it is to end many at once.
                for_each_group(&self.prefix, &mut end_processes);
                if server.terminate(PATIENCE).is_none() {
                    server.kill();
                    end_containerd(folder.path());
                }
                end_shims(&self.prefix);
                for_each_group(&self.prefix, &mut |group| {
                    let _ = std::fs::remove_dir(group);
                });
            }
            None => self.tidy(),
        }
    }
}

/// Writes the archive of an image that holds `/bin/busybox` and nothing else into `folder`.
pub(crate) fn image_of(busybox: &Path, folder: &Path) -> PathBuf {
    let (root, tar) = (folder.join("root"), folder.join("image.tar"));
    std::fs::create_dir_all(root.join("bin")).expect("a folder");
    std::fs::copy(busybox, root.join("bin/busybox")).expect("busybox is copied");
    let made = Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg(".").status().expect("tar starts");
    assert!(made.success(), "tar failed");
    tar
}

/// dockerd with everything of its own: network and mounts (so that nothing is left on the host), data, containerd, groups.
fn command(dockerd: &Path, folder: &Path, prefix: &str) -> Command {
    // Whatever is given to `unshare` takes its process over, so that its pid is dockerd's.
    let script = "ip link set lo up 2>/dev/null; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--net", "--mount", "sh", "-c", script, "sh"]).arg(dockerd);
    command.arg("--data-root").arg(folder.join("data")).arg("--exec-root").arg(folder.join("exec"));
    command.arg("--pidfile").arg(folder.join("docker.pid")).arg("-H").arg(format!("unix://{}", folder.join("docker.sock").display()));
    command.arg("--config-file").arg(folder.join("daemon.json"));
    command.args(["--storage-driver", "vfs", "--iptables=false", "--ip6tables=false"]);
    command.args(["--userland-proxy=false", "--bip", "10.213.77.1/24", "--shutdown-timeout", "1"]);
    command.args(["--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent"]).arg(format!("/{prefix}"));
    // A containerd of the machine's own may be running: no containers of ours among its containers.
    command.arg("--containerd-namespace").arg(prefix).arg("--containerd-plugins-namespace").arg(format!("{prefix}-plugins"));
    command
}

/// A dockerd that had to be killed leaves its containerd behind.
fn end_containerd(folder: &Path) {
    if let Ok(pid) = std::fs::read_to_string(folder.join("exec/containerd/containerd.pid")) {
        let _ = Command::new("kill").arg(pid.trim()).status();
    }
}

/// A dockerd that is told to end gives containerd no time to hear of containers that have just died; their shims would stay for ever.
fn end_shims(prefix: &str) {
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let words = std::fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
        if words.contains("containerd-shim") && words.contains(&format!("-namespace\0{prefix}\0")) {
            let _ = Command::new("kill").arg("-KILL").arg(process.file_name()).stderr(Stdio::null()).status();
        }
    }
}

/// Calls `f` with each control group of ours, those within others first.
fn for_each_group(prefix: &str, f: &mut impl FnMut(&Path)) {
    for group in control_groups(prefix) {
        let within = std::fs::read_dir(&group).into_iter().flatten().flatten();
        within.map(|entry| entry.path()).filter(|path| path.is_dir()).for_each(|path| f(&path));
        f(&group);
    }
}

/// Kills what runs in a control group of ours.
fn end_processes(group: &Path) {
    for pid in std::fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default().lines() {
        let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
    }
}
