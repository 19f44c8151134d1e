//! What `processor.web` leaves of pages and API, and whom it lets in.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use common::{event, json, plan, send, settings, start_with, wait_for};
use processor::run::{Handle, Settings};
use processor::settings::{Auth, Basic, TrustedHeader, Web};
use processor::sink::influx::Secret;
use testbed::http;

fn start(folder: &Path, web: Web) -> Handle {
    start_with(Settings { web, ..settings(folder) }, plan(), Arc::new(|| Ok(plan().into())))
}

#[track_caller]
fn check(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], status: u16) -> http::Answer {
    let answer = http::request(address, method, path, headers, b"{}").unwrap();
    assert_eq!(answer.status, status, "{method} {path} {headers:?}: {}", answer.body);
    answer
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

/// `ops` with `geheim`.
const OPS: &str = "Basic b3BzOmdlaGVpbQ==";

#[test]
fn with_auth_nothing_but_health_is_answered_to_strangers_and_wrong_tries_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let basic = Some(Basic { user: "ops".to_owned(), password: secret("geheim") });
    let auth = Auth { basic, bearer: Some(secret("robot")), trusted_header: None };
    let processor = start(folder.path(), Web { auth: Some(auth), ..Web::default() });
    let http = processor.http;
    for path in ["/", "/style.css", "/api/v1/status", "/api/v1/live?s=a:true", "/query?q=SHOW+DATABASES", "/index", "/metrics", "/nothing"]
    {
        let refused = check(http, "GET", path, &[], 401);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains("Basic realm=\"skep\"") && challenge.contains("Bearer"), "{challenge}");
    }
    for path in ["/write", "/api/v2/write", "/events", "/reload", "/api/v1/silences", "/query"] {
        check(http, "POST", path, &[], 401);
    }
    for path in ["/health", "/healthz", "/ping"] {
        assert!(http::get(http, path).unwrap().status < 300, "{path}");
    }
    for known in [OPS, "Bearer robot", "Token robot", "Basic YW55OnJvYm90"] {
        for path in ["/", "/api/v1/status", "/query?q=SHOW+DATABASES", "/index?query=false", "/metrics"] {
            check(http, "GET", path, &[("Authorization", known)], 200);
        }
        check(http, "POST", "/reload", &[("Authorization", known)], 200);
    }
    // Behind a proxy the host is another; a page of another origin stays out.
    check(http, "POST", "/reload", &[("Authorization", OPS), ("Origin", "http://evil.example")], 403);
    for wrong in ["Bearer geheim", "Basic b3BzOnJvYmJ5", "Bearer robo"] {
        check(http, "GET", "/api/v1/status", &[("Authorization", wrong), ("X-Forwarded-User", "ops")], 401);
    }
    let status = check(http, "GET", "/api/v1/status", &[("Authorization", OPS)], 200);
    let status: serde_json::Value = serde_json::from_str(&status.body).unwrap();
    assert_eq!(status["web"]["unauthorized"], 3);
    assert_eq!(status["web"]["auth"], serde_json::json!(["basic", "bearer"]));
    let metrics = check(http, "GET", "/metrics", &[("Authorization", OPS)], 200);
    assert!(metrics.body.contains("http_unauthorized_total 3") || metrics.body.contains("http_unauthorized 3"), "{}", metrics.body);
    processor.stop();
}

#[test]
fn a_proxy_is_believed_from_its_network_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (network, status) in [("127.0.0.0/8", 200), ("10.0.0.0/8", 401)] {
        let way = TrustedHeader { name: "x-forwarded-user".to_owned(), from: vec![network.parse().unwrap()] };
        let auth = Auth { trusted_header: Some(way), ..Auth::default() };
        let processor = start(folder.path(), Web { auth: Some(auth), ..Web::default() });
        check(processor.http, "GET", "/api/v1/status", &[("X-Forwarded-User", "ann")], status);
        check(processor.http, "GET", "/api/v1/status", &[("X-Forwarded-User", "")], 401);
        check(processor.http, "GET", "/api/v1/status", &[], 401);
        processor.stop();
    }
}

#[test]
fn off_leaves_metrics_health_and_the_paths_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path(), Web { off: true, ..Web::default() });
    let http = processor.http;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/style.css"),
        ("GET", "/alerts/x"),
        ("GET", "/api/v1/status"),
        ("POST", "/reload"),
        ("DELETE", "/api/v1/silences/1"),
    ] {
        let refused = check(http, method, path, &[], 404);
        assert!(refused.body.contains("processor.web.off"), "{}", refused.body);
    }
    for path in ["/healthz", "/health", "/ping", "/metrics", "/index?query=true", "/query?q=SHOW+DATABASES"] {
        assert!(http::get(http, path).unwrap().status < 300, "{path}");
    }
    assert_eq!(http::request(http, "POST", "/write", &[], b"x v=1").unwrap().status, 204);
    assert_eq!(http::request(http, "POST", "/events", &[], b"{\"service\":\"x\"}").unwrap().status, 200);
    processor.stop();
}

#[test]
fn read_only_forbids_what_changes_and_names_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let grafana = Some("https://grafana.example".to_owned());
    let processor = start(folder.path(), Web { read_only: true, grafana, ..Web::default() });
    let http = processor.http;
    send(processor.riemann, &[event("n1", "level", 9)]);
    wait_for(http, "service = \"alert/high\" and state = \"critical\"", 1);
    for (method, path) in [
        ("POST", "/api/v1/silences"),
        ("DELETE", "/api/v1/silences/1"),
        ("POST", "/api/v1/alerts/ack"),
        ("POST", "/api/v1/rules/disable"),
        ("POST", "/api/v1/rules/enable"),
        ("POST", "/reload"),
    ] {
        let refused = check(http, method, path, &[], 403);
        let told: serde_json::Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!(told["setting"], "processor.web.read_only", "{told}");
    }
    let web = json(http, "/api/v1/status")["web"].clone();
    assert_eq!(
        (&web["read_only"], &web["grafana"], &web["auth"]),
        (&true.into(), &"https://grafana.example".into(), &serde_json::Value::Null)
    );
    // What comes in still does.
    assert_eq!(http::request(http, "POST", "/write", &[], b"x v=1").unwrap().status, 204);
    check(http, "GET", "/api/v1/silences", &[], 200);
    let other = check(http, "POST", "/api/v1/status", &[], 405);
    assert_eq!(other.header("allow"), Some("GET, HEAD"));
    processor.stop();
}

#[test]
fn who_is_known_by_auth_needs_no_second_token_on_an_open_listener() {
    let folder = tempfile::tempdir().unwrap();
    let auth = Auth { bearer: Some(secret("robot")), ..Auth::default() };
    let web = Web { auth: Some(auth), ..Web::default() };
    let open = Settings { http: "0.0.0.0:0".into(), web, ..settings(folder.path()) };
    let processor = start_with(open, plan(), Arc::new(|| Ok(plan().into())));
    let local = SocketAddr::from(([127, 0, 0, 1], processor.http.port()));
    check(local, "POST", "/reload", &[], 401);
    check(local, "POST", "/reload", &[("Authorization", "Bearer robot")], 200);
    processor.stop();
}
