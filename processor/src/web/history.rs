//! `GET /api/v1/alerts/history`: every change of alerts over some time, from the embedded store.

use event::Duration;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::body::Body;
use super::params::Params;
use super::series::{status, time};
use super::site::Site;
use crate::store::{HistoryRequest, TransitionRecord};

/// How far back an answer goes when `from` is not given.
const DEFAULT_SPAN: Duration = Duration::from_secs(86_400);

/// The changes from `from` to before `to`, oldest first; of more than 10,000 the newest. `alert` and `host` pick some.
pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let Some(store) = &site.store else {
        return answer::refusal(StatusCode::NOT_FOUND, "the store is off (`processor.store: off`): there is no history here");
    };
    let now = site.own.now();
    // What happened at this very moment is wanted too.
    let to = params.get("to").map_or(Ok(now + Duration::from_micros(1)), |text| time("to", text));
    let from = to.clone().and_then(|to| params.get("from").map_or(Ok(to - DEFAULT_SPAN), |text| time("from", text)));
    let (from, to) = match (from, to) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(text), _) | (_, Err(text)) => return answer::refusal(StatusCode::BAD_REQUEST, &text),
    };
    let text = |key| params.get(key).map(str::to_owned);
    match store.history(HistoryRequest { from, to, rule: text("alert"), host: text("host") }).await {
        Ok(found) => answer::json(Value::Array(found.iter().map(told).collect()).to_string().into_bytes()),
        Err(error) => answer::refusal(status(&error), &error.to_string()),
    }
}

fn told(record: &TransitionRecord) -> Value {
    json!({
        "alert": record.rule,
        "instance": record.instance,
        "host": record.host,
        "service": record.service,
        "from": record.from.as_str(),
        "to": record.to.as_str(),
        "at": record.since.to_string(),
        "value": record.value,
        "message": record.message,
    })
}
