//! A recording, run through the very engine on simulated time.

use std::sync::Arc;

use engine::rules::Plan;
use engine::{Effects, Engine, Limits};
use event::{Duration, Timestamp};
use transport::frames;

use crate::driver::recorder::Kind;
use crate::driver::recording::Frame;

/// An engine that takes a recording's frames.
pub struct Replay {
    engine: Engine,
    plan: u64,
    /// Other rules ran when it was recorded: time passes here when these rules want it.
    own_time: bool,
    /// The same whatever ran then.
    always_own: bool,
}

impl Replay {
    /// An engine that has seen nothing.
    pub fn new(plan: Arc<Plan>, limits: Limits) -> Self {
        let hash = plan.hash();
        Self { engine: Engine::new(plan, limits), plan: hash, own_time: false, always_own: false }
    }

    /// The same, each timer at its very moment whatever rules ran when it was recorded: for two rule sets to be comparable.
    pub fn on_its_own_time(plan: Arc<Plan>, limits: Limits) -> Self {
        Self { own_time: true, always_own: true, ..Self::new(plan, limits) }
    }

    /// Applies one frame. With the rules that ran then, time passes as it did then, and the effects are those of then; with others, each
    /// timer runs at its very moment.
    pub fn apply(&mut self, frame: &Frame<'_>, effects: &mut impl Effects) {
        match frame.kind {
            Kind::Plan => self.own_time = self.always_own || frame.content != self.plan.to_le_bytes(),
            Kind::Tick if !self.own_time => self.engine.on_tick(frame.now, effects),
            Kind::Tick => self.pass(frame.now, effects),
            Kind::Batch => {
                if self.own_time {
                    self.pass(frame.now, effects);
                }
                for msg in frames::messages(frame.content) {
                    self.engine.on_batch(frame.now, msg, effects);
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
        while let Some(due) = self.engine.next_deadline().filter(|due| *due <= until) {
            self.engine.on_tick(due, effects);
            if self.engine.next_deadline().is_some_and(|next| next <= due) {
                // What is due again at the same moment waits for the next frame.
                return;
            }
        }
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
