//! The well-behaved client: an event each few milliseconds, each of which must be acked while the others do harm.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::Skep;
use crate::common::sender::{Sender, event};

const EVERY: Duration = Duration::from_millis(10);

/// Runs `harm` beside a client that was there before; every message of it must have been acked, and more after the harm than before.
#[track_caller]
pub(crate) fn of<T>(skep: &Skep, harm: impl FnOnce() -> T) -> T {
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let client = scope.spawn(|| {
            let mut n_acked = 0;
            // Once at least: the harm may be over before this thread runs.
            loop {
                sender.send(&[event("beside", "acked", now(), f64::from(n_acked), 600.0)]).unwrap();
                n_acked += 1;
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                std::thread::sleep(EVERY);
            }
            // What was done has left it whole.
            sender.send(&[event("beside", "acked", now(), -1.0, 600.0)]).unwrap();
            n_acked
        });
        let done = harm();
        is_over.store(true, Ordering::Relaxed);
        assert!(client.join().expect("every message is acked") > 0);
        assert_eq!(skep.index("host = \"beside\"")[0]["metric"], -1.0);
        done
    })
}

pub(crate) fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}
