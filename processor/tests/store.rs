//! The store as the engine's thread and the pages use it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic: that is how they fail")]

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use engine::{Cause, Kind, Series, SeriesId, State, Transition};
use event::{LabelsBuf, Metric, Timestamp, View};
use processor::store::{self, Handle, HistoryRequest, Outlet, SeriesData, SeriesRequest, Settings, StoreError, Thread};
use testbed::wait_until;
use transport::log::Position;

const START: i64 = 1_795_332_000;
const PATIENCE: Duration = Duration::from_secs(20);

struct Store {
    outlet: Outlet,
    handle: Handle,
    thread: Thread,
    position: u64,
}

fn open(folder: &Path) -> Store {
    let settings = Settings { commit_every: event::Duration::ZERO, ..Settings::new(folder) };
    let (outlet, handle, thread) = store::open(&settings).unwrap();
    let position = outlet.safe().load(Ordering::Relaxed);
    Store { outlet, handle, thread, position }
}

impl Store {
    fn event(&mut self, id: Option<u32>, service: &str, second: i64, value: i64) {
        let mut labels = LabelsBuf::new();
        labels.attribute(b"path", b"/");
        let series =
            Series { id: id.map(SeriesId), host: Some("a"), service: Some(service), labels: labels.view(), sample: service.contains('/') };
        let view = View { time: Some(Timestamp::from_secs(second)), metric: Some(Metric::Int(value)), ..View::default() };
        self.outlet.event(series, &view, if id.is_some() { Kind::Live } else { Kind::Late });
    }

    /// The engine's next frame, a second later.
    fn frame(&mut self) {
        self.position += 1;
        let now = Timestamp::from_secs(START + self.position.cast_signed());
        self.outlet.flush(Position::from_u64(self.position), now);
    }

    #[track_caller]
    fn wait_until_safe(&self) {
        let safe = self.outlet.safe();
        assert!(wait_until(PATIENCE, || safe.load(Ordering::Acquire) >= self.position), "{:?}", self.handle.counters());
    }

    fn ask<T>(&self, question: impl AsyncFnOnce(Handle) -> Result<T, StoreError>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(question(self.handle.clone())).unwrap()
    }

    #[track_caller]
    fn check(&self, measurement: &str, field: &str, expected: &[(i64, i64)]) -> Vec<SeriesData> {
        let to = Timestamp::from_secs(START + 100_000);
        let request = SeriesRequest {
            measurement: measurement.into(),
            field: field.into(),
            from: Timestamp::from_secs(0),
            to,
            ..SeriesRequest::default()
        };
        let found = self.ask(async |handle| handle.series(request).await);
        let points = found.iter().flat_map(|series| &series.points);
        let points: Vec<_> = points.map(|(time, value)| (time.secs(), value.as_f64() as i64)).collect();
        assert_eq!(points, expected);
        found
    }

    fn close(self) {
        self.outlet.close();
        assert!(self.thread.join(), "the store has written all");
    }
}

#[test]
fn samples_are_found_by_measurement_field_and_tags() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.event(Some(1), "disk///used", START, 7);
    store.event(Some(2), "disk///free", START, 8);
    store.event(Some(3), "req rate", START, 9);
    store.event(None, "disk///used", START - 1, 6);
    store.frame();
    store.wait_until_safe();
    let found = store.check("disk", "used", &[(START - 1, 6), (START, 7)]);
    assert_eq!(found[0].tags, [("host".to_owned(), "a".to_owned()), ("path".to_owned(), "/".to_owned())]);
    assert_eq!(store.check("req rate", "value", &[(START, 9)])[0].tags, [("host".to_owned(), "a".to_owned())]);
    let names = store.ask(async |handle| handle.names().await);
    let names: Vec<_> = names.iter().map(|name| (&*name.name, name.fields.join(","), name.tags.join(","))).collect();
    assert_eq!(names, [("disk", "free,used".into(), "host,path".into()), ("req rate", "value".into(), "host".into())]);
}

#[test]
fn an_id_that_is_given_again_is_another_series() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.event(Some(1), "mem/used", START, 1);
    store.outlet.forgotten(SeriesId(1));
    store.event(Some(1), "mem/free", START, 2);
    store.frame();
    store.wait_until_safe();
    store.check("mem", "used", &[(START, 1)]);
    store.check("mem", "free", &[(START, 2)]);
}

#[test]
fn a_closed_store_has_everything_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.event(Some(1), "mem/used", START, 1);
    store.frame();
    // Not due yet: closing takes it along.
    store.event(Some(1), "mem/used", START + 1, 2);
    store.close();
    let store = open(folder.path());
    assert_eq!(store.position, 1);
    store.check("mem", "used", &[(START, 1), (START + 1, 2)]);
}

#[test]
fn while_the_file_is_locked_values_are_readable_and_nothing_counts_as_safe() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.event(Some(1), "mem/used", START, 1);
    store.frame();
    store.wait_until_safe();
    let lock = rusqlite::Connection::open(folder.path().join("store.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.event(Some(1), "mem/used", START + 1, 2);
    store.frame();
    let counters = store.handle.clone();
    assert!(wait_until(PATIENCE, || counters.counters().failures.load(Ordering::Relaxed) > 0));
    store.check("mem", "used", &[(START, 1), (START + 1, 2)]);
    assert_eq!(store.outlet.safe().load(Ordering::Relaxed), 1);
    lock.execute_batch("ROLLBACK").unwrap();
    store.wait_until_safe();
    store.check("mem", "used", &[(START, 1), (START + 1, 2)]);
}

#[test]
fn the_alert_history_holds_what_the_engine_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let transition = Transition {
        rule: "cpu-high",
        instance: "a",
        host: Some("a"),
        service: "alert/cpu-high",
        from: State::Ok,
        to: State::Critical,
        since: Timestamp::from_secs(START),
        value: Some(99.0),
        message: "cpu at 99 %",
        cause: Cause::Level,
    };
    store.outlet.transition(&transition);
    store.frame();
    store.wait_until_safe();
    let found =
        store.ask(async |handle| handle.history(HistoryRequest::new(Timestamp::from_secs(0), Timestamp::from_secs(START + 1))).await);
    assert_eq!((found.len(), found[0].to, &*found[0].message, found[0].value), (1, State::Critical, "cpu at 99 %", Some(99.0)));
}

#[test]
fn a_folder_that_is_not_there_is_said_plainly() {
    let error = store::open(&Settings::new("/nowhere/at/all")).unwrap_err();
    let expected = "could not open the store /nowhere/at/all/store.db; check that the folder is there and writable, or set `store: off`";
    assert_eq!(error.to_string(), expected);
}
