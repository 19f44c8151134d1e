//! A real influxd 1.6 with authentication.

use std::io::Write as _;

use base64::Engine as _;
use event::Metric;
use processor::sink::Flush;
use processor::sink::influx::{Secret, Settings, Version};
use serde_json::json;
use testbed::influx::{ADMIN, Influxd};
use testbed::{require, wait_until};

use crate::feed::{Feed, PATIENCE, START, of, rejected, settings};

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
    feed.wait_for_status("does not accept user and password (authorization failed); check `username` and `password_file`");
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

#[test]
fn batches_of_the_spool_go_together_as_gzip_members_one_behind_the_other() {
    let Some(mut influxd) = start("") else { return };
    let (settings, _folder) = settings_of(&influxd);
    influxd.query("", "CREATE DATABASE skep").unwrap();
    influxd.kill();
    let mut feed = Feed::open(settings.clone());
    for batch in 0..30 {
        // Some large enough to be packed, some not.
        let n_lines = if batch % 3 == 0 { 5 } else { 95 };
        (0..n_lines).for_each(|n| feed.sample(1, "used", START + batch * 100 + n, Metric::Int(n)));
        assert!(wait_until(PATIENCE, || feed.flush() == Flush::Sent));
    }
    let handle = feed.close();
    assert_eq!(of(&handle.counters().lines_spooled), 1950);
    influxd.restart().unwrap();
    let feed = Feed::open(settings);
    feed.wait_for("written", |counters| of(&counters.lines_written) == 1950 && of(&counters.spool_bytes) == 0);
    assert_eq!(of(&feed.handle.counters().requests), 1);
    check_count(&influxd, "used", 1950);
}

/// Holds the server's only place for writes, until it is dropped.
fn hold_a_write(influxd: &Influxd) -> std::net::TcpStream {
    let mut stream = std::net::TcpStream::connect(influxd.address).unwrap();
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", ADMIN.0, ADMIN.1));
    let head =
        format!("POST /write?db=skep HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nContent-Length: 100\r\n\r\nheld,host=b v=1");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

#[test]
fn a_server_with_too_many_writes_is_asked_again() {
    let limit = "max-concurrent-write-limit = 1\nmax-enqueued-write-limit = 1\nenqueued-write-timeout = \"10ms\"";
    let Some(influxd) = start(limit) else { return };
    let (settings, folder) = settings_of(&influxd);
    influxd.query("", "CREATE DATABASE skep").unwrap();
    let held = hold_a_write(&influxd);
    let mut feed = Feed::open(settings);
    // The server may not have begun to read the other's write when the first of ours comes.
    let mut second = 0;
    let is_refused = wait_until(PATIENCE, || {
        feed.second(second);
        second += 1;
        feed.handle.status().contains("is away (503")
    });
    assert!(is_refused, "{}", feed.handle.status());
    drop(held);
    feed.wait_until_safe();
    feed.wait_for("written", |counters| of(&counters.lines_written) == second.cast_unsigned());
    assert!(of(&feed.handle.counters().retries) > 0);
    check_count(&influxd, "used", second.cast_unsigned());
    assert_eq!(rejected(folder.path()), "");
}

/// A second that InfluxDB's nanoseconds do not reach: it is past the year 2262.
const TOO_FAR: i64 = 9_300_000_000;

#[test]
fn a_batch_of_nothing_but_bad_lines_is_put_aside_and_the_next_one_is_taken() {
    let Some(influxd) = start("") else { return };
    let (settings, folder) = settings_of(&influxd);
    influxd.query("", "CREATE DATABASE skep").unwrap();
    let mut feed = Feed::open(settings);
    (0..100).for_each(|n| feed.sample(1, "used", TOO_FAR + n, Metric::Int(n)));
    feed.flush();
    feed.second(1);
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_rejected), of(&counters.lines_written), of(&counters.partial_writes)), (100, 1, 0));
    assert!(of(&counters.requests) <= 35, "{counters:?}");
    check_count(&influxd, "used", 1);
    let file = rejected(folder.path());
    assert_eq!(file.lines().filter(|line| line.starts_with("mem,host=a used=")).count(), 100);
    assert!(file.contains("time outside range"), "{file}");
}

#[test]
fn lines_that_the_server_cannot_read_are_put_aside_and_their_neighbours_stay() {
    let Some(influxd) = start("") else { return };
    let (settings, folder) = settings_of(&influxd);
    influxd.query("", "CREATE DATABASE skep").unwrap();
    let mut feed = Feed::open(settings);
    (0..50).for_each(|n| feed.sample(1, "used", START + n, Metric::Int(n)));
    (0..3).for_each(|n| feed.sample(1, "used", TOO_FAR + n, Metric::Int(n)));
    feed.flush();
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_rejected), of(&counters.lines_written), of(&counters.requests)), (3, 50, 1));
    check_count(&influxd, "used", 50);
    let file = rejected(folder.path());
    assert!(file.ends_with(&format!("\nmem,host=a used=2i {}000000\n", TOO_FAR + 2)), "{file}");
}
