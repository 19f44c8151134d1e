//! Drives the collector: reads the clocks, waits, hands over what a turn has to say.

use std::convert::Infallible;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use event::{Duration, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use transport::Publish;

use crate::budget::Budget;
use crate::collectd::Collectd;
use crate::container::Watch;
use crate::exec::Exec;
use crate::schedule::{Clocks, Next, Schedule};
use crate::scrape::Scrape;
use crate::statsd::Statsd;
use crate::swarm::Swarm;
use crate::{Root, Sampler, Samples, Settings, Turns, host};

/// The shortest interval: below it a turn of a busy host takes longer than its interval.
const LEAST_INTERVAL: Duration = Duration::from_micros(100_000);

/// How long the last messages may take on their way when the collector ends.
const FLUSH: std::time::Duration = std::time::Duration::from_secs(5);

/// Samples until `shutdown` is closed; then sends what it has and returns. Blocks its thread.
///
/// What cannot be sampled here (no Docker, no permission, an old kernel) is told once and left out.
pub fn run(settings: &Settings, publish: Box<dyn Publish>, shutdown: &Receiver<Infallible>) {
    let root = Root::new(settings.host_root.as_deref());
    let mut samplers = host::samplers(&root, settings.switches, &settings.processes);
    let scrape = scrape(settings);
    let scraper = scrape.as_ref().filter(|_| settings.scrape.containers.is_some()).map(Scrape::found);
    match Watch::start(settings, scraper) {
        Ok(watch) => samplers.extend(watch.map(|watch| Box::new(watch) as Box<dyn Sampler>)),
        Err(err) => tracing::warn!("containers are not watched: no thread for Docker: {err}"),
    }
    match Swarm::start(settings) {
        Ok(swarm) => samplers.extend(swarm.map(|swarm| Box::new(swarm) as Box<dyn Sampler>)),
        Err(err) => tracing::warn!("the swarm is not watched: no thread for it: {err}"),
    }
    samplers.extend(inlets(settings));
    samplers.extend(scrape.map(|scrape| Box::new(scrape) as Box<dyn Sampler>));
    let name = settings.host_name();
    let interval = settings.interval.max(LEAST_INTERVAL);
    let mut turns = Turns::with(Samples::of_metrics(&name, settings.metrics.clone()), interval, samplers);
    if let Some(limit) = settings.budget {
        turns = turns.keep_to(Budget::new(limit), spent);
    }
    let driver =
        Driver { turns, delay: delay(&name, settings.spread.min(interval)), interval, publish, started: started(), is_refused: false };
    driver.run(shutdown);
}

/// The ways in that are asked for. One that cannot be opened is told and left out.
fn inlets(settings: &Settings) -> Vec<Box<dyn Sampler>> {
    let mut opened: Vec<Box<dyn Sampler>> = Vec::new();
    if let Some(statsd) = &settings.statsd {
        match Statsd::start(statsd, settings.interval.max(LEAST_INTERVAL)) {
            Ok(sampler) => {
                tracing::info!("statsd is taken at {} (UDP)", statsd.listen);
                opened.push(Box::new(sampler));
            }
            Err(err) => tracing::error!("statsd is not listened to: {} (collector.statsd): {err}", statsd.listen),
        }
    }
    if let Some(collectd) = &settings.collectd {
        match Collectd::start(collectd, settings.metrics.clone()) {
            Ok(sampler) => {
                tracing::info!("collectd's protocol is taken at {} (UDP)", collectd.listen);
                opened.push(Box::new(sampler));
            }
            Err(err) => tracing::error!("collectd is not listened to: {} (collector.collectd): {err}", collectd.listen),
        }
    }
    if !settings.exec.is_empty() {
        match Exec::start(&settings.exec) {
            Ok(sampler) => {
                tracing::info!("{} programs are run for what they print", settings.exec.len());
                opened.push(Box::new(sampler));
            }
            Err(err) => tracing::error!("no program is run: no thread for them (collector.exec): {err}"),
        }
    }
    opened
}

fn scrape(settings: &Settings) -> Option<Scrape> {
    if settings.scrape.is_empty() {
        return None;
    }
    let started = Scrape::start(&settings.scrape);
    started.inspect_err(|err| tracing::error!("nothing is scraped: no thread for it: {err}")).ok()
}

struct Driver {
    turns: Turns,
    /// How long after a turn's time its messages are sent.
    delay: Duration,
    interval: Duration,
    publish: Box<dyn Publish>,
    /// What the steady clock counts from.
    started: Instant,
    is_refused: bool,
}

impl Driver {
    fn run(mut self, shutdown: &Receiver<Infallible>) {
        let mut schedule = Schedule::new(self.interval, self.clocks());
        let mut is_over = false;
        while !is_over {
            match schedule.next(self.clocks()) {
                Next::Wait(span) => is_over = ends_within(shutdown, span),
                Next::Turn(due) => {
                    self.turns.tally().turns_missed = schedule.missed();
                    is_over = self.turn(due, shutdown);
                }
                Next::Stepped(by) => tracing::warn!("the wall clock and time have parted by {by}: the clock was set, or the machine slept"),
            }
        }
        if !self.publish.flush(FLUSH) {
            tracing::warn!("the last samples were not acknowledged in time");
        }
    }

    /// Takes one turn and sends it, also when the end is asked for meanwhile. Says whether it is.
    fn turn(&mut self, due: Timestamp, shutdown: &Receiver<Infallible>) -> bool {
        let begun = self.clocks();
        self.turns.tally().lateness = begun.wall - due;
        self.turns.take(due, begun.steady);
        let taken = self.clocks();
        let is_over = ends_within(shutdown, due + self.delay - taken.wall);
        self.turns.end(self.clocks().wall);
        self.turns.tally().turn = taken.steady - begun.steady;
        self.send();
        is_over
    }

    fn send(&mut self) {
        let mut refused = None;
        for message in self.turns.samples().messages() {
            refused = self.publish.publish(message).err().or(refused);
        }
        self.turns.tally().batches = self.publish.counts();
        match (refused, std::mem::replace(&mut self.is_refused, refused.is_some())) {
            (Some(err), false) => tracing::warn!("samples are lost: {err}"),
            (None, true) => tracing::info!("samples are taken again"),
            (Some(_), true) | (None, false) => {}
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the driver's clocks; all else takes time as an argument")]
    fn clocks(&self) -> Clocks {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let steady = Instant::now().duration_since(self.started);
        Clocks { wall: timestamp(wall), steady: timestamp(steady) }
    }
}

/// What this thread has used of the processor.
fn spent() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::from_micros(used.tv_sec.saturating_mul(1_000_000).saturating_add(used.tv_nsec / 1000))
}

#[expect(clippy::disallowed_methods, reason = "what the driver's steady clock counts from")]
fn started() -> Instant {
    Instant::now()
}

fn timestamp(since: std::time::Duration) -> Timestamp {
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Waits; says whether the end was asked for.
fn ends_within(shutdown: &Receiver<Infallible>, span: Duration) -> bool {
    match shutdown.recv_timeout(span.to_std()) {
        Ok(never) => match never {},
        Err(RecvTimeoutError::Timeout) => false,
        Err(RecvTimeoutError::Disconnected) => true,
    }
}

/// The node's own part of the spread, by a hash of its name: the same after each start. FNV-1a, then mixed, since names
/// that differ in their last letter differ in the low bits only.
fn delay(name: &str, spread: Duration) -> Duration {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (hash ^ hash >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let part = ((mixed ^ mixed >> 32) >> 11) as f64 / (1u64 << 53) as f64;
    Duration::from_secs_f64(spread.as_secs_f64() * part)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use crossbeam_channel::{Sender, bounded, unbounded};
    use event::{Event, msg};
    use transport::publish::{Counts, Refused};

    use super::*;

    /// Hands what is published to the test; takes nothing while `is_full`.
    struct ToTest {
        messages: Sender<Vec<u8>>,
        is_full: bool,
        counts: Counts,
    }

    impl Publish for ToTest {
        fn publish(&mut self, msg: &[u8]) -> Result<(), Refused> {
            if self.is_full {
                self.is_full = false;
                self.counts.dropped += 1;
                return Err(Refused::Full);
            }
            self.messages.send(msg.to_vec()).map_err(|_| Refused::Closed)
        }

        fn flush(&mut self, _patience: std::time::Duration) -> bool {
            true
        }

        fn counts(&self) -> Counts {
            self.counts
        }
    }

    /// Runs the collector until `is_enough` says so of an event, then ends it. Gives all events.
    fn run_until(settings: Settings, is_full: bool, is_enough: impl Fn(&Event) -> bool) -> Vec<Event> {
        let (messages, published) = unbounded();
        let (end, shutdown) = bounded::<Infallible>(0);
        let collector = thread::spawn(move || run(&settings, Box::new(ToTest { messages, is_full, counts: Counts::default() }), &shutdown));
        let mut events: Vec<Event> = Vec::new();
        while !events.iter().any(&is_enough) {
            let message = published.recv_timeout(std::time::Duration::from_secs(60)).expect("a message");
            events.extend(msg::events(&message).map(|view| Event::from(&view)));
        }
        drop(end);
        collector.join().expect("the collector ends");
        events
    }

    fn settings() -> Settings {
        Settings { interval: Duration::from_micros(100_000), host: Some("node1".into()), docker: None, ..Settings::default() }
    }

    #[test]
    fn it_samples_at_whole_multiples_of_the_interval_until_it_is_told_to_end() {
        let events = run_until(settings(), false, |event| event.service.as_deref() == Some("cpu/usage_active"));
        let (beats, samples): (Vec<_>, Vec<_>) =
            events.iter().partition(|event| event.service.as_deref() == Some("skep_collector/heartbeat"));
        assert!(beats.len() >= 2);
        assert!(samples.iter().all(|event| event.time.is_some_and(|time| time.micros() % 100_000 == 0)));
        assert!(events.iter().all(|event| event.host.as_deref() == Some("node1")));
    }

    #[test]
    fn what_the_way_out_does_not_take_is_counted() {
        let dropped = |event: &Event| {
            event.service.as_deref() == Some("skep_collector/batches_dropped") && event.metric.is_some_and(|metric| metric.as_f64() >= 1.0)
        };
        run_until(settings(), true, dropped);
    }

    #[test]
    fn what_is_sent_to_the_statsd_socket_is_told_with_the_samples() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let listen = socket.local_addr().expect("an address");
        drop(socket);
        let statsd = crate::statsd::Settings { listen, percentiles: vec![90.0], max_names: 100, forget: Duration::from_secs(60) };
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        // Sent anew with each event seen, since the listener may not be there yet.
        let is_told = |event: &Event| {
            let _ = sender.send_to(b"logins:7|c|#app:web\nlatency:5|ms", listen);
            event.service.as_deref() == Some("latency/90_percentile")
        };
        let events = run_until(Settings { statsd: Some(statsd), ..settings() }, false, is_told);
        let logins = events.iter().find(|event| event.service.as_deref() == Some("logins/app=web/value")).expect("a counter");
        assert!(logins.metric.is_some_and(|metric| metric.as_f64() >= 7.0 && metric.as_f64() % 7.0 == 0.0));
        assert_eq!((logins.host.as_deref(), logins.ttl), (Some("node1"), Some(5.0)));
    }

    #[test]
    fn nodes_spread_their_sending_and_each_keeps_its_part() {
        let spread = Duration::from_secs(1);
        let delays: Vec<Duration> = (1..=100).map(|n| delay(&format!("worker{n}"), spread)).collect();
        assert!(delays.iter().all(|delay| (Duration::ZERO..spread).contains(delay)));
        let n_in_first_half = delays.iter().filter(|delay| **delay < Duration::from_micros(500_000)).count();
        assert!((35..=65).contains(&n_in_first_half), "{n_in_first_half} of 100 in the first half");
        assert_eq!(delay("worker1", spread), delay("worker1", spread));
        assert_eq!(delay("worker1", Duration::ZERO), Duration::ZERO);
    }
}
