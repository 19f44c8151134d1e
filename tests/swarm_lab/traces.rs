//! What a swarm could leave behind on the machine, and how to see it: whoever looks must not be on the swarm's network.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use testbed::{Swarm, wait_until};

/// Threads of the test that were on the swarm's network may take a moment to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The names of what a swarm has made.
#[derive(Clone, Default)]
pub(crate) struct Traces(Arc<Mutex<Names>>);

#[derive(Default)]
struct Names {
    prefix: String,
    folder: PathBuf,
    namespaces: BTreeSet<String>,
}

impl Traces {
    /// Remembers what there is at this moment.
    pub(crate) fn remember(&self, swarm: &Swarm) {
        let mut names = self.0.lock().unwrap();
        names.prefix = swarm.prefix().to_owned();
        names.folder = swarm.folder().to_owned();
        names.namespaces.extend(swarm.namespaces());
    }

    /// What of it is there still: processes, namespaces with their links, mounts, control groups, the folder.
    pub(crate) fn left(&self) -> Vec<String> {
        let names = self.0.lock().unwrap();
        if names.prefix.is_empty() {
            return Vec::new();
        }
        let mut left = Vec::new();
        wait_until(PATIENCE, || {
            left = names.left();
            left.is_empty()
        });
        left
    }
}

impl Names {
    fn left(&self) -> Vec<String> {
        let folder = self.folder.to_string_lossy();
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mut left: Vec<String> = mounts.lines().filter(|line| line.contains(&*folder)).map(|line| format!("mount {line}")).collect();
        let of_groups = mounts.lines().filter(|line| line.split(' ').nth(2).is_some_and(|kind| kind.starts_with("cgroup")));
        let groups = of_groups.filter_map(|line| line.split(' ').nth(1)).map(|point| PathBuf::from(point).join(&self.prefix));
        left.extend(groups.filter(|group| group.exists()).map(|group| format!("control group {}", group.display())));
        left.extend(self.folder.exists().then(|| format!("folder {folder}")));
        for process in fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()) {
            let Ok(words) = fs::read_to_string(process.join("cmdline")) else { continue };
            let words = words.replace('\0', " ");
            let is_named = words.contains(&*folder) || words.contains(&self.prefix);
            let is_grouped = fs::read_to_string(process.join("cgroup")).is_ok_and(|groups| groups.contains(&self.prefix));
            let held = ["net", "mnt", "uts", "ipc", "cgroup", "pid"]
                .into_iter()
                .filter_map(|kind| fs::read_link(process.join("ns").join(kind)).ok());
            let held: Vec<String> =
                held.map(|name| name.to_string_lossy().into_owned()).filter(|name| self.namespaces.contains(name)).collect();
            if is_named || is_grouped || !held.is_empty() {
                left.push(format!("process {} ({words}) {held:?}", process.display()));
            }
        }
        left
    }
}
