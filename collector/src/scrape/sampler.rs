//! The sampler that tells what was scraped since the last turn.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::watch;

use super::counts::Counts;
use super::{Found, Settings, driver};
use crate::handover::{Inbox, handover};
use crate::worker::Worker;
use crate::{Error, Sampler, Samples, Series, Turn, int};

/// Tells what a thread of its own has scraped.
#[derive(Debug)]
pub struct Scrape {
    inbox: Inbox,
    counts: Arc<Counts>,
    own: Series<5>,
    found: watch::Sender<Vec<Found>>,
    _worker: Worker,
}

impl Scrape {
    /// Begins to scrape.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(settings: &Settings) -> io::Result<Self> {
        let (outbox, inbox) = handover();
        let (found, receiver) = watch::channel(Vec::new());
        let counts = Arc::new(Counts::default());
        let worker = Worker::start("scrape", driver::run(settings.clone(), receiver, outbox, counts.clone()))?;
        let fields = ["scrape_targets", "scrape_left_out", "scrape_series", "scrape_failed", "scrape_dropped"];
        Ok(Self { inbox, counts, own: Series::plain("skep_collector", fields), found, _worker: worker })
    }

    /// Where the containers that are to be scraped are told, all of them each time.
    pub fn found(&self) -> watch::Sender<Vec<Found>> {
        self.found.clone()
    }
}

impl Sampler for Scrape {
    fn name(&self) -> &'static str {
        "scrape"
    }

    fn can_slow_down(&self) -> bool {
        false
    }

    /// Nothing fails here: a target that does is told of by its `up`.
    fn sample(&mut self, _turn: &mut Turn<'_>, out: &mut Samples) -> Result<(), Error> {
        self.inbox.tell(out);
        let Counts { targets, left_out, failed, dropped, series } = &*self.counts;
        let now = |count: &AtomicUsize| int(count.load(Ordering::Relaxed) as u64);
        let since = |count: &AtomicU64| int(count.load(Ordering::Relaxed));
        self.own.put(out, [now(targets), now(left_out), now(series), since(failed), since(dropped)]);
        Ok(())
    }
}
