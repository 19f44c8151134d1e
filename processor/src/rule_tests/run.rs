//! Runs a test: events and timers in the order of time, each timer at its very moment.

use std::sync::Arc;

use engine::rules::{Plan, Settings};
use engine::{Engine, Limits};
use event::{Duration, Event, Timestamp};

use super::seen::{IndexSeen, Recorder, Seen, SentSeen};
use super::taps::TapSeen;
use super::timeline::Timeline;
use super::{Input, Inputs, RuleTest};
use crate::config::Rules;
use crate::notify::{self, Kind, Notices};
use crate::quiet::{Hush, Quiet, Silence};

/// After the last ttl a test goes on for so long, so that what it ends is seen.
const AFTER: Duration = Duration::from_secs(1);

/// Where a timer would stand still, time goes on so much.
const STEP: Duration = Duration::from_micros(1000);

/// The rules of one test, ready to run.
#[derive(Clone, Debug)]
pub struct Bench {
    plan: Arc<Plan>,
    notify: Arc<notify::Plan>,
    silences: Vec<Silence>,
}

/// All that happened.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order in which it happened.
    pub seen: Vec<Seen>,
    /// Likewise.
    pub sent: Vec<SentSeen>,
    /// What came out of the taps that the test names, likewise.
    pub taps: Vec<TapSeen>,
    /// One for each line of the test's `index`.
    pub index: Vec<IndexSeen>,
    /// What each instance went through; empty unless it was asked for.
    pub timeline: Timeline,
}

impl Bench {
    /// The rules that a test is about, and all streams.
    pub fn new(test: &RuleTest, rules: &Rules, swarm: &str) -> Self {
        let alerts = rules.alerts.iter().filter(|alert| test.alerts.contains(&alert.name)).cloned().collect();
        let settings = Settings { swarm: swarm.to_owned(), index: rules.index.clone(), ..Settings::default() };
        let plan = Plan::new(alerts, settings).with_streams(&rules.streams);
        Self { plan: Arc::new(plan), notify: Arc::new(rules.notify.clone()), silences: rules.silences.clone() }
    }

    /// Runs a test; with `watched` its timeline is taken down too.
    pub fn run(&self, test: &RuleTest, inputs: &Inputs, watched: bool) -> Outcome {
        let by = |name: &str| self.plan.by_of(name);
        let start = inputs.start;
        let recorder =
            Recorder { start, now: start, by: &by, seen: Vec::new(), taps: Vec::new(), notices: Notices::new(Arc::clone(&self.notify)) };
        let engine = Engine::new(Arc::clone(&self.plan), Limits::default());
        let mut quiet = Quiet::default();
        quiet.set_rules(Arc::clone(&self.plan), self.silences.clone(), start);
        let mut run = Run { engine, quiet, recorder, test, watched, outcome: Outcome::default(), notify: &self.notify };
        run.through(inputs);
        run.outcome.seen = run.recorder.seen;
        let named = |seen: &TapSeen| test.taps.iter().flatten().any(|line| line.tap == seen.tap);
        run.outcome.taps = run.recorder.taps.into_iter().filter(named).collect();
        run.outcome
    }

    /// The rules, for words about them.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

struct Run<'a> {
    engine: Engine,
    quiet: Quiet,
    recorder: Recorder<'a>,
    test: &'a RuleTest,
    watched: bool,
    outcome: Outcome,
    notify: &'a notify::Plan,
}

impl Run<'_> {
    fn through(&mut self, inputs: &Inputs) {
        let last_look = self.test.index.last().map_or(inputs.start, |line| inputs.start + line.at);
        let end = self.test.run.map_or(inputs.end + AFTER, |run| inputs.start + run).max(last_look);
        let mut steps = inputs.steps.as_slice();
        self.hushed(inputs.start, |engine, hush| engine.on_tick(inputs.start, hush));
        loop {
            let next = steps.first().map(|(at, _)| *at).into_iter().chain(self.next_timer()).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.look_until(next);
            let n_now = steps.partition_point(|(at, _)| *at <= next);
            let (now, later) = steps.split_at_checked(n_now).unwrap_or_default();
            steps = later;
            self.instant(next, now);
        }
        self.look_until(end + STEP);
    }

    /// When something happens without an event; always after what has happened.
    fn next_timer(&self) -> Option<Timestamp> {
        let further = self.recorder.notices.next_due().into_iter().chain(self.quiet.next_due());
        let next = self.engine.next_deadline().into_iter().chain(further).min()?;
        Some(if next > self.recorder.now { next } else { self.recorder.now + STEP })
    }

    /// Has the engine do something, behind the silences; then what is silenced no more is told.
    fn hushed(&mut self, now: Timestamp, act: impl FnOnce(&mut Engine, &mut Hush<'_, Recorder<'_>>)) {
        let Self { engine, quiet, recorder, .. } = self;
        let mut hush = Hush { quiet, effects: recorder, now };
        act(engine, &mut hush);
        hush.tick();
    }

    /// Events first, then timers, then messages.
    fn instant(&mut self, now: Timestamp, inputs: &[(Timestamp, Input)]) {
        self.recorder.now = now;
        self.hushed(now, |engine, hush| {
            for (_, input) in inputs {
                match input {
                    Input::Msg(msg) => engine.on_batch(now, msg, hush),
                    Input::Gap(gap, grace) => engine.on_gap(*gap, *grace),
                }
            }
            if inputs.is_empty() {
                engine.on_tick(now, hush);
            }
        });
        let mut notices = Vec::new();
        let (engine, quiet) = (&self.engine, &self.quiet);
        self.recorder.notices.tick(now, &|entry| quiet.say(engine, entry), &mut notices);
        let at = now - self.recorder.start;
        // Ends for the sake of other services' books are no messages.
        for notice in notices.into_iter().filter(|notice| notice.kind != Kind::End) {
            let notify = self.notify.notifiers.get(notice.notifier).map(|notifier| notifier.name.clone()).unwrap_or_default();
            self.outcome.sent.push(SentSeen { at, notify, notice });
        }
        if self.watched {
            self.outcome.timeline.look(at, &self.engine, &self.recorder.seen, !inputs.is_empty());
        }
    }

    /// Asks the index what is to be asked before `next`.
    fn look_until(&mut self, next: Timestamp) {
        while let Some(line) = self.test.index.get(self.outcome.index.len()).filter(|line| self.recorder.start + line.at < next) {
            let mut events = Vec::new();
            self.engine.query(&line.where_, |entry| events.push(Event::from(&entry.event)));
            events.sort_by(|a, b| (&a.host, &a.service).cmp(&(&b.host, &b.service)));
            self.outcome.index.push(IndexSeen { at: line.at, events });
        }
    }
}
