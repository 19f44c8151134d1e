//! Waiting for a future on a thread that is not tokio's.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The future's value, or nothing when it has none within `patience`; the future is then given up.
#[expect(clippy::disallowed_methods, reason = "a driver waits here, and its patience is real time")]
pub(crate) fn wait<F: Future>(future: F, patience: Duration) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let start = Instant::now();
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_waited_for_and_patience_ends() {
        assert_eq!(wait(async { 5 }, Duration::ZERO), Some(5));
        assert_eq!(wait(std::future::pending::<u8>(), Duration::from_millis(1)), None);
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let thread = thread::spawn(move || sender.send(7));
        assert_eq!(wait(receiver, Duration::from_secs(30)), Some(Ok(7)));
        assert_eq!(thread.join().unwrap(), Ok(()));
    }
}
