//! All containers, turn by turn: takes what Docker tells, opens and closes files, samples.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use crossbeam_channel::Receiver;
use event::{Duration, Timestamp};

use super::files::Files;
use super::happening::Action;
use super::network::Network;
use super::publish::publish;
use super::sampled::{Machine, Open, Sampled, Scratch};
use super::series::Out;
use super::{Change, Directory, Facts, Id};
use crate::kernel::cgroup_place::{Hierarchies, belongs_to};

/// After so many turns files that could not be opened are tried again.
const TRY_AGAIN_AFTER: u32 = 5;

/// After so many turns limits are read again, in case `docker update` was missed.
const LIMITS_EVERY: u32 = 60;

/// Where the kernel's files are.
#[derive(Clone, Debug)]
pub struct Roots {
    /// What stands before each path: `/`, or where the host's tree is mounted.
    host: PathBuf,
    /// Whose mounts `mountinfo` shows: `self`, or `1` when looking at the host from within a container.
    mounts_of: &'static str,
}

impl Roots {
    /// With `host_root`, where a container has the host's `/` (or at least its `/proc` and `/sys`) mounted.
    pub fn new(host_root: Option<&Path>) -> Self {
        match host_root {
            Some(host) => Self { host: host.to_owned(), mounts_of: "1" },
            None => Self { host: PathBuf::from("/"), mounts_of: "self" },
        }
    }

    fn below(&self, path: &str) -> PathBuf {
        self.host.join(path.trim_start_matches('/'))
    }

    fn hierarchies(&self) -> Hierarchies {
        let path = self.below("proc").join(self.mounts_of).join("mountinfo");
        Hierarchies::parse(&std::fs::read_to_string(path).unwrap_or_default())
    }

    /// CPUs and memory, read once at start.
    fn machine(&self) -> Machine {
        let online = std::fs::read_to_string(self.below("sys/devices/system/cpu/online")).unwrap_or_default();
        let info = rustix::system::sysinfo();
        let unit = u64::from(info.mem_unit).max(1);
        Machine { n_cpus: count_ranges(&online).max(1), memory: info.totalram.saturating_mul(unit).max(1) }
    }
}

/// How many numbers there are in `0-3,8`.
fn count_ranges(text: &str) -> u32 {
    let count = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        last.checked_sub(first)?.checked_add(1)
    };
    text.trim_ascii().split(',').filter_map(count).fold(0, u32::saturating_add)
}

/// The state of the sampling thread.
#[derive(Debug)]
pub struct Containers {
    roots: Roots,
    interval: Duration,
    machine: Machine,
    hierarchies: Hierarchies,
    directory: Directory,
    sampled: HashMap<Id, (Sampled, Wait)>,
    scratch: Scratch,
    n_turns: u32,
    /// The directory has changed since `sampled` was made from it.
    is_stale: bool,
    said: Said,
}

/// Turns left until files are tried again.
type Wait = u32;

/// Troubles that were told once.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    invisible: bool,
    refused: bool,
}

impl Containers {
    /// None yet; sampled each `interval`.
    pub fn new(roots: Roots, interval: Duration) -> Self {
        Self {
            interval,
            machine: roots.machine(),
            hierarchies: roots.hierarchies(),
            roots,
            directory: Directory::new(),
            sampled: HashMap::new(),
            scratch: Scratch::default(),
            n_turns: 0,
            is_stale: false,
            said: Said::default(),
        }
    }

    /// Takes all changes that wait. Those that are events are handed out at once.
    pub fn take(&mut self, changes: &Receiver<Change>, out: &mut impl Out) {
        // As many as there are now: a storm of changes must not hold the turn up.
        for change in changes.try_iter().take(changes.len()) {
            self.apply(change, out);
        }
    }

    /// Takes one change.
    pub fn apply(&mut self, change: Change, out: &mut impl Out) {
        match change {
            Change::All(all) => self.directory.set_all(all),
            Change::Set(facts) => self.directory.set(*facts),
            Change::Removed(id) => self.directory.remove(&id),
            Change::Happened(happening) => {
                if happening.action == Action::Die {
                    self.directory.died(&happening.id, happening.exit_code);
                    if let Some((sampled, _)) = self.sampled.get_mut(&happening.id) {
                        sampled.close();
                    }
                }
                publish(&happening, out);
            }
        }
        self.is_stale = true;
    }

    /// Samples all containers. `now` is when this happens, `due` the time that the samples carry.
    pub fn sample(&mut self, now: Timestamp, due: Timestamp, out: &mut impl Out) {
        if std::mem::take(&mut self.is_stale) {
            self.follow_directory();
        }
        self.open_files();
        self.n_turns = self.n_turns.wrapping_add(1);
        let reads_limits = self.n_turns.is_multiple_of(LIMITS_EVERY);
        for (sampled, wait) in self.sampled.values_mut() {
            if reads_limits {
                sampled.read_limits();
            }
            self.scratch.usage.pids = None;
            if sampled.sample(now, self.machine, &mut self.scratch, out).is_err() {
                self.scratch.usage.pids = None;
                *wait = TRY_AGAIN_AFTER;
            }
            sampled.put_status(due, self.interval, self.scratch.usage.pids, out);
        }
    }

    /// How many containers are sampled, and how many of them have their files open.
    pub fn counts(&self) -> (usize, usize) {
        (self.sampled.len(), self.sampled.values().filter(|(sampled, _)| sampled.is_open()).count())
    }

    fn follow_directory(&mut self) {
        let mut before = std::mem::take(&mut self.sampled);
        for shown in self.directory.shown() {
            let kept = before.remove(&shown.facts.id).filter(|(sampled, _)| is_same(sampled, &shown.name, shown.facts));
            let (mut sampled, wait) = kept.unwrap_or_else(|| (Sampled::new(&shown.name, shown.facts.clone()), 0));
            let is_new_process = (sampled.facts.pid, sampled.facts.started) != (shown.facts.pid, shown.facts.started);
            let is_moved = sampled.facts.attachments != shown.facts.attachments;
            if is_new_process || is_moved || !shown.facts.status.is_live() {
                sampled.close();
            }
            if sampled.facts != *shown.facts {
                sampled.learn(shown.facts.clone());
            }
            self.sampled.insert(shown.facts.id.clone(), (sampled, if is_new_process || is_moved { 0 } else { wait }));
        }
    }

    fn open_files(&mut self) {
        for (sampled, wait) in self.sampled.values_mut().filter(|(sampled, _)| !sampled.is_open() && sampled.facts.status.is_live()) {
            if *wait > 0 {
                *wait -= 1;
                continue;
            }
            *wait = TRY_AGAIN_AFTER;
            match open(&self.roots, &self.hierarchies, sampled) {
                Ok(Some(open)) if open.files.is_empty() => {
                    // A hierarchy may have been mounted after the start.
                    self.hierarchies = self.roots.hierarchies();
                    if !std::mem::replace(&mut self.said.invisible, true) {
                        tracing::warn!(
                            "containers have no counters: their control groups are not below a cgroup mount that is seen here; \
                             mount the host's /sys/fs/cgroup and /proc, and set host_root to where they are"
                        );
                    }
                }
                Ok(Some(open)) => sampled.opened(open),
                Ok(None) => {}
                Err(err) => {
                    if !std::mem::replace(&mut self.said.refused, true) {
                        tracing::warn!("counters of containers are lost: {err}; run as root, or raise the limit of open files");
                    }
                }
            }
        }
    }
}

/// Whether the series need not be made anew.
fn is_same(sampled: &Sampled, name: &str, facts: &Facts) -> bool {
    sampled.name() == name && sampled.facts.identity == facts.identity
}

/// Opens a container's files; `None` when its process has ended.
fn open(roots: &Roots, hierarchies: &Hierarchies, sampled: &Sampled) -> io::Result<Option<Open>> {
    let facts = &sampled.facts;
    let Some(pid) = facts.pid else { return Ok(None) };
    let process = roots.below("proc").join(pid.to_string());
    let network = if facts.host_network { None } else { Network::open(process.clone(), sampled.name(), &facts.identity)? };
    // Read after the network was opened: if the process is still the container's own now, it was so then.
    let Ok(cgroup) = std::fs::read_to_string(process.join("cgroup")) else { return Ok(None) };
    if !belongs_to(&cgroup, facts.id.as_str()) {
        return Ok(None);
    }
    let files = Files::open(hierarchies, &cgroup, facts.id.as_str(), |folder| roots.below(folder))?;
    let limits = files.limits();
    Ok(Some(Open { files, limits, network }))
}
