//! A sink that is fed as the engine's thread would feed it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::{Kind, Series, SeriesId};
use event::{LabelsBuf, Metric, Timestamp, View};
use processor::sink::Flush;
use processor::sink::influx::{self, Counters, Handle, Outlet, Settings, Thread};
use tempfile::TempDir;
use testbed::wait_until;
use transport::log::Position;

/// How long a server may take for what the sink asks of it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// When the events of the tests begin.
pub(crate) const START: i64 = 1_795_332_000;

/// A sink with its engine's end.
pub(crate) struct Feed {
    pub(crate) outlet: Outlet,
    pub(crate) handle: Handle,
    thread: Thread,
    labels: LabelsBuf,
    position: u64,
    now: Timestamp,
}

/// Settings as the tests use them, with a folder that lives as long as the test.
pub(crate) fn settings(url: String) -> (Settings, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { timeout: event::Duration::from_secs(3), ..Settings::new(url, folder.path()) };
    (settings, folder)
}

/// What `rejected.lp` holds; nothing when there is none.
pub(crate) fn rejected(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("rejected.lp")).unwrap_or_default()
}

impl Feed {
    pub(crate) fn open(settings: Settings) -> Self {
        let (outlet, handle, thread) = influx::open(settings).unwrap();
        Self { outlet, handle, thread, labels: LabelsBuf::new(), position: 0, now: Timestamp::from_secs(START) }
    }

    /// One event of ours, `mem/FIELD` of host `a`; its series is named by `id`.
    pub(crate) fn sample(&mut self, id: u32, field: &str, second: i64, value: Metric) {
        let service = format!("mem/{field}");
        let series = Series { id: Some(SeriesId(id)), host: Some("a"), service: Some(&service), labels: self.labels.view(), sample: true };
        let view = View { time: Some(Timestamp::from_secs(second)), metric: Some(value), ..View::default() };
        self.outlet.event(series, &view, Kind::Live);
    }

    /// The engine's next frame, so much later that whatever is there is due.
    pub(crate) fn flush(&mut self) -> Flush {
        self.position += 1;
        self.now = self.now + event::Duration::from_secs(1);
        self.outlet.flush(Position::from_u64(self.position), self.now)
    }

    /// One value of one second, sent at once.
    pub(crate) fn second(&mut self, second: i64) {
        self.sample(1, "used", START + second, Metric::Int(second));
        // The sink's thread may be a few batches behind a loop; never for long.
        assert!(wait_until(PATIENCE, || self.flush() == Flush::Sent), "no room: {}", self.handle.status());
    }

    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str, mut ready: impl FnMut(&Counters) -> bool) {
        let counters = self.handle.counters();
        assert!(wait_until(PATIENCE, || ready(counters)), "{what}: {} {counters:?}", self.handle.status());
    }

    #[track_caller]
    pub(crate) fn wait_for_status(&self, part: &str) {
        assert!(wait_until(PATIENCE, || self.handle.status().contains(part)), "no `{part}` in: {}", self.handle.status());
    }

    #[track_caller]
    pub(crate) fn wait_until_safe(&mut self) {
        let (safe, position) = (self.outlet.safe(), self.position);
        let is_safe = wait_until(PATIENCE, || {
            self.outlet.flush(Position::from_u64(self.position), self.now);
            safe.load(Ordering::Acquire) >= position
        });
        assert!(is_safe, "{} of {position}: {}", safe.load(Ordering::Acquire), self.handle.status());
    }

    /// Ends in order.
    pub(crate) fn close(self) -> Handle {
        self.outlet.close();
        self.thread.join();
        self.handle
    }
}

/// A counter's value.
pub(crate) fn of(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
