//! `GET /api/v1/alerts`: the alerts that are open, all of them or page by page.

use hyper::header::{HeaderValue, LINK};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use transport::percent;

use super::answer;
use super::body::Body;
use super::params::Params;
use super::site::Site;
use crate::driver::request::{Alert, HeldBy, Listed, Page, Request};
use crate::explain;

/// A JSON array; with `limit` and `after` a page of it, and in the header `Link` where the next one is.
pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let limit = match params.get("limit").map(str::parse::<usize>) {
        None => None,
        Some(Ok(limit)) if limit > 0 => Some(limit),
        Some(_) => return answer::refusal(StatusCode::BAD_REQUEST, "`limit` is how many alerts a page has: a whole number from 1 on"),
    };
    let pending = match params.flag("pending") {
        Ok(pending) => pending,
        Err(text) => return answer::refusal(StatusCode::BAD_REQUEST, &text),
    };
    // The name of an alert holds no `/`.
    let place = |text: &str| text.split_once('/').map_or_else(|| (text.to_owned(), String::new()), |(a, b)| (a.to_owned(), b.to_owned()));
    let is_paged = limit.is_some() || params.get("after").is_some();
    // One more than wanted says whether there is a next page.
    let page = is_paged.then(|| Page { after: params.get("after").map(place), limit: limit.map(|limit| limit.saturating_add(1)) });
    let (answer, answered) = oneshot::channel();
    let mut listed = match site.ask(Request::Alerts { pending, page, answer }, answered).await {
        Ok(listed) => listed,
        Err(refusal) => return refusal,
    };
    let next = limit.filter(|limit| listed.alerts.len() > *limit).and_then(|limit| {
        listed.alerts.truncate(limit);
        next_page(listed.alerts.last()?, limit, pending)
    });
    // Very many take a while, and the web thread has other clients; the engine, which sorts no more than a page, has senders.
    let encode = move || {
        if !is_paged {
            listed.alerts.sort_unstable_by(|a, b| (&a.rule, &a.instance).cmp(&(&b.rule, &b.instance)));
        }
        json!(listed.alerts.iter().map(|alert| told(alert, &listed)).collect::<Vec<_>>()).to_string().into_bytes()
    };
    let Ok(encoded) = tokio::task::spawn_blocking(encode).await else {
        return answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the alerts could not be encoded; see the log");
    };
    let mut response = answer::json(encoded);
    if let Some(next) = next {
        response.headers_mut().insert(LINK, next);
    }
    response
}

/// What leads from the page that ends with this one to the next.
fn next_page(last: &Alert, limit: usize, pending: bool) -> Option<HeaderValue> {
    let after = percent::encode(&format!("{}/{}", last.rule, last.instance));
    let pending = if pending { "&pending=true" } else { "" };
    HeaderValue::try_from(format!("</api/v1/alerts?limit={limit}&after={after}{pending}>; rel=\"next\"")).ok()
}

fn told(alert: &Alert, listed: &Listed) -> Value {
    let rule = listed.plan.alerts().find(|rule| rule.name == alert.rule);
    let known = rule.zip(alert.facts.as_ref());
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
        "fields": known.map(|(rule, facts)| explain::fields(rule, facts)),
        "query": known.map(|(rule, facts)| explain::query(rule, facts)),
        "why": known.map(|(rule, facts)| explain::why(rule, facts, listed.now)).unwrap_or_default(),
        "muted": muted(alert),
        "silenced": !alert.quiet.silences.is_empty(),
        "silenced_by": alert.quiet.silences.first().map(|silence| &silence.id),
        "acknowledged": alert.quiet.acknowledged.as_ref().map(|ack| json!({ "note": ack.note, "author": ack.author, "at": ack.at.to_string() })),
    })
}

/// All that keeps its messages back: silences, a disabled rule, the alert that its `unless` names, an acknowledgement (its reminders).
fn muted(alert: &Alert) -> Vec<Value> {
    let by = |silence: &HeldBy| json!({ "by": if silence.disables { "disabled" } else { "silence" }, "id": silence.id });
    let unless = alert.facts.as_ref().and_then(|facts| facts.muted_by.as_ref());
    let unless = unless.map(|(rule, instance)| json!({ "by": "alert", "alert": rule, "instance": instance }));
    let acknowledged = alert.quiet.acknowledged.as_ref().map(|ack| json!({ "by": "acknowledgement", "author": ack.author }));
    alert.quiet.silences.iter().map(by).chain(unless).chain(acknowledged).collect()
}

/// Names and texts, in their order.
fn named(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str()))).collect()
}
