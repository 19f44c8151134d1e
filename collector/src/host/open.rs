//! Opens what there is to sample on this host, and says what there is not.

use std::fs;

use super::disk::Disk;
use super::diskio::Diskio;
use super::hugepages::Hugepages;
use super::interrupts::Interrupts;
use super::keyed;
use super::mdstat::Mdstat;
use super::memory::MemoryFiles;
use super::net::Net;
use super::os::Os;
use super::pressure::Pressures;
use super::process::Process;
use super::process_list::ProcessList;
use super::process_states::ProcessStates;
use super::procstat::Procstat;
use super::sensors::Sensors;
use super::sight::Sight;
use super::stat::StatFile;
use super::sysctl::Sysctl;
use super::sysinfo_host::SysinfoHost;
use super::system::System;
use super::tcp_states::TcpStates;
use crate::{Error, ProcessMatch, Root, Sampler, Switches};

/// The samplers of the host. Those whose files cannot be read are left out, with one line in the log for all of them.
pub fn samplers(root: &Root, switches: Switches, processes: &[ProcessMatch]) -> Vec<Box<dyn Sampler>> {
    let mut opened = Opened { samplers: Vec::new(), missing: Vec::new() };
    if root.proc("stat").exists() {
        opened.of_kernel(root, switches);
        opened.of_processes(root, switches, processes);
    } else {
        tracing::warn!("no {}: sampling only cpu, mem, swap and load", root.proc("stat").display());
        opened.of_sysinfo();
    }
    opened.add("process", true, Process::open);
    if !opened.missing.is_empty() {
        tracing::warn!("not sampled here, for want of a right, a mount or a newer kernel: {}", opened.missing.join("; "));
    }
    let sight = Sight::look(root, opened.missing.len());
    opened.samplers.push(Box::new(sight));
    opened.samplers
}

struct Opened {
    samplers: Vec<Box<dyn Sampler>>,
    /// What could not be opened, and why.
    missing: Vec<String>,
}

impl Opened {
    fn of_kernel(&mut self, root: &Root, switches: Switches) {
        let Switches { cpu, mem, swap, system, processes, kernel, disk, diskio, net, pressure, .. } = switches;
        let Switches { kernel_vmstat, nstat, netstat, linux_sysctl_fs, conntrack, sensors, irq, softirq, hugepages, md, .. } = switches;
        self.add("cpu", cpu || kernel || processes, || StatFile::open(root, switches));
        self.add("memory", mem || swap, || MemoryFiles::open(root, switches));
        self.add("kernel_vmstat", kernel_vmstat, || keyed::vmstat(root));
        self.add("system", system || processes, || System::open(root, switches));
        self.add("os", system, || Os::open(root));
        self.add("diskio", diskio, || Diskio::open(root));
        self.add("net", net, || Net::open(root));
        self.add("net/all", nstat, || keyed::snmp(root));
        self.add("nstat", nstat, || keyed::nstat(root));
        self.add("sockets", netstat, || keyed::sockstat(root));
        self.add("sockets of IPv6", netstat, || keyed::sockstat6(root));
        self.add("pressure", pressure, || Pressures::open(root));
        self.add("disk", disk, || Disk::open(root));
        self.add("sysctl", linux_sysctl_fs || conntrack || kernel || system, || Ok(Sysctl::open(root, switches)));
        self.add("TCP by state", netstat, || TcpStates::open(root));
        self.add("interrupts", irq, || Interrupts::hard(root));
        self.add("soft_interrupts", softirq, || Interrupts::soft(root));
        self.add("hugepages", hugepages, || Hugepages::open(root));
        self.add("mdstat", md, || Mdstat::open(root));
        self.add("sensors", sensors, || Sensors::open(root));
    }

    fn of_processes(&mut self, root: &Root, switches: Switches, chosen: &[ProcessMatch]) {
        let states = switches.processes.then(ProcessStates::new);
        let procstat = (!chosen.is_empty()).then(|| Procstat::new(root, chosen));
        self.add("processes by state", states.is_some() || procstat.is_some(), || ProcessList::open(root, states, procstat));
    }

    fn of_sysinfo(&mut self) {
        match SysinfoHost::new() {
            Ok(sampler) => self.samplers.push(Box::new(sampler)),
            Err(err) => tracing::warn!("the host is not sampled: {err}"),
        }
    }

    fn add<S: Sampler + 'static>(&mut self, name: &str, is_wanted: bool, open: impl FnOnce() -> Result<S, Error>) {
        if !is_wanted {
            return;
        }
        match open() {
            Ok(sampler) => self.samplers.push(Box::new(sampler)),
            Err(err) => self.missing.push(format!("{name} ({})", err.told())),
        }
    }
}

/// The node's name as the kernel has it. In a container the kernel gives the container's; the host's stands in its
/// `/etc/hostname`.
pub fn name(root: &Root) -> String {
    let candidates = if root.is_elsewhere() {
        vec![root.path("/etc/hostname"), root.proc("sys/kernel/hostname")]
    } else {
        vec![root.proc("sys/kernel/hostname")]
    };
    let read = |path| Some(fs::read_to_string(path).ok()?.trim().to_owned()).filter(|name| !name.is_empty());
    candidates.into_iter().find_map(read).or_else(|| sysinfo::System::host_name().ok()).unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_container_the_name_is_that_of_the_host_not_the_kernels_answer() {
        let host = tempfile::tempdir().unwrap();
        fs::create_dir_all(host.path().join("etc")).unwrap();
        fs::create_dir_all(host.path().join("proc/sys/kernel")).unwrap();
        fs::write(host.path().join("proc/sys/kernel/hostname"), "59bfc5f995fa\n").unwrap();
        let root = Root::new(Some(host.path()));
        assert_eq!(name(&root), "59bfc5f995fa");
        fs::write(host.path().join("etc/hostname"), "worker1\n").unwrap();
        assert_eq!(name(&root), "worker1");
    }

    #[test]
    fn a_switched_off_sampler_is_not_opened() {
        let none = Switches {
            cpu: false,
            per_core: false,
            cpu_time: false,
            mem: false,
            swap: false,
            system: false,
            processes: false,
            kernel: false,
            disk: false,
            diskio: false,
            net: false,
            pressure: false,
            kernel_vmstat: false,
            nstat: false,
            netstat: false,
            linux_sysctl_fs: false,
            conntrack: false,
            sensors: false,
            irq: false,
            softirq: false,
            hugepages: false,
            md: false,
            swarm: false,
        };
        let names = |switches| samplers(&Root::new(None), switches, &[]).iter().map(|sampler| sampler.name()).collect::<Vec<_>>();
        assert_eq!(names(none), ["process", "sight"]);
        assert_eq!(names(Switches { processes: true, ..none }), ["cpu", "system", "processes", "process", "sight"]);
    }

    #[test]
    fn without_proc_the_basic_set_comes_from_sysinfo() {
        let empty = tempfile::tempdir().unwrap();
        let samplers = samplers(&Root::new(Some(empty.path())), Switches::default(), &[]);
        assert_eq!(samplers.iter().map(|sampler| sampler.name()).collect::<Vec<_>>(), ["sysinfo", "process", "sight"]);
    }
}
