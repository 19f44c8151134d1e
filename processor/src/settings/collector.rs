//! Settings of the collector; the binary hands them to the collector's library, which does not know this one.

use std::net::SocketAddr;
use std::path::PathBuf;

use event::{Duration, Pattern};

use super::Ways;

/// What is sampled, and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Collector {
    /// Between two turns; at least 100 ms.
    pub interval: Duration,
    /// The node's name; `None`: the kernel's host name.
    pub host: Option<String>,
    /// Where the host's `/` is mounted when the collector runs in a container.
    pub host_root: Option<PathBuf>,
    /// Docker's socket; `None`: containers are not watched.
    pub docker: Option<PathBuf>,
    /// Sending is put off by up to this, each node by its own part.
    pub spread: Duration,
    /// What is sampled.
    pub samplers: Samplers,
    /// Processes that are measured beside the containers.
    pub processes: Vec<ProcessMatch>,
    /// `HOST:PORT` of processors' Riemann listeners, tried in turn; empty: the usual one on this machine.
    pub to: Vec<String>,
    /// The part of one core that sampling may take, as in 0.02; `None`: as much as it needs.
    pub budget: Option<f64>,
    /// Which metrics are told, by `measurement/field`.
    pub metrics: Lists,
    /// Which containers are watched, by name or by label.
    pub containers: Lists,
    /// How often Docker is asked how large containers' files are; `None`: never.
    pub container_sizes: Option<Duration>,
    /// Labels of containers that become attributes.
    pub labels: Vec<String>,
    /// Where the backlog lies; `None`: the usual folder.
    pub data_dir: Option<PathBuf>,
    /// What `skep collect` keeps on disk while the processor is away; `None`: nothing.
    pub backlog: Option<Backlog>,
    /// Where `skep collect` serves `/healthz` and `/metrics`; `None`: nowhere.
    pub http: Option<SocketAddr>,
    /// Further ways in; all closed by default.
    pub ways: Ways,
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            host: None,
            host_root: None,
            docker: Some(PathBuf::from("/var/run/docker.sock")),
            spread: Duration::ZERO,
            samplers: Samplers::default(),
            processes: Vec::new(),
            to: Vec::new(),
            budget: None,
            metrics: Lists::default(),
            containers: Lists::default(),
            container_sizes: None,
            labels: Vec::new(),
            data_dir: None,
            backlog: Some(Backlog::default()),
            http: None,
            ways: Ways::default(),
        }
    }
}

/// A choice of processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessMatch {
    /// What they are told under; without an expression, too, the kernel's name of them.
    pub name: String,
    /// A regular expression on their command line.
    pub command: Option<String>,
}

/// Patterns of what is wanted and of what is not; the latter win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Only what one of these matches; all when there are none.
    pub allow: Vec<Pattern>,
    /// None of what one of these matches.
    pub deny: Vec<Pattern>,
}

/// What is kept on disk while the processor is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Bytes on disk; beyond them the oldest are dropped.
    pub max: u64,
    /// What is older is dropped.
    pub age: Duration,
    /// Bytes a second that are sent beside the live samples.
    pub rate: u64,
}

impl Default for Backlog {
    fn default() -> Self {
        Self { max: 256 << 20, age: Duration::from_secs(6 * 3600), rate: 256 << 10 }
    }
}

/// Which measurements are sampled; all are by default but those that say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samplers {
    /// Measurement `cpu`.
    pub cpu: bool,
    /// Of `cpu`, each core beside the total.
    pub per_core: bool,
    /// Of `cpu`, the fields `time_*` beside the shares; off by default.
    pub cpu_time: bool,
    /// Measurement `mem`.
    pub mem: bool,
    /// Measurement `swap`.
    pub swap: bool,
    /// Measurement `system`.
    pub system: bool,
    /// Measurement `processes`.
    pub processes: bool,
    /// Measurement `kernel`.
    pub kernel: bool,
    /// Measurement `disk`: file systems.
    pub disk: bool,
    /// Measurement `diskio`: block devices.
    pub diskio: bool,
    /// Measurement `net`.
    pub net: bool,
    /// Measurement `pressure`.
    pub pressure: bool,
    /// Measurement `kernel_vmstat`: paging.
    pub kernel_vmstat: bool,
    /// Fields of `net/all`, and measurement `nstat`: what IP, ICMP, TCP and UDP count.
    pub nstat: bool,
    /// Measurement `netstat`: sockets, and TCP sockets by state.
    pub netstat: bool,
    /// Measurement `linux_sysctl_fs`: open files, inodes.
    pub linux_sysctl_fs: bool,
    /// Measurement `conntrack`: connections that the firewall follows.
    pub conntrack: bool,
    /// Measurements `temp`, `sensors` and `linux_cpu`.
    pub sensors: bool,
    /// Measurement `interrupts`: each kind; off by default.
    pub irq: bool,
    /// Measurement `soft_interrupts`: each kind; off by default.
    pub softirq: bool,
    /// Measurement `hugepages_root`: each size; off by default.
    pub hugepages: bool,
    /// Measurement `mdstat`: arrays of disks; off by default.
    pub md: bool,
    /// Measurements `docker_swarm` and `docker_node`, where this node leads a swarm.
    pub swarm: bool,
}

impl Samplers {
    /// Every name in `samplers:` with the switch that it turns.
    pub fn by_name(&mut self) -> [(&'static str, &mut bool); 23] {
        [
            ("cpu", &mut self.cpu),
            ("per_core", &mut self.per_core),
            ("cpu_time", &mut self.cpu_time),
            ("mem", &mut self.mem),
            ("swap", &mut self.swap),
            ("system", &mut self.system),
            ("processes", &mut self.processes),
            ("kernel", &mut self.kernel),
            ("disk", &mut self.disk),
            ("diskio", &mut self.diskio),
            ("net", &mut self.net),
            ("pressure", &mut self.pressure),
            ("kernel_vmstat", &mut self.kernel_vmstat),
            ("nstat", &mut self.nstat),
            ("netstat", &mut self.netstat),
            ("linux_sysctl_fs", &mut self.linux_sysctl_fs),
            ("conntrack", &mut self.conntrack),
            ("sensors", &mut self.sensors),
            ("irq", &mut self.irq),
            ("softirq", &mut self.softirq),
            ("hugepages", &mut self.hugepages),
            ("md", &mut self.md),
            ("swarm", &mut self.swarm),
        ]
    }
}

impl Default for Samplers {
    fn default() -> Self {
        Self {
            cpu: true,
            per_core: true,
            cpu_time: false,
            mem: true,
            swap: true,
            system: true,
            processes: true,
            kernel: true,
            disk: true,
            diskio: true,
            net: true,
            pressure: true,
            kernel_vmstat: true,
            nstat: true,
            netstat: true,
            linux_sysctl_fs: true,
            conntrack: true,
            sensors: true,
            irq: false,
            softirq: false,
            hugepages: false,
            md: false,
            swarm: true,
        }
    }
}
