//! What riemann-dash does in a browser: `new WebSocket("ws://SERVER:5556/index?subscribe=true&query=" + encodeURIComponent(query))`
//! from a page on port 4567, then one JSON event a frame, for as long as the view is open.

use std::net::TcpStream;

use serde_json::{Value, json};
use testbed::http;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use crate::common::sender::{Sender, event};
use crate::common::{PATIENCE, Skep};

type Socket = WebSocket<TcpStream>;

/// Opens a path as a page of riemann-dash would; the error is the status of the refusal.
fn open(skep: &Skep, path: &str, origin: &str) -> Result<Socket, u16> {
    let stream = TcpStream::connect(skep.http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut request = format!("ws://{}{path}", skep.http).into_client_request().unwrap();
    request.headers_mut().insert("Origin", origin.parse().unwrap());
    match client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::HandshakeError::Failure(tokio_tungstenite::tungstenite::Error::Http(answer))) => {
            Err(answer.status().as_u16())
        }
        Err(error) => panic!("{path}: {error}"),
    }
}

fn index(query: &str) -> String {
    format!("/index?subscribe=true&query={}", http::encode(query))
}

#[track_caller]
fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Ping(_) => {}
            other => panic!("{other:?} is no event"),
        }
    }
}

fn at(skep: &Skep) -> Sender {
    Sender::connect(skep.riemann.unwrap()).unwrap()
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

const PAGE: &str = "http://127.0.0.1:4567";

#[test]
fn a_view_shows_what_is_there_then_every_change_and_what_expires() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let mut sender = at(&skep);
    let second = now();
    sender.send(&[event("web1", "latency", second, 0.5, 600.0), event("web2", "other", second, 1.0, 600.0)]).unwrap();
    let mut view = open(&skep, &index("service = \"latency\" and host != nil"), PAGE).unwrap();
    let first = next(&mut view);
    assert_eq!((&first["host"], &first["service"], &first["metric"]), (&json!("web1"), &json!("latency"), &json!(0.5)));
    // What the page reads with `Date.parse`, and the fields that it shows as they are.
    let time = first["time"].as_str().unwrap();
    assert!(time.len() >= "2026-01-01T00:00:00Z".len() && time.ends_with('Z'), "{time}");
    for key in ["state", "description", "tags", "ttl"] {
        assert!(first.get(key).is_some(), "{key} is missing in {first}");
    }
    sender.send(&[event("web1", "latency", second, 0.75, 600.0), event("web3", "other", second, 1.0, 600.0)]).unwrap();
    assert_eq!(next(&mut view)["metric"], 0.75);
    sender.send(&[event("web9", "latency", now(), 1.0, 1.0)]).unwrap();
    assert_eq!(next(&mut view)["host"], "web9");
    let gone = next(&mut view);
    assert_eq!((&gone["host"], &gone["service"], &gone["state"]), (&json!("web9"), &json!("latency"), &json!("expired")));
    skep.stop();
}

#[test]
fn many_views_of_one_page_are_served_and_a_bad_query_harms_none() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let mut views: Vec<Socket> =
        (0..30).map(|n| open(&skep, &index(&format!("service = \"s{n}\" or service = \"all\"")), PAGE).unwrap()).collect();
    for query in ["service = ", "\u{fffd}"] {
        // Riemann closes such a socket with 1000; a refusal before is as good to a page, and says why to a person.
        match open(&skep, &index(query), PAGE) {
            Err(status) => assert_eq!(status, 400),
            Ok(mut socket) => assert!(matches!(socket.read().unwrap(), Message::Close(_))),
        }
    }
    let mut sender = at(&skep);
    sender.send(&[event("h", "s7", now(), 7.0, 600.0), event("h", "all", now(), 1.0, 600.0)]).unwrap();
    for (n, view) in views.iter_mut().enumerate() {
        if n == 7 {
            assert_eq!(next(view)["service"], "s7");
        }
        assert_eq!(next(view)["service"], "all");
    }
    skep.stop();
}

#[test]
fn without_subscribe_the_socket_is_closed_with_1000_after_the_last_event() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    at(&skep).send(&[event("h", "once", now(), 7.0, 600.0)]).unwrap();
    let mut view = open(&skep, &format!("/index?query={}", http::encode("service = \"once\"")), PAGE).unwrap();
    assert_eq!(next(&mut view)["metric"], 7.0);
    let Message::Close(Some(frame)) = view.read().unwrap() else { panic!("no close frame") };
    assert_eq!(u16::from(frame.code), 1000);
    skep.stop();
}

#[test]
fn pubsub_gives_updates_alone_and_events_are_taken_by_the_frame() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let mut sender = at(&skep);
    sender.send(&[event("h", "news", now(), 1.0, 600.0)]).unwrap();
    let mut news = open(&skep, &format!("/pubsub/index?query={}", http::encode("service = \"news\"")), PAGE).unwrap();
    // A page of another port may read, not write.
    assert_eq!(open(&skep, "/events", PAGE).map(|_| ()), Err(403));
    let mut events = open(&skep, "/events", &format!("http://{}", skep.http)).unwrap();
    for (sent, answered) in [(r#"{"host": "h", "service": "news", "metric": 2, "ttl": 600}"#, "{}"), ("{\"metric\"", "")] {
        events.send(Message::text(sent)).unwrap();
        let answer = next(&mut events);
        assert!(if answered == "{}" { answer == json!({}) } else { answer["error"].is_string() }, "{sent}: {answer}");
    }
    assert_eq!(next(&mut news)["metric"], 2.0);
    skep.stop();
}

#[test]
fn pages_of_other_hosts_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    assert_eq!(open(&skep, &index("true"), "http://evil.example").map(|_| ()), Err(403));
    assert!(open(&skep, &index("true"), "http://localhost:4567").is_ok());
    skep.stop();
}
