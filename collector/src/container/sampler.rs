//! All containers, turn by turn: takes what Docker tells, opens and closes files, samples.

use std::collections::HashMap;

use crossbeam_channel::Receiver;
use event::{Duration, Timestamp};

use super::happening::Action;
use super::open::{hierarchies, machine, open};
use super::open_files::raise_limit;
use super::publish::publish;
use super::sampled::{Machine, Sampled, Scratch};
use super::series::Out;
use super::{Change, Directory, Facts, Id};
use crate::Root;
use crate::kernel::cgroup_place::Hierarchies;

/// After so many turns files that could not be opened are tried again.
const TRY_AGAIN_AFTER: u32 = 5;

/// So many containers in a row whose processes are not to be seen are no chance any more.
const UNSEEN: u32 = 20;

/// After so many turns limits are read again, in case `docker update` was missed.
const LIMITS_EVERY: u32 = 60;

/// The state of the sampling thread.
#[derive(Debug)]
pub struct Containers {
    root: Root,
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
    /// How often in a row a live container's process was not in `/proc`.
    n_unseen: u32,
}

impl Containers {
    /// None yet; sampled each `interval`.
    pub fn new(root: Root, interval: Duration) -> Self {
        raise_limit();
        Self {
            interval,
            machine: machine(&root),
            hierarchies: hierarchies(&root),
            root,
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
            Change::All(all) => self.directory.set_all(all.into_iter().filter(|facts| !facts.identity.is_unwanted)),
            Change::Set(facts) if facts.identity.is_unwanted => self.directory.remove(&facts.id),
            Change::Set(facts) => self.directory.set(*facts),
            Change::Removed(id) => self.directory.remove(&id),
            Change::Happened(happening) if happening.identity.is_unwanted => {}
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
            match open(&self.root, &self.hierarchies, sampled) {
                Ok(Some(open)) if open.files.is_empty() => {
                    // A hierarchy may have been mounted after the start.
                    self.hierarchies = hierarchies(&self.root);
                    if !std::mem::replace(&mut self.said.invisible, true) {
                        tracing::warn!(
                            "containers have no counters: their control groups are not below a cgroup mount that is seen here; \
                             mount the host's /sys/fs/cgroup and /proc, and set host_root to where they are"
                        );
                    }
                }
                Ok(Some(open)) => {
                    self.said.n_unseen = 0;
                    sampled.opened(open);
                }
                // It may just have ended. When it is so with all of them, this process sees other processes than dockerd.
                Ok(None) => {
                    self.said.n_unseen = self.said.n_unseen.saturating_add(1);
                    if self.said.n_unseen == UNSEEN {
                        tracing::warn!(
                            "containers have no counters: their processes are not in /proc here; \
                             mount the host's / (or its /proc and /sys) and set host_root to where it is"
                        );
                    }
                }
                Err(err) => {
                    if !std::mem::replace(&mut self.said.refused, true) {
                        let cause = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
                        tracing::warn!("counters of containers are lost: {err}: {cause}; run as root, or raise the limit of open files");
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use event::{Labels, View};

    use super::super::{Happening, Identity, Status, Value};
    use super::*;

    /// A machine of files: version 2 groups and a `/proc`.
    struct Machine {
        folder: tempfile::TempDir,
        containers: Containers,
        now: Timestamp,
    }

    #[derive(Default)]
    struct Seen {
        samples: BTreeMap<String, String>,
        events: Vec<String>,
    }

    impl Out for Seen {
        fn every(&mut self, _: Duration) {}

        fn sample(&mut self, service: &str, _: Labels<'_>, value: Value<'_>) {
            let text = match value {
                Value::Metric(metric) => metric.to_string(),
                Value::Text(text) => text.to_owned(),
            };
            assert_eq!(self.samples.insert(service.to_owned(), text), None, "{service} twice in one turn");
        }

        fn event(&mut self, event: &View<'_>) {
            self.events.extend(event.service.map(|service| String::from_utf8_lossy(service).into_owned()));
        }
    }

    impl Machine {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let proc = folder.path().join("proc/1");
            fs::create_dir_all(&proc).unwrap();
            fs::write(proc.join("mountinfo"), "26 23 0:24 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").unwrap();
            let containers = Containers::new(Root::new(Some(folder.path())), Duration::from_secs(1));
            Self { folder, containers, now: Timestamp::from_secs(1_795_539_970) }
        }

        /// A process of the container, and how much CPU its groups have used.
        fn uses(&self, id: &Id, pid: u32, cpu_millis: u64) {
            let process = self.folder.path().join("proc").join(pid.to_string());
            fs::create_dir_all(process.join("net")).unwrap();
            fs::write(process.join("cgroup"), format!("0::/docker/{}\n", id.as_str())).unwrap();
            fs::write(process.join("net/dev"), "  eth0: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n").unwrap();
            let group = self.folder.path().join("sys/fs/cgroup/docker").join(id.as_str());
            fs::create_dir_all(&group).unwrap();
            fs::write(group.join("cpu.stat"), format!("usage_usec {}\nuser_usec 0\nsystem_usec 0\n", cpu_millis * 1000)).unwrap();
        }

        fn apply(&mut self, change: Change) -> Vec<String> {
            let mut seen = Seen::default();
            self.containers.apply(change, &mut seen);
            seen.events
        }

        /// A turn, a second later.
        fn turn(&mut self) -> BTreeMap<String, String> {
            self.now = self.now + Duration::from_secs(1);
            let mut seen = Seen::default();
            self.containers.sample(self.now, self.now, &mut seen);
            seen.samples
        }
    }

    fn id(start: &str) -> Id {
        Id::new(&format!("{start:0<64}")).unwrap()
    }

    fn running(id: &Id, name: &str, pid: u32) -> Facts {
        let identity = Identity { name: name.to_owned(), ..Identity::default() };
        let created = Timestamp::from_secs(i64::from(pid));
        Facts { id: id.clone(), identity, status: Status::Running, pid: Some(pid), created, started: Some(created), ..Facts::default() }
    }

    fn happened(id: &Id, action: Action) -> Change {
        let identity = Identity { name: "web.1".to_owned(), ..Identity::default() };
        let time = Timestamp::from_secs(1);
        Change::Happened(Box::new(Happening { id: id.clone(), identity, action, time, exit_code: Some(1), detail: None }))
    }

    const USED: &str = "docker_container_cpu/web.1/usage_total";
    const PERCENT: &str = "docker_container_cpu/web.1/usage_percent";
    const RECEIVED: &str = "docker_container_net/web.1/rx_bytes";

    #[track_caller]
    fn check(samples: &BTreeMap<String, String>, service: &str, expected: Option<&str>) {
        assert_eq!(samples.get(service).map(String::as_str), expected, "{service}");
    }

    #[test]
    fn a_container_is_sampled_from_its_first_turn_and_has_a_percentage_from_its_second() {
        let (mut machine, id) = (Machine::new(), id("aaaa"));
        machine.uses(&id, 100, 5000);
        machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
        let first = machine.turn();
        check(&first, USED, Some("5000000000"));
        check(&first, PERCENT, None);
        check(&first, RECEIVED, Some("7"));
        check(&first, "docker_container_status/web.1/container_status", Some("running"));
        machine.uses(&id, 100, 5250);
        let second = machine.turn();
        check(&second, PERCENT, Some("25"));
        check(&second, "docker_container_status/web.1/container_status", None);
    }

    #[test]
    fn the_next_container_of_a_task_takes_the_name_over_without_a_spike() {
        let (mut machine, old, new) = (Machine::new(), id("aaaa"), id("bbbb"));
        machine.uses(&old, 100, 5000);
        machine.apply(Change::All(vec![running(&old, "web.1", 100)]));
        machine.turn();
        machine.uses(&new, 200, 10);
        machine.apply(Change::Set(Box::new(running(&new, "web.1", 200))));
        let both = machine.turn();
        check(&both, USED, Some("10000000"));
        check(&both, PERCENT, None);
        check(&both, "docker_container_cpu/web.1~aaaa/usage_total", Some("5000000000"));
        assert_eq!(machine.apply(happened(&old, Action::Die)), ["docker_event/web.1/die"]);
        machine.uses(&new, 200, 510);
        let one = machine.turn();
        check(&one, PERCENT, Some("50"));
        assert!(!one.keys().any(|service| service.contains('~')), "{one:?}");
    }

    #[test]
    fn a_restarted_container_begins_to_count_anew() {
        let (mut machine, id) = (Machine::new(), id("aaaa"));
        machine.uses(&id, 100, 5000);
        machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
        machine.turn();
        machine.apply(happened(&id, Action::Die));
        check(&machine.turn(), USED, None);
        machine.uses(&id, 200, 10);
        machine.apply(Change::Set(Box::new(running(&id, "web.1", 200))));
        let first = machine.turn();
        check(&first, USED, Some("10000000"));
        check(&first, PERCENT, None);
        machine.uses(&id, 200, 20);
        check(&machine.turn(), PERCENT, Some("1"));
    }

    #[test]
    fn at_die_all_is_closed_and_the_status_stays() {
        let (mut machine, id) = (Machine::new(), id("aaaa"));
        machine.uses(&id, 100, 5000);
        machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
        machine.turn();
        assert_eq!(machine.containers.counts(), (1, 1));
        machine.apply(happened(&id, Action::Die));
        assert_eq!(machine.containers.counts(), (1, 0), "an open net/dev keeps the network namespace alive");
        let samples = machine.turn();
        check(&samples, "docker_container_status/web.1/container_status", Some("exited"));
        check(&samples, "docker_container_status/web.1/exitcode", Some("1"));
        machine.apply(Change::Removed(id));
        assert_eq!(machine.turn(), BTreeMap::new());
    }

    #[test]
    fn another_process_with_its_id_is_not_sampled() {
        let (mut machine, mine, other) = (Machine::new(), id("aaaa"), id("bbbb"));
        machine.uses(&mine, 99, 5000);
        machine.uses(&other, 100, 5000);
        machine.apply(Change::All(vec![running(&mine, "web.1", 100)]));
        check(&machine.turn(), USED, None);
        assert_eq!(machine.containers.counts(), (1, 0));
    }

    #[test]
    fn one_that_is_not_wanted_is_neither_opened_nor_told() {
        let (mut machine, id) = (Machine::new(), id("aaaa"));
        machine.uses(&id, 100, 5000);
        let wanted = running(&id, "web.1", 100);
        let unwanted = Facts { identity: Identity { is_unwanted: true, ..wanted.identity.clone() }, ..wanted.clone() };
        machine.apply(Change::All(vec![unwanted.clone()]));
        assert_eq!((machine.turn(), machine.containers.counts()), (BTreeMap::new(), (0, 0)));
        let Change::Happened(mut happening) = happened(&id, Action::Die) else { unreachable!() };
        happening.identity.is_unwanted = true;
        assert_eq!(machine.apply(Change::Happened(happening)), Vec::<String>::new());
        // A rename makes the difference either way.
        machine.apply(Change::Set(Box::new(wanted)));
        check(&machine.turn(), USED, Some("5000000000"));
        machine.apply(Change::Set(Box::new(unwanted)));
        assert_eq!(machine.turn(), BTreeMap::new());
    }

    #[test]
    fn a_container_in_the_hosts_network_has_no_counters_of_its_own() {
        let (mut machine, id) = (Machine::new(), id("aaaa"));
        machine.uses(&id, 100, 5000);
        machine.apply(Change::All(vec![Facts { host_network: true, ..running(&id, "web.1", 100) }]));
        let samples = machine.turn();
        check(&samples, USED, Some("5000000000"));
        check(&samples, RECEIVED, None);
    }
}
