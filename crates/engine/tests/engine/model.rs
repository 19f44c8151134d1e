//! An engine that runs through, and one that is killed at random frames and recovered from snapshot and journal: they must agree.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::rules::Plan;
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::{Duration, Event, Metric, Timestamp, View};

use crate::timeline::{encode, plan, query};

const HISTORIES: u64 = 10_000;
const STEPS: usize = 40;

/// What is done to a series for all ttls and `absent`s at a restart.
const GRACE: Duration = Duration::from_secs(30);

const CPU: &str = "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90; for: 10s\n clear: metric < 60\n for: 5s\n clear_for: 7s";
const CPU_OTHER_LEVELS: &str =
    "name: cpu\n where: service = \"cpu\"\n by: host\n warn: metric > 90\n crit: metric > 94\n for: 15s\n expired: crit";
const DISK: &str = "name: disk\n where: service =~ \"disk%\" and not path = \"/b\"\n by: host path\n info: metric > 50\n expired: hold";
const LOAD: &str = "name: load\n where: service = \"cpu\"\n by: host\n over: 9s\n take: mean\n every: 2s\n warn: metric > 70\n crit: metric > 85; for: 3s\n unless: absent host";
const FULL: &str =
    "name: full\n where: service =~ \"disk%\"\n by: host\n over: 20s\n take: predict 10s 3\n every: 3s\n crit: metric > 90\n clear_for: 2s";
const SUM: &str = "name: sum\n where: service =~ \"disk%\"\n by: path\n across: host\n take: sum\n every: 4s\n warn: metric > 90\n crit: metric > 150\n for: 1s";
const GAP: &str = "name: gap\n by: host\n join: cpu service = \"cpu\"\n join: job service = \"job\"\n value: cpu - job\n crit: metric > 20\n clear_for: 3s\n expired: warn";
const ABSENT: &str = "name: absent\n where: service = \"cpu\" and host != \"n2\"\n by: host\n absent: 20s\n expect: n1 n3\n clear_for: 3s";
const JOB: &str =
    "name: job\n where: service = \"job\" or state = \"expired\"\n by: service state\n crit: state = \"bad\" or state = \"expired\"";
const PAGES: &str = "name: pages\n where: service =~ \"alert/%\" and state = \"critical\"\n by: alert\n crit: true\n for: 8s";

/// The inputs of an engine, as they stand in its journal.
#[derive(Clone, Debug)]
enum Frame {
    Batch(Timestamp, Vec<u8>),
    Tick(Timestamp),
    Gap(Duration),
    Load(Timestamp, usize),
}

impl Frame {
    fn apply(&self, engine: &mut Engine, plans: &[Arc<Plan>], out: &mut Keys) {
        match self {
            Self::Batch(now, msg) => engine.on_batch(*now, msg, out),
            Self::Tick(now) => engine.on_tick(*now, out),
            Self::Gap(gap) => engine.on_gap(*gap, GRACE),
            Self::Load(now, index) => drop(engine.load(Arc::clone(&plans[*index]), *now, out)),
        }
    }
}

/// What came out: the keys of all messages, and everything since the last look.
#[derive(Default)]
struct Keys {
    messages: BTreeSet<(String, String, u8, Timestamp)>,
    log: Vec<String>,
}

impl Effects for Keys {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, _: Kind) {
        self.log.push(format!("{:?} {:?} {:?}", series.id, event.state.map(<[u8]>::len), event.metric));
    }

    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        self.log.push(format!("{:?} {}", series.id, now.micros()));
    }

    fn forgotten(&mut self, id: SeriesId) {
        self.log.push(format!("{id:?}"));
    }

    fn transition(&mut self, transition: &Transition<'_>) {
        self.log.push(format!("{transition:?}"));
    }

    fn message(&mut self, message: &Message<'_>) {
        let key = message.key;
        self.log.push(message.text.to_owned());
        self.messages.insert((key.rule.to_owned(), key.instance.to_owned(), key.level.level(), key.since));
    }
}

/// Numbers that are the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    fn event(&mut self, now: Timestamp) -> Event {
        let service = self.pick(&["cpu", "cpu", "disk/a", "disk/b", "job"]);
        let mut event =
            Event { service: Some(service.to_owned()), host: Some(self.pick(&["n1", "n2", "n3"]).to_owned()), ..Event::default() };
        if !self.one_in(5) {
            event.time = Some(now - Duration::from_secs(self.below(4) as i64));
        }
        if !self.one_in(6) {
            event.metric = Some(Metric::Int([40, 70, 85, 92, 95][self.below(5) as usize]));
        }
        if !self.one_in(6) {
            event.ttl = Some([5.0, 12.5, 40.0][self.below(3) as usize]);
        }
        if self.one_in(4) {
            event.state = Some(self.pick(&["good", "bad", "expired", "odd"]).to_owned());
        }
        if self.one_in(8) {
            event.description = Some(self.pick(&["one", "two"]).to_owned());
        }
        event.marks = if self.one_in(2) { vec!["skep".to_owned()] } else { Vec::new() };
        if self.one_in(2) {
            event.attributes.push(("path".to_owned(), self.pick(&["/a", "/b", "/c", "/d", "/e"]).to_owned()));
        }
        event
    }

    fn batch(&mut self, now: Timestamp) -> Vec<u8> {
        let n_events = self.below(5);
        let events: Vec<Event> = (0..n_events).map(|_| self.event(now)).collect();
        encode(&events)
    }
}

/// The two engines, side by side.
struct Pair<'a> {
    seed: u64,
    plans: &'a [Arc<Plan>],
    journal: Vec<Frame>,
    /// Runs through.
    reference: Engine,
    reference_out: Keys,
    /// Is killed now and then.
    mortal: Engine,
    mortal_out: Keys,
    /// Taken of the mortal one: how many frames are in it, which plan ran, and its bytes.
    snapshot: Option<(usize, usize, Vec<u8>)>,
    plan: usize,
}

impl<'a> Pair<'a> {
    fn new(seed: u64, plans: &'a [Arc<Plan>]) -> Self {
        let limits = Limits { max_series: 12, max_instances: 4 };
        Self {
            seed,
            plans,
            journal: Vec::new(),
            reference: Engine::new(Arc::clone(&plans[0]), limits),
            reference_out: Keys::default(),
            mortal: Engine::new(Arc::clone(&plans[0]), limits),
            mortal_out: Keys::default(),
            snapshot: None,
            plan: 0,
        }
    }

    fn apply(&mut self, frame: Frame) {
        if let Frame::Load(_, index) = frame {
            self.plan = index;
        }
        let wakes = self.mortal.next_deadline();
        frame.apply(&mut self.reference, self.plans, &mut self.reference_out);
        frame.apply(&mut self.mortal, self.plans, &mut self.mortal_out);
        assert_eq!(self.reference_out.log, self.mortal_out.log, "seed {}, frame {}: {frame:?}", self.seed, self.journal.len());
        if let Frame::Tick(now) = frame
            && !self.mortal_out.log.is_empty()
        {
            assert!(wakes.is_some_and(|wakes| wakes <= now), "seed {}: it would have slept", self.seed);
        }
        self.reference_out.log.clear();
        self.mortal_out.log.clear();
        self.journal.push(frame);
    }

    fn take_snapshot(&mut self) {
        let mut bytes = Vec::new();
        self.mortal.snapshot(&mut bytes);
        self.snapshot = Some((self.journal.len(), self.plan, bytes));
    }

    /// Loses the engine, and makes it again from the snapshot, if there is one, and the frames after it.
    fn kill(&mut self) {
        let limits = Limits { max_series: 12, max_instances: 4 };
        let mut after = 0;
        self.mortal = Engine::new(Arc::clone(&self.plans[0]), limits);
        if let Some((position, plan, bytes)) = &self.snapshot {
            after = *position;
            self.mortal = Engine::restore(bytes, Arc::clone(&self.plans[*plan]), limits).unwrap();
        }
        for frame in &self.journal[after..] {
            frame.apply(&mut self.mortal, self.plans, &mut self.mortal_out);
        }
        self.mortal_out.log.clear();
    }

    #[track_caller]
    fn compare(&self) {
        let seed = self.seed;
        let index = |engine: &Engine| {
            let mut entries = Vec::new();
            engine.query(&query("true"), |entry| entries.push((entry.series.id, Event::from(&entry.event), entry.deadline)));
            entries
        };
        assert_eq!(index(&self.reference), index(&self.mortal), "seed {seed}: the index");
        assert!(self.reference.alerts().eq(self.mortal.alerts()), "seed {seed}: the alerts");
        assert_eq!(self.reference.counters(), self.mortal.counters(), "seed {seed}: the counters");
        assert_eq!(self.reference_out.messages, self.mortal_out.messages, "seed {seed}: the messages");
    }
}

/// One history; how many messages it had.
fn live(seed: u64, plans: &[Arc<Plan>]) -> usize {
    let mut random = Random(seed);
    let mut pair = Pair::new(seed, plans);
    let mut now = Timestamp::from_secs(1_000_000_000);
    for _ in 0..STEPS {
        now = now + Duration::from_micros([0, 1_000_000, 2_500_000, 6_000_000][random.below(4) as usize]);
        // The driver wakes when something is due, sometimes late.
        while let Some(due) = pair.reference.next_deadline().filter(|&due| due <= now && !random.one_in(4)) {
            let late = Duration::from_micros(random.below(2) as i64 * 300_000);
            pair.apply(Frame::Tick((due + late).min(now)));
        }
        match random.below(40) {
            0..3 => pair.take_snapshot(),
            3 => {
                pair.kill();
                let gap = Duration::from_micros(random.below(90_000_000) as i64);
                now = now + gap;
                pair.apply(Frame::Gap(gap));
            }
            4 => pair.apply(Frame::Load(now, random.below(2) as usize)),
            _ => {
                let msg = random.batch(now);
                pair.apply(Frame::Batch(now, msg));
            }
        }
    }
    pair.kill();
    pair.compare();
    pair.reference_out.messages.len()
}

#[test]
fn a_killed_engine_recovers_what_it_was() {
    let plans = [plan(&[CPU, DISK, LOAD, ABSENT, FULL, SUM, GAP, JOB, PAGES]), plan(&[PAGES, CPU_OTHER_LEVELS, ABSENT, DISK, LOAD, GAP])];
    let n_messages: usize = (0..HISTORIES).map(|seed| live(seed, &plans)).sum();
    assert!(n_messages > 10 * HISTORIES as usize, "histories in which nothing happens prove nothing: {n_messages} messages");
}

#[test]
fn a_snapshot_with_one_wrong_byte_is_refused() {
    let plans = [plan(&[CPU, DISK])];
    let mut pair = Pair::new(1, &plans);
    let mut random = Random(1);
    for second in 0..10 {
        let now = Timestamp::from_secs(1_000_000_000 + second);
        let msg = random.batch(now);
        pair.apply(Frame::Batch(now, msg));
    }
    pair.take_snapshot();
    let (_, _, bytes) = pair.snapshot.unwrap();
    let restore = |bytes: &[u8]| Engine::restore(bytes, Arc::clone(&plans[0]), Limits::default());
    assert!(restore(&bytes).is_ok());
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x10;
        assert!(restore(&wrong).is_err(), "byte {at}");
        assert!(restore(&bytes[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_snapshot_restored_with_other_rules_keeps_the_state_of_those_that_are_the_same() {
    let now = Timestamp::from_secs(1_000_000_000);
    let mut engine = Engine::new(plan(&[DISK, CPU]), Limits::default());
    let event = |service: &str| Event {
        service: Some(service.to_owned()),
        host: Some("n1".to_owned()),
        metric: Some(Metric::Int(95)),
        ..Event::default()
    };
    let mut out = Keys::default();
    engine.on_batch(now, &encode(&[event("cpu"), event("disk/a")]), &mut out);
    engine.on_tick(now + Duration::from_secs(6), &mut out);
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    let restored = Engine::restore(&bytes, plan(&[PAGES, CPU_OTHER_LEVELS]), Limits::default()).unwrap();
    let alerts: Vec<_> = restored.alerts().map(|alert| (alert.rule, alert.state.as_str(), alert.since)).collect();
    assert_eq!(alerts, [("cpu", "warning", Some(now + Duration::from_secs(5)))]);
}
