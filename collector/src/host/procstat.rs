//! `procstat`: processes that the user has chosen, those of one choice added up.
//!
//! A process is matched when it is first seen, and again when its name has changed, as it does when it becomes another
//! program. What a process had used when it was last seen is kept when it ends, so that sums of counters never fall while
//! the collector runs; what it used after that is lost.

use std::collections::HashMap;
use std::path::PathBuf;

use event::Timestamp;

use super::process_files::{self, Counted, ProcessFiles};
use crate::kernel::pid_stat::PidStat;
use crate::{ProcessMatch, Root, Samples, Series, float, int};

/// Matched processes whose files are kept open; those beyond are opened each turn.
const MAX_KEPT: usize = 128;

/// The user's choices and the processes of this turn.
#[derive(Debug)]
pub(super) struct Procstat {
    proc: PathBuf,
    groups: Vec<Group>,
    /// By pid.
    seen: HashMap<u64, Seen>,
    n_kept: usize,
    turn: u64,
    last: Option<Timestamp>,
    ticks_per_second: f64,
    page_size: u64,
}

/// A process that was looked at.
#[derive(Debug)]
struct Seen {
    /// A pid is used again, a pid and a start are not.
    started: u64,
    parent: u64,
    name: [u8; 16],
    turn: u64,
    matched: Option<Matched>,
}

#[derive(Debug)]
struct Matched {
    /// Which groups it belongs to, a bit for each.
    groups: u32,
    /// `None` beyond [`MAX_KEPT`].
    files: Option<ProcessFiles>,
    /// What it had used before it became what was chosen.
    base: Counted,
    /// What it had used when it was last seen.
    last: Counted,
}

/// One choice.
#[derive(Debug)]
struct Group {
    choice: ProcessMatch,
    bit: u32,
    series: Series<16>,
    /// What its processes that have ended had used.
    ended: Counted,
    /// What was told last, below which nothing is told.
    told: Counted,
    now: Sum,
    is_told: bool,
}

/// What its processes have in this turn.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    counted: Counted,
    /// Ticks since the last turn.
    used: u64,
    n_processes: u64,
    threads: u64,
    virtual_bytes: u64,
    resident_pages: u64,
    files: u64,
    hides_files: bool,
    hides_io: bool,
}

const FIELDS: [&str; 16] = [
    "pid_count",
    "cpu_usage",
    "cpu_time_user",
    "cpu_time_system",
    "memory_rss",
    "memory_vms",
    "num_threads",
    "num_fds",
    "minor_faults",
    "major_faults",
    "voluntary_context_switches",
    "involuntary_context_switches",
    "read_bytes",
    "write_bytes",
    "read_count",
    "write_count",
];

impl Procstat {
    pub(super) fn new(root: &Root, chosen: &[ProcessMatch]) -> Self {
        let bits = (0..u32::BITS).map(|at| 1 << at);
        Self {
            proc: root.proc(""),
            groups: chosen.iter().zip(bits).map(|(choice, bit)| Group::new(choice, bit)).collect(),
            seen: HashMap::new(),
            n_kept: 0,
            turn: 0,
            last: None,
            ticks_per_second: rustix::param::clock_ticks_per_second().max(1) as f64,
            page_size: rustix::param::page_size() as u64,
        }
    }

    /// Begins a turn.
    pub(super) fn begin(&mut self) {
        self.turn += 1;
        self.groups.iter_mut().for_each(|group| group.now = Sum::default());
    }

    /// Looks at a process.
    pub(super) fn see(&mut self, pid: u64, stat: &PidStat<'_>, buffer: &mut Vec<u8>) {
        let name = fixed(stat.name);
        if self.seen.get(&pid).is_none_or(|seen| seen.started != stat.started || seen.name != name) {
            self.admit(pid, name, stat, buffer);
        }
        let Some(process) = self.seen.get_mut(&pid) else { return };
        (process.turn, process.parent) = (self.turn, stat.parent);
        let Some(matched) = &mut process.matched else { return };
        let opened;
        let files = match &matched.files {
            Some(files) => files,
            None => {
                opened = ProcessFiles::open(&self.proc, pid);
                &opened
            }
        };
        let (last, hides_io) = files.read(stat, matched.last, buffer);
        let used = last.minus(matched.last).ticks();
        matched.last = last;
        let n_files = files.n_open();
        for group in self.groups.iter_mut().filter(|group| matched.groups & group.bit != 0) {
            group.now.add(stat, matched.counted(), used, n_files, hides_io);
        }
    }

    /// Finds the groups of a process that is new, or has become another program.
    fn admit(&mut self, pid: u64, name: [u8; 16], stat: &PidStat<'_>, buffer: &mut Vec<u8>) {
        let old = self.seen.remove(&pid);
        let is_renamed = old.as_ref().is_some_and(|old| old.started == stat.started);
        self.forget(old);
        let command = process_files::command(&self.proc, pid, buffer);
        let mine = self.groups.iter().filter(|group| group.choice.matches(stat.name, command));
        let groups = mine.fold(0, |bits, group| bits | group.bit);
        let matched = (groups != 0).then(|| {
            let files = ProcessFiles::open(&self.proc, pid);
            // What it used as another program is not counted.
            let base = if is_renamed { files.read(stat, Counted::default(), buffer).0 } else { Counted::default() };
            let is_kept = self.n_kept < MAX_KEPT;
            self.n_kept += usize::from(is_kept);
            Matched { groups, files: is_kept.then_some(files), base, last: base }
        });
        self.seen.insert(pid, Seen { started: stat.started, parent: stat.parent, name, turn: self.turn, matched });
    }

    /// Keeps what a process had used. What it read and wrote the kernel adds to its parent's when that has waited for it.
    fn forget(&mut self, old: Option<Seen>) {
        let Some(Seen { parent, matched: Some(matched), .. }) = old else { return };
        self.n_kept -= usize::from(matched.files.is_some());
        let parents = self.seen.get(&parent).and_then(|parent| parent.matched.as_ref()).map_or(0, |parent| parent.groups);
        for group in self.groups.iter_mut().filter(|group| matched.groups & group.bit != 0) {
            let used = if parents & group.bit == 0 { matched.counted() } else { matched.counted().without_io() };
            group.ended = group.ended.plus(used);
        }
    }

    /// Ends the turn and tells of it.
    pub(super) fn end(&mut self, now: Timestamp, out: &mut Samples) {
        let turn = self.turn;
        let gone: Vec<Seen> = self.seen.extract_if(|_, process| process.turn != turn).map(|(_, process)| process).collect();
        gone.into_iter().for_each(|process| self.forget(Some(process)));
        let secs = self.last.replace(now).map(|last| (now - last).as_secs_f64()).filter(|secs| *secs > 0.0);
        let per_second = secs.map(|secs| 100.0 / self.ticks_per_second / secs);
        for group in &mut self.groups {
            group.put(per_second, self.ticks_per_second, self.page_size, out);
        }
    }
}

impl Matched {
    fn counted(&self) -> Counted {
        self.last.minus(self.base)
    }
}

impl Group {
    fn new(choice: &ProcessMatch, bit: u32) -> Self {
        let name = choice.name();
        let series = Series::of("procstat", name, FIELDS, &[("process_name", name)]);
        Self {
            choice: choice.clone(),
            bit,
            series,
            ended: Counted::default(),
            told: Counted::default(),
            now: Sum::default(),
            is_told: false,
        }
    }

    fn put(&mut self, percent_per_tick: Option<f64>, ticks_per_second: f64, page_size: u64, out: &mut Samples) {
        let Sum { counted, used, n_processes, threads, virtual_bytes, resident_pages, files, hides_files, hides_io } = self.now;
        if (hides_io || hides_files) && !self.is_told {
            self.is_told = true;
            tracing::warn!("procstat/{}: what it reads and writes, or its open files, only root may know", self.choice.name());
        }
        self.told = self.told.max(self.ended.plus(counted));
        let Counted([user, system, minor, major, wanted, unwanted, read, written, reads, writes]) = self.told;
        let secs = |ticks: u64| float(ticks as f64 / ticks_per_second);
        let io = |value| int(value).filter(|_| !hides_io);
        self.series.put(
            out,
            [
                int(n_processes),
                percent_per_tick.and_then(|percent| float(used as f64 * percent)),
                secs(user),
                secs(system),
                int(resident_pages.saturating_mul(page_size)),
                int(virtual_bytes),
                int(threads),
                int(files).filter(|_| !hides_files),
                int(minor),
                int(major),
                int(wanted),
                int(unwanted),
                io(read),
                io(written),
                io(reads),
                io(writes),
            ],
        );
    }
}

impl Sum {
    fn add(&mut self, stat: &PidStat<'_>, counted: Counted, used: u64, n_files: Option<u64>, hides_io: bool) {
        self.counted = self.counted.plus(counted);
        self.used = self.used.saturating_add(used);
        // One that has ended and waits for its parent is no process any more, but what it used counts.
        if matches!(stat.state, b'Z' | b'X' | b'x') {
            return;
        }
        self.n_processes += 1;
        self.threads = self.threads.saturating_add(stat.threads);
        self.virtual_bytes = self.virtual_bytes.saturating_add(stat.virtual_bytes);
        self.resident_pages = self.resident_pages.saturating_add(stat.resident_pages);
        self.files = self.files.saturating_add(n_files.unwrap_or(0));
        self.hides_files |= n_files.is_none();
        self.hides_io |= hides_io;
    }
}

fn fixed(name: &[u8]) -> [u8; 16] {
    let mut fixed = [0; 16];
    fixed.iter_mut().zip(name).for_each(|(slot, byte)| *slot = *byte);
    fixed
}

#[cfg(test)]
mod tests;
