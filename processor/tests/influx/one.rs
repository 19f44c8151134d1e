//! A real influxd 1.6 with authentication.

use event::Metric;
use processor::sink::influx::{Secret, Settings, Version};
use serde_json::json;
use testbed::influx::{ADMIN, Influxd};
use testbed::require;

use crate::feed::{Feed, START, of, rejected, settings};

fn start(http_settings: &str) -> Option<Influxd> {
    let program = require("influxd", "influxdb")?;
    Some(Influxd::start(&program, http_settings).unwrap())
}

fn settings_of(influxd: &Influxd) -> (Settings, tempfile::TempDir) {
    let (settings, folder) = settings(format!("http://{}", influxd.address));
    let user = Some(ADMIN.0.to_owned());
    (Settings { user, password: Some(Secret(ADMIN.1.to_owned())), ..settings }, folder)
}

#[track_caller]
fn check_count(influxd: &Influxd, field: &str, expected: u64) {
    let answer = influxd.query("skep", &format!("SELECT count({field}) FROM mem")).unwrap();
    assert_eq!(answer.pointer("/results/0/series/0/values/0/1"), Some(&json!(expected)), "{answer}");
}

#[test]
fn a_missing_database_is_created_and_points_arrive_as_they_are() {
    let Some(influxd) = start("") else { return };
    let (settings, _folder) = settings_of(&influxd);
    let mut feed = Feed::open(settings);
    feed.sample(1, "used", START, Metric::Int(7));
    feed.sample(2, "used_percent", START, Metric::Float(12.5));
    feed.flush();
    feed.wait_for("written", |counters| of(&counters.lines_written) == 1);
    let answer = influxd.query("skep", "SELECT * FROM mem").unwrap();
    let series = answer.pointer("/results/0/series/0").unwrap();
    assert_eq!(series["columns"], json!(["time", "host", "used", "used_percent"]));
    assert_eq!(series["values"], json!([["2026-11-22T07:20:00Z", "a", 7, 12.5]]));
    feed.wait_until_safe();
    assert!(feed.handle.status().ends_with("takes points"));
}

#[test]
fn a_wrong_password_keeps_the_points_and_says_what_to_check() {
    let Some(influxd) = start("") else { return };
    let (settings, folder) = settings_of(&influxd);
    let mut feed = Feed::open(Settings { password: Some(Secret("wrong".into())), ..settings.clone() });
    feed.second(0);
    feed.wait_for_status("does not accept user and password (authorization failed); check `user` and `password_file`");
    feed.second(1);
    let handle = feed.close();
    assert_eq!((of(&handle.counters().lines_spooled), of(&handle.counters().lines_rejected)), (2, 0));
    // With the right one they arrive from the spool.
    let feed = Feed::open(settings);
    feed.wait_for("written", |counters| of(&counters.lines_written) == 2);
    check_count(&influxd, "used", 2);
    assert_eq!(rejected(folder.path()), "");
}

#[test]
fn a_missing_database_that_may_not_be_created_is_waited_for() {
    let Some(influxd) = start("") else { return };
    let (settings, _folder) = settings_of(&influxd);
    let mut feed = Feed::open(Settings { create_database: false, version: Version::One, ..settings });
    feed.second(0);
    feed.wait_for_status("has no database `skep` (database not found: \"skep\"); create it, or correct the settings");
    assert_eq!(of(&feed.handle.counters().lines_written), 0);
}

#[test]
fn a_partial_write_is_counted_and_not_sent_again() {
    let Some(influxd) = start("") else { return };
    let (settings, folder) = settings_of(&influxd);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for("written", |counters| of(&counters.lines_written) == 1);
    // The field is an integer by now.
    feed.sample(1, "used", START + 1, Metric::Float(0.5));
    feed.sample(2, "free", START + 2, Metric::Int(1));
    feed.flush();
    feed.wait_for("answered", |counters| of(&counters.partial_writes) == 1);
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_rejected), of(&counters.lines_written)), (1, 2));
    check_count(&influxd, "free", 1);
    check_count(&influxd, "used", 1);
    let file = rejected(folder.path());
    assert!(file.contains("field type conflict") && file.ends_with(" dropped=1 (some of 2 lines)\n"), "{file}");
}

#[test]
fn batches_that_are_too_large_are_cut_until_they_fit() {
    let Some(influxd) = start("max-body-size = 2000") else { return };
    let (settings, folder) = settings_of(&influxd);
    let mut feed = Feed::open(settings);
    let mut noise = 1u64;
    for second in 0..2000 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        feed.sample(1, "used", START + second, Metric::Int((noise >> 16).cast_signed()));
    }
    feed.flush();
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_written), of(&counters.lines_rejected)), (2000, 0));
    assert!(of(&counters.splits) > 0);
    check_count(&influxd, "used", 2000);
    // The size has been learned: the next batch is cut before it is sent.
    let (requests, splits) = (of(&counters.requests), of(&counters.splits));
    for second in 2000..2500 {
        feed.sample(1, "used", START + second, Metric::Int(second * 7_919_777_777));
    }
    feed.flush();
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert!(of(&counters.requests) - requests < 60 && of(&counters.splits) - splits < 4, "{counters:?}");
    assert_eq!(rejected(folder.path()), "");
}

#[test]
fn a_line_that_never_fits_is_put_aside() {
    let Some(influxd) = start("max-body-size = 200") else { return };
    let (settings, folder) = settings_of(&influxd);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for("written", |counters| of(&counters.lines_written) == 1);
    for field in 0..40 {
        feed.sample(10 + field, &format!("field_{field}"), START + 1, Metric::Int(i64::from(field)));
    }
    feed.sample(1, "used", START + 2, Metric::Int(2));
    feed.flush();
    feed.wait_until_safe();
    assert_eq!(of(&feed.handle.counters().lines_rejected), 1);
    check_count(&influxd, "used", 2);
    assert!(rejected(folder.path()).contains("field_39=39i"));
}

#[test]
fn a_server_that_is_killed_again_and_again_has_every_value_once_afterwards() {
    let Some(mut influxd) = start("") else { return };
    let (settings, _folder) = settings_of(&influxd);
    let mut feed = Feed::open(settings);
    for second in 0..120 {
        feed.second(second);
        if second % 20 == 10 {
            influxd.kill();
        }
        if second % 20 == 15 {
            influxd.restart().unwrap();
            feed.wait_for_status("takes points");
        }
    }
    feed.wait_until_safe();
    feed.wait_for("all written", |counters| of(&counters.spool_bytes) == 0);
    let answer = influxd.query("skep", "SELECT used FROM mem").unwrap();
    let values = answer.pointer("/results/0/series/0/values").and_then(|values| values.as_array()).unwrap();
    let found: Vec<i64> = values.iter().map(|point| point[1].as_i64().unwrap()).collect();
    assert_eq!(found, (0..120).collect::<Vec<_>>());
    assert_eq!(of(&feed.handle.counters().lines_dropped), 0);
}
