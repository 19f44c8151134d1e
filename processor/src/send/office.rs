//! The thread "post": owns every outbox, decides what is sent when, and says what became of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use event::Duration;

use super::carrier::{self, Settled};
use super::counters::Handle;
use super::failure::Failure;
use super::line::{Line, Outcome};
use super::outbox::Outbox;
use super::outcomes::Fate;
use crate::driver::clock::Source;
use crate::hand_over::InFlight;
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
    /// Tells it from one of the same name that was there before.
    life: u64,
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
    n_lives: u64,
    settled: (Sender<Settled>, Receiver<Settled>),
    counts: Handle,
    source: Source,
    in_flight: InFlight,
}

impl Office {
    /// Opens the outboxes of a plan; the folder is made if it is not there.
    pub(super) fn open(folder: &Path, host: &str, plan: &Plan, counts: Handle, in_flight: InFlight) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        // One result a way at the most is under way, so it is bounded by the ways.
        let (folder, host, settled) = (folder.to_owned(), host.to_owned(), unbounded());
        let mut office = Self { folder, host, desks: BTreeMap::new(), n_lives: 0, settled, counts, source: Source::start(), in_flight };
        if let Some((_, error)) = office.load(plan).into_iter().next() {
            return Err(error);
        }
        Ok(office)
    }

    /// Ways that are gone end, and their outboxes stay on the disk; those that changed go on with what waits. Gives those that failed.
    fn load(&mut self, plan: &Plan) -> Vec<(String, io::Error)> {
        let (mut old, mut failed) = (std::mem::take(&mut self.desks), Vec::new());
        for notifier in &plan.notifiers {
            for way in &notifier.ways {
                let name = format!("{}-{}", notifier.name, way.name());
                let (desk, error) = match old.remove(&name) {
                    Some(desk) => self.renew(&name, desk, way),
                    None => self.desk(&name, &notifier.name, way).map_or_else(|error| (None, Some(error)), |desk| (Some(desk), None)),
                };
                failed.extend(error.map(|error| (name.clone(), error)));
                if let Some(desk) = desk {
                    self.count_waiting(&desk);
                    self.desks.insert(name, desk);
                }
            }
        }
        for desk in old.into_values() {
            self.dismiss(&desk, plan);
        }
        failed
    }

    /// Takes leave of a way that no rule names any more.
    fn dismiss(&self, desk: &Desk, plan: &Plan) {
        let (notifier, way) = (&desk.notifier, desk.way.name());
        self.counts.remove(notifier, way);
        let stay = match desk.line.outbox.n_waiting() {
            1 => "1 message stays in its outbox".to_owned(),
            n => format!("{n} messages stay in its outbox"),
        };
        if plan.notifiers.iter().any(|other| other.name == *notifier) {
            tracing::info!("notifier {notifier} tells by {way} no more; {stay}");
        } else {
            tracing::info!("notifier {notifier} is gone; {stay}");
        }
    }

    /// With other settings it has another thread; the old one ends behind what is under way. Without a thread it stays as it was.
    fn renew(&self, name: &str, mut desk: Desk, way: &Way) -> (Option<Desk>, Option<io::Error>) {
        if desk.way == *way {
            return (Some(desk), None);
        }
        let error = match self.thread(name, desk.life, way) {
            Ok(letters) => {
                (desk.way, desk.letters) = (way.clone(), letters);
                None
            }
            Err(error) => Some(error),
        };
        (Some(desk), error)
    }

    fn desk(&mut self, name: &str, notifier: &str, way: &Way) -> io::Result<Desk> {
        let outbox = Outbox::open(&self.folder.join(format!("{name}.outbox")), self.source.read().wall)?;
        self.n_lives += 1;
        let life = self.n_lives;
        let letters = self.thread(name, life, way)?;
        Ok(Desk { life, notifier: notifier.to_owned(), way: way.clone(), line: Line::new(outbox), letters, is_unwritten: false })
    }

    fn thread(&self, name: &str, life: u64, way: &Way) -> io::Result<Sender<Arc<Letter>>> {
        // One message at a time is under way.
        let (letters, given) = bounded(1);
        carrier::start((name.to_owned(), life), way.clone(), self.host.clone(), given, self.settled.0.clone())?;
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
                    for (name, error) in self.load(&plan) {
                        tracing::error!("notifier {name} cannot be taken up: {error}");
                    }
                }
            }
            n_taken += 1;
            next = if n_taken < jobs.capacity().unwrap_or(1) { jobs.try_recv().ok() } else { None };
        }
        self.sync();
        self.in_flight.done(n_taken);
    }

    fn put(&mut self, letter: &Letter) {
        for desk in self.desks.values_mut().filter(|desk| desk.notifier == letter.notifier && desk.way.hears(letter.kind)) {
            let (taken, written) = desk.line.outbox.put(letter.clone());
            if let Some(n_dropped) = taken.filter(|n_dropped| *n_dropped > 0) {
                let (notifier, way) = (&desk.notifier, desk.way.name());
                tracing::warn!("notifier {notifier}: too many messages wait for {way}; the {n_dropped} oldest are dropped");
                self.counts.change(notifier, way, |counts| counts.dropped += n_dropped as u64);
                self.counts.outcomes.note(notifier, way, Fate::Dropped, n_dropped as u64, "");
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
        self.expire();
        let counted = self.source.read().counted;
        let mut dead = Vec::new();
        for (name, desk) in &mut self.desks {
            if let Some(waiting) = desk.line.take(counted) {
                // A living thread waits for it: it has settled the one before.
                if desk.letters.send(waiting.letter).is_err() {
                    dead.push(name.clone());
                }
            }
        }
        for name in dead {
            self.revive(name);
        }
    }

    /// The thread behind a way has ended where it should not have.
    fn revive(&mut self, name: String) {
        let Some(desk) = self.desks.get(&name) else { return };
        let life = desk.life;
        match self.thread(&name, life, &desk.way) {
            Ok(letters) => {
                if let Some(desk) = self.desks.get_mut(&name) {
                    desk.letters = letters;
                }
            }
            Err(error) => tracing::error!("the thread to {name} cannot be started: {error}"),
        }
        self.settle(Settled { line: name, life, result: Err(Failure::passing("its thread had ended and is started anew")) });
    }

    /// Gives up what has waited for a day.
    fn expire(&mut self) {
        let now = self.source.read().wall;
        let mut any = false;
        for desk in self.desks.values_mut() {
            let Some((n_expired, subject, written)) = desk.line.expire(now) else { continue };
            any = true;
            desk.written(written);
            let (notifier, way) = (&desk.notifier, desk.way.name());
            let messages = if n_expired == 1 { "a message".to_owned() } else { format!("{n_expired} messages") };
            tracing::error!("notifier {notifier}: {messages} for {way} waited for more than a day; given up, the oldest being: {subject}");
            self.counts.change(notifier, way, |counts| counts.given_up += n_expired);
            self.counts.outcomes.note(notifier, way, Fate::GivenUp, n_expired, &subject);
        }
        if any {
            self.sync();
        }
    }

    fn wait(&self) -> Duration {
        let counted = self.source.read().counted;
        let due = self.desks.values().filter_map(|desk| desk.line.due()).min();
        due.map_or(MAX_WAIT, |due| due - counted).clamp(Duration::ZERO, MAX_WAIT)
    }

    fn settle(&mut self, settled: Settled) {
        let desk = self.desks.get_mut(&settled.line).filter(|desk| desk.life == settled.life);
        let Some(desk) = desk else { return };
        let reading = self.source.read();
        let first = desk.line.outbox.first();
        let subject = first.map(|first| first.letter.subject()).unwrap_or_default();
        let age = first.map_or(Duration::ZERO, |first| reading.wall - first.letter.at);
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
        match outcome {
            Outcome::Sent => self.counts.outcomes.note(&notifier, way, Fate::Delivered, 1, &subject),
            Outcome::Later(_) => self.counts.outcomes.note_failed(&notifier, way, age, &subject),
            Outcome::GivenUp => self.counts.outcomes.note(&notifier, way, Fate::GivenUp, 1, &subject),
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

#[cfg(test)]
mod tests;
