//! The interface of 3, from a server that keeps to what InfluxDB 3 Core answers.

use event::Metric;
use processor::sink::influx::{Secret, Settings, Version};

use crate::fake::{Answer, Asked, Fake};
use crate::feed::{Feed, START, of, rejected, settings};

/// What this server takes of a body, unpacked; a real one takes 10 MiB.
const MAX_BODY: usize = 20_000;

const WRITE: &str = "/influx/api/v3/write_lp?db=swarm&precision=microsecond&accept_partial=true";

/// Answers as a 3 does: nothing without its token, no body with 401 and 413, each bad line by its number.
fn three(_: usize, asked: &Asked) -> Answer {
    if asked.headers.get("authorization").is_none_or(|value| value != "Bearer t0k") {
        return (401, Vec::new(), String::new());
    }
    if asked.path == "/influx/ping" {
        return (200, vec![("x-influxdb-version", "3.9.1".to_owned())], r#"{"version":"3.9.1"}"#.to_owned());
    }
    if asked.path != WRITE {
        return (404, Vec::new(), String::new());
    }
    if asked.body.len() > MAX_BODY {
        return (413, Vec::new(), String::new());
    }
    let lines = asked.body.lines().zip(1..);
    let refused: Vec<_> = lines
        .filter(|(line, _)| line.contains("used=13i") || line.contains("used=77i"))
        .map(|(line, number)| serde_json::json!({"error_message": "invalid field", "line_number": number, "original_line": &line[..20]}))
        .collect();
    if refused.is_empty() {
        return (204, Vec::new(), String::new());
    }
    (400, Vec::new(), serde_json::json!({"error": "partial write of line protocol occurred", "data": refused}).to_string())
}

fn settings_of(fake: &Fake) -> (Settings, tempfile::TempDir) {
    let (settings, folder) = settings(format!("http://{}/influx", fake.address));
    (Settings { database: Some("swarm".into()), token: Some(Secret("t0k".into())), ..settings }, folder)
}

fn values(feed: &mut Feed, values: std::ops::Range<i64>) {
    values.for_each(|value| feed.sample(1, "used", START + value, Metric::Int(value)));
    feed.flush();
}

#[test]
fn a_3_is_known_by_its_answer_and_the_lines_that_it_refuses_are_put_aside_by_their_numbers() {
    let fake = Fake::start(three);
    let (settings, folder) = settings_of(&fake);
    let mut feed = Feed::open(settings);
    values(&mut feed, 0..100);
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_written), of(&counters.lines_rejected), of(&counters.partial_writes)), (98, 2, 1));
    let paths: Vec<String> = fake.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/influx/ping", WRITE], "the good lines are not sent again");
    let file = rejected(folder.path());
    let aside = format!("mem,host=a used=13i {}000000\nmem,host=a used=77i {}000000\n", START + 13, START + 77);
    assert!(file.ends_with(&format!(" partial write of line protocol occurred: invalid field\n{aside}")), "{file}");
}

#[test]
fn a_batch_that_is_too_large_unpacked_is_cut_and_the_size_remembered() {
    let fake = Fake::start(three);
    let (settings, _folder) = settings_of(&fake);
    let mut feed = Feed::open(Settings { version: Version::Three, ..settings });
    values(&mut feed, 1000..2000);
    feed.wait_until_safe();
    let cut = of(&feed.handle.counters().splits);
    values(&mut feed, 2000..3000);
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_written), of(&counters.lines_rejected)), (2000, 0));
    assert_eq!((cut, of(&counters.splits)), (1, 1));
    assert_eq!(fake.asked().iter().filter(|asked| asked.body.len() > MAX_BODY).count(), 1);
}

#[test]
fn a_3_without_the_token_keeps_the_points() {
    let fake = Fake::start(three);
    let (settings, folder) = settings_of(&fake);
    let mut feed = Feed::open(Settings { version: Version::Three, token: None, ..settings });
    feed.second(0);
    feed.wait_for_status("does not accept the token (401); check `token_file`; lines waiting: 1");
    assert_eq!(rejected(folder.path()), "");
}

#[test]
fn a_table_that_is_full_costs_only_its_own_lines() {
    let fake = Fake::start(|_, asked| match asked.body.contains("mem,host=a extra=") {
        true => (422, Vec::new(), r#"{"error":"more than 500 columns"}"#.to_owned()),
        false => (204, Vec::new(), String::new()),
    });
    let (settings, folder) = settings_of(&fake);
    let mut feed = Feed::open(Settings { version: Version::Three, ..settings });
    (0..20).for_each(|second| feed.sample(1, "used", START + second, Metric::Int(second)));
    feed.sample(2, "extra", START + 30, Metric::Int(1));
    feed.flush();
    feed.wait_until_safe();
    assert_eq!((of(&feed.handle.counters().lines_written), of(&feed.handle.counters().lines_rejected)), (20, 1));
    assert!(rejected(folder.path()).ends_with(&format!(" more than 500 columns\nmem,host=a extra=1i {}000000\n", START + 30)));
}
