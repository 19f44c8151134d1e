//! Containers that come and go at random: nothing of them stays behind.
//!
//! A minute at a low rate; `SKEP_CHURN_SECONDS=1800 SKEP_CHURN_RATE=5 SKEP_CHURN_ALIVE=100` is the long form, `make soak`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use collector::container::{Containers, Docker};
use collector::{ContainerChoice, Root, Samples};
use testbed::{Dockerd, wait_until};

use super::instant;
use super::sampling::now;

/// Clients of dockerd that start and remove at the same time.
const WORKERS: u32 = 4;

fn chosen(key: &str, default: u32) -> u32 {
    std::env::var(key).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What this process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    rss_anon_kib: u64,
    n_files: usize,
}

impl Held {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("RssAnon");
        let rss_anon_kib = line.trim().trim_end_matches(" kB").parse().expect("a number");
        Self { rss_anon_kib, n_files: open_files().len() }
    }
}

fn open_files() -> Vec<String> {
    let folder = std::fs::read_dir("/proc/self/fd").expect("a folder");
    let links = folder.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
    links.map(|link| link.to_string_lossy().into_owned()).collect()
}

/// Open `net/dev` files of processes that are no more: each keeps a network namespace.
fn pinned() -> Vec<String> {
    let is_gone = |file: &String| {
        file.strip_prefix("/proc/")
            .and_then(|rest| rest.strip_suffix("/net/dev"))
            .is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists())
    };
    open_files().into_iter().filter(is_gone).collect()
}

/// Starts and removes containers until the time is over. Each worker has its own names.
fn churn(dockerd: &Dockerd, worker: u32, seconds: u64, n_started: &AtomicU32) {
    let pause = Duration::from_millis(1000 * u64::from(WORKERS) / u64::from(chosen("SKEP_CHURN_RATE", 1).max(1)));
    let n_alive = (chosen("SKEP_CHURN_ALIVE", 8) / WORKERS).max(1) as usize;
    let start = instant();
    let mut alive: Vec<String> = Vec::new();
    let mut random = 0x9e37_79b9_u32 ^ worker;
    while start.elapsed() < Duration::from_secs(seconds) {
        let turn = instant();
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        if alive.len() < n_alive {
            let name = format!("w{worker}n{}", n_started.fetch_add(1, Ordering::Relaxed));
            // Some end by themselves, at once or soon; the others are removed while they run.
            let sleep = if random.is_multiple_of(2) {
                "1000"
            } else if random % 4 == 1 {
                "1"
            } else {
                "0"
            };
            dockerd.run(&name, &["-m", "16m"], &["sleep", sleep]);
            alive.push(name);
        } else {
            let name = alive.swap_remove(random as usize % alive.len());
            dockerd.docker(&["rm", "-f", &dockerd.name(&name)]);
        }
        wait_until(pause.saturating_sub(turn.elapsed()), || false);
    }
    for name in alive {
        dockerd.docker(&["rm", "-f", &dockerd.name(&name)]);
    }
}

#[test]
fn containers_that_come_and_go_leave_nothing_behind() {
    let Some(dockerd) = Dockerd::start() else { return };
    let seconds = u64::from(chosen("SKEP_CHURN_SECONDS", 60));
    let warm_up = Duration::from_secs((seconds / 3).min(60));
    let mut containers = Containers::new(Root::new(None), event::Duration::from_secs(1));
    let docker = Docker::watch(dockerd.socket(), containers.wishes(ContainerChoice::default())).expect("a thread");
    let mut samples = Samples::new("node1");
    let mut turn = || {
        let now = now();
        samples.begin(now);
        containers.take(docker.changes(), &mut samples);
        containers.sample(now, now, &mut samples);
        containers.counts()
    };
    let n_started = AtomicU32::new(0);
    let (mut warm, mut most) = (None, (0, 0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                scope.spawn({
                    let (dockerd, n_started) = (&dockerd, &n_started);
                    move || churn(dockerd, worker, seconds, n_started)
                })
            })
            .collect();
        let start = instant();
        while workers.iter().any(|worker| !worker.is_finished()) {
            let counts = turn();
            most = (most.0.max(counts.0), most.1.max(counts.1));
            if warm.is_none() && start.elapsed() >= warm_up {
                warm = Some(Held::now());
            }
            wait_until(Duration::from_secs(1), || false);
        }
    });
    assert!(wait_until(Duration::from_secs(60), || turn() == (0, 0)), "containers are left: {:?}", turn());
    let (warm, end) = (warm.expect("it ran longer"), Held::now());
    println!(
        "{} containers in {seconds} s, at the most {most:?} (open) at once; after {warm_up:?} {warm:?}, at the end {end:?}",
        n_started.load(Ordering::Relaxed)
    );
    assert!(most.1 > 0 && n_started.load(Ordering::Relaxed) > WORKERS, "nothing happened");
    // The other tests of this program have samplers too, and containers that have just ended.
    assert!(wait_until(Duration::from_secs(60), || pinned().is_empty()), "network namespaces that are kept: {:?}", pinned());
    // At the end there is no container; after the warm-up there were some.
    assert!(end.n_files <= warm.n_files, "open files: {warm:?}, {end:?}: {:#?}", open_files());
    assert!(end.rss_anon_kib <= warm.rss_anon_kib + 1024, "memory: {warm:?}, {end:?}");
}
