//! PagerDuty's Events API v2: an event for each entry.
//! <https://developer.pagerduty.com/docs/events-api-v2-overview>

use engine::State;
use serde_json::{Value, json};

use crate::notify::letter::name;
use crate::notify::{Entry, Id, Letter};

/// The longest summary that is taken.
const MAX_SUMMARY: usize = 1024;

/// One for each entry; ends resolve what their opening triggered, by the same `dedup_key`.
pub fn events(letter: &Letter, routing_key: &str) -> Vec<Value> {
    letter.entries.iter().map(|entry| event(entry, routing_key)).collect()
}

fn event(entry: &Entry, routing_key: &str) -> Value {
    let dedup_key = format!("skep-{}", Id::of_instance(&entry.rule, &entry.instance));
    if entry.is_end() {
        return json!({ "routing_key": routing_key, "event_action": "resolve", "dedup_key": dedup_key });
    }
    let said = &entry.said;
    let links =
        said.runbook.iter().map(|address| ("runbook", address)).chain(said.links.iter().map(|(title, address)| (title.as_str(), address)));
    let links: Vec<Value> = links.map(|(text, href)| json!({ "href": href, "text": text })).collect();
    let summary: String = format!("{}: {}", name(entry), entry.text).chars().take(MAX_SUMMARY).collect();
    json!({
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": dedup_key,
        "client": "skep",
        "links": links,
        "payload": {
            "summary": summary,
            "source": entry.host.as_deref().unwrap_or("skep"),
            "severity": severity(entry.state),
            "timestamp": entry.since.to_string(),
            "component": entry.instance,
            "class": entry.rule,
            "custom_details": { "value": entry.value, "details": said.details, "team": said.team },
        },
    })
}

fn severity(state: State) -> &'static str {
    match state {
        State::Critical => "critical",
        State::Warning => "warning",
        State::Info | State::Ok | State::Expired => "info",
    }
}
