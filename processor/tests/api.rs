//! The processor as its clients see it: Riemann's protocol in, HTTP out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, UdpSocket};
use std::sync::Arc;

use common::{PATIENCE, event, index, json, plan, query, send, settings, start, start_with, wait_for};
use engine::rules::{self, Alert, Level, Plan};
use event::msg::{Encoder, Msg};
use event::{Event, Timestamp};
use processor::reload::Refused;
use testbed::{http, wait_until};
use transport::request::Connection;

#[test]
fn events_come_back_by_http_with_riemanns_names_and_their_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let given = Event {
        state: Some("ok".into()),
        time: Some(Timestamp::from_secs(1_795_332_051)),
        marks: vec!["a".into()],
        attributes: vec![("path".into(), "/var".into())],
        ttl: Some(1e9),
        ..event("n1", "disk used", 41)
    };
    send(processor.riemann, &[given, event("n2", "disk used", 7)]);
    let found = index(processor.http, "host = \"n1\" and service = \"disk used\"");
    let expected = serde_json::json!([{
        "host": "n1", "service": "disk used", "state": "ok", "description": null, "metric": 41,
        "time": "2026-11-22T07:20:51Z", "ttl": 1e9, "tags": ["a"], "path": "/var",
    }]);
    assert_eq!(serde_json::Value::from(found), expected);
    assert_eq!(index(processor.http, "service = \"disk used\"").len(), 2);
    processor.stop();
}

#[test]
fn a_riemann_query_sees_the_events_of_its_own_message() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let mut encoder = Encoder::new();
    event("n1", "x", 3).with_view(|view| encoder.event(view));
    encoder.query("service = \"x\"");
    let mut connection = Connection::open(processor.riemann.unwrap(), PATIENCE).unwrap();
    let reply = connection.ask(encoder.bytes()).unwrap();
    let reply = Msg::decode(&reply).unwrap();
    assert_eq!((reply.ok, reply.n_events), (Some(true), 1));
    processor.stop();
}

#[test]
fn a_bad_query_is_refused_with_its_place_and_the_connection_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let answer = http::get(processor.http, &format!("/api/v1/index?query={}", http::encode("metric > 5 AND x"))).unwrap();
    assert_eq!(answer.status, 400);
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["position"], 11, "{body}");
    assert!(body["error"].is_string(), "{body}");

    let mut connection = Connection::open(processor.riemann.unwrap(), PATIENCE).unwrap();
    let mut encoder = Encoder::new();
    encoder.query("metric > 5 AND x");
    let reply = connection.ask(encoder.bytes()).unwrap();
    let reply = Msg::decode(&reply).unwrap();
    assert_eq!(reply.ok, Some(false));
    assert!(String::from_utf8_lossy(reply.error.unwrap()).starts_with("parse error: at byte 11"), "{reply:?}");
    let reply = connection.ask(&common::message(&[event("n1", "x", 1)])).unwrap();
    assert_eq!(Msg::decode(&reply).unwrap().ok, Some(true));
    processor.stop();
}

#[test]
fn a_datagram_is_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let arrived = wait_until(PATIENCE, || {
        socket.send_to(&common::message(&[event("n1", "udp", 1)]), processor.riemann.unwrap()).unwrap();
        !index(processor.http, "service = \"udp\"").is_empty()
    });
    assert!(arrived);
    processor.stop();
}

#[test]
fn an_alert_opens_when_its_for_has_run_out_and_closes_again() {
    let folder = tempfile::tempdir().unwrap();
    let high = Alert {
        by: vec!["host".into()],
        crit: Some(Level::new(query("metric > 5"))),
        for_: event::Duration::from_micros(300_000),
        ..Alert::new("high", query("service = \"level\""))
    };
    let plan = Plan::new(vec![high], rules::Settings::default());
    let processor = start_with(settings(folder.path()), plan, Arc::new(|| unreachable!("nobody reloads")));
    send(processor.riemann, &[event("n1", "level", 9)]);
    let waiting = json(processor.http, "/api/v1/alerts?pending=true");
    assert!(waiting[0]["opens_at"].is_string() || waiting[0]["state"] == "critical", "{waiting}");
    let open = wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 1);
    assert_eq!(open[0]["host"], "n1");
    let alerts = json(processor.http, "/api/v1/alerts");
    assert_eq!((&alerts[0]["alert"], &alerts[0]["state"]), (&"high".into(), &"critical".into()), "{alerts}");
    send(processor.riemann, &[event("n1", "level", 1)]);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 0);
    assert_eq!(json(processor.http, "/api/v1/alerts"), serde_json::json!([]));
    processor.stop();
}

#[test]
fn open_alerts_come_page_by_page_each_of_them_once() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let events: Vec<Event> = ["n3", "n 1/&", "n5", "n2", "n4"].map(|host| event(host, "level", 9)).into();
    send(processor.riemann, &events);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 5);
    let mut address = Some("/api/v1/alerts?limit=2".to_owned());
    let mut pages = Vec::new();
    while let Some(path) = address {
        let mut stream = TcpStream::connect(processor.http).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let link = head.lines().find_map(|line| line.strip_prefix("link: <"));
        address = link.map(|link| link.strip_suffix(">; rel=\"next\"").unwrap().to_owned());
        let page: serde_json::Value = serde_json::from_str(body).unwrap();
        pages.push(page.as_array().unwrap().iter().map(|alert| alert["host"].as_str().unwrap().to_owned()).collect::<Vec<_>>());
    }
    assert_eq!(pages, [vec!["n 1/&", "n2"], vec!["n3", "n4"], vec!["n5"]]);
    let rest = json(processor.http, "/api/v1/alerts?after=high/n4");
    assert_eq!((rest.as_array().unwrap().len(), &rest[0]["host"]), (1, &"n5".into()));
    for limit in ["0", "-1", "all"] {
        assert_eq!(http::get(processor.http, &format!("/api/v1/alerts?limit={limit}")).unwrap().status, 400);
    }
    processor.stop();
}

#[test]
fn garbage_closes_its_own_connection_only_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let mut good = Connection::open(processor.riemann.unwrap(), PATIENCE).unwrap();
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0, 0, 0, 3, 1, 2, 3]] {
        let mut bad = Connection::open(processor.riemann.unwrap(), PATIENCE).unwrap();
        bad.send(garbage).unwrap();
        assert!(bad.receive().is_err());
        let reply = good.ask(&common::message(&[event("n1", "x", 1)])).unwrap();
        assert_eq!(Msg::decode(&reply).unwrap().ok, Some(true));
    }
    TcpStream::connect(processor.http).unwrap().write_all(&[0xff; 100]).unwrap();
    let counted = || http::get(processor.http, "/metrics").unwrap().body.contains("\nskep_processor_connections_garbage_total 3\n");
    assert!(wait_until(PATIENCE, counted));
    processor.stop();
}

#[test]
fn rules_are_read_again_on_request_and_a_failed_reload_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let told = good.clone();
    let reload = Arc::new(move || match told.load(std::sync::atomic::Ordering::SeqCst) {
        true => Ok(Plan::new(Vec::new(), rules::Settings::default()).into()),
        false => Err(Refused { first: "a.yaml:3:5: unknown key `wehn`".into(), report: "error: unknown key `wehn`".into() }),
    });
    let processor = start_with(settings(folder.path()), plan(), reload);
    send(processor.riemann, &[event("n1", "level", 9)]);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 1);

    let refused = http::request(processor.http, "POST", "/reload", &[], b"").unwrap();
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("unknown key `wehn`"), "{}", refused.body);
    assert_eq!(json(processor.http, "/api/v1/alerts").as_array().unwrap().len(), 1);

    good.store(true, std::sync::atomic::Ordering::SeqCst);
    let elsewhere = http::request(processor.http, "POST", "/reload", &[("Origin", "http://evil.example")], b"").unwrap();
    assert_eq!(elsewhere.status, 403);
    let mut rebound = TcpStream::connect(processor.http).unwrap();
    rebound.write_all(b"POST /reload HTTP/1.0\r\nHost: evil.example:5556\r\nOrigin: http://evil.example:5556\r\n\r\n").unwrap();
    let mut answer = String::new();
    rebound.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 403"), "{answer}");
    let taken = http::request(processor.http, "POST", "/reload", &[], b"").unwrap();
    assert_eq!((taken.status, taken.body.as_str()), (200, "{\"added\":[],\"alerts\":0,\"changed\":[],\"removed\":[\"high\"]}"));
    assert_eq!(json(processor.http, "/api/v1/alerts"), serde_json::json!([]));
    processor.stop();
}

#[test]
fn a_listener_that_others_reach_wants_the_token_for_changes() {
    let folder = tempfile::tempdir().unwrap();
    let open = run_settings(folder.path());
    let processor = start_with(open, plan(), Arc::new(|| Ok(plan().into())));
    let local = std::net::SocketAddr::from(([127, 0, 0, 1], processor.http.port()));
    let refused = http::request(local, "POST", "/reload", &[], b"").unwrap();
    assert_eq!((refused.status, refused.header("www-authenticate").is_some()), (401, true), "{}", refused.body);
    assert_eq!(index(local, "service = \"nothing\""), [0; 0].map(serde_json::Value::from));
    let taken = http::request(local, "POST", "/reload", &[("Authorization", "Bearer s3cret")], b"").unwrap();
    assert_eq!(taken.status, 200);
    processor.stop();
}

fn run_settings(folder: &std::path::Path) -> processor::run::Settings {
    processor::run::Settings { http: "0.0.0.0:0".into(), token: Some("s3cret".into()), ..settings(folder) }
}

#[test]
fn pages_are_whole_and_bring_their_safeguards() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let page = http::get(processor.http, "/").unwrap();
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<title>Swarm"), "{}", page.body);
    for path in page.body.split('"').filter(|text| text.starts_with('/') && text.contains('.')) {
        assert_eq!(http::get(processor.http, path).unwrap().status, 200, "{path}");
    }
    assert_eq!(http::get(processor.http, "/healthz").unwrap().status, 200);
    assert_eq!(http::get(processor.http, "/nothing").unwrap().status, 404);
    assert_eq!(http::request(processor.http, "DELETE", "/", &[], b"").unwrap().status, 405);
    processor.stop();
}

#[test]
fn history_is_asked_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let at = |second| Event { time: Some(Timestamp::from_secs(second)), ..event("n1", "load", second) };
    let now = processor.own.now().secs();
    send(processor.riemann, &[at(now - 2), at(now - 1), at(now)]);
    let path = format!("/api/v1/series?measurement=load&field=value&from={}&to={}&host=n1", now - 10, now + 10);
    let stored = wait_until(PATIENCE, || json(processor.http, &path)[0]["points"].as_array().is_some_and(|points| points.len() == 3));
    assert!(stored, "{}", json(processor.http, &path));
    let answer = json(processor.http, &path);
    assert_eq!(answer[0]["tags"]["host"], "n1");
    assert_eq!(answer[0]["points"][0][0], now - 2);
    assert_eq!(answer[0]["points"][0][1], (now - 2) as f64);
    let refused = http::get(processor.http, "/api/v1/series?measurement=load").unwrap();
    assert_eq!((refused.status, refused.body.as_str()), (400, "{\"error\":\"`field=` is missing\"}"));
    processor.stop();
}

#[test]
fn the_processor_tells_about_itself() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let found = wait_for(processor.http, "service = \"skep_processor/series\"", 1);
    assert_eq!((&found[0]["host"], &found[0]["tags"][0]), (&"node".into(), &"skep".into()));
    for event in index(processor.http, "service =~ \"skep_processor/%\"") {
        let service = event["service"].as_str().unwrap();
        let name = event::Name::split(service).unwrap();
        assert!(catalogue::find(name.measurement, name.field).is_some(), "{service} is not in the catalogue");
    }
    let metrics = http::get(processor.http, "/metrics").unwrap().body;
    for name in ["events_total", "journal_bytes_total", "series", "resident_bytes", "cpu_seconds_total", "store_values_total"] {
        assert!(metrics.contains(&format!("\nskep_processor_{name} ")), "{name} is missing in {metrics}");
    }
    processor.stop();
}

#[test]
fn the_rules_are_told_in_words_with_what_they_match_and_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let high =
        Alert { by: vec!["host".into()], crit: Some(Level::new(query("metric > 5"))), ..Alert::new("high", query("service = \"level\"")) };
    let idle = Alert { crit: Some(Level::new(query("metric > 1"))), ..Alert::new("idle", query("service = \"nothing\"")) };
    let plan = Plan::new(vec![high, idle], rules::Settings::default());
    let processor = start_with(settings(folder.path()), plan, Arc::new(|| unreachable!("nobody reloads")));
    send(processor.riemann, &[event("n1", "level", 9), event("n2", "level", 1)]);
    wait_for(processor.http, "service = \"alert/high\" and state = \"critical\"", 1);
    let told = json(processor.http, "/api/v1/rules");
    let last = &told["last_reload"];
    assert_eq!((&last["ok"], &last["error"], last["at"].is_string()), (&true.into(), &serde_json::Value::Null, true), "{told}");
    let find = |name: &str| told["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).cloned().unwrap();
    let (high, idle) = (find("high"), find("idle"));
    assert_eq!(
        (&high["instances"], &high["open"], &high["matches_nothing"]),
        (&2.into(), &serde_json::json!({"critical": 1}), &false.into())
    );
    assert_eq!(high["source"], "high:\n  where: service = \"level\"\n  by: [host]\n  crit: metric > 5");
    assert_eq!(high["words"][0], serde_json::json!(["picks", "events where service = \"level\""]));
    assert_eq!((&idle["instances"], &idle["matches_nothing"]), (&0.into(), &true.into()));
    processor.stop();
}

#[test]
fn what_skep_does_and_in_which_units_is_told_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    send(processor.riemann, &[event("n1", "cpu/usage_active", 9), event("n2", "cpu/usage_active", 1), event("n1", "mem/used", 1)]);
    wait_for(processor.http, "service = \"cpu/usage_active\"", 2);
    let status = json(processor.http, "/api/v1/status?cardinality=true");
    assert!(status["uptime_s"].is_number() && status["started_at"].is_string(), "{status}");
    assert_eq!(status["inputs"][0]["name"], "riemann, tcp");
    assert_eq!(status["inputs"][0]["refused"], 0, "{status}");
    assert_eq!((&status["queues"][1]["bound"], &status["web"]["live"]["bound"]), (&256.into(), &256.into()), "{status}");
    let cardinality = status["cardinality"].as_array().unwrap();
    assert!(cardinality.contains(&serde_json::json!({"measurement": "cpu", "series": 2})), "{status}");
    assert!(json(processor.http, "/api/v1/status").get("cardinality").is_none(), "counting is asked for");
    let units = json(processor.http, "/api/v1/units");
    assert_eq!((&units["cpu/usage_active"]["unit"], &units["cpu/usage_active"]["kind"]), (&"percent".into(), &"gauge".into()));
    assert_eq!(units["mem/used"]["unit"], "bytes");
    processor.stop();
}
