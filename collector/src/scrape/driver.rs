//! Asks each target at its own pace, and hands over what it told.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use event::msg::Encoder;
use event::{Duration, Timestamp};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use super::counts::{Counts, add};
use super::fetch::{Client, Failure};
use super::series::{Known, Outcome, Told};
use super::trouble::{News, Trouble};
use super::{Found, MAX_TARGETS, Settings, Target};
use crate::handover::Outbox;
use crate::worker::{steady, wall};

/// Answers of targets that worked last time, or were not asked yet, that are waited for, or read, at one time. More of them
/// would only make a peak of memory.
const AT_ONCE: usize = 12;

/// The same of targets that failed last time: however many hang, they hold up each other alone.
const AT_ONCE_FAILING: usize = 4;

/// Series of all targets together.
const MAX_SERIES: usize = 200_000;

/// What the tasks of all targets share.
#[derive(Debug)]
struct Shared {
    client: Client,
    at_once: Semaphore,
    at_once_failing: Semaphore,
    outbox: Outbox,
    counts: Arc<Counts>,
}

/// Scrapes the settings' targets, and of the containers those that `found` names, until the other end of `found` is dropped.
pub(super) async fn run(settings: Settings, mut found: watch::Receiver<Vec<Found>>, outbox: Outbox, counts: Arc<Counts>) {
    let (at_once, at_once_failing) = (Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE_FAILING));
    let shared = Arc::new(Shared { client: Client::new(), at_once, at_once_failing, outbox, counts });
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
    let mut trouble = Trouble::default();
    loop {
        tick.tick().await;
        let at_once = if trouble.is_failing() { &shared.at_once_failing } else { &shared.at_once };
        // Never closed.
        let Ok(_permit) = at_once.acquire().await else { return };
        let result = following.scrape(&target, &shared).await;
        if result.is_err() {
            add(&shared.counts.failed, 1);
        }
        let Target { name, url, .. } = &target;
        match trouble.take(result) {
            Some(News::Fails(failure)) => {
                tracing::warn!("{name} ({url}) is not scraped: {failure}; told once until the reason is another, or it works again");
            }
            Some(News::Works) => tracing::info!("{name} ({url}) is scraped again"),
            None => {}
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

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::io::ErrorKind;
    use std::sync::atomic::AtomicUsize;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::super::Terms;
    use super::*;
    use crate::handover::handover;

    fn target(name: String, address: std::net::SocketAddr, every: i64, timeout: i64) -> Target {
        let terms =
            Terms { every: Duration::from_micros(every * 1000), timeout: Duration::from_micros(timeout * 1000), ..Terms::default() };
        Target { name, url: format!("http://{address}/metrics"), instance: address.to_string(), attributes: Vec::new(), terms }
    }

    /// Takes connections, and answers nothing.
    async fn hang(listener: TcpListener) {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    }

    /// Answers each request, and counts them.
    async fn answer(listener: TcpListener, n_asked: Arc<AtomicUsize>) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, n_asked.clone()));
        }
    }

    async fn converse(mut stream: TcpStream, n_asked: Arc<AtomicUsize>) -> Result<(), ErrorKind> {
        let mut request = Vec::new();
        while stream.read_buf(&mut request).await.map_err(|err| err.kind())? > 0 {
            if request.ends_with(b"\r\n\r\n") {
                request.clear();
                n_asked.fetch_add(1, Ordering::Relaxed);
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\na 1\n";
                stream.write_all(answer).await.map_err(|err| err.kind())?;
            }
        }
        Ok(())
    }

    async fn sleep(millis: u64) {
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
    }

    fn in_time(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let within = std::time::Duration::from_secs(60);
        runtime.block_on(async { tokio::time::timeout(within, test).await }).expect("it ends in time");
    }

    #[test]
    fn a_target_that_works_keeps_its_pace_beside_many_that_hang() {
        in_time(async {
            let (hanging, healthy) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
            let of = hanging.local_addr().unwrap();
            let mut targets: Vec<Target> = (0..64).map(|nth| target(format!("hangs{nth}"), of, 200, 200)).collect();
            targets.push(target("works".to_owned(), healthy.local_addr().unwrap(), 100, 5000));
            let n_asked = Arc::new(AtomicUsize::new(0));
            tokio::spawn(hang(hanging));
            tokio::spawn(answer(healthy, n_asked.clone()));
            let (outbox, _inbox) = handover();
            let (_found, receiver) = watch::channel(Vec::new());
            let counts = Arc::new(Counts::default());
            tokio::spawn(run(Settings { targets, containers: None }, receiver, outbox, counts.clone()));
            // By then each that hangs was asked once.
            while counts.failed.load(Ordering::Relaxed) < 90 {
                sleep(10).await;
            }
            let before = n_asked.load(Ordering::Relaxed);
            sleep(2000).await;
            // Of twenty. In one queue with the others it would have a turn each 800 ms.
            let n_asked = n_asked.load(Ordering::Relaxed) - before;
            assert!(n_asked >= 8, "asked {n_asked} times in two seconds");
        });
    }
}
