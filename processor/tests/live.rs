//! The live stream as a page sees it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use common::{PATIENCE, event, send, start};
use serde_json::Value;
use testbed::http;

/// The events of one stream.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
        line.trim_end().to_owned()
    }

    /// The next event of this kind, beats passed over.
    fn next(&mut self, kind: &str) -> Value {
        loop {
            let line = self.line();
            let Some(found) = line.strip_prefix("event: ") else { continue };
            let data = self.line();
            if found != "beat" {
                assert_eq!(found, kind, "{data}");
                return serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            }
        }
    }
}

fn subscription(name: &str, query: &str) -> String {
    format!("s={}", http::encode(&format!("{name}:{query}")))
}

#[test]
fn a_stream_begins_with_a_snapshot_and_goes_on_with_what_changes() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    send(processor.riemann, &[event("n1", "x", 1), event("n1", "y", 1)]);
    let path = format!("/api/v1/live?rate=250&{}", subscription("a", "service = \"x\""));
    let mut stream = Stream::open(processor.http, &path);
    let snapshot = stream.next("snapshot");
    assert_eq!((&snapshot["s"], snapshot["rows"].as_array().unwrap().len()), (&"a".into(), 1));
    let column = |name: &str| snapshot["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
    let row = &snapshot["rows"][0];
    assert_eq!((&row[column("host")], &row[column("metric")]), (&"n1".into(), &1.into()));

    send(processor.riemann, &[event("n1", "x", 2), event("n1", "y", 2)]);
    let delta = stream.next("delta");
    let changed = delta["rows"].as_array().unwrap();
    assert_eq!(changed.len(), 1, "{delta}");
    assert_eq!((&changed[0][0], &changed[0][column("metric")]), (&row[0], &2.into()));
    assert!(changed[0].as_array().unwrap().len() < row.as_array().unwrap().len(), "what did not change is left out: {delta}");

    let gone = event::Event { state: Some("expired".into()), ..event("n1", "x", 2) };
    send(processor.riemann, &[gone]);
    assert_eq!(stream.next("gone")["ids"], serde_json::json!([row[0]]));
    processor.stop();
}

#[test]
fn a_row_that_no_longer_matches_is_gone_and_one_that_does_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let path = format!("/api/v1/live?rate=250&{}", subscription("high", "metric > 5 and service = \"x\""));
    let mut stream = Stream::open(processor.http, &path);
    assert_eq!(stream.next("snapshot")["rows"], serde_json::json!([]));
    send(processor.riemann, &[event("n1", "x", 9)]);
    let id = stream.next("delta")["rows"][0][0].clone();
    send(processor.riemann, &[event("n1", "x", 1)]);
    assert_eq!(stream.next("gone")["ids"][0], id);
    processor.stop();
}

/// Each silenced host of a frame's rows, with its silence.
fn silenced(rows: &Value) -> Vec<(String, String)> {
    let objects = |row: &Value| row.as_array().unwrap().iter().find(|cell| cell.is_object()).cloned().unwrap_or_default();
    let host =
        |row: &Value| row.as_array().unwrap().iter().find_map(|cell| cell.as_str().filter(|text| text.starts_with('n'))).map(str::to_owned);
    let pair = |row: &Value| Some((host(row)?, objects(row)["silenced"].as_str()?.to_owned()));
    rows.as_array().unwrap().iter().filter_map(pair).collect()
}

#[test]
fn a_silenced_alert_says_by_which_silence() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let wish = br#"{"where": "alert = \"high\" and host = \"n1\"", "for": "1h"}"#;
    assert_eq!(http::request(processor.http, "POST", "/api/v1/silences", &[], wish).unwrap().status, 201);
    let path = format!("/api/v1/live?rate=250&{}", subscription("open", "service = \"alert/high\""));
    let mut stream = Stream::open(processor.http, &path);
    assert_eq!(stream.next("snapshot")["rows"], serde_json::json!([]));
    send(processor.riemann, &[event("n1", "level", 9), event("n2", "level", 9)]);
    let expected = [("n1".to_owned(), "1".to_owned())];
    assert_eq!(silenced(&stream.next("delta")["rows"]), expected);
    let mut later = Stream::open(processor.http, &path);
    assert_eq!(silenced(&later.next("snapshot")["rows"]), expected);
    // An end and a beginning change nothing of the alert itself, and show at once all the same.
    assert_eq!(http::request(processor.http, "DELETE", "/api/v1/silences/1", &[], b"").unwrap().status, 200);
    assert_eq!(silenced(&later.next("delta")["rows"]), []);
    let wish = br#"{"where": "alert = \"high\" and host = \"n2\"", "for": "1h"}"#;
    assert_eq!(http::request(processor.http, "POST", "/api/v1/silences", &[], wish).unwrap().status, 201);
    assert_eq!(silenced(&later.next("delta")["rows"]), [("n2".to_owned(), "2".to_owned())]);
    processor.stop();
}

#[test]
fn several_queries_share_one_stream() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let path = format!("/api/v1/live?{}&{}", subscription("a", "service = \"x\""), subscription("b", "service = \"y\""));
    let mut stream = Stream::open(processor.http, &path);
    let mut names = [stream.next("snapshot")["s"].to_string(), stream.next("snapshot")["s"].to_string()];
    names.sort();
    assert_eq!(names, ["\"a\"", "\"b\""]);
    processor.stop();
}

#[test]
fn a_bad_subscription_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let refused = http::get(processor.http, &format!("/api/v1/live?{}", subscription("a", "service =="))).unwrap();
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("\"position\":"), "{}", refused.body);
    assert_eq!(http::get(processor.http, "/api/v1/live").unwrap().status, 400);
    assert_eq!(http::get(processor.http, "/api/v1/live?s=true").unwrap().status, 400);
    processor.stop();
}
