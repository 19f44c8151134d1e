//! Answers of 2.x, of clouds and of proxies, from a server that is told what to say.

use std::sync::atomic::{AtomicBool, Ordering};

use event::Metric;
use processor::sink::influx::{Secret, Settings, Version};

use crate::fake::{Answer, Asked, Fake};
use crate::feed::{Feed, START, of, rejected, settings};

fn answer(status: u16, body: &str) -> Answer {
    (status, Vec::new(), body.to_owned())
}

fn two(fake: &Fake) -> (Settings, tempfile::TempDir) {
    let (settings, folder) = settings(format!("http://{}/influx/", fake.address));
    let (org, bucket) = (Some("me".to_owned()), Some("b 1".to_owned()));
    (Settings { version: Version::Two, org, bucket, token: Some(Secret("t0k".into())), ..settings }, folder)
}

fn written(fake: &Fake) -> Vec<Asked> {
    fake.asked().into_iter().filter(|asked| asked.path.contains("write")).collect()
}

#[test]
fn a_write_of_2_has_its_path_token_and_precision() {
    let fake = Fake::start(|_, _| answer(204, ""));
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_until_safe();
    let asked = written(&fake).remove(0);
    assert_eq!(asked.path, "/influx/api/v2/write?org=me&bucket=b%201&precision=us");
    assert_eq!(asked.headers["authorization"], "Token t0k");
    assert_eq!(asked.body, format!("mem,host=a used=0i {START}000000\n"));
    assert!(!asked.headers.contains_key("content-encoding"));
}

#[test]
fn larger_bodies_are_packed() {
    let fake = Fake::start(|_, _| answer(204, ""));
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    (0..100).for_each(|second| feed.sample(1, "used", START + second, Metric::Int(second)));
    feed.flush();
    feed.wait_until_safe();
    let asked = written(&fake).remove(0);
    assert_eq!(asked.headers["content-encoding"], "gzip");
    assert_eq!(asked.body.lines().count(), 100);
    assert!(of(&feed.handle.counters().bytes_written) < asked.body.len() as u64 / 3);
}

#[test]
fn overload_is_waited_out_with_the_same_bytes() {
    let fake = Fake::start(|number, _| match number {
        0 => (429, vec![("retry-after", "1".to_owned())], String::new()),
        1 => answer(503, "overloaded"),
        _ => answer(204, ""),
    });
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for_status("away (429)");
    feed.wait_until_safe();
    let bodies: Vec<String> = written(&fake).into_iter().map(|asked| asked.body).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(of(&feed.handle.counters().retries), 2);
}

#[test]
fn a_bad_line_is_found_and_only_that_one_is_put_aside() {
    let fake = Fake::start(|_, asked| match asked.body.contains("used=613i") {
        true => answer(400, r#"{"code":"invalid","message":"unable to parse"}"#),
        false => answer(204, ""),
    });
    let (settings, folder) = two(&fake);
    let mut feed = Feed::open(settings);
    (0..1000).for_each(|second| feed.sample(1, "used", START + second, Metric::Int(second)));
    feed.flush();
    feed.wait_until_safe();
    let counters = feed.handle.counters();
    assert_eq!((of(&counters.lines_written), of(&counters.lines_rejected)), (999, 1));
    assert!(of(&counters.requests) <= 33, "{counters:?}");
    let file = rejected(folder.path());
    assert!(file.ends_with(&format!(" unable to parse\nmem,host=a used=613i {}000000\n", START + 613)), "{file}");
}

#[test]
fn a_batch_of_nothing_but_bad_lines_costs_a_bounded_number_of_requests() {
    let fake = Fake::start(|_, _| answer(400, "unable to parse"));
    let (settings, folder) = two(&fake);
    let mut feed = Feed::open(settings);
    (0..1000).for_each(|second| feed.sample(1, "used", START + second, Metric::Int(second)));
    feed.flush();
    feed.wait_until_safe();
    assert_eq!(of(&feed.handle.counters().lines_rejected), 1000);
    assert!(written(&fake).len() <= 34, "{}", written(&fake).len());
    assert_eq!(rejected(folder.path()).lines().filter(|line| !line.starts_with('#')).count(), 1000);
}

#[test]
fn what_2_stores_in_part_is_not_sent_again_and_what_it_refuses_is_put_aside() {
    let fake = Fake::start(|number, _| match number {
        0 => answer(422, r#"{"code":"unprocessable entity","message":"failure writing points: partial write: too old dropped=1"}"#),
        1 => answer(422, r#"{"message":"too many columns"}"#),
        _ => answer(204, ""),
    });
    let (settings, folder) = two(&fake);
    let mut feed = Feed::open(settings);
    (0..3).for_each(|second| feed.second(second));
    feed.wait_until_safe();
    assert_eq!(written(&fake).len(), 3);
    assert_eq!(of(&feed.handle.counters().lines_rejected), 2);
    let file = rejected(folder.path());
    assert!(file.contains("422 too many columns\nmem,host=a used=1i"), "{file}");
}

#[test]
fn a_wrong_token_keeps_the_points_and_says_what_to_check() {
    let fake = Fake::start(|_, _| answer(401, r#"{"code":"unauthorized","message":"unauthorized access"}"#));
    let (settings, folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for_status("does not accept the token (unauthorized access); check `token_file`; lines waiting: 1");
    assert_eq!(of(&feed.close().counters().lines_spooled), 1);
    assert_eq!(rejected(folder.path()), "");
}

#[test]
fn an_address_that_sends_elsewhere_is_a_mistake_in_the_settings() {
    let fake = Fake::start(|_, _| (308, vec![("location", "https://influx.example/".to_owned())], String::new()));
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for_status("sends us elsewhere (https://influx.example/); set `url` to the address that answers; lines waiting: 1");
}

#[test]
fn a_missing_bucket_is_made_once_in_the_organisation_of_the_settings() {
    let made = AtomicBool::new(false);
    let fake = Fake::start(move |_, asked| match &*asked.path {
        "/influx/api/v2/orgs?org=me" => answer(200, r#"{"orgs":[{"id":"0123456789abcdef","name":"me"}]}"#),
        "/influx/api/v2/buckets" => {
            made.store(asked.body.contains(r#""orgID":"0123456789abcdef""#) && asked.body.contains(r#""name":"b 1""#), Ordering::Relaxed);
            answer(201, "{}")
        }
        _ if made.load(Ordering::Relaxed) => answer(204, ""),
        _ => answer(404, r#"{"code":"not found","message":"bucket \"b 1\" not found"}"#),
    });
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_until_safe();
    assert_eq!(of(&feed.handle.counters().lines_written), 1);
    assert!(fake.asked().iter().all(|asked| asked.headers["authorization"] == "Token t0k"));
}

#[test]
fn a_bucket_that_may_not_be_made_is_waited_for() {
    let fake = Fake::start(|_, asked| match asked.path.contains("write") {
        true => answer(404, r#"{"code":"not found","message":"bucket \"b 1\" not found"}"#),
        false => answer(403, r#"{"code":"forbidden","message":"insufficient permissions"}"#),
    });
    let (settings, _folder) = two(&fake);
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_for_status("has no bucket `b 1` (bucket \"b 1\" not found); create it, or correct the settings; lines waiting: 1");
    assert_eq!(written(&fake).len(), 1);
}

#[test]
fn the_server_is_asked_for_its_version_when_nothing_else_tells() {
    let fake = Fake::start(|_, asked| match &*asked.path {
        "/ping" => (204, vec![("x-influxdb-version", "v2.7.11".to_owned())], String::new()),
        _ => answer(204, ""),
    });
    let (settings, _folder) = settings(format!("http://{}", fake.address));
    let mut feed = Feed::open(settings);
    feed.second(0);
    feed.wait_until_safe();
    let paths: Vec<String> = fake.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/ping", "/api/v2/write?org=&bucket=skep&precision=us"]);
}
