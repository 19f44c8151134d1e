//! A machine of files, whose processes come, become another program and end.

use std::fs;

use event::{Event, msg};

use super::*;
use crate::Turn;
use crate::host::process_list::ProcessList;
use crate::sampler::Sampler as _;

struct Machine {
    folder: tempfile::TempDir,
    list: ProcessList,
    samples: Samples,
}

impl Machine {
    fn new(chosen: &[ProcessMatch]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("proc")).unwrap();
        let root = Root::new(Some(folder.path()));
        let list = ProcessList::open(&root, None, Some(Procstat::new(&root, chosen))).unwrap();
        Self { folder, list, samples: Samples::new("node1") }
    }

    /// A process that has used so many ticks and written so many bytes, started at its pid's tick.
    fn has(&self, pid: u64, parent: u64, name: &str, ticks: u64, written: u64) {
        let folder = self.folder.path().join(format!("proc/{pid}"));
        fs::create_dir_all(folder.join("fd")).unwrap();
        let stat = format!("{pid} ({name}) S {parent} 1 1 0 -1 64 9 0 3 0 {ticks} 0 0 0 20 0 2 0 {pid} 4096 1\n");
        let write = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
        write("stat", &stat);
        write("cmdline", &format!("/usr/sbin/{name}\0-c\0/etc/{name}.conf\0"));
        write("status", "voluntary_ctxt_switches:\t4\nnonvoluntary_ctxt_switches:\t1\n");
        write("io", &format!("syscr: 7\nsyscw: 8\nread_bytes: 0\nwrite_bytes: {written}\n"));
    }

    fn ends(&self, pid: u64) {
        fs::remove_dir_all(self.folder.path().join(format!("proc/{pid}"))).unwrap();
    }

    /// The fields asked for, of one turn, ten seconds after the last.
    fn turn(&mut self, secs: i64, fields: &[&str]) -> Vec<f64> {
        let now = Timestamp::from_secs(secs);
        self.samples.begin(now);
        self.list.sample(&mut Turn { due: now, now, buffer: &mut Vec::new() }, &mut self.samples).unwrap();
        let events: Vec<Event> = self.samples.messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
        let value = |field: &&str| {
            let event = events.iter().find(|event| event.service.as_deref() == Some(*field))?;
            event.metric.map(event::Metric::as_f64)
        };
        fields.iter().filter_map(value).collect()
    }
}

const WEB: [&str; 5] = [
    "procstat/web/pid_count",
    "procstat/web/cpu_time_user",
    "procstat/web/write_bytes",
    "procstat/web/num_threads",
    "procstat/web/cpu_usage",
];

#[test]
fn processes_of_one_choice_are_added_up_and_counters_never_fall() {
    let mut machine = Machine::new(&[ProcessMatch::by_command("^/usr/sbin/nginx -c", "web").unwrap()]);
    machine.has(7, 1, "nginx", 100, 1000);
    machine.has(8, 1, "sh", 100, 1000);
    assert_eq!(machine.turn(0, &WEB), [1.0, 1.0, 1000.0, 2.0]);
    machine.has(9, 1, "nginx", 200, 500);
    assert_eq!(machine.turn(10, &WEB), [2.0, 3.0, 1500.0, 4.0, 20.0]);
    machine.ends(7);
    assert_eq!(machine.turn(20, &WEB), [1.0, 3.0, 1500.0, 2.0, 0.0]);
    machine.ends(9);
    assert_eq!(machine.turn(30, &WEB), [0.0, 3.0, 1500.0, 0.0, 0.0]);
}

#[test]
fn what_a_child_wrote_is_its_parents_when_it_has_ended() {
    let mut machine = Machine::new(&[ProcessMatch::by_command("nginx", "web").unwrap()]);
    machine.has(7, 1, "nginx", 0, 1000);
    machine.has(9, 7, "nginx", 200, 500);
    assert_eq!(machine.turn(0, &WEB[1..3]), [2.0, 1500.0]);
    machine.ends(9);
    machine.has(7, 1, "nginx", 0, 1500);
    assert_eq!(machine.turn(10, &WEB[1..3]), [2.0, 1500.0]);
}

#[test]
fn one_that_becomes_the_program_counts_from_then_and_a_pid_used_again_is_another_process() {
    let mut machine = Machine::new(&[ProcessMatch::named("nginx"), ProcessMatch::named("sh")]);
    let fields = ["procstat/nginx/cpu_time_user", "procstat/sh/cpu_time_user", "procstat/nginx/pid_count", "procstat/sh/pid_count"];
    machine.has(7, 1, "sh", 100, 0);
    assert_eq!(machine.turn(0, &fields), [0.0, 1.0, 0.0, 1.0]);
    machine.has(7, 1, "nginx", 150, 0);
    assert_eq!(machine.turn(10, &fields), [0.0, 1.0, 1.0, 0.0]);
    machine.has(7, 1, "nginx", 250, 0);
    assert_eq!(machine.turn(20, &fields), [1.0, 1.0, 1.0, 0.0]);
    let again =
        fs::read_to_string(machine.folder.path().join("proc/7/stat")).unwrap().replace(" 250 0 0 0 20 0 2 0 7 ", " 50 0 0 0 20 0 2 0 99 ");
    fs::write(machine.folder.path().join("proc/7/stat"), again).unwrap();
    assert_eq!(machine.turn(30, &fields), [1.5, 1.0, 1.0, 0.0]);
}

#[test]
fn beyond_the_files_that_are_kept_open_all_are_counted() {
    let mut machine = Machine::new(&[ProcessMatch::named("nginx")]);
    let n = MAX_KEPT as u64 + 20;
    (1..=n).for_each(|pid| machine.has(pid, 0, "nginx", 1, 10));
    for secs in [0, 10] {
        let expected = [n as f64, 10.0 * n as f64, 4.0 * n as f64];
        let fields = ["procstat/nginx/pid_count", "procstat/nginx/write_bytes", "procstat/nginx/voluntary_context_switches"];
        assert_eq!(machine.turn(secs, &fields), expected);
    }
    (1..=n).for_each(|pid| machine.ends(pid));
    assert_eq!(machine.turn(20, &["procstat/nginx/write_bytes"]), [10.0 * n as f64]);
}
