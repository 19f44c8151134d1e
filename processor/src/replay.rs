//! A recording, run through the very engine on simulated time.

use std::sync::Arc;

use engine::rules::Plan;
use engine::{Effects, Engine, Limits};
use event::{Duration, Timestamp};
use transport::frames;

use crate::driver::recorder::Kind;
use crate::driver::recording::Frame;
use crate::quiet::{Hush, Quiet, Silence};

/// An engine that takes a recording's frames.
pub struct Replay {
    engine: Engine,
    plan: u64,
    /// Other rules ran when it was recorded: time passes here when these rules want it.
    own_time: bool,
    /// The same whatever ran then.
    always_own: bool,
    quiet: Quiet,
    /// Of the rules' files; they are on from the first frame.
    silences: Option<Vec<Silence>>,
}

impl Replay {
    /// An engine that has seen nothing.
    pub fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        let hash = plan.hash();
        Self { engine: Engine::new(plan, limits), plan: hash, own_time: false, always_own: false, quiet: Quiet::default(), silences: None }
    }

    /// The same, without the messages of what these silences hold back.
    #[must_use]
    pub fn with_silences(self, silences: Vec<Silence>) -> Self {
        Self { silences: Some(silences), ..self }
    }

    /// The same, each timer at its very moment whatever rules ran when it was recorded: for two rule sets to be comparable.
    pub fn on_its_own_time(plan: Arc<Plan>, limits: Limits) -> Self {
        Self { own_time: true, always_own: true, ..Self::new(plan, limits) }
    }

    /// Applies one frame. With the rules that ran then, time passes as it did then, and the effects are those of then; with others, each
    /// timer runs at its very moment.
    pub fn apply(&mut self, frame: &Frame<'_>, effects: &mut impl Effects) {
        if let Some(silences) = self.silences.take() {
            self.quiet.set_rules(Arc::clone(self.engine.plan()), silences, frame.now);
        }
        match frame.kind {
            Kind::Plan => self.own_time = self.always_own || frame.content != self.plan.to_le_bytes(),
            Kind::Tick if !self.own_time => self.tick(frame.now, effects),
            Kind::Tick => self.pass(frame.now, effects),
            Kind::Batch => {
                if self.own_time {
                    self.pass(frame.now, effects);
                }
                let mut hush = Hush { quiet: &mut self.quiet, effects, now: frame.now };
                for msg in frames::messages(frame.content) {
                    self.engine.on_batch(frame.now, msg, &mut hush);
                }
            }
            // Who was told is no question here.
            Kind::Quiet => {}
            Kind::Gap => {
                let (gap, grace) = gap(frame.content);
                self.engine.on_gap(gap, grace);
            }
        }
    }

    fn pass(&mut self, until: Timestamp, effects: &mut impl Effects) {
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.tick(due, effects);
            if self.next_due().is_some_and(|next| next <= due) {
                // What is due again at the same moment waits for the next frame.
                return;
            }
        }
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.engine.next_deadline().into_iter().chain(self.quiet.next_due()).min()
    }

    fn tick(&mut self, now: Timestamp, effects: &mut impl Effects) {
        let mut hush = Hush { quiet: &mut self.quiet, effects, now };
        self.engine.on_tick(now, &mut hush);
        hush.tick();
    }

    /// The engine, to look at.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// Length and grace of a gap's frame.
pub(crate) fn gap(content: &[u8]) -> (Duration, Duration) {
    let (gap, grace) = content.split_at_checked(8).unwrap_or_default();
    (duration(gap), duration(grace))
}

fn duration(bytes: &[u8]) -> Duration {
    Duration::from_micros(bytes.try_into().map_or(0, i64::from_le_bytes))
}
