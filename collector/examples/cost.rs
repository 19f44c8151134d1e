//! What does watching this host cost at a real pace? Runs the collector, without containers, and prints its processor time
//! for 60 seconds and its memory: `cargo run --release -p skep-collector --example cost -- 60`.

use std::convert::Infallible;
use std::thread;
use std::time::Duration;

use collector::Settings;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, unbounded};
use rustix::time::{ClockId, clock_gettime};
use transport::Publish;
use transport::publish::{Counts, Refused};

/// Only counts.
struct Nowhere(crossbeam_channel::Sender<usize>);

impl Publish for Nowhere {
    fn publish(&mut self, msg: &[u8]) -> Result<(), Refused> {
        self.0.send(msg.len()).map_err(|_| Refused::Closed)
    }

    fn flush(&mut self, _patience: Duration) -> bool {
        true
    }

    fn counts(&self) -> Counts {
        Counts::default()
    }
}

fn cpu_secs() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 + used.tv_nsec as f64 / 1e9
}

fn rss_anon() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("unknown").trim().to_owned()
}

/// Lets time pass: nothing is ever sent.
fn pass(never: &Receiver<Infallible>, span: Duration) {
    assert!(matches!(never.recv_timeout(span), Err(RecvTimeoutError::Timeout)), "nobody sends");
}

#[expect(clippy::print_stdout, reason = "what it is for")]
fn main() {
    let secs: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    let (_keep, never) = bounded::<Infallible>(0);
    let (end, shutdown) = bounded::<Infallible>(0);
    let (sizes, published) = unbounded();
    let settings = Settings { docker: None, ..Settings::default() };
    let collector = thread::spawn(move || collector::run(&settings, Box::new(Nowhere(sizes)), &shutdown));
    pass(&never, Duration::from_millis(3500));
    let (before, n_before) = (cpu_secs(), published.try_iter().count());
    pass(&never, Duration::from_secs(secs.into()));
    let used = (cpu_secs() - before) * 60.0 / f64::from(secs);
    let bytes: Vec<usize> = published.try_iter().collect();
    println!("{n_before} messages before; then in {secs} s {} messages, {} bytes", bytes.len(), bytes.iter().sum::<usize>());
    println!("{used:.4} CPU seconds per 60 s, RssAnon {}", rss_anon());
    drop(end);
    // The collector's own end is of no interest here.
    let _ = collector.join();
}
