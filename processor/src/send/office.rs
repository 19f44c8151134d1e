//! The thread "post": owns every outbox, decides what is sent when, and says what became of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use event::Duration;

use super::carrier::{self, Settled};
use super::counters::Handle;
use super::line::{Line, Outcome};
use super::outbox::Outbox;
use crate::driver::clock::Source;
use crate::notify::{Letter, Plan, Way};
use crate::sink::influx::backoff;

/// How long the thread sleeps with nothing to do.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// At an orderly end, how long messages that are under way may take; they are sent again otherwise.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// For the thread.
#[derive(Debug)]
pub(super) enum Job {
    /// A finished message.
    Letter(Letter),
    /// Who is told from now on.
    Plan(Arc<Plan>),
}

/// A way and what goes by it.
struct Desk {
    notifier: String,
    way: Way,
    line: Line,
    /// Closed, it ends the thread behind it.
    letters: Sender<Arc<Letter>>,
    /// A message could not be written down: told once until it can be again.
    is_unwritten: bool,
}

/// What the thread owns.
pub(super) struct Office {
    folder: PathBuf,
    host: String,
    /// By notifier and way.
    desks: BTreeMap<String, Desk>,
    settled: (Sender<Settled>, Receiver<Settled>),
    counts: Handle,
    source: Source,
    in_flight: Arc<AtomicUsize>,
}

impl Office {
    /// Opens the outboxes of a plan; the folder is made if it is not there.
    pub(super) fn open(folder: &Path, host: &str, plan: &Plan, counts: Handle, in_flight: Arc<AtomicUsize>) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        // One result a way at the most is under way, so it is bounded by the ways.
        let (folder, host, settled) = (folder.to_owned(), host.to_owned(), unbounded());
        let mut office = Self { folder, host, desks: BTreeMap::new(), settled, counts, source: Source::start(), in_flight };
        office.load(plan)?;
        Ok(office)
    }

    /// Ways that are gone end, and their outboxes stay on the disk; those that changed go on with what waits.
    fn load(&mut self, plan: &Plan) -> io::Result<()> {
        let mut old = std::mem::take(&mut self.desks);
        for notifier in &plan.notifiers {
            for way in &notifier.ways {
                let name = format!("{}-{}", notifier.name, way.name());
                let desk = match old.remove(&name) {
                    Some(desk) if desk.way == *way || desk.line.is_busy() && desk.way.name() == way.name() => {
                        self.renew(&name, desk, way)?
                    }
                    Some(desk) => self.desk(&name, &notifier.name, way, desk.line)?,
                    None => {
                        let outbox = Outbox::open(&self.folder.join(format!("{name}.outbox")))?;
                        self.desk(&name, &notifier.name, way, Line::new(outbox))?
                    }
                };
                self.count_waiting(&desk);
                self.desks.insert(name, desk);
            }
        }
        Ok(())
    }

    /// The same way, or one under whose old settings a message is under way: its thread ends behind that.
    fn renew(&self, name: &str, desk: Desk, way: &Way) -> io::Result<Desk> {
        if desk.way == *way {
            return Ok(desk);
        }
        let letters = self.thread(name, way)?;
        Ok(Desk { way: way.clone(), letters, ..desk })
    }

    fn desk(&self, name: &str, notifier: &str, way: &Way, line: Line) -> io::Result<Desk> {
        let letters = self.thread(name, way)?;
        Ok(Desk { notifier: notifier.to_owned(), way: way.clone(), line, letters, is_unwritten: false })
    }

    fn thread(&self, name: &str, way: &Way) -> io::Result<Sender<Arc<Letter>>> {
        // One message at a time is under way.
        let (letters, given) = bounded(1);
        carrier::start(name.to_owned(), way.clone(), self.host.clone(), given, self.settled.0.clone())?;
        Ok(letters)
    }

    /// Runs until `jobs` is closed.
    pub(super) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            self.send_due();
            let wait = self.wait().to_std();
            let settled = self.settled.1.clone();
            select! {
                recv(jobs) -> job => match job {
                    Ok(job) => self.take(job, jobs),
                    Err(_) => break,
                },
                recv(settled) -> settled => if let Ok(settled) = settled {
                    self.settle(settled);
                },
                default(wait) => {}
            }
        }
        self.finish();
    }

    /// Takes what is there, so that one sync does for all of it.
    fn take(&mut self, job: Job, jobs: &Receiver<Job>) {
        let mut next = Some(job);
        let mut n_taken = 0;
        while let Some(job) = next {
            match job {
                Job::Letter(letter) => self.put(&letter),
                Job::Plan(plan) => {
                    if let Err(error) = self.load(&plan) {
                        tracing::error!("the notifiers cannot all be taken up: {error}");
                    }
                }
            }
            n_taken += 1;
            next = if n_taken < jobs.capacity().unwrap_or(1) { jobs.try_recv().ok() } else { None };
        }
        self.sync();
        self.in_flight.fetch_sub(n_taken, Ordering::AcqRel);
    }

    fn put(&mut self, letter: &Letter) {
        for desk in self.desks.values_mut().filter(|desk| desk.notifier == letter.notifier) {
            let (taken, written) = desk.line.outbox.put(letter.clone());
            if let Some(n_dropped) = taken.filter(|n_dropped| *n_dropped > 0) {
                let (notifier, way) = (&desk.notifier, desk.way.name());
                tracing::warn!("notifier {notifier}: too many messages wait for {way}; the {n_dropped} oldest are dropped");
                self.counts.change(notifier, way, |counts| counts.dropped += n_dropped as u64);
            }
            desk.written(written);
        }
    }

    fn sync(&mut self) {
        let now = self.source.read().wall;
        for desk in self.desks.values_mut() {
            let written = desk.line.outbox.sync(now);
            desk.written(written);
        }
        for desk in self.desks.values() {
            self.count_waiting(desk);
        }
    }

    fn count_waiting(&self, desk: &Desk) {
        let n_waiting = desk.line.outbox.n_waiting() as u64;
        self.counts.change(&desk.notifier, desk.way.name(), |counts| counts.waiting = n_waiting);
    }

    fn send_due(&mut self) {
        let counted = self.source.read().counted;
        for desk in self.desks.values_mut() {
            if let Some(waiting) = desk.line.take(counted) {
                // The thread waits for it: it has settled the one before.
                let _ = desk.letters.send(waiting.letter);
            }
        }
    }

    fn wait(&self) -> Duration {
        let counted = self.source.read().counted;
        let due = self.desks.values().filter_map(|desk| desk.line.due()).min();
        due.map_or(MAX_WAIT, |due| due - counted).clamp(Duration::ZERO, MAX_WAIT)
    }

    fn settle(&mut self, settled: Settled) {
        let Some(desk) = self.desks.get_mut(&settled.line) else { return };
        let reading = self.source.read();
        let subject = desk.line.outbox.first().map(|first| first.letter.subject()).unwrap_or_default();
        let (notifier, way) = (desk.notifier.clone(), desk.way.name());
        let random = backoff::random(reading.counted.micros().unsigned_abs());
        let (outcome, written) = desk.line.settle(&settled.result, reading.counted, reading.wall, random);
        desk.written(written);
        let reason = settled.result.as_ref().err().map(|failure| failure.reason.as_str()).unwrap_or_default();
        match outcome {
            Outcome::Sent => tracing::info!("notifier {notifier}: told by {way}: {subject}"),
            Outcome::Later(wait) => tracing::warn!("notifier {notifier}: {way} failed, tried again in {wait}: {reason}"),
            Outcome::GivenUp => tracing::error!("notifier {notifier}: {way} failed for good ({reason}); given up: {subject}"),
        }
        self.counts.change(&notifier, way, |counts| {
            counts.sent += u64::from(outcome == Outcome::Sent);
            counts.failed += u64::from(outcome != Outcome::Sent);
            counts.given_up += u64::from(outcome == Outcome::GivenUp);
        });
        self.sync();
    }

    /// Waits a little for what is under way; what still waits is sent after the next start.
    fn finish(&mut self) {
        let end = self.source.read().counted + LAST_PATIENCE;
        while self.desks.values().any(|desk| desk.line.is_busy()) {
            let left = (end - self.source.read().counted).max(Duration::ZERO);
            let Ok(settled) = self.settled.1.recv_timeout(left.to_std()) else { return };
            self.settle(settled);
        }
    }
}

impl Desk {
    fn written(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => self.is_unwritten = false,
            Err(error) if !self.is_unwritten => {
                self.is_unwritten = true;
                let (notifier, way) = (&self.notifier, self.way.name());
                tracing::warn!(
                    "notifier {notifier}: the outbox for {way} cannot be written ({error}): a restart may lose or repeat messages"
                );
            }
            Err(_) => {}
        }
    }
}
