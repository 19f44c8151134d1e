//! Which path gives which answer.

use std::sync::Arc;

use engine::query::Query;
use engine::rules::Changes;
use event::msg;
use hyper::body::Incoming;
use hyper::{Method, Request as HttpRequest, Response, StatusCode};
use serde_json::json;
use tokio::sync::oneshot;

use super::body::Body;
use super::params::{self, Params};
use super::server::Port;
use super::site::Site;
use super::{
    answer, assets, events, explain, history, influxql, json, live, metrics, pages, riemann, series, services, silences, socket, write,
};
use crate::driver::recording;
use crate::driver::request::{Alert, Request};
use crate::reload::{ReloadError, Reloaded};

/// Behind it stands the name of an alert.
const EXPLAIN: &str = "/api/v1/explain/";

/// Behind it may stand the id of one.
const SILENCES: &str = "/api/v1/silences";

/// Answers one request. Bodies are read of `/events`, silences and acknowledgements alone.
pub(super) async fn route(site: Arc<Site>, port: Port, request: HttpRequest<Incoming>) -> Response<Body> {
    let params = Params::parse(request.uri().query().unwrap_or_default());
    let path = request.uri().path().to_owned();
    let path = path.as_str();
    if port == Port::Sse && (path != "/index" || request.method() != Method::GET) {
        return not_found(path);
    }
    if !site.is_ready() && (request.method() == Method::POST || is_of_engine(path)) {
        return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "starting: what was running before is taken up; ask again");
    }
    if path == "/events" {
        return events(&site, request).await;
    }
    if path == SILENCES {
        return silences::all(&site, request).await;
    }
    if let Some(id) = path.strip_prefix(SILENCES).and_then(|rest| rest.strip_prefix('/')) {
        return silences::one(&site, id, &request).await;
    }
    if path == "/api/v1/alerts/ack" {
        return silences::acknowledge(&site, request).await;
    }
    if request.method() == Method::POST {
        return match path {
            "/write" => write::post(&site, write::Version::One, &params, request).await,
            "/api/v2/write" => write::post(&site, write::Version::Two, &params, request).await,
            "/query" => influxql::answer(&site, &params, request).await,
            "/reload" => match site.guard.check(request.headers()) {
                Ok(()) => reload(&site).await,
                Err(refused) => answer::refusal(StatusCode::FORBIDDEN, &refused.to_string()),
            },
            _ => not_found(path),
        };
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD are answered here, and POST to /reload and /events");
    }
    match path {
        "/healthz" => health(&site),
        "/metrics" => metrics::answer(&site, &params).await,
        "/api/v1/index" => index(&site, &params).await,
        "/api/v1/alerts" => alerts(&site, &params).await,
        "/api/v1/alerts/history" => history::answer(&site, &params).await,
        "/api/v1/series" => series::answer(&site, &params).await,
        "/query" if request.method() == Method::GET => influxql::answer(&site, &params, request).await,
        "/ping" => influxql::ping(),
        "/health" => write::health(),
        "/write" | "/api/v2/write" => answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "points are written with POST"),
        "/api/v1/record" => record(&site),
        "/api/v1/live" => live::open(&site, &params).await,
        "/index" | "/pubsub/index" => riemann::index(&site, &params, port, request).await,
        "/reload" => answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "/reload wants POST"),
        "/api/v1/services" => services::answer(&site).await,
        _ if path.starts_with(EXPLAIN) => {
            let name = path.strip_prefix(EXPLAIN).unwrap_or_default();
            explain::answer(&site, &params::decode(name), &params).await
        }
        _ => pages::serve(&assets::PAGES, path, request.headers()).unwrap_or_else(|| not_found(path)),
    }
}

fn is_of_engine(path: &str) -> bool {
    path.starts_with("/api/") || matches!(path, "/index" | "/pubsub/index" | "/events")
}

/// Events change state, whichever way they come.
async fn events(site: &Site, mut request: HttpRequest<Incoming>) -> Response<Body> {
    if let Err(refused) = site.guard.check(request.headers()) {
        return answer::refusal(StatusCode::FORBIDDEN, &refused.to_string());
    }
    if socket::is_wanted(request.headers()) {
        let ingest = site.ingest.clone();
        let Ok(slot) = site.live_slots.clone().try_acquire_owned() else {
            return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many WebSockets are open already; close one");
        };
        return socket::accept(&mut request, move |socket| async move {
            socket::take(socket, ingest).await;
            drop(slot);
        });
    }
    match *request.method() {
        Method::POST | Method::PUT => events::post(&site.ingest, request).await,
        _ => answer::refusal(StatusCode::METHOD_NOT_ALLOWED, "/events wants PUT, POST or a WebSocket"),
    }
}

fn not_found(path: &str) -> Response<Body> {
    answer::refusal(StatusCode::NOT_FOUND, &format!("there is nothing at {path}"))
}

fn health(site: &Site) -> Response<Body> {
    if site.is_ready() { answer::text(StatusCode::OK, "ok\n") } else { answer::text(StatusCode::SERVICE_UNAVAILABLE, "starting\n") }
}

async fn index(site: &Site, params: &Params) -> Response<Body> {
    let Some(text) = params.get("query") else {
        return answer::refusal(StatusCode::BAD_REQUEST, "give a query: /api/v1/index?query=Q, with `true` for all");
    };
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(mistakes) => return answer::mistakes(text, &mistakes),
    };
    let (answer, answered) = oneshot::channel();
    match site.ask(Request::Index { query, answer }, answered).await {
        Ok(found) => {
            // A million events take a while, and the web thread has other clients.
            let encode = move || {
                let mut out = Vec::with_capacity(found.len() * 2);
                json::array(&mut out, msg::events(&found), |out, event| json::event(out, &event));
                out
            };
            match tokio::task::spawn_blocking(encode).await {
                Ok(out) => answer::json(out),
                Err(_) => answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the events could not be encoded; see the log"),
            }
        }
        Err(refusal) => refusal,
    }
}

/// What the engine is given from now on, frame by frame; one recording at a time.
fn record(site: &Site) -> Response<Body> {
    let (tap, frames) = recording::tap();
    match site.requests.send(Request::Record(tap)) {
        Ok(()) => answer::of(StatusCode::OK, "application/octet-stream", Body::Stream(frames)),
        Err(error) => answer::refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

async fn alerts(site: &Site, params: &Params) -> Response<Body> {
    let (answer, answered) = oneshot::channel();
    let pending = params.get("pending") == Some("true");
    match site.ask(Request::Alerts { pending, answer }, answered).await {
        Ok(alerts) => answer::json(json!(alerts.iter().map(alert).collect::<Vec<_>>()).to_string().into_bytes()),
        Err(refusal) => refusal,
    }
}

fn alert(alert: &Alert) -> serde_json::Value {
    json!({
        "alert": alert.rule,
        "instance": alert.instance,
        "host": alert.host,
        "service": alert.service,
        "state": alert.state.as_str(),
        "since": alert.since.map(|since| since.to_string()),
        "value": alert.value,
        "message": alert.message,
        "details": alert.said.details,
        "runbook": alert.said.runbook,
        "team": alert.said.team,
        "labels": named(&alert.said.labels),
        "links": named(&alert.said.links),
        "opens_at": alert.opens_at.map(|at| at.to_string()),
        "silenced": alert.quiet.silenced.is_some(),
        "silenced_by": alert.quiet.silenced,
        "acknowledged": alert.quiet.acknowledged.as_ref().map(|ack| json!({ "note": ack.note, "author": ack.author, "at": ack.at.to_string() })),
    })
}

/// Names and texts, in their order.
fn named(pairs: &[(String, String)]) -> serde_json::Value {
    pairs.iter().map(|(name, text)| (name.clone(), serde_json::Value::from(text.as_str()))).collect()
}

async fn reload(site: &Site) -> Response<Body> {
    let reloader = site.reloader.clone();
    match tokio::task::spawn_blocking(move || reloader.reload("POST /reload")).await {
        Ok(Ok(Reloaded { n_alerts, changes: Changes { added, changed, removed } })) => {
            answer::json(json!({ "alerts": n_alerts, "added": added, "changed": changed, "removed": removed }).to_string().into_bytes())
        }
        Ok(Err(error @ ReloadError::Rules(_))) => answer::refusal(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        Ok(Err(error)) => answer::refusal(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        Err(_) => answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "reading the rules failed; see the log"),
    }
}
