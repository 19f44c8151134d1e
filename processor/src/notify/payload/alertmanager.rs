//! Alertmanager's API v2: alerts by their labels, from when to when.
//! <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>

use engine::{Change, State};
use event::{Duration, Timestamp};
use serde_json::{Map, Value, json};

use crate::notify::{Entry, Letter};

/// An alert that nobody tells of again ends by itself after so long: five times as long as it takes to be told again.
pub const LASTS: Duration = Duration::from_secs(300);

/// The alerts of a message. The level is a label, so one that rises or falls ends the alerts of the other levels.
pub fn alerts(letter: &Letter) -> Vec<Value> {
    let mut alerts = Vec::new();
    for entry in &letter.entries {
        let is_reminder = letter.kind == crate::notify::Kind::Reminder;
        let others = [State::Info, State::Warning, State::Critical].into_iter().filter(|state| *state != entry.state);
        if !is_reminder && entry.change != Change::Opened {
            alerts.extend(others.map(|state| alert(entry, state, entry.since, entry.since)));
        }
        if !entry.is_end() {
            alerts.push(alert(entry, entry.state, entry.since, letter.at + LASTS));
        }
    }
    alerts
}

fn alert(entry: &Entry, state: State, starts: Timestamp, ends: Timestamp) -> Value {
    let said = &entry.said;
    let mut labels = Map::new();
    for (name, value) in &said.labels {
        labels.insert(label(name), value.clone().into());
    }
    for (name, value) in entry.fields.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        labels.insert(label(name), value.clone().into());
    }
    labels.insert("alertname".to_owned(), entry.rule.clone().into());
    labels.entry("severity").or_insert_with(|| state.as_str().into());
    labels.insert("level".to_owned(), state.as_str().into());
    if let Some(team) = &said.team {
        labels.insert("team".to_owned(), team.clone().into());
    }
    let mut annotations = Map::new();
    annotations.insert("summary".to_owned(), entry.text.clone().into());
    for (name, text) in [("description", &said.details), ("runbook_url", &said.runbook)] {
        annotations.extend(text.iter().map(|text| (name.to_owned(), text.clone().into())));
    }
    if let Some(value) = entry.value {
        annotations.insert("value".to_owned(), value.to_string().into());
    }
    annotations.extend(said.links.iter().map(|(title, address)| (label(title), address.clone().into())));
    json!({ "labels": labels, "annotations": annotations, "startsAt": starts.to_string(), "endsAt": ends.to_string() })
}

/// A label's name holds letters, digits and `_`, and does not begin with a digit.
fn label(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("_{name}") } else { name }
}
