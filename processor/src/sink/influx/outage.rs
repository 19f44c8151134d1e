//! Hours of an outage in a moment: the desk with a server that is only thought of, and time as an argument.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::Timestamp;
use tempfile::TempDir;
use tokio::time::Instant;
use transport::log::Position;
use transport::spool::Spool;

use super::Counters;
use super::backlog::{Backlog, Old};
use super::batch::Batch;
use super::courier::{Ending, Work};
use super::desk::Desk;
use super::disk::Disk;
use super::queue::Waiting;

const HOUR: u64 = 3600;
const BEGIN: i64 = 1_795_332_000;

/// A step of the simulation, while the server is there.
const STEP_MS: u64 = 20;

enum Flight {
    Live(Waiting),
    Old(Old),
}

/// One batch a second, each of five lines that hold its number.
struct Outage {
    desk: Desk,
    folder: TempDir,
    start: Instant,
    now_ms: u64,
    n_batches: u64,
    /// How long the server takes for a request; `None` while it is away.
    latency_ms: Option<u64>,
    under_way: Vec<(u64, u64, Flight)>,
    /// Numbers of the batches that the server took, as they came by either way.
    live: Vec<u64>,
    old: Vec<u64>,
    /// The worst wait of a live batch that came after this moment.
    measured_from_ms: u64,
    worst_live_ms: u64,
    old_requests: u64,
    old_busy_ms: u64,
}

impl Outage {
    fn new(max_bytes: u64, max_age: i64, free: fn(&Path) -> Option<f64>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = super::worker::clock();
        let spool = Spool::open(folder.path(), max_bytes).unwrap().0;
        let backlog = Backlog::new(spool, event::Duration::from_secs(max_age), start);
        let desk = Desk::new(backlog, Disk::with(folder.path().to_owned(), free));
        Self {
            desk,
            folder,
            start,
            now_ms: 0,
            n_batches: 0,
            latency_ms: None,
            under_way: Vec::new(),
            live: Vec::new(),
            old: Vec::new(),
            measured_from_ms: 0,
            worst_live_ms: 0,
            old_requests: 0,
            old_busy_ms: 0,
        }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// Lets time go on.
    fn run(&mut self, seconds: u64, step_ms: u64) {
        let end = self.now_ms + seconds * 1000;
        while self.now_ms < end {
            self.now_ms += step_ms;
            self.end_requests();
            if self.now_ms.is_multiple_of(1000) {
                self.take();
            }
            self.desk.tidy(self.at(self.now_ms));
            self.begin_requests();
        }
    }

    fn take(&mut self) {
        let body = format!("m n={}i,s=\"{}\" 1\n", self.n_batches, "x".repeat(150)).repeat(5);
        let now = Timestamp::from_secs(BEGIN + (self.now_ms / 1000).cast_signed());
        self.n_batches += 1;
        let batch = Batch { body: body.into(), n_lines: 5, position: Position::from_u64(self.n_batches), now };
        self.desk.take(batch, self.at(self.now_ms));
    }

    fn begin_requests(&mut self) {
        let now = self.at(self.now_ms);
        let end = self.now_ms + self.latency_ms.unwrap_or(1);
        while let Some(waiting) = self.desk.next_live(now) {
            self.under_way.push((self.now_ms, end, Flight::Live(waiting)));
        }
        if let Some(old) = self.desk.next_old(now) {
            self.under_way.push((self.now_ms, end, Flight::Old(old)));
        }
    }

    fn end_requests(&mut self) {
        let ended: Vec<_> = self.under_way.extract_if(.., |(_, end, _)| *end <= self.now_ms).collect();
        for (begun, _, flight) in ended {
            let ending = match self.latency_ms {
                Some(_) => Ending::Done,
                None => Ending::Away { after: None, message: "refused".into() },
            };
            let (begun_at, now) = (self.at(begun), self.at(self.now_ms));
            match flight {
                Flight::Live(waiting) => {
                    if ending == Ending::Done {
                        self.live.extend(numbers(&waiting.work));
                    }
                    if ending == Ending::Done && waiting.since >= self.at(self.measured_from_ms) {
                        let waited = now.duration_since(waiting.since).as_millis() as u64;
                        self.worst_live_ms = self.worst_live_ms.max(waited);
                    }
                    self.desk.live_ended(waiting, &ending, begun_at, now, "h");
                }
                Flight::Old(old) => {
                    if ending == Ending::Done {
                        self.old.extend(numbers(&old.work));
                        self.old_requests += 1;
                        self.old_busy_ms += self.now_ms - begun;
                    }
                    self.desk.old_ended(old, &ending, begun_at, now, "h");
                }
            }
        }
    }

    fn counters(&mut self) -> Counters {
        let counters = Counters::default();
        self.desk.count(&counters, self.at(self.now_ms));
        counters
    }

    fn of(&mut self, counter: fn(&Counters) -> u64) -> u64 {
        counter(&self.counters())
    }

    fn bytes_on_disk(&self) -> u64 {
        std::fs::read_dir(self.folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }

    /// Runs until nothing waits, and gives the seconds that it took.
    fn drain(&mut self) -> u64 {
        let begun = self.now_ms;
        while self.of(|counters| counters.spool_bytes.load(Ordering::Relaxed)) > 0 {
            self.run(10, STEP_MS);
            assert!(self.now_ms - begun < 12 * HOUR * 1000, "it does not get empty");
        }
        (self.now_ms - begun) / 1000
    }

    /// Every batch is at the server once, or counted as dropped; the backlog came in its order.
    #[track_caller]
    fn check_all_told(&mut self) {
        self.run(5, STEP_MS);
        assert!(self.old.is_sorted(), "the backlog keeps its order");
        let mut taken: Vec<u64> = self.live.iter().chain(&self.old).copied().collect();
        taken.sort_unstable();
        let n_taken = taken.len() as u64;
        taken.dedup();
        assert_eq!(taken.len() as u64, n_taken, "no batch went twice");
        let dropped = self.of(|counters| counters.lines_dropped.load(Ordering::Relaxed));
        let waiting = self.of(|counters| counters.queue_lines.load(Ordering::Relaxed)) + 5 * self.under_way.len() as u64;
        assert_eq!(n_taken * 5 + dropped + waiting, self.n_batches * 5);
    }
}

/// The numbers of the batches in a request.
fn numbers(work: &Work) -> Vec<u64> {
    let text: Vec<u8> = work.pieces.iter().flat_map(super::piece::Piece::lines).collect();
    let text = String::from_utf8(text).unwrap();
    let mut numbers: Vec<u64> = text.lines().map(|line| line[4..line.find('i').unwrap()].parse().unwrap()).collect();
    numbers.dedup();
    numbers
}

fn roomy(_: &Path) -> Option<f64> {
    Some(0.5)
}

#[track_caller]
fn check_outage(hours: u64, latency_ms: u64) {
    let mut outage = Outage::new(1 << 30, 24 * 3600, roomy);
    outage.latency_ms = Some(latency_ms);
    outage.run(20, STEP_MS);
    outage.latency_ms = None;
    outage.run(hours * HOUR, 1000);
    assert_eq!(outage.of(|counters| counters.lines_dropped.load(Ordering::Relaxed)), 0);
    outage.latency_ms = Some(latency_ms);
    // Until the next try nobody knows that the server is back.
    while outage.of(|counters| counters.failing_secs.load(Ordering::Relaxed)) > 0 {
        outage.run(1, STEP_MS);
    }
    (outage.measured_from_ms, outage.worst_live_ms) = (outage.now_ms, 0);
    let (begun, busy) = (outage.now_ms, outage.old_busy_ms);
    let took = outage.drain();
    assert!(outage.worst_live_ms > 0, "live batches were measured");
    let share = (outage.old_busy_ms - busy) as f64 / (outage.now_ms - begun) as f64;
    assert!(outage.worst_live_ms <= latency_ms + 2000, "a live batch waited {} ms", outage.worst_live_ms);
    assert!(share <= 0.5, "the backlog took {share} of the time");
    assert!(took < hours * HOUR / 10, "{hours} h took {took} s to send");
    assert!(outage.old_requests < hours * HOUR / 100, "{} requests", outage.old_requests);
    outage.check_all_told();
}

#[test]
fn two_hours_are_sent_in_minutes_and_delay_no_live_point() {
    check_outage(2, 40);
}

#[test]
fn a_server_that_takes_a_second_for_each_request_is_no_problem_either() {
    check_outage(2, 1000);
}

#[test]
fn an_outage_that_the_spool_cannot_hold_costs_the_oldest_and_every_line_is_counted() {
    const MAX: u64 = 4 << 20;
    let mut outage = Outage::new(MAX, 24 * 3600, roomy);
    for _ in 0..12 {
        outage.run(HOUR / 4, 1000);
        assert!(outage.of(|counters| counters.spool_bytes.load(Ordering::Relaxed)) <= MAX);
        assert!(outage.bytes_on_disk() <= MAX + MAX / 4, "{}", outage.bytes_on_disk());
    }
    assert!(outage.of(|counters| counters.lines_dropped.load(Ordering::Relaxed)) > 20_000);
    outage.latency_ms = Some(40);
    outage.drain();
    outage.check_all_told();
    // What was kept are the newest.
    let first = outage.old[0];
    assert!((first + 3000..first + 6000).contains(&(3 * HOUR)), "{first}");
}

#[test]
fn what_is_older_than_the_bound_is_dropped_and_counted() {
    let mut outage = Outage::new(1 << 30, 3600, roomy);
    outage.run(3 * HOUR, 1000);
    let age = outage.of(|counters| counters.spool_age_secs.load(Ordering::Relaxed));
    assert!((3500..=3601).contains(&age), "{age}");
    let dropped = outage.of(|counters| counters.lines_dropped.load(Ordering::Relaxed));
    assert!((35_900..36_400).contains(&dropped), "{dropped}");
    outage.latency_ms = Some(40);
    outage.drain();
    outage.check_all_told();
}

#[test]
fn on_a_disk_that_is_nearly_full_the_spool_stops_growing_and_the_newest_are_kept() {
    static IS_LOW: AtomicBool = AtomicBool::new(false);
    let free = |_: &Path| Some(if IS_LOW.load(Ordering::Relaxed) { 0.04 } else { 0.06 });
    let mut outage = Outage::new(16 << 20, 24 * 3600, free);
    outage.run(2 * HOUR, 1000);
    let before = outage.bytes_on_disk();
    IS_LOW.store(true, Ordering::Relaxed);
    outage.run(2 * HOUR, 1000);
    // The segment that was being written is filled.
    assert!(outage.bytes_on_disk() <= before + (2 << 20), "{} after {before}", outage.bytes_on_disk());
    assert!(outage.desk.line("h").ends_with("; less than 5 % of the spool's disk is free"), "{}", outage.desk.line("h"));
    assert!(outage.of(|counters| counters.lines_dropped.load(Ordering::Relaxed)) > 0);
    IS_LOW.store(false, Ordering::Relaxed);
    outage.run(2 * HOUR, 1000);
    assert!(outage.bytes_on_disk() > before + (3 << 20), "it grows again: {}", outage.bytes_on_disk());
    outage.latency_ms = Some(40);
    outage.drain();
    outage.check_all_told();
}
