//! `/api/v1/explain/ALERT?FIELD=VALUE`: what an alert is, and why each of its instances is open or not.

use engine::Facts;
use engine::rules::{Alert, Plan};
use event::Timestamp;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::body::Body;
use super::params::Params;
use super::site::Site;
use super::{answer, disabled};
use crate::driver::request::{Explained, Request};
use crate::explain;

/// Instances that one answer tells of, open ones first; `more` says how many there are besides.
const MAX_INSTANCES: usize = 1000;

/// What the address behind the path's beginning names.
pub(super) async fn answer(site: &Site, name: &str, params: &Params) -> Response<Body> {
    let fields: Vec<(String, String)> = params.iter().map(|(field, value)| (field.to_owned(), value.to_owned())).collect();
    let (answer, answered) = oneshot::channel();
    let asked = Request::Explain { alert: name.to_owned(), fields: fields.clone(), answer };
    let explained = match site.ask(asked, answered).await {
        Ok(Some(mut explained)) => {
            explained.instances.sort_by_key(|facts| !facts.state.is_open());
            explained
        }
        Ok(None) => return known(site, name).await.err().unwrap_or_else(gone),
        Err(refusal) => return refusal,
    };
    let Some(alert) = alert_of(&explained.plan, name) else { return gone() };
    if let Some((field, _)) = fields.iter().find(|(field, _)| !alert.by.contains(field)) {
        let message = format!("`{field}` is not in the `by` of {name}, which has {}", alert.by.join(", "));
        return answer::refusal(StatusCode::BAD_REQUEST, &message);
    }
    answer::json(told(alert, &explained).to_string().into_bytes())
}

fn alert_of<'a>(plan: &'a Plan, name: &str) -> Option<&'a Alert> {
    plan.alerts().find(|alert| alert.name == name)
}

/// It was there a moment ago.
pub(super) fn gone() -> Response<Body> {
    answer::refusal(StatusCode::NOT_FOUND, "the alert is gone")
}

/// Refuses the name of an alert that is not on, with the nearest that is.
pub(super) async fn known(site: &Site, name: &str) -> Result<(), Response<Body>> {
    let (answer, answered) = oneshot::channel();
    let names = site.ask(Request::Names { answer }, answered).await?;
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let help = match catalogue::nearest(name, names.iter().map(String::as_str)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(answer::refusal(StatusCode::NOT_FOUND, &format!("no alert `{name}` is on; {help}")))
}

fn told(alert: &Alert, explained: &Explained) -> Value {
    let words: Vec<Value> = explain::words(alert, explained.to.as_deref()).into_iter().map(|(about, text)| json!([about, text])).collect();
    let shown = explained.instances.iter().take(MAX_INSTANCES);
    let instances: Vec<Value> = shown.map(|facts| instance(alert, facts, explained.now)).collect();
    json!({
        "alert": alert.name,
        "now": explained.now.to_string(),
        "words": words,
        "disabled": disabled::told(explained.disabled.as_ref()),
        "instances": instances,
        "more": explained.instances.len().saturating_sub(MAX_INSTANCES),
    })
}

fn instance(alert: &Alert, facts: &Facts, now: Timestamp) -> Value {
    json!({
        "instance": facts.instance,
        "fields": explain::fields(alert, facts),
        "query": explain::query(alert, facts),
        "state": facts.state.as_str(),
        "since": facts.since.map(|since| since.to_string()),
        "value": facts.value,
        "why": explain::why(alert, facts, now),
    })
}
