//! A busy machine opens the stock alert `cpu-high`, here after seconds, and an idle one closes it. Alone in its file: other tests would make the load their own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::Skep;
use testbed::wait_until;

/// Keeps every core busy until dropped.
struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Load {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let n = thread::available_parallelism().map_or(1, usize::from);
        // Two a core: what else runs must not leave a core idle in the eyes of the rule.
        let busy = |stop: Arc<AtomicBool>| move || while !stop.load(Ordering::Relaxed) {};
        let threads = (0..2 * n).map(|_| thread::spawn(busy(Arc::clone(&stop)))).collect();
        Self { stop, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[test]
fn a_busy_loop_on_every_core_opens_cpu_high_and_its_end_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(rules.join("soon.yaml"), "alerts: {cpu-high: {crit: {when: metric > 95, for: 15s}}}\n").unwrap();
    let skep = Skep::start("run", folder.path(), &["--rules", rules.to_str().unwrap()]);
    skep.wait_for("service = \"cpu/usage_active\"", 1);
    let load = Load::start();
    let opened = "service = \"alert/cpu-high\" and state = \"critical\"";
    assert!(wait_until(common::PATIENCE, || skep.index(opened).len() == 1), "cpu-high did not open:\n{}", skep.server.output());
    let alert = &skep.index(opened)[0];
    assert!(alert["since"].is_string() && alert["message"].is_string(), "{alert}");
    assert!(skep.json("/api/v1/alerts").as_array().unwrap().iter().any(|alert| alert["alert"] == "cpu-high"));
    drop(load);
    assert!(wait_until(3 * common::PATIENCE, || skep.index(opened).is_empty()), "cpu-high did not close:\n{}", skep.server.output());
    skep.stop();
}
