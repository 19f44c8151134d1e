//! The sampler that tells what programs have printed since the last turn.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Settings;
use super::driver::{self, Counts};
use crate::handover::{Inbox, handover};
use crate::worker::Worker;
use crate::{Error, Sampler, Samples, Series, Turn, int};

/// Tells what a thread of its own has had run.
#[derive(Debug)]
pub struct Exec {
    inbox: Inbox,
    counts: Arc<Counts>,
    own: Series<5>,
    _worker: Worker,
}

impl Exec {
    /// Begins to run them.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(programs: &[Settings]) -> io::Result<Self> {
        let (outbox, inbox) = handover();
        let counts = Arc::new(Counts::default());
        let worker = Worker::start("exec", driver::run(programs.to_vec(), outbox, counts.clone()))?;
        let own = Series::plain("skep_collector", ["exec_runs", "exec_failed", "exec_timeouts", "exec_refused", "exec_dropped"]);
        Ok(Self { inbox, counts, own, _worker: worker })
    }
}

impl Sampler for Exec {
    fn name(&self) -> &'static str {
        "exec"
    }

    fn can_slow_down(&self) -> bool {
        false
    }

    /// Nothing fails here: a program that does is told of by its `exit_code`.
    fn sample(&mut self, _turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.inbox.tell(out);
        let Counts { runs, failed, timeouts, refused, dropped } = &*self.counts;
        self.own.put(out, [runs, failed, timeouts, refused, dropped].map(|count: &AtomicU64| int(count.load(Ordering::Relaxed))));
        Ok(())
    }
}
