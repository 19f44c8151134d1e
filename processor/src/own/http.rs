//! What the HTTP listeners turned away.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use event::{Duration, Timestamp};

use super::{Sample, counter};

/// The log tells of wrong credentials no more often: whoever tries passwords does not fill it.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Counters of the HTTP listeners.
#[derive(Debug, Default)]
pub struct Http {
    /// Connections closed at once because there were too many.
    pub refused: AtomicU64,
    unauthorized: AtomicU64,
    /// When the log was last told of wrong credentials, in microseconds; 0: not yet.
    told_at: AtomicI64,
}

impl Http {
    /// Counts a request whose credentials were wrong, and says so now and then.
    pub fn note_unauthorized(&self, peer: IpAddr, now: Timestamp) {
        let so_far = self.unauthorized.fetch_add(1, Ordering::Relaxed) + 1;
        let told_at = self.told_at.load(Ordering::Relaxed);
        let is_due = told_at == 0 || now.micros().saturating_sub(told_at) >= TELL_EVERY.micros();
        // Of several at once one tells.
        if is_due && self.told_at.compare_exchange(told_at, now.micros(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!("{peer} sent a wrong password or token; {so_far} such requests since the start");
        }
    }

    /// Requests whose credentials were wrong.
    pub fn unauthorized(&self) -> u64 {
        self.unauthorized.load(Ordering::Relaxed)
    }

    pub(super) fn samples(&self) -> [Sample; 2] {
        [
            counter("http_refused", &self.refused, "HTTP connections closed because there were too many."),
            counter("http_unauthorized", &self.unauthorized, "HTTP requests with a wrong password or token."),
        ]
    }
}
