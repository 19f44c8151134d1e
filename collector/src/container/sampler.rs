//! All containers, turn by turn: takes what Docker tells, opens and closes files, samples.

use std::collections::HashMap;
use std::path::Path;

use crossbeam_channel::Receiver;
use event::{Duration, Timestamp};

use super::docker::Wishes;
use super::farewell::{Farewell, Last};
use super::greeter::Greeter;
use super::happening::Action;
use super::network::Network;
use super::open::{hierarchies, machine, open};
use super::open_files::{most_open, raise_limit};
use super::planned::Planned;
use super::publish::publish;
use super::sampled::{Machine, Sampled, Scratch};
use super::series::Out;
use super::{Change, Directory, Facts, Happening, Id, endpoints};
use crate::kernel::cgroup_place::Hierarchies;
use crate::scrape::Found;
use crate::{ContainerChoice, Root};

/// After so many turns files that could not be opened are tried again.
const TRY_AGAIN_AFTER: u32 = 5;

/// So many containers in a row whose processes are not to be seen are no chance any more.
const UNSEEN: u32 = 20;

/// So many turns Docker may take to say that a container has ended whose process has.
const LAST_FOR: u32 = 60;

/// After so many turns limits are read again, in case `docker update` was missed.
const LIMITS_EVERY: u32 = 60;

/// The state of the sampling thread.
#[derive(Debug)]
pub struct Containers {
    root: Root,
    interval: Duration,
    /// How often their sizes are told.
    sizes: Duration,
    machine: Machine,
    hierarchies: Hierarchies,
    directory: Directory,
    planned: Planned,
    /// `None` where the processes have other numbers here, or there is no thread.
    farewell: Option<Farewell>,
    /// What containers had used when their processes ended, and in which turn; taken when Docker says so.
    last: HashMap<Id, (u32, Last)>,
    sampled: HashMap<Id, (Sampled, Wait)>,
    scratch: Scratch,
    /// So many containers' files may be open, for want of a higher limit.
    most_open: usize,
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
    full: bool,
    /// How often in a row a live container's process was not in `/proc`.
    n_unseen: u32,
}

impl Containers {
    /// None yet; sampled each `interval`.
    pub fn new(root: Root, interval: Duration) -> Self {
        let most_open = most_open(raise_limit());
        Self {
            interval,
            sizes: Duration::ZERO,
            machine: machine(&root),
            hierarchies: hierarchies(&root),
            // A host's `/proc` that is mounted somewhere has numbers of another namespace.
            farewell: (root.path("/proc") == Path::new("/proc")).then(Farewell::start).and_then(Result::ok),
            last: HashMap::new(),
            root,
            directory: Directory::new(),
            planned: Planned::default(),
            sampled: HashMap::new(),
            scratch: Scratch::default(),
            most_open,
            n_turns: 0,
            is_stale: false,
            said: Said::default(),
        }
    }

    /// Their sizes come each `period`; never where that is zero.
    #[must_use]
    pub fn sized_each(self, period: Duration) -> Self {
        Self { sizes: period, ..self }
    }

    /// What it wants to know of a dockerd.
    pub fn wishes(&self, choice: ContainerChoice) -> Wishes {
        let sizes = Some(self.sizes.to_std()).filter(|every| !every.is_zero());
        let greeter = self.farewell.as_ref().map(|farewell| Greeter {
            root: self.root.clone(),
            hierarchies: self.hierarchies.clone(),
            waiting: farewell.waiting().clone(),
            most: self.most_open,
        });
        Wishes { choice, sizes, greeter }
    }

    /// Takes all changes that wait. Those that are events are handed out at once.
    pub fn take(&mut self, changes: &Receiver<Change>, out: &mut impl Out) {
        let turn = self.n_turns;
        self.last.retain(|_, (seen, _)| turn.wrapping_sub(*seen) <= LAST_FOR);
        self.last.extend(self.farewell.iter().flat_map(Farewell::last).map(|(id, last)| (id, (turn, last))));
        // As many as there are now: a storm of changes must not hold the turn up.
        for change in changes.try_iter().take(changes.len()) {
            self.apply(change, out);
        }
    }

    /// Takes one change.
    pub fn apply(&mut self, change: Change, out: &mut impl Out) {
        match change {
            Change::All(all) => {
                self.planned.keep(&all);
                self.directory.set_all(all.into_iter().filter(|facts| !facts.identity.is_unwanted));
            }
            Change::Set(facts) if facts.identity.is_unwanted => self.directory.remove(&facts.id),
            Change::Set(facts) => self.directory.set(*facts),
            Change::Removed(id) => {
                self.planned.forget(&id);
                self.last.remove(&id);
                self.directory.remove(&id);
            }
            Change::Happened(happening) if happening.identity.is_unwanted => {}
            Change::Happened(happening) => self.happened(&happening, out),
            Change::Sized(id, size) => {
                if let Some((sampled, _)) = self.sampled.get_mut(&id) {
                    out.every(self.sizes);
                    sampled.put_size(size, out);
                    out.every(self.interval);
                }
                return;
            }
        }
        self.is_stale = true;
    }

    fn happened(&mut self, happening: &Happening, out: &mut impl Out) {
        let mut last = None;
        if happening.action == Action::Die {
            // One that lived for less than a turn is not among the sampled yet.
            if std::mem::take(&mut self.is_stale) {
                self.follow_directory(out);
            }
            self.directory.died(&happening.id, happening.exit_code);
            last = self.last.remove(&happening.id);
        }
        if let Some((sampled, _)) = self.sampled.get_mut(&happening.id) {
            match happening.action {
                Action::Oom if !sampled.told_of_oom() => return,
                Action::Die => {
                    if let Some((_, last)) = last {
                        sampled.put_last(&last, happening.time, self.machine, out);
                    }
                    sampled.end_counters(out);
                }
                _ => {}
            }
        }
        let stop_signal = self.directory.get(&happening.id).and_then(|facts| facts.stop_signal);
        let is_planned = self.planned.take(happening, stop_signal);
        publish(happening, is_planned, out);
    }

    /// Samples all containers. `now` is when this happens, `due` the time that the samples carry.
    pub fn sample(&mut self, now: Timestamp, due: Timestamp, out: &mut impl Out) {
        if std::mem::take(&mut self.is_stale) {
            self.follow_directory(out);
        }
        self.open_files();
        self.n_turns = self.n_turns.wrapping_add(1);
        let reads_limits = self.n_turns.is_multiple_of(LIMITS_EVERY);
        for (sampled, wait) in self.sampled.values_mut() {
            if reads_limits {
                sampled.read_limits(&mut self.scratch.buffer);
            }
            sampled.is_told();
            self.scratch.usage.pids = None;
            if sampled.sample(now, due, self.machine, &mut self.scratch, out).is_err() {
                self.scratch.usage.pids = None;
                *wait = TRY_AGAIN_AFTER;
            }
            sampled.put_status(due, self.interval, &mut self.scratch, out);
        }
    }

    /// Those that are to be scraped.
    pub fn endpoints(&self) -> Vec<Found> {
        endpoints::found(self.sampled.values().map(|(sampled, _)| (sampled.name(), &sampled.facts)), &self.root)
    }

    /// Whether what Docker told has not been followed yet.
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// How many containers are sampled, and how many of them have their files open.
    pub fn counts(&self) -> (usize, usize) {
        (self.sampled.len(), self.sampled.values().filter(|(sampled, _)| sampled.is_open()).count())
    }

    /// Samples those that the directory shows now. Others, and those that have another name now, are told to have ended.
    fn follow_directory(&mut self, out: &mut impl Out) {
        let mut before = std::mem::take(&mut self.sampled);
        let shown = self.directory.shown();
        let owners: HashMap<&str, &Id> = shown.iter().map(|shown| (shown.name.as_str(), &shown.facts.id)).collect();
        for shown in &shown {
            let kept = before.remove(&shown.facts.id).and_then(|(mut sampled, wait)| {
                if is_same(&sampled, &shown.name, shown.facts) {
                    return Some((sampled, wait));
                }
                end(&mut sampled, &owners, out);
                None
            });
            let (mut sampled, wait) = kept.unwrap_or_else(|| (Sampled::new(&shown.name, shown.facts.clone()), 0));
            let is_new_process = (sampled.facts.pid, sampled.facts.started) != (shown.facts.pid, shown.facts.started);
            let is_moved = sampled.facts.attachments != shown.facts.attachments;
            if is_new_process || !shown.facts.status.is_live() {
                sampled.end_counters(out);
            } else if is_moved {
                sampled.close();
            }
            if sampled.facts != *shown.facts {
                sampled.learn(shown.facts.clone(), &mut self.scratch.buffer);
            }
            self.sampled.insert(shown.facts.id.clone(), (sampled, if is_new_process || is_moved { 0 } else { wait }));
        }
        for (mut sampled, _) in before.into_values() {
            end(&mut sampled, &owners, out);
        }
    }

    fn open_files(&mut self) {
        let mut n_open = self.counts().1;
        for (sampled, wait) in self.sampled.values_mut().filter(|(sampled, _)| !sampled.is_open() && sampled.facts.status.is_live()) {
            if sampled.is_told() {
                continue;
            }
            if *wait > 0 {
                *wait -= 1;
                continue;
            }
            *wait = TRY_AGAIN_AFTER;
            if n_open >= self.most_open {
                if !std::mem::replace(&mut self.said.full, true) {
                    tracing::warn!(
                        "the limit of open files leaves room for {} containers; those beyond have no counters: raise it, \
                         as in `docker run --ulimit nofile=65536`",
                        self.most_open
                    );
                }
                continue;
            }
            match open(&self.root, &self.hierarchies, sampled.name(), &sampled.facts) {
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
                    if let (Some(farewell), Some(pid)) = (&self.farewell, sampled.facts.pid) {
                        farewell.waiting().add(&sampled.facts.id, pid, &open.files, open.network.as_ref().map(Network::file));
                    }
                    sampled.opened(open);
                    n_open += 1;
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

/// Ends its series: all where its name is nobody's now. Where another container has taken the name over, its counters alone,
/// which begin anew: no rate spans the two.
fn end(sampled: &mut Sampled, owners: &HashMap<&str, &Id>, out: &mut impl Out) {
    if owners.contains_key(sampled.name()) {
        sampled.end_counters(out);
    } else {
        sampled.end(out);
    }
}

/// Whether the series need not be made anew.
fn is_same(sampled: &Sampled, name: &str, facts: &Facts) -> bool {
    sampled.name() == name && sampled.facts.identity == facts.identity
}

#[cfg(test)]
mod tests;
