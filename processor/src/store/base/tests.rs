//! The store against a map, through sealing, late values, crashes and replays.

use std::collections::BTreeMap;
use std::path::Path;

use engine::State;
use event::{Duration, Timestamp};
use proptest::prelude::*;

use super::super::batch::Sample;
use super::super::{SeriesData, SeriesRequest};
use super::*;

const START: i64 = 1_795_332_000;
const SERIES: u32 = 5;

fn settings(folder: &Path) -> Settings {
    Settings { retention: Duration::from_secs(30 * 86_400), tiers: Vec::new(), ..Settings::new(folder) }
}

fn open(folder: &Path) -> Base {
    Base::open(&settings(folder), Arc::default()).unwrap()
}

/// Two hosts with two fields each, and a third device.
fn name(series: u32) -> Change {
    let tags = vec![("host".to_owned(), format!("h{}", series / 2))];
    Change::Named { series, measurement: "mem".into(), tags, field: format!("f{}", series % 2) }
}

fn batch(now: i64, values: &[(u32, i64, Metric)]) -> Batch {
    let samples =
        values.iter().map(|(series, second, value)| Sample { series: *series, time: Timestamp::from_secs(*second), value: *value });
    Batch {
        samples: samples.collect(),
        changes: (0..SERIES).map(|series| (0, name(series))).collect(),
        now: Timestamp::from_secs(now),
        ..Batch::default()
    }
}

fn request(series: u32) -> SeriesRequest {
    SeriesRequest {
        measurement: "mem".into(),
        field: format!("f{}", series % 2),
        from: Timestamp::default(),
        to: Timestamp::from_secs(1 << 32),
        step: None,
        filters: vec![("host".into(), format!("h{}", series / 2))],
        ..SeriesRequest::default()
    }
}

fn values_of(base: &mut Base, series: u32) -> Vec<(i64, f64)> {
    let found = base.series(&request(series)).unwrap();
    assert!(found.len() <= 1);
    let points = found.into_iter().flat_map(|series| series.points);
    points.map(|(time, value)| (time.secs(), value.as_f64())).collect()
}

#[track_caller]
fn check(base: &mut Base, model: &BTreeMap<(u32, i64), f64>) {
    for series in 0..SERIES {
        let expected: Vec<_> = model.range((series, 0)..(series + 1, 0)).map(|((_, second), value)| (*second, *value)).collect();
        assert_eq!(values_of(base, series), expected, "series {series}");
    }
}

/// The files as a process that is killed now would leave them: nobody closes them, or brings the write-ahead log home.
fn image(folder: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if file.file_name() != "store.db-shm" {
            std::fs::copy(file.path(), image.path().join(file.file_name())).unwrap();
        }
    }
    image
}

#[derive(Clone, Debug)]
enum Step {
    /// Values by series, seconds from now, and number.
    Values(Vec<(u32, i64, Metric)>),
    Pass(i64),
    Commit,
    Crash,
}

fn any_value() -> impl Strategy<Value = (u32, i64, Metric)> {
    let when = prop_oneof![6 => -3..=1i64, 2 => -700..=0i64, 1 => -5000..=5000i64];
    let number = prop_oneof![
        3 => (-1000..1000i64).prop_map(Metric::Int),
        1 => (-1000..1000i64).prop_map(|value| Metric::Float(value as f64 / 8.0)),
    ];
    (0..SERIES, when, number)
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => proptest::collection::vec(any_value(), 0..30).prop_map(Step::Values),
        4 => (0..40i64).prop_map(Step::Pass),
        1 => (100..700i64).prop_map(Step::Pass),
        4 => Just(Step::Commit),
        1 => Just(Step::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_store_answers_like_a_map_of_the_last_values(steps in proptest::collection::vec(any_step(), 1..60)) {
        let mut folder = tempfile::tempdir().unwrap();
        let mut base = open(folder.path());
        let mut model = BTreeMap::new();
        let mut now = START;
        // What a journal would give again: more than the store lacks, never less.
        let mut journal: Vec<Batch> = Vec::new();
        let mut committed = 0;
        for step in steps {
            match step {
                Step::Values(values) => {
                    let values: Vec<_> = values.into_iter().map(|(series, when, value)| (series, now + when, value)).collect();
                    model.extend(values.iter().map(|(series, second, value)| ((*series, *second), value.as_f64())));
                    let batch = batch(now, &values);
                    base.apply(&batch);
                    journal.push(batch);
                }
                Step::Pass(seconds) => now += seconds,
                Step::Commit => {
                    base.commit(1).unwrap();
                    committed = journal.len();
                }
                Step::Crash => {
                    folder = image(folder.path());
                    base = open(folder.path());
                    let from = committed.saturating_sub(2);
                    journal[from..].iter().for_each(|batch| base.apply(batch));
                }
            }
            check(&mut base, &model);
        }
    }
}

#[test]
fn whole_numbers_stay_exact_through_sealing() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let huge = Metric::Int(i64::MAX - 1);
    base.apply(&batch(START, &[(0, START, huge), (0, START + 1, Metric::Int(3))]));
    base.commit(1).unwrap();
    base.apply(&batch(START + 1000, &[]));
    base.commit(2).unwrap();
    assert!(base.counters.sealed_values.load(Relaxed) == 2);
    let points = base.series(&request(0)).unwrap().remove(0).points;
    assert_eq!(points, [(Timestamp::from_secs(START), huge), (Timestamp::from_secs(START + 1), Metric::Int(3))]);
}

#[test]
fn the_position_is_that_of_the_last_commit_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    base.apply(&batch(START, &[(0, START, Metric::Int(1))]));
    base.commit(7).unwrap();
    base.apply(&batch(START + 1, &[(0, START + 1, Metric::Int(2))]));
    let folder = image(folder.path());
    let mut base = open(folder.path());
    assert_eq!(base.position(), 7);
    assert_eq!(values_of(&mut base, 0), [(START, 1.0)]);
}

#[test]
fn what_is_older_than_the_retention_goes_and_idle_series_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { retention: Duration::from_secs(600), tiers: Vec::new(), ..Settings::new(folder.path()) };
    let mut base = Base::open(&settings, Arc::default()).unwrap();
    base.apply(&batch(START, &[(0, START, Metric::Int(1)), (2, START, Metric::Int(1))]));
    let forgotten = Change::Forgotten(2);
    base.apply(&Batch { changes: vec![(0, forgotten), (0, Change::Forgotten(3)), (0, Change::Forgotten(4))], ..batch(START, &[]) });
    base.apply(&Batch {
        changes: vec![(0, Change::Forgotten(2)), (0, Change::Forgotten(3)), (0, Change::Forgotten(4))],
        ..Batch::default()
    });
    base.commit(1).unwrap();
    for second in (0..3000).step_by(100) {
        let batch = Batch { changes: Vec::new(), ..batch(START + second, &[(0, START + second, Metric::Int(second))]) };
        base.apply(&batch);
        base.commit(1).unwrap();
    }
    let left = values_of(&mut base, 0);
    assert!(left.first().is_some_and(|(second, _)| *second > START + 1900), "{left:?}");
    assert_eq!(left.last(), Some(&(START + 2900, 2900.0)));
    let hosts: Vec<SeriesData> = base.series(&SeriesRequest { filters: Vec::new(), ..request(0) }).unwrap();
    assert_eq!(hosts.len(), 1);
    assert_eq!(base.catalogue.n_fields(), 2, "only the first host is left");
    assert_eq!(base.file.block(WindowId::of(1, START)).unwrap(), None);
}

#[test]
fn a_file_that_is_too_large_keeps_less() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { max_bytes: 400_000, ..settings(folder.path()) };
    let mut base = Base::open(&settings, Arc::default()).unwrap();
    let mut seed = 1u64;
    for second in 0..20_000 {
        let mut noise = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            Metric::Float(f64::from((seed >> 33) as u32))
        };
        let values: Vec<_> = (0..SERIES).map(|series| (series, START + second, noise())).collect();
        base.apply(&Batch { changes: if second == 0 { batch(0, &[]).changes } else { Vec::new() }, ..batch(START + second, &values) });
        if second % 10 == 0 {
            base.commit(1).unwrap();
        }
    }
    let (used, _) = base.file.size().unwrap();
    assert!(used < 500_000, "{used}");
    assert!(values_of(&mut base, 0).len() >= 600);
}

#[test]
fn questions_over_the_limits_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let host =
        |series: u32| Change::Named { series, measurement: "m".into(), tags: vec![("host".into(), series.to_string())], field: "f".into() };
    let changes = (0..1001).map(|series| (0, host(series))).collect();
    let sample = |series, second| Sample { series, time: Timestamp::from_secs(second), value: Metric::Int(1) };
    let samples = (0..1001).map(|series| sample(series, START)).collect();
    base.apply(&Batch { changes, samples, now: Timestamp::from_secs(START), ..Batch::default() });
    let of = |from, to| SeriesRequest {
        measurement: "m".into(),
        field: "f".into(),
        from: Timestamp::from_secs(from),
        to: Timestamp::from_secs(to),
        ..SeriesRequest::default()
    };
    assert!(matches!(base.series(&of(START, START + 1)), Err(StoreError::TooManySeries { found: 1001 })));
    assert_eq!(base.series(&of(0, START - 600)).unwrap(), [], "of none there is anything");
    base.commit(1).unwrap();
    // Two go on for an hour: those that ended are not counted where they have nothing, and still are where they have.
    for second in (START + 10..START + 3600).step_by(10) {
        base.apply(&Batch { samples: vec![sample(3, second), sample(7, second)], now: Timestamp::from_secs(second), ..Batch::default() });
        base.commit(2).unwrap();
    }
    let hosts = |base: &mut Base, from| base.series(&of(from, START + 3600)).map(|found| found.len());
    assert_eq!(hosts(&mut base, START + 1800).unwrap(), 2);
    assert!(matches!(hosts(&mut base, START), Err(StoreError::TooManySeries { found: 1001 })));
    base.apply(&Batch { samples: vec![sample(500, START + 1900)], now: Timestamp::from_secs(START + 3600), ..Batch::default() });
    assert_eq!(hosts(&mut base, START + 1800).unwrap(), 3, "what comes late counts");
    assert_eq!(base.names(), [Measurement { name: "m".into(), fields: vec!["f".into()], tags: vec!["host".into()] }]);
}

fn transition(second: i64, to: State) -> TransitionRecord {
    TransitionRecord {
        rule: "cpu-high".into(),
        instance: "a".into(),
        host: Some("a".into()),
        service: "alert/cpu-high".into(),
        from: State::Ok,
        to,
        since: Timestamp::from_secs(second),
        value: Some(97.5),
        message: "cpu is at 97.5 %".into(),
    }
}

#[test]
fn a_transition_that_is_replayed_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let transitions = vec![transition(START, State::Warning), transition(START + 5, State::Critical)];
    base.apply(&Batch { transitions: transitions.clone(), ..Batch::default() });
    base.commit(1).unwrap();
    base.apply(&Batch { transitions: transitions.clone(), ..Batch::default() });
    let (from, to) = (Timestamp::from_secs(START), Timestamp::from_secs(START + 10));
    assert_eq!(base.history(&HistoryRequest::new(from, to)).unwrap(), transitions);
    base.commit(2).unwrap();
    assert_eq!(base.history(&HistoryRequest::new(from, to)).unwrap(), transitions);
    assert_eq!(base.history(&HistoryRequest::new(from, Timestamp::from_secs(START + 5))).unwrap().len(), 1);
    let other = base.history(&HistoryRequest { rule: Some("other".into()), ..HistoryRequest::new(from, to) });
    assert_eq!(other.unwrap(), [], "of another rule, kept or waiting");
}

#[test]
fn small_values_are_kept_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let base = open(folder.path());
    base.keep("position", b"mine").unwrap();
    assert_eq!(base.kept("position").unwrap().as_deref(), Some(&b"mine"[..]));
    assert_eq!(base.kept("other").unwrap(), None);
    drop(base);
    assert_eq!(open(folder.path()).position(), 0);
}

#[test]
fn a_file_that_is_no_database_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("store.db"), "no database at all, but long enough to be looked at as one".repeat(20)).unwrap();
    let mut base = open(folder.path());
    base.apply(&batch(START, &[(0, START, Metric::Int(1))]));
    base.commit(1).unwrap();
    assert!(folder.path().join("store.db.bad").exists());
}
