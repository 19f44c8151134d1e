//! One thing in words: why an alert is open, or all that is known of a container.

use engine::query::quoted;
use event::Timestamp;
use serde_json::Value;
use transport::percent::encode;

use super::row::{Row, list, text};
use super::table::Tone;
use super::units::{Level, metric, plain};

/// What a page is asked of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// Why an instance is open.
    Alert(Box<Row>),
    /// What the index holds of a container.
    Container { name: String, host: String },
}

impl Ask {
    pub(super) fn title(&self) -> String {
        match self {
            Self::Alert(row) => format!("Alert {}", row.attribute("alert")),
            Self::Container { name, host } => format!("Container {name} on {host}"),
        }
    }

    /// Path and query of the request.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Alert(row) => format!("/api/v1/explain/{}", encode(row.attribute("alert"))),
            Self::Container { name, host } => {
                let query = format!("container_name = {} and host = {}", quoted(name), quoted(host));
                format!("/api/v1/index?query={}", encode(&query))
            }
        }
    }

    /// The answer in words.
    pub(super) fn words(&self, told: &Value) -> Vec<Said> {
        match self {
            Self::Alert(row) => explained(row, told),
            Self::Container { .. } => container(told),
        }
    }
}

/// A line of a page: what it is about, what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) about: String,
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Said {
    fn new(about: &str, text: impl Into<String>) -> Self {
        Self { about: about.to_owned(), text: text.into(), tone: Tone::Plain }
    }
}

/// A page on the screen.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) ask: Ask,
    pub(super) asked: Timestamp,
    /// The answer, or why there is none; nothing before one has come.
    pub(super) told: Option<Result<Vec<Said>, String>>,
    /// The first line in sight.
    pub(super) top: usize,
}

impl Page {
    pub(super) fn new(ask: Ask, now: Timestamp) -> Self {
        Self { ask, asked: now, told: None, top: 0 }
    }
}

fn explained(row: &Row, told: &Value) -> Vec<Said> {
    let mut said = Vec::new();
    let instances: Vec<&Value> = list(told, "instances").iter().filter(|instance| is_of(row, instance)).collect();
    for instance in &instances {
        let state = text(instance, "state");
        let fields = instance.get("fields").and_then(Value::as_object).into_iter().flatten();
        let fields: Vec<String> = fields.map(|(field, value)| format!("{field} {}", value.as_str().unwrap_or("-"))).collect();
        let level = Level::of(state);
        let value = instance.get("value").and_then(Value::as_f64).map_or_else(|| "–".to_owned(), plain);
        let since = instance.get("since").and_then(Value::as_str).map_or_else(String::new, |since| format!(" since {since}"));
        said.push(Said { tone: level.tone(), ..Said::new("state", format!("{} {state}{since}", level.symbol())) });
        if !fields.is_empty() {
            said.push(Said::new("where", fields.join(", ")));
        }
        said.push(Said::new("value", value));
        let why = list(instance, "why").iter().filter_map(Value::as_str);
        said.extend(why.enumerate().map(|(index, line)| Said::new(if index == 0 { "why" } else { "" }, line)));
    }
    if instances.is_empty() {
        let state = match told.get("more").and_then(Value::as_u64) {
            Some(more) if more > 0 => format!("it is one of {more} further instances, which are not told of here"),
            _ => "it is no longer known: its events have gone".to_owned(),
        };
        said.push(Said { tone: Tone::Quiet, ..Said::new("state", state) });
    }
    for about in ["message", "runbook"] {
        said.extend(Some(row.attribute(about)).filter(|text| !text.is_empty()).map(|text| Said::new(about, text)));
    }
    said.push(Said::new("", ""));
    for line in list(told, "words") {
        let part = |index: usize| line.get(index).and_then(Value::as_str).unwrap_or_default();
        let mut about = part(0);
        for text in part(1).lines() {
            said.push(Said::new(std::mem::take(&mut about), text));
        }
    }
    said
}

/// Whether an instance is the one whose event this is. A rule's field `service` is `instance_service` there, as its own service is the alert's.
fn is_of(row: &Row, instance: &Value) -> bool {
    let same = |(field, value): (&String, &Value)| {
        let known = match field.as_str() {
            "host" => row.host.as_str(),
            "service" => row.attribute("instance_service"),
            field => row.attribute(field),
        };
        known == value.as_str().unwrap_or_default()
    };
    instance.get("fields").and_then(Value::as_object).into_iter().flatten().all(same)
}

fn container(told: &Value) -> Vec<Said> {
    let mut said: Vec<Said> = told.as_array().into_iter().flatten().map(known).collect();
    said.sort_by(|a, b| super::table::natural(&a.about, &b.about));
    if said.is_empty() {
        said.push(Said { tone: Tone::Quiet, ..Said::new("state", "nothing is known of it any more") });
    }
    said
}

fn known(event: &Value) -> Said {
    let service = text(event, "service");
    let number = event.get("metric").and_then(Value::as_f64);
    let shown = match (number, event::Name::split(service)) {
        (Some(number), Some(name)) => metric(name.measurement, name.field, number),
        (Some(number), None) => plain(number),
        (None, _) => text(event, "state").to_owned(),
    };
    Said::new(service, shown)
}
