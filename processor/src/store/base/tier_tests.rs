//! Coarser tiers: what they hold, when they are read, and what late values do to them.

use std::path::Path;

use event::{Duration, Timestamp};

use super::super::batch::Sample;
use super::super::{Part, SeriesRequest};
use super::*;

/// A whole number of hours and days.
const START: i64 = 1_795_305_600;
const HOUR: i64 = 3600;

fn open(folder: &Path) -> Base {
    Base::open(&Settings::new(folder), Arc::default()).unwrap()
}

fn named() -> Vec<(usize, Change)> {
    let of = |series, measurement: &str, field: &str| Change::Named {
        series,
        measurement: measurement.into(),
        tags: vec![("host".into(), "a".into())],
        field: field.into(),
    };
    vec![(0, of(0, "m", "gauge")), (0, of(1, "cpu", "time_user")), (0, of(2, "m", "now_and_then"))]
}

/// A gauge that goes from 0 to 59 in each minute.
fn gauge(second: i64) -> i64 {
    second.rem_euclid(60)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

/// Gives a value a second to both series, a commit every ten.
fn feed(base: &mut Base, from: i64, to: i64) {
    for second in (from..to).step_by(10) {
        let values = (second..second + 10).flat_map(|second| {
            [
                Sample { series: 0, time: at(second), value: Metric::Int(gauge(second)) },
                Sample { series: 1, time: at(second), value: Metric::Int(second - START) },
            ]
        });
        let changes = if second == from { named() } else { Vec::new() };
        base.apply(&Batch { samples: values.collect(), changes, now: at(second + 9), ..Batch::default() });
        base.commit(1).unwrap();
    }
}

fn pass(base: &mut Base, from: i64, seconds: i64) {
    for second in (from..from + seconds).step_by(10) {
        base.apply(&Batch { now: at(second), ..Batch::default() });
        base.commit(1).unwrap();
    }
}

fn ask(base: &mut Base, field: &str, part: Part, from: i64, to: i64) -> Vec<(i64, f64)> {
    let measurement = if field == "time_user" { "cpu" } else { "m" };
    let request = SeriesRequest {
        measurement: measurement.into(),
        field: field.into(),
        from: at(from),
        to: at(to),
        part,
        ..SeriesRequest::default()
    };
    let found = base.series(&request).unwrap();
    found.into_iter().flat_map(|series| series.points).map(|(time, value)| (time.secs(), value.as_f64())).collect()
}

#[test]
fn two_hours_are_read_by_the_second_and_a_day_in_steps_of_ten() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let end = START + 10 * HOUR;
    feed(&mut base, START, end);
    let fine = ask(&mut base, "gauge", Part::Mean, end - 2 * HOUR, end);
    assert_eq!(fine.len(), 7200);
    assert!(fine.iter().all(|(second, value)| *value == gauge(*second) as f64));

    let day = ask(&mut base, "gauge", Part::Mean, START, end);
    let expected: Vec<(i64, f64)> = (START..end).step_by(10).map(|second| (second, gauge(second) as f64 + 4.5)).collect();
    assert_eq!(day, expected, "up to the last second, in one step width");
    let least = ask(&mut base, "gauge", Part::Min, START, end);
    assert!(least.len() == 3600 && least.iter().all(|(second, value)| *value == gauge(*second) as f64));
    let greatest = ask(&mut base, "gauge", Part::Max, START, end);
    assert!(greatest.len() == 3600 && greatest.iter().all(|(second, value)| *value == gauge(*second + 9) as f64));
    let counter = ask(&mut base, "time_user", Part::Max, START, end);
    assert!(counter.len() == 3600 && counter.iter().all(|(second, value)| *value == (second + 9 - START) as f64));

    // And so after a restart.
    drop(base);
    let mut base = open(folder.path());
    assert_eq!(ask(&mut base, "gauge", Part::Mean, START, end), expected);
    assert_eq!(ask(&mut base, "gauge", Part::Mean, 0, i64::from(u32::MAX)), expected, "without bounds too");
}

#[test]
fn all_there_is_of_a_young_store_is_read_by_the_second() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    feed(&mut base, START, START + HOUR + 50 * 60);
    assert_eq!(ask(&mut base, "gauge", Part::Mean, 0, i64::from(u32::MAX)).len(), 110 * 60);
}

#[test]
fn days_are_read_in_steps_of_a_minute_and_seconds_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let end = START + 30 * HOUR;
    feed(&mut base, START, end);
    let all = ask(&mut base, "gauge", Part::Mean, START, end);
    let expected: Vec<(i64, f64)> = (START..end).step_by(60).map(|second| (second, 29.5)).collect();
    assert_eq!(all, expected);
    let counter = ask(&mut base, "time_user", Part::Mean, START, end);
    assert!(counter.len() == 1800 && counter.iter().all(|(second, value)| *value == (second + 59 - START) as f64));
    let first = base.file.next_block(0, 0).unwrap().unwrap();
    assert!(first > end - 2 * HOUR - 900, "seconds go after two hours: {}", end - first);
    let first = base.file.next_coarse(10, 0, 0).unwrap().unwrap();
    assert!(first > end - 24 * HOUR - 2 * 3000, "steps of ten go after a day: {}", end - first);
}

#[test]
fn late_values_reach_every_tier() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    let end = START + 8 * HOUR;
    feed(&mut base, START, end);
    // One while the seconds are there, one after that, one of a day long past.
    let moments = [(end - 6000, 1000_i32), (end - 5 * HOUR, 2000), (START - 40 * HOUR, 3000)];
    let samples = moments.map(|(second, value)| Sample { series: 0, time: at(second), value: Metric::Int(value.into()) });
    base.apply(&Batch { samples: samples.to_vec(), now: at(end), ..Batch::default() });
    // What waits to be merged is of no tier yet, and makes no answer coarser.
    let check = |base: &mut Base, width: i64| {
        let greatest = ask(base, "gauge", Part::Max, START - 48 * HOUR, end);
        for (second, value) in moments {
            let start = second.div_euclid(width) * width;
            assert_eq!(greatest.iter().find(|step| step.0 == start), Some(&(start, f64::from(value))));
        }
        assert_eq!(greatest.len() as i64, 8 * HOUR / width + 1);
        let within_a_day = ask(base, "gauge", Part::Max, end - 7 * HOUR, end);
        assert_eq!(within_a_day.iter().filter(|(_, value)| *value >= 1000.0).count(), 2);
    };
    check(&mut base, 10);
    base.commit(2).unwrap();
    pass(&mut base, end, 600);
    assert_eq!(base.file.next_late(WindowId(-1)).unwrap(), None, "all are merged");
    check(&mut base, 60);
}

#[test]
fn a_file_without_tiers_gets_them_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = Settings { retention: Duration::from_secs(86_400), tiers: Vec::new(), ..Settings::new(folder.path()) };
    let end = START + 6 * HOUR;
    let mut base = Base::open(&plain, Arc::default()).unwrap();
    feed(&mut base, START, end);
    drop(base);
    let mut base = open(folder.path());
    pass(&mut base, end, 3600);
    let all = ask(&mut base, "gauge", Part::Min, START, end);
    let expected: Vec<(i64, f64)> = (START..end).step_by(10).map(|second| (second, gauge(second) as f64)).collect();
    assert_eq!(all, expected);
    assert!(base.file.next_block(0, 0).unwrap().unwrap() > end - 2 * HOUR, "the old seconds are gone");
}

#[test]
fn a_block_that_cannot_be_read_costs_its_own_values_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut base = open(folder.path());
    feed(&mut base, START, START + HOUR);
    base.file.put_block(WindowId::at(0, START + 3000), b"no block").unwrap();
    let end = START + 30 * HOUR;
    feed(&mut base, START + HOUR, end);
    let steps: Vec<i64> = ask(&mut base, "gauge", Part::Mean, START, end).into_iter().map(|(second, _)| second).collect();
    let expected: Vec<i64> = (START..end).step_by(60).filter(|second| !(START + 3000..START + 3300).contains(second)).collect();
    assert_eq!(steps, expected, "of the damaged five minutes there is nothing");
    base.file
        .put_coarse(10, base.file.next_coarse(10, 0, 0).unwrap().map(|start| WindowId::coarse(0, start, 10)).unwrap(), b"none")
        .unwrap();
    feed(&mut base, end, end + 30 * HOUR);
    assert!(base.file.next_coarse(10, 0, 0).unwrap().unwrap() > end, "what is made goes on, and what is old goes");
}

#[test]
fn series_that_ended_are_struck_off_when_their_last_tier_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let tiers = vec![Tier { step: Duration::from_secs(10), keep: Duration::from_secs(4 * 3600) }];
    let settings = Settings { tiers, ..Settings::new(folder.path()) };
    let mut base = Base::open(&settings, Arc::default()).unwrap();
    feed(&mut base, START, START + 600);
    base.apply(&Batch { changes: (0..3).map(|series| (0, Change::Forgotten(series))).collect(), now: at(START + 600), ..Batch::default() });
    pass(&mut base, START + 600, 3 * HOUR);
    assert_eq!(ask(&mut base, "gauge", Part::Mean, START, START + 600).len(), 60);
    pass(&mut base, START + 600 + 3 * HOUR, 3 * HOUR);
    assert_eq!(base.catalogue.n_fields(), 0);
    assert_eq!(base.file.next_coarse(10, 0, 0).unwrap(), None);
}

#[test]
fn tiers_that_make_no_sense_are_told_apart() {
    let of = |step, keep| Tier { step: Duration::from_secs(step), keep: Duration::from_secs(keep) };
    let hours = Duration::from_secs(7200);
    assert_eq!(Tier::check(&Tier::usual(), hours), Ok(()));
    let refused = |tiers: &[Tier], retention| Tier::check(tiers, retention).unwrap_err();
    assert_eq!(refused(&[of(10, 86_400), of(25, 864_000)], hours), "a tier of 25s is no multiple of the 10s before it");
    assert_eq!(refused(&[of(60, 86_400)], hours), "for steps of 1m the values of 1s must be kept for 5h10m or longer");
    assert_eq!(refused(&[of(10, 3600)], hours), "the tier of 10s is kept no longer than the 1s before it");
    let month = Duration::from_secs(30 * 86_400);
    assert_eq!(Tier::usable(&Tier::usual(), month), []);
    assert_eq!(Tier::usable(&Tier::usual(), Duration::from_secs(2 * 86_400)), [of(60, 14 * 86_400)]);
}
