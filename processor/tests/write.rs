//! Line protocol over HTTP, as InfluxDB 1 and 2 take it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::io::Write as _;
use std::net::SocketAddr;

use common::{PATIENCE, index, json, start};
use flate2::Compression;
use flate2::write::GzEncoder;
use testbed::{http, wait_until};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "points of now, sent to another thread's clock")]
fn seconds_now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Waits until the store has so many points of the last hour.
#[track_caller]
fn wait_for_points(address: SocketAddr, series: &str, now: u64, n: usize) {
    let path = format!("/api/v1/series?{series}&from={}&to={}", now - 3600, now + 60);
    let seen = wait_until(PATIENCE, || json(address, &path)[0]["points"].as_array().is_some_and(|points| points.len() == n));
    assert!(seen, "{}", json(address, &path));
}

#[track_caller]
fn check(address: SocketAddr, path: &str, headers: &[(&str, &str)], body: &[u8], status: u16, says: &str) {
    let answer = http::request(address, "POST", path, headers, body).unwrap();
    assert_eq!((answer.status, answer.body.trim()), (status, says), "{path}");
}

#[test]
fn points_become_events_and_are_stored_under_their_own_names() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let now = seconds_now();
    let lines = format!("cpu,host=n9,cpu=cpu-total usage_idle=97.5,cores=4i {now}\nnote,host=n9 text=\"hello, \\\"you\\\"\" {now}\n");
    check(processor.http, "/write?db=telegraf&precision=s", &[], lines.as_bytes(), 204, "");
    let found = index(processor.http, "service = \"cpu/cpu=cpu-total/usage_idle\"");
    assert_eq!(
        (found[0]["host"].as_str(), found[0]["metric"].as_f64(), found[0]["cpu"].as_str()),
        (Some("n9"), Some(97.5), Some("cpu-total"))
    );
    assert_eq!(index(processor.http, "service = \"note/text\"")[0]["state"], "hello, \"you\"");
    let nanos = format!("cpu,host=n9,cpu=cpu-total usage_idle=90 {}000000000\n", now + 1);
    let packed = [gzip(&nanos.as_bytes()[..7]), gzip(&nanos.as_bytes()[7..])].concat();
    check(
        processor.http,
        "/api/v2/write?org=o&bucket=b",
        &[("Content-Encoding", "gzip"), ("Authorization", "Token any")],
        &packed,
        204,
        "",
    );
    wait_for_points(processor.http, "measurement=cpu&field=usage_idle&cpu=cpu-total&host=n9", now, 2);
    processor.stop();
}

#[test]
fn lines_that_are_none_are_told_in_influxdbs_json_and_the_others_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let partial = "partial write: line 2: expected the key of a field, found the end of the line dropped=1";
    let mixed = b"good,host=a x=1\ncpu\n";
    check(processor.http, "/write?db=d", &[], mixed, 400, &format!("{{\"error\":\"{partial}\"}}"));
    check(processor.http, "/api/v2/write", &[], mixed, 400, &format!("{{\"code\":\"invalid\",\"message\":\"{partial}\"}}"));
    assert_eq!(index(processor.http, "service = \"good/x\"").len(), 1);
    let none = "{\"error\":\"unable to parse: line 1: expected the value of a field, found `now` dropped=1\"}";
    check(processor.http, "/write?db=d", &[], b"cpu x=now", 400, none);
    let precision = "{\"error\":\"invalid precision \\\"day\\\", expected n, ns, u, us, ms, s, m or h\"}";
    check(processor.http, "/write?db=d&precision=day", &[], b"cpu x=1", 400, precision);
    check(processor.http, "/write?db=d", &[], b"", 204, "");
    check(
        processor.http,
        "/write",
        &[("Content-Encoding", "br")],
        b"x",
        400,
        "{\"error\":\"the body is packed as br, expected gzip, or nothing\"}",
    );
    let answer = http::request(processor.http, "POST", "/write", &[("Content-Encoding", "gzip")], b"no gzip").unwrap();
    assert!(answer.status == 400 && answer.body.contains("the body is no gzip"), "{}", answer.body);
    processor.stop();
}

#[test]
fn a_request_that_unpacks_without_end_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let comment = format!("#{}\n", "a".repeat(65_534));
    let bomb = gzip(comment.repeat(1025).as_bytes());
    let says = "{\"error\":\"unpacked the request has over 67108864 bytes\"}";
    check(processor.http, "/write", &[("Content-Encoding", "gzip")], &bomb, 413, says);
    let answer = http::get(processor.http, "/health").unwrap();
    assert!(answer.status == 200 && answer.body.contains("\"status\":\"pass\""), "{}", answer.body);
    processor.stop();
}

#[test]
fn old_points_marked_late_are_stored_and_no_rule_sees_them() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let now = seconds_now();
    check(processor.http, "/write?late=true&precision=s", &[], format!("old,host=a x=1 {}", now - 3000).as_bytes(), 204, "");
    wait_for_points(processor.http, "measurement=old&field=x", now, 1);
    assert_eq!(index(processor.http, "service = \"old/x\"").len(), 0);
    processor.stop();
}
