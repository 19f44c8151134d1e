//! Finds and opens the kernel's files about a container.

use std::sync::Arc;

use super::Facts;
use super::files::Files;
use super::network::Network;
use super::sampled::{Machine, Open};
use crate::kernel::cgroup_place::Hierarchies;
use crate::kernel::cpu_list;
use crate::{Error, Root};

/// The mounted control groups.
pub(super) fn hierarchies(root: &Root) -> Hierarchies {
    Hierarchies::parse(&std::fs::read_to_string(root.proc_of_host("mountinfo")).unwrap_or_default())
}

/// CPUs and memory, read once at start.
pub(super) fn machine(root: &Root) -> Machine {
    let online = std::fs::read(root.path("/sys/devices/system/cpu/online")).unwrap_or_default();
    let n_cpus = cpu_list::count(&online).and_then(|n_cpus| u32::try_from(n_cpus).ok()).unwrap_or(1).max(1);
    let info = rustix::system::sysinfo();
    let unit = u64::from(info.mem_unit).max(1);
    Machine { n_cpus, memory: info.totalram.saturating_mul(unit).max(1) }
}

/// Opens the files of a container that is shown under `name`; `None` when its process has ended.
pub(super) fn open(root: &Root, hierarchies: &Hierarchies, name: &str, facts: &Facts) -> Result<Option<Open>, Error> {
    let Some(pid) = facts.pid else { return Ok(None) };
    let process = root.proc(&pid.to_string());
    let network = if facts.host_network { None } else { Network::open(process.clone(), name, &facts.identity)? };
    // Read after the network was opened: if the process is still the container's own now, it was so then.
    let Ok(cgroup) = std::fs::read_to_string(process.join("cgroup")) else { return Ok(None) };
    if !hierarchies.are_of(&cgroup, facts.id.as_str()) {
        return Ok(None);
    }
    let files = Files::open(hierarchies, &cgroup, facts.id.as_str(), |folder| root.path(folder))?;
    let limits = files.limits(&mut Vec::new());
    Ok(Some(Open { files: Arc::new(files), limits, network }))
}
