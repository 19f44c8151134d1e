//! Runs each program at its own pace, and hands over what it printed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event::Duration;
use event::msg::Encoder;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::program::{End, run as run_program};
use super::read::{Defaults, read};
use super::series::Series;
use super::{Format, Settings};
use crate::handover::Outbox;
use crate::worker::{steady, wall};

/// Programs that run at one time; the others wait for one of them to end, which its timeout sees to.
const AT_ONCE: usize = 16;

/// Counters since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Runs that were begun.
    pub(super) runs: AtomicU64,
    /// Of these, runs that did not end with exit code 0.
    pub(super) failed: AtomicU64,
    /// Of these, runs that took too long.
    pub(super) timeouts: AtomicU64,
    /// Lines and objects that were no event.
    pub(super) refused: AtomicU64,
    /// Events beyond the most of a run, or for which there was no room.
    pub(super) dropped: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    at_once: Semaphore,
    outbox: Outbox,
    counts: Arc<Counts>,
}

/// Runs all of them for ever.
pub(super) async fn run(programs: Vec<Settings>, outbox: Outbox, counts: Arc<Counts>) {
    let shared = Arc::new(Shared { at_once: Semaphore::new(AT_ONCE), outbox, counts });
    let mut tasks = JoinSet::new();
    for settings in programs {
        tasks.spawn(follow(settings, shared.clone()));
    }
    while tasks.join_next().await.is_some() {}
}

async fn follow(settings: Settings, shared: Arc<Shared>) {
    let mut tick = tokio::time::interval(settings.every.to_std());
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let series = Series::new(&settings);
    let mut trouble = None;
    loop {
        tick.tick().await;
        // Never closed.
        let Ok(_permit) = shared.at_once.acquire().await else { return };
        let found = once(&settings, &series, &shared).await;
        match (&trouble, &found) {
            (None, Some(why)) => tracing::warn!("exec {}: {why}; told once until it works again", settings.name),
            (Some(_), None) => tracing::info!("exec {}: works again", settings.name),
            (Some(_), Some(_)) | (None, None) => {}
        }
        trouble = found;
    }
}

/// One run; gives what is wrong.
async fn once(settings: &Settings, series: &Series, shared: &Shared) -> Option<String> {
    let (time, begun) = (wall(), steady());
    let run = run_program(settings).await;
    let took = Duration::from_micros(i64::try_from(steady().duration_since(begun).as_micros()).unwrap_or(i64::MAX));
    let mut batch = Encoder::new();
    let read = read(&run.output, settings.format, Defaults { time, ttl: series.ttl() }, &mut batch);
    series.tell(&run, took, read.n_events, time, &mut batch);
    let Counts { runs, failed, timeouts, refused, dropped } = &*shared.counts;
    let add = |counter: &AtomicU64, n: usize| counter.fetch_add(n as u64, Ordering::Relaxed);
    add(runs, 1);
    add(failed, usize::from(run.end != End::Code(0)));
    add(timeouts, usize::from(run.end == End::Late));
    add(refused, read.n_refused);
    add(dropped, read.n_dropped + shared.outbox.send(batch));
    run.trouble().or_else(|| read.first.map(|first| format!("not all of its output is {}: {first}", name(settings.format))))
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Influx => "line protocol",
        Format::Json => "events as JSON",
    }
}
