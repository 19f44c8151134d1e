//! Asks each target at its own pace, and hands over what it told.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use event::msg::Encoder;
use event::{Duration, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use super::counts::{Counts, add};
use super::fetch::{Client, Failure};
use super::series::{Known, Outcome, Told};
use super::{Found, MAX_TARGETS, Settings, Target};
use crate::handover::Outbox;

/// Answers that are waited for, or read, at one time. More of them would only make a peak of memory.
const AT_ONCE: usize = 16;

/// Series of all targets together.
const MAX_SERIES: usize = 200_000;

/// What the tasks of all targets share.
#[derive(Debug)]
struct Shared {
    client: Client,
    at_once: Semaphore,
    outbox: Outbox,
    counts: Arc<Counts>,
}

/// Scrapes the settings' targets, and of the containers those that `found` names, until the other end of `found` is dropped.
pub(super) async fn run(settings: Settings, mut found: watch::Receiver<Vec<Found>>, outbox: Outbox, counts: Arc<Counts>) {
    let shared = Arc::new(Shared { client: Client::new(), at_once: Semaphore::new(AT_ONCE), outbox, counts });
    let mut tasks = JoinSet::new();
    let mut running: HashMap<String, (Target, AbortHandle)> = HashMap::new();
    loop {
        let wanted = targets(&settings, &found.borrow_and_update(), &shared.counts);
        running.retain(|name, (target, task)| {
            let stays = wanted.get(name) == Some(target);
            if !stays {
                task.abort();
            }
            stays
        });
        for (name, target) in wanted {
            running.entry(name).or_insert_with(|| (target.clone(), tasks.spawn(follow(target, shared.clone()))));
        }
        // Tasks never end by themselves: those that have were aborted.
        while tasks.try_join_next().is_some() {}
        if found.changed().await.is_err() {
            // Nobody will find further ones; the settings' targets go on.
            while tasks.join_next().await.is_some() {}
            return;
        }
    }
}

/// By name, the settings' first; counts those that are left out.
fn targets(settings: &Settings, found: &[Found], counts: &Counts) -> HashMap<String, Target> {
    let mut targets = HashMap::new();
    let of_containers = settings.containers.iter().flat_map(|terms| found.iter().map(|found| found.target(terms)));
    let mut n_left_out = 0;
    for target in settings.targets.iter().cloned().map(Some).chain(of_containers) {
        match target.filter(|target| targets.len() < MAX_TARGETS && !targets.contains_key(&target.name)) {
            Some(target) => drop(targets.insert(target.name.clone(), target)),
            None => n_left_out += 1,
        }
    }
    counts.targets.store(targets.len(), Ordering::Relaxed);
    counts.left_out.store(n_left_out, Ordering::Relaxed);
    targets
}

/// Scrapes one target for ever.
async fn follow(target: Target, shared: Arc<Shared>) {
    let mut tick = tokio::time::interval(target.terms.every.to_std());
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut following = Following { known: Known::new(target.clone()), n_series: 0, counts: shared.counts.clone() };
    let mut is_failing = false;
    loop {
        tick.tick().await;
        // Never closed.
        let Ok(_permit) = shared.at_once.acquire().await else { return };
        let result = following.scrape(&target, &shared).await;
        if result.is_err() {
            add(&shared.counts.failed, 1);
        }
        match (result, std::mem::replace(&mut is_failing, false)) {
            (Err(failure), was_failing) => {
                is_failing = true;
                if !was_failing {
                    tracing::warn!("{} ({}) is not scraped: {failure}; told once until it works again", target.name, target.url);
                }
            }
            (Ok(()), true) => tracing::info!("{} ({}) is scraped again", target.name, target.url),
            (Ok(()), false) => {}
        }
    }
}

/// The series of one target, with their part of those of all.
struct Following {
    known: Known,
    n_series: usize,
    counts: Arc<Counts>,
}

impl Following {
    async fn scrape(&mut self, target: &Target, shared: &Shared) -> Result<(), Failure> {
        let (time, begun) = (wall(), steady());
        let body = shared.client.get(&target.url, target.terms.timeout).await;
        let took = Duration::from_micros(i64::try_from(steady().duration_since(begun).as_micros()).unwrap_or(i64::MAX));
        let mut batch = Encoder::new();
        let told = body.and_then(|body| self.read(&body, time, &mut batch));
        if told.is_err() {
            // Half of a text would look like series that have ended.
            batch.clear();
        }
        let outcome = Outcome { is_up: told.is_ok(), took, told: *told.as_ref().unwrap_or(&Told::default()) };
        self.known.tell_own(&outcome, time, &mut batch);
        add(&self.counts.dropped, outcome.told.dropped + shared.outbox.send(batch));
        told.map(drop)
    }

    fn read(&mut self, body: &[u8], time: Timestamp, batch: &mut Encoder) -> Result<Told, Failure> {
        let text = str::from_utf8(body).map_err(|error| Failure::Bytes(error.valid_up_to()))?;
        let of_others = self.counts.series.load(Ordering::Relaxed) - self.n_series;
        let told = self.known.tell(text, MAX_SERIES.saturating_sub(of_others), time, batch);
        self.n_series = self.known.len();
        self.counts.series.store(of_others + self.n_series, Ordering::Relaxed);
        Ok(told?)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.counts.series.fetch_sub(self.n_series, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "the driver says when it scraped")]
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the driver says how long a scrape took")]
fn steady() -> Instant {
    Instant::now()
}
