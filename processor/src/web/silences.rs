//! `/api/v1/silences` and `/api/v1/alerts/ack`: who wants to be left in peace.

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request as HttpRequest, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::oneshot;

use super::answer;
use super::body::Body;
use super::site::Site;
use crate::driver::request::Request;
use crate::quiet::{Acknowledge, Command, Done, QuietError, Wish};

/// Bytes of one request: three texts of 4 kB, and room.
const MAX_BODY: usize = 64 << 10;

/// How long a request's body may take.
const WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// Lists them, or makes one.
pub(super) async fn all(site: &Site, request: HttpRequest<Incoming>) -> Response<Body> {
    match *request.method() {
        Method::POST => made(site, request).await.unwrap_or_else(|refusal| refusal),
        _ => list(site).await,
    }
}

/// Ends the silence of this id.
pub(super) async fn one(site: &Site, id: &str, request: &HttpRequest<Incoming>) -> Response<Body> {
    if let Err(refused) = site.guard.check(request.headers()) {
        return answer::refused(refused);
    }
    match command(site, Command::End { id: id.to_owned() }).await {
        Ok(_) => answer::json(json!({ "ended": id }).to_string().into_bytes()),
        Err(refusal) => refusal,
    }
}

/// Acknowledges open alerts.
pub(super) async fn acknowledge(site: &Site, request: HttpRequest<Incoming>) -> Response<Body> {
    let wish: Acknowledge = match read(site, request).await {
        Ok(wish) => wish,
        Err(refusal) => return refusal,
    };
    match command(site, Command::Acknowledge(wish)).await {
        Ok(Done::Acknowledged(n)) => answer::json(json!({ "acknowledged": n }).to_string().into_bytes()),
        Ok(_) => answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the engine did something else"),
        Err(refusal) => refusal,
    }
}

async fn list(site: &Site) -> Response<Body> {
    let (answer, answered) = oneshot::channel();
    match site.ask(Request::Silences { answer }, answered).await {
        Ok(silences) => answer::json(serde_json::Value::Array(silences).to_string().into_bytes()),
        Err(refusal) => refusal,
    }
}

async fn made(site: &Site, request: HttpRequest<Incoming>) -> Result<Response<Body>, Response<Body>> {
    let wish: Wish = read(site, request).await?;
    let settled = wish.settle(site.own.now()).map_err(|error| answer::refusal(StatusCode::BAD_REQUEST, &error.to_string()))?;
    let until = settled.until.clone();
    let mut warnings = crate::config::doubt_query(&settled.where_).sentences();
    let (answer, answered) = oneshot::channel();
    warnings.extend(crate::config::unknown_alerts(&settled.where_, &site.ask(Request::Names { answer }, answered).await?));
    match command(site, Command::Silence(settled)).await? {
        Done::Silenced(id) => {
            let told = json!({ "id": id, "until": until, "warnings": warnings }).to_string();
            Ok(answer::of(StatusCode::CREATED, "application/json", Body::whole(told)))
        }
        _ => Err(answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the engine did something else")),
    }
}

/// What a request that may change state brings, as JSON.
pub(super) async fn read<T: DeserializeOwned>(site: &Site, request: HttpRequest<Incoming>) -> Result<T, Response<Body>> {
    site.guard.check(request.headers()).map_err(answer::refused)?;
    let body = Limited::new(request.into_body(), MAX_BODY).collect();
    let whole = match tokio::time::timeout(WITHIN, body).await {
        Ok(Ok(whole)) => whole.to_bytes(),
        Ok(Err(_)) => return Err(answer::refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request broke off, or is over 64 KiB")),
        Err(_) => return Err(answer::refusal(StatusCode::REQUEST_TIMEOUT, "the request did not come in time")),
    };
    serde_json::from_slice(&whole).map_err(|error| answer::refusal(StatusCode::BAD_REQUEST, &format!("this cannot be read: {error}")))
}

/// Has the engine's thread do it.
pub(super) async fn command(site: &Site, command: Command) -> Result<Done, Response<Body>> {
    let (answer, answered) = oneshot::channel();
    site.ask(Request::Quiet { command, answer }, answered).await?.map_err(|error| {
        let status = match error {
            QuietError::Unknown(_) | QuietError::NotOpen(_) | QuietError::NotDisabled(_) => StatusCode::NOT_FOUND,
            QuietError::TooMany(_) | QuietError::OfFile(_) | QuietError::Disabled(_) => StatusCode::CONFLICT,
            QuietError::Wrong(_) => StatusCode::BAD_REQUEST,
        };
        answer::refusal(status, &error.to_string())
    })
}
