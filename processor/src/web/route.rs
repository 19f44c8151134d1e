//! Which path gives which answer.

use std::net::IpAddr;
use std::sync::Arc;

use engine::query::Query;
use engine::rules::Changes;
use event::msg;
use hyper::body::Incoming;
use hyper::{Method, Request as HttpRequest, Response, StatusCode};
use serde_json::json;
use tokio::sync::oneshot;
use transport::percent;

use super::body::Body;
use super::endpoints::{self, Endpoint, Of, What};
use super::guard::Refused;
use super::params::Params;
use super::server::Port;
use super::site::Site;
use super::{
    alerts, answer, assets, disabled, events, explain, history, influxql, json, live, metrics, pages, riemann, rules, series, services,
    silences, socket, status, units, write,
};
use crate::driver::recording;
use crate::driver::request::Request;
use crate::reload::{ReloadError, Reloaded};

/// Answers one request of `peer`: whether it is let in, whether it may do that, and then what stands at its path.
pub(super) async fn route(site: Arc<Site>, port: Port, peer: IpAddr, request: HttpRequest<Incoming>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let found = endpoints::find(&path);
    if found.is_none_or(|(endpoint, _)| endpoint.of != Of::Health)
        && let Err(refused) = site.guard.admit(request.headers(), peer)
    {
        if refused == Refused::Wrong {
            site.own.http.note_unauthorized(peer, site.own.now());
        }
        return answer::refused(refused);
    }
    if port == Port::Sse && (path != "/index" || request.method() != Method::GET) {
        return not_found(&path);
    }
    let Some((endpoint, name)) = found else { return page(&site, &path, &request) };
    if let Some(refusal) = forbids(&site, endpoint, &request) {
        return refusal;
    }
    answer(&site, port, endpoint, &percent::decode_text(name), request).await
}

/// A refusal when this is not the time for it, or when the settings do not leave it.
fn forbids(site: &Site, endpoint: &Endpoint, request: &HttpRequest<Incoming>) -> Option<Response<Body>> {
    let (path, method) = (request.uri().path(), request.method());
    if site.web.off && endpoint.of == Of::Skep {
        return Some(off(path));
    }
    if !endpoint.takes(method) {
        return Some(answer::not_allowed(path, &endpoint.allowed()));
    }
    let is_asked = matches!(*method, Method::GET | Method::HEAD);
    if site.web.read_only && endpoint.changes && !is_asked {
        return Some(answer::read_only());
    }
    let of_engine = path.starts_with("/api/") || matches!(endpoint.what, What::RiemannIndex | What::Events);
    if !site.is_ready() && (!is_asked || of_engine) {
        return Some(answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "starting: what was running before is taken up; ask again"));
    }
    None
}

/// What stands at an endpoint. `name` is what its path has in place of a `{NAME}`.
async fn answer(site: &Arc<Site>, port: Port, endpoint: &Endpoint, name: &str, request: HttpRequest<Incoming>) -> Response<Body> {
    let params = Params::parse(request.uri().query().unwrap_or_default());
    match endpoint.what {
        What::Acknowledge => silences::acknowledge(site, request).await,
        What::Alerts => alerts::answer(site, &params).await,
        What::Disable => disabled::disable(site, request).await,
        What::Enable => disabled::enable(site, request).await,
        What::Events => events(site, request).await,
        What::Explain => explain::answer(site, name, &params).await,
        What::Health => write::health(),
        What::History => history::answer(site, &params).await,
        What::Index => index(site, &params).await,
        What::Live => live::open(site, &params).await,
        What::Metrics => metrics::answer(site, &params).await,
        What::Ping => influxql::ping(),
        What::Query => influxql::answer(site, &params, request).await,
        What::Ready => health(site),
        What::Record => record(site),
        What::Reload => reload(site, &request).await,
        What::RiemannIndex => riemann::index(site, &params, port, request).await,
        What::Rules => rules::answer(site, &params).await,
        What::Series => series::answer(site, &params).await,
        What::Services => services::answer(site).await,
        What::Silence => silences::one(site, name, &request).await,
        What::Silences => silences::all(site, request).await,
        What::Status => status::answer(site, &params).await,
        What::Units => units::answer(),
        What::Write => write::post(site, write::Version::One, &params, request).await,
        What::WriteTwo => write::post(site, write::Version::Two, &params, request).await,
    }
}

/// Pages and what they load.
fn page(site: &Site, path: &str, request: &HttpRequest<Incoming>) -> Response<Body> {
    let Some(page) = pages::serve(&assets::PAGES, path, request.headers()) else { return not_found(path) };
    if site.web.off {
        return off(path);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return answer::not_allowed(path, "GET, HEAD");
    }
    page
}

fn off(path: &str) -> Response<Body> {
    answer::refusal(StatusCode::NOT_FOUND, &format!("there is nothing at {path}: the pages and the API are off (`processor.web.off`)"))
}

/// Events change state, whichever way they come.
async fn events(site: &Site, mut request: HttpRequest<Incoming>) -> Response<Body> {
    if let Err(refused) = site.guard.check(request.headers()) {
        return answer::refused(refused);
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
        _ => answer::not_allowed("/events", "PUT, POST"),
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

async fn reload(site: &Site, request: &HttpRequest<Incoming>) -> Response<Body> {
    if let Err(refused) = site.guard.check(request.headers()) {
        return answer::refused(refused);
    }
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
