//! skep's own form: all that there is to know. docs/notifiers.md describes it.

use serde_json::{Map, Value, json};

use crate::notify::record::change;
use crate::notify::{Entry, Letter};

/// A message for a webhook or a program.
pub fn json(letter: &Letter) -> Value {
    json!({
        "id": letter.id.to_string(),
        "notifier": letter.notifier,
        "kind": letter.kind.as_str(),
        "time": letter.at.to_string(),
        "thread": letter.thread.map(|id| id.to_string()),
        "subject": letter.subject(),
        "more": letter.n_more,
        "entries": letter.entries.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(entry: &Entry) -> Value {
    let said = &entry.said;
    json!({
        "alert": entry.rule,
        "instance": entry.instance,
        "state": entry.state.as_str(),
        "change": change(entry.change),
        "since": entry.since.to_string(),
        "value": entry.value,
        "message": entry.text,
        "host": entry.host,
        "fields": entry.fields.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect::<Map<_, Value>>(),
        "details": said.details,
        "runbook": said.runbook,
        "team": said.team,
        "labels": map(&said.labels),
        "links": map(&said.links),
    })
}

fn map(pairs: &[(String, String)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()
}
