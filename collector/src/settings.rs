//! What a user may choose.

use std::path::PathBuf;

use event::Duration;

use crate::{ContainerChoice, Lists, ProcessMatch, Root, collectd, exec, host, scrape, statsd};

/// Settings of the collector. The defaults run with no file at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Between two turns; at least 100 ms.
    pub interval: Duration,
    /// The node's name; `None` is the kernel's host name.
    pub host: Option<String>,
    /// The swarm's name: the host of what is told about the whole swarm.
    pub swarm: String,
    /// Where the host's `/` is mounted when the collector runs in a container: `/host`.
    pub host_root: Option<PathBuf>,
    /// Docker's socket; `None`: containers are not watched.
    pub docker: Option<PathBuf>,
    /// Sending is put off by up to this, each node by its own part, so that a swarm's nodes do not all send at once.
    /// Sampling is not: all nodes sample at the same moment.
    pub spread: Duration,
    /// What is sampled.
    pub switches: Switches,
    /// Processes that are measured beside the containers: the first [`crate::MAX_MATCHES`].
    pub processes: Vec<ProcessMatch>,
    /// The part of one core that sampling may take, as in 0.02; `None`: as much as it needs.
    pub budget: Option<f64>,
    /// Which metrics are told.
    pub metrics: Lists,
    /// Which containers are watched, and which of their labels are told.
    pub containers: ContainerChoice,
    /// How often dockerd is asked how large containers' files are; `None`: never, for it has to walk through them.
    pub container_sizes: Option<Duration>,
    /// The statsd listener; `None`: closed.
    pub statsd: Option<statsd::Settings>,
    /// The listener for collectd's binary protocol; `None`: closed.
    pub collectd: Option<collectd::Settings>,
    /// Prometheus' endpoints; none by default.
    pub scrape: scrape::Settings,
    /// Programs that are run; no two of one name. None by default.
    pub exec: Vec<exec::Settings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            host: None,
            swarm: "swarm".to_owned(),
            host_root: None,
            docker: Some(PathBuf::from("/var/run/docker.sock")),
            spread: Duration::ZERO,
            switches: Switches::default(),
            processes: Vec::new(),
            budget: None,
            metrics: Lists::default(),
            containers: ContainerChoice::default(),
            container_sizes: None,
            statsd: None,
            collectd: None,
            scrape: scrape::Settings::default(),
            exec: Vec::new(),
        }
    }
}

impl Settings {
    /// The name that samples carry as their host.
    pub fn host_name(&self) -> String {
        self.host.clone().unwrap_or_else(|| host::name(&Root::new(self.host_root.as_deref())))
    }
}

/// What is sampled; all is by default but what says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
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

impl Default for Switches {
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
