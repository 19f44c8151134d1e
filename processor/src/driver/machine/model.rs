//! A processor that is killed at random moments and recovers from its files, against an engine that runs through.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use engine::rules::{Alert, Level, Plan, Settings};
use engine::{Effects, Kind as EventKind, Limits, Message, MessageKey, Series, SeriesId, Transition};
use event::{Event, Metric, View};
use transport::ingest;
use transport::log::{Log, Options};

use super::*;
use crate::driver::outbox::Outbox;
use crate::driver::recover::Opened;
use crate::driver::snapshots::Snapshots;
use crate::driver::taken::Taken;

/// How many histories; the engine has a test of its own with many more, over a journal in memory.
const HISTORIES: u64 = 300;

const GRACE: Duration = Duration::from_secs(30);

/// Small segments, so that a history fills several and they are recycled.
const OPTIONS: Options = Options { segment_bytes: 2048, max_bytes: 1 << 20, after: Position::START };

/// Enough of a generator for histories (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A notifier whose queue is lost when it is killed, and whose outbox is not.
struct Kept {
    outbox: Outbox,
    queue: Vec<String>,
    sent: BTreeSet<String>,
    now: Timestamp,
    reached: Position,
    safe: Position,
}

impl Kept {
    fn open(folder: &Path) -> Self {
        let outbox = Outbox::open(&folder.join("outbox")).unwrap();
        let start = Position::START;
        Self { outbox, queue: Vec::new(), sent: BTreeSet::new(), now: Timestamp::default(), reached: start, safe: start }
    }

    fn write_down(&mut self) {
        for key in self.queue.drain(..) {
            if self.outbox.enter(&key, self.now).unwrap() {
                assert!(self.sent.insert(key.clone()), "{key} was sent twice");
            }
        }
        self.safe = self.reached;
    }
}

fn text(key: &MessageKey<'_>) -> String {
    format!("{} {} {} {} {}", key.notifier, key.rule, key.instance, key.level, key.since)
}

impl Effects for Kept {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: EventKind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, message: &Message<'_>) {
        self.queue.push(text(&message.key));
    }
}

impl Outlets for Kept {
    fn begin(&mut self, _: Position, now: Timestamp) {
        self.now = now;
    }
    fn flush(&mut self, position: Position, _: Timestamp) {
        self.reached = position;
    }
    fn has_room(&self) -> bool {
        true
    }
    fn safe(&self) -> Position {
        self.safe
    }
}

/// Writes snapshots where it is called.
struct Inline {
    snapshots: Snapshots,
    written: Option<Position>,
    published: Option<Position>,
}

impl Keeper for Inline {
    fn write(&mut self, snapshot: Taken) {
        let snapshot = snapshot.encode();
        self.snapshots.write(&snapshot).unwrap();
        self.written = Some(snapshot.position);
    }
    fn is_idle(&self) -> bool {
        self.written.is_none()
    }
    fn advance(&mut self, safe: Position) -> Option<Position> {
        if let Some(position) = self.written.filter(|position| *position <= safe) {
            self.snapshots.publish(position).unwrap();
            self.written = None;
            self.published = Some(position);
        }
        self.published
    }
    fn n_bytes(&self) -> u64 {
        0
    }
}

/// The engine that runs through.
struct Through {
    engine: Engine,
    sent: BTreeSet<String>,
}

struct Sent<'a>(&'a mut BTreeSet<String>);

impl Effects for Sent<'_> {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: EventKind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, _: &Transition<'_>) {}
    fn message(&mut self, message: &Message<'_>) {
        self.0.insert(text(&message.key));
    }
}

impl Through {
    fn tick(&mut self, now: Timestamp) {
        if self.engine.next_deadline().is_some_and(|deadline| deadline <= now) {
            self.engine.on_tick(now, &mut Sent(&mut self.sent));
        }
    }
}

type Killed = Machine<Log, Kept, Inline>;

/// One history: the two processors and the time.
struct History<'a> {
    folder: &'a Path,
    random: Random,
    now: Timestamp,
    plan: Arc<Plan>,
    through: Through,
    killed: Option<Killed>,
    sent_before: BTreeSet<String>,
    n_kills: u64,
}

fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

fn plan() -> Plan {
    let high = Alert {
        by: vec!["host".into()],
        crit: Some(Level::new(query("metric > 90"))),
        warn: Some(Level::new(query("metric > 70"))),
        for_: Duration::from_secs(5),
        clear_for: Duration::from_secs(3),
        ..Alert::new("high", query("service = \"cpu\""))
    };
    let silent = Alert {
        by: vec!["host".into(), "service".into()],
        absent: Some(Duration::from_secs(20)),
        ..Alert::new("silent", query("service =~ \"beat%\""))
    };
    let state = Alert { crit: Some(Level::new(query("state = \"down\""))), ..Alert::new("down", query("state != nil")) };
    Plan::new(vec![high, silent, state], Settings::default())
}

impl<'a> History<'a> {
    fn begin(folder: &'a Path, seed: u64) -> Self {
        let plan = Arc::new(plan());
        let through = Through { engine: Engine::new(plan.clone(), Limits::default()), sent: BTreeSet::new() };
        let now = Timestamp::from_secs(1_000_000);
        let random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut history = Self { folder, random, now, plan, through, killed: None, sent_before: BTreeSet::new(), n_kills: 0 };
        history.start();
        history
    }

    fn start(&mut self) {
        let opened = Opened::open(self.folder, true, OPTIONS, self.plan.clone(), Limits::default()).unwrap();
        let inline = |snapshots| Inline { snapshots, written: None, published: None };
        let (mut machine, recovered) = opened.replay(Kept::open(self.folder), inline, || unreachable!()).unwrap();
        assert_eq!(recovered.bytes_lost, 0);
        if let Some(last) = recovered.now {
            let gap = self.now - last;
            machine.gap(self.now, gap, GRACE);
            self.through.engine.on_gap(gap, GRACE);
        }
        machine.note_plan(self.now);
        self.killed = Some(machine);
    }

    fn kill(&mut self) {
        if let Some(machine) = self.killed.take() {
            self.sent_before.extend(machine.outlets.sent);
            self.n_kills += 1;
        }
        self.now = self.now + Duration::from_secs(self.random.below(40) as i64);
        self.start();
    }

    fn machine(&mut self) -> &mut Killed {
        self.killed.as_mut().unwrap()
    }

    fn step(&mut self) {
        self.now = self.now + Duration::from_micros(self.random.below(4_000_000) as i64);
        if self.random.one_in(3) {
            self.pass();
        } else {
            self.batch();
        }
        if self.random.one_in(4) {
            self.machine().outlets.write_down();
        }
        if self.random.one_in(6) && self.machine().keeper.is_idle() {
            let now = self.now;
            self.machine().snapshot(now);
        }
        self.machine().release();
        if self.random.one_in(12) {
            self.kill();
        }
    }

    fn pass(&mut self) {
        let now = self.now;
        self.machine().pass(now);
        self.through.tick(now);
    }

    fn batch(&mut self) {
        let msg = self.events();
        let now = self.now;
        self.through.engine.on_batch(now, &msg, &mut Sent(&mut self.through.sent));
        let mut framed = Vec::new();
        frames::put(&mut framed, &msg);
        if self.random.one_in(10) {
            // Killed between the write and the engine: the frame is there, its effects are not.
            let machine = self.machine();
            machine.recorder.record(Kind::Batch, now, &[&framed]).unwrap();
            machine.recorder.commit();
            return self.kill();
        }
        let (ingest, _requests, inbox) = ingest::channel::<Request>(ingest::Limits::default());
        ingest.try_send(framed.into(), transport::Origin::Tcp).unwrap();
        let mut waiting = VecDeque::from([inbox.try_recv().unwrap()]);
        assert_eq!(self.machine().turn(now, &mut waiting), Next::Go);
    }

    fn events(&mut self) -> Vec<u8> {
        let mut encoder = msg::Encoder::new();
        for _ in 0..=self.random.below(4) {
            let event = self.event();
            event.with_view(|view| encoder.event(view));
        }
        encoder.bytes().to_vec()
    }

    fn event(&mut self) -> Event {
        let services = ["cpu", "beat-a", "beat-b", "plain"];
        let states = [None, Some("ok"), Some("down"), Some("expired")];
        Event {
            host: Some(format!("n{}", self.random.below(3))),
            service: Some(services[self.random.below(4) as usize].to_owned()),
            state: states[self.random.below(4) as usize].map(str::to_owned),
            metric: Some(Metric::Int(self.random.below(100) as i64)),
            ttl: Some(1.0 + self.random.below(30) as f32),
            time: Some(self.now - Duration::from_secs(self.random.below(3) as i64)),
            ..Event::default()
        }
    }

    fn check(mut self, seed: u64) -> u64 {
        self.machine().outlets.write_down();
        let machine = self.killed.take().unwrap();
        assert_eq!(index(&machine.engine), index(&self.through.engine), "seed {seed}: the index");
        assert_eq!(alerts(&machine.engine), alerts(&self.through.engine), "seed {seed}: the alerts");
        let mut sent = self.sent_before;
        for key in machine.outlets.sent {
            assert!(sent.insert(key.clone()), "seed {seed}: {key} was sent twice");
        }
        assert_eq!(sent, self.through.sent, "seed {seed}: the messages");
        self.n_kills
    }
}

fn index(engine: &Engine) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    engine.query(&query("true"), |indexed| {
        found.insert(format!("{:?} until {}", Event::from(&indexed.event), indexed.deadline));
    });
    found
}

fn alerts(engine: &Engine) -> BTreeSet<String> {
    engine.alerts().map(|alert| format!("{alert:?}")).collect()
}

/// In memory where that can be had: what a disk does with `fsync` is not the question here.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[test]
fn a_processor_that_is_killed_and_recovers_ends_where_one_that_runs_through_does() {
    let mut n_kills = 0;
    for seed in 1..=HISTORIES {
        let folder = folder();
        let mut history = History::begin(folder.path(), seed);
        for _ in 0..60 {
            history.step();
        }
        n_kills += history.check(seed);
    }
    assert!(n_kills > HISTORIES, "only {n_kills} kills in {HISTORIES} histories");
}
