//! `/api/v1/rules/disable` and `/api/v1/rules/enable`: whether a rule tells anybody.

use hyper::body::Incoming;
use hyper::{Request as HttpRequest, Response, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::body::Body;
use super::explain::known;
use super::silences::{command, read};
use super::site::Site;
use crate::quiet::{Command, Disable, Done, Enable, Silence};

/// Holds back all messages of a rule until it is enabled.
pub(super) async fn disable(site: &Site, request: HttpRequest<Incoming>) -> Response<Body> {
    disabled(site, request).await.unwrap_or_else(|refusal| refusal)
}

/// Lets them go again.
pub(super) async fn enable(site: &Site, request: HttpRequest<Incoming>) -> Response<Body> {
    enabled(site, request).await.unwrap_or_else(|refusal| refusal)
}

/// Who disabled a rule, why and since when; null for one that is not.
pub(super) fn told(silence: Option<&Silence>) -> Value {
    let told = |silence: &Silence| {
        let since = silence.since.map(|since| since.to_string());
        json!({ "id": silence.id, "why": silence.wish.why, "author": silence.wish.author, "since": since })
    };
    silence.map_or(Value::Null, told)
}

async fn disabled(site: &Site, request: HttpRequest<Incoming>) -> Result<Response<Body>, Response<Body>> {
    let wish: Disable = read(site, request).await?;
    // Before it is a command: one in the journal succeeds whatever the rule files say by then, so that ids stay what they were.
    known(site, &wish.alert).await?;
    let alert = wish.alert.clone();
    match command(site, Command::Disable(wish)).await? {
        Done::Silenced(id) => Ok(answer::json(json!({ "disabled": alert, "id": id }).to_string().into_bytes())),
        Done::Ended | Done::Acknowledged(_) => Err(answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the engine did something else")),
    }
}

async fn enabled(site: &Site, request: HttpRequest<Incoming>) -> Result<Response<Body>, Response<Body>> {
    let wish: Enable = read(site, request).await?;
    let alert = wish.alert.clone();
    command(site, Command::Enable(wish)).await?;
    Ok(answer::json(json!({ "enabled": alert }).to_string().into_bytes()))
}
