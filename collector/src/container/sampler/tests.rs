//! A machine of files: groups of version 2, a `/proc`, and what the sampler makes of them.

use std::collections::BTreeMap;
use std::fs;

use event::{Labels, View};

use super::super::{Happening, Identity, Size, Status, Value};
use super::*;

/// A machine of files: version 2 groups and a `/proc`.
struct Machine {
    folder: tempfile::TempDir,
    containers: Containers,
    now: Timestamp,
    /// Series that were told to have ended.
    ended: Vec<String>,
}

#[derive(Default)]
struct Seen {
    samples: BTreeMap<String, String>,
    events: Vec<String>,
    ended: Vec<String>,
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
        let told = if event.state == Some(b"expired") { &mut self.ended } else { &mut self.events };
        told.extend(event.service.map(|service| String::from_utf8_lossy(service).into_owned()));
    }
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let proc = folder.path().join("proc/1");
        fs::create_dir_all(&proc).unwrap();
        fs::write(proc.join("mountinfo"), "26 23 0:24 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n").unwrap();
        let containers = Containers::new(Root::new(Some(folder.path())), Duration::from_secs(1));
        Self { folder, containers, now: Timestamp::from_secs(1_795_539_970), ended: Vec::new() }
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
        self.ended.append(&mut seen.ended);
        seen.events
    }

    /// A turn, a second later.
    fn turn(&mut self) -> BTreeMap<String, String> {
        self.see_a_turn().samples
    }

    fn events_of_a_turn(&mut self) -> Vec<String> {
        self.see_a_turn().events
    }

    fn see_a_turn(&mut self) -> Seen {
        self.now = self.now + Duration::from_secs(1);
        let mut seen = Seen::default();
        self.containers.sample(self.now, self.now, &mut seen);
        self.ended.append(&mut seen.ended);
        seen
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
fn a_container_in_the_hosts_network_has_no_counters_of_its_own() {
    let (mut machine, id) = (Machine::new(), id("aaaa"));
    machine.uses(&id, 100, 5000);
    machine.apply(Change::All(vec![Facts { host_network: true, ..running(&id, "web.1", 100) }]));
    let samples = machine.turn();
    check(&samples, USED, Some("5000000000"));
    check(&samples, RECEIVED, None);
}

/// What was told to have ended since the last call, without `docker_container_`.
fn ended(machine: &mut Machine) -> Vec<String> {
    let mut ended: Vec<String> =
        machine.ended.drain(..).map(|service| service.strip_prefix("docker_container_").unwrap_or(&service).to_owned()).collect();
    ended.sort_unstable();
    ended
}

#[test]
fn counters_end_with_the_process_and_the_status_with_the_container() {
    let (mut machine, id) = (Machine::new(), id("aaaa"));
    machine.uses(&id, 100, 5000);
    machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
    let sampled: Vec<String> = machine.turn().into_keys().collect();
    assert_eq!(ended(&mut machine), [""; 0]);
    machine.apply(happened(&id, Action::Die));
    let counters = ended(&mut machine);
    assert!(counters.iter().any(|service| service == "cpu/web.1/usage_total"), "{counters:?}");
    assert!(counters.iter().any(|service| service == "net/web.1/eth0/rx_bytes"), "{counters:?}");
    assert!(!counters.iter().any(|service| service == "cpu/web.1/usage_percent"), "it was never sampled: {counters:?}");
    machine.turn();
    assert_eq!(ended(&mut machine), [""; 0], "told once");
    machine.apply(Change::Removed(id));
    machine.turn();
    let status = ended(&mut machine);
    assert!(status.iter().any(|service| service == "status/web.1/container_status"), "{status:?}");
    assert_eq!(counters.len() + status.len(), sampled.len(), "each once: {sampled:?}");
}

#[test]
fn a_name_that_goes_to_another_container_counts_anew_and_keeps_its_status() {
    let (mut machine, old, new) = (Machine::new(), id("aaaa"), id("bbbb"));
    machine.uses(&old, 100, 5_000_000);
    machine.uses(&new, 200, 10);
    machine.apply(Change::All(vec![running(&old, "web.1", 100)]));
    machine.turn();
    machine.apply(Change::Set(Box::new(running(&new, "web.1", 200))));
    machine.turn();
    let told = ended(&mut machine);
    assert!(told.iter().any(|service| service == "cpu/web.1/usage_total"), "{told:?}");
    assert!(!told.iter().any(|service| service.starts_with("status/web.1/container")), "{told:?}");
    // The new one fails: the old one has the name again, and has counted much more.
    machine.apply(happened(&new, Action::Die));
    let samples = machine.turn();
    check(&samples, USED, Some("5000000000000"));
    check(&samples, PERCENT, None);
    let told = ended(&mut machine);
    assert!(told.iter().any(|service| service == "cpu/web.1/usage_total"), "{told:?}");
    assert!(told.iter().any(|service| service == "status/web.1~aaaa/container_id"), "{told:?}");
}

#[test]
fn a_renamed_container_ends_under_its_old_name() {
    let (mut machine, id) = (Machine::new(), id("aaaa"));
    machine.uses(&id, 100, 5000);
    machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
    machine.turn();
    machine.apply(Change::Set(Box::new(running(&id, "other", 100))));
    let samples = machine.turn();
    check(&samples, "docker_container_cpu/other/usage_total", Some("5000000000"));
    let told = ended(&mut machine);
    assert!(told.iter().all(|service| service.contains("/web.1/")), "{told:?}");
    assert!(told.iter().any(|service| service == "status/web.1/container_status"), "{told:?}");
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
fn a_low_limit_of_open_files_leaves_some_without_counters() {
    let (mut machine, one, two) = (Machine::new(), id("aaaa"), id("bbbb"));
    machine.containers.most_open = 1;
    machine.uses(&one, 100, 5000);
    machine.uses(&two, 200, 5000);
    machine.apply(Change::All(vec![running(&one, "one", 100), running(&two, "two", 200)]));
    machine.turn();
    assert_eq!(machine.containers.counts(), (2, 1));
    // When one ends there is room for the other.
    let first = if machine.containers.sampled[&one].0.is_open() { one } else { two };
    machine.apply(happened(&first, Action::Die));
    (0..=TRY_AGAIN_AFTER).for_each(|_| drop(machine.turn()));
    assert_eq!(machine.containers.counts(), (2, 1));
    assert!(!machine.containers.sampled[&first].0.is_open());
}

#[test]
fn a_kill_that_docker_does_not_tell_of_is_told_by_the_kernels_count() {
    let (mut machine, id) = (Machine::new(), id("aaaa"));
    machine.uses(&id, 100, 5000);
    let group = machine.folder.path().join("sys/fs/cgroup/docker").join(id.as_str());
    let count = |kills: u32| {
        fs::write(group.join("memory.current"), "4096\n").unwrap();
        fs::write(group.join("memory.events"), format!("low 0\nhigh 0\nmax 9\noom {kills}\noom_kill {kills}\n")).unwrap();
    };
    count(0);
    machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
    machine.turn();
    count(1);
    assert!(machine.events_of_a_turn().is_empty(), "Docker has a turn's time to tell");
    assert_eq!(machine.events_of_a_turn(), ["docker_event/web.1/oom"]);
    assert!(machine.apply(happened(&id, Action::Oom)).is_empty(), "told before");
    assert_eq!(machine.apply(happened(&id, Action::Oom)), ["docker_event/web.1/oom"], "another");
    count(2);
    assert!(machine.events_of_a_turn().is_empty());
    assert!(machine.events_of_a_turn().is_empty());
}

#[test]
fn sizes_are_told_as_they_come() {
    let (mut machine, id) = (Machine::new(), id("aaaa"));
    machine.uses(&id, 100, 5000);
    machine.apply(Change::All(vec![running(&id, "web.1", 100)]));
    machine.turn();
    let mut seen = Seen::default();
    machine.containers.apply(Change::Sized(id.clone(), Size { writable: 7, all: 9 }), &mut seen);
    check(&seen.samples, "docker_disk_usage/web.1/size_rw", Some("7"));
    check(&seen.samples, "docker_disk_usage/web.1/size_root_fs", Some("9"));
    machine.apply(Change::Removed(id));
    machine.turn();
    assert!(machine.ended.iter().any(|service| service == "docker_disk_usage/web.1/size_rw"));
}
