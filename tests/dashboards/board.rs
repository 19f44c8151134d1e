//! A board as it is committed: its panels, queries, variables and links.

use std::fs;

use serde_json::Value;

use crate::common::project;

/// One file of `dashboards/json`.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    /// The file's name without `.json`, which must be its uid.
    pub(crate) name: String,
    pub(crate) json: Value,
}

/// A query with the place it stands at.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// `BOARD: PANEL, A`, or which variable or annotation.
    pub(crate) place: String,
    pub(crate) text: String,
}

impl Board {
    pub(crate) fn all() -> Vec<Self> {
        let mut boards: Vec<Self> = fs::read_dir(project("dashboards/json"))
            .expect("dashboards/json is there")
            .map(|file| {
                let path = file.expect("an entry").path();
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                let json = serde_json::from_str(&fs::read_to_string(&path).expect("a readable file")).expect("JSON");
                Self { name, json }
            })
            .collect();
        boards.sort_by(|a, b| a.name.cmp(&b.name));
        boards
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::all().into_iter().find(|board| board.name == name).expect("a board of this name")
    }

    /// All panels but rows, those of closed rows too.
    pub(crate) fn panels(&self) -> Vec<&Value> {
        let outer = list(&self.json["panels"]);
        outer.iter().flat_map(|panel| if panel["type"] == "row" { list(&panel["panels"]).iter().collect() } else { vec![panel] }).collect()
    }

    /// Panels and rows, as they lie on the page.
    pub(crate) fn boxes(&self) -> Vec<&Value> {
        list(&self.json["panels"]).iter().flat_map(|panel| std::iter::once(panel).chain(list(&panel["panels"]))).collect()
    }

    pub(crate) fn variables(&self) -> &[Value] {
        list(&self.json["templating"]["list"])
    }

    pub(crate) fn annotations(&self) -> &[Value] {
        list(&self.json["annotations"]["list"])
    }

    /// The queries of panels.
    pub(crate) fn queries(&self) -> Vec<Query> {
        let of_panel = |panel: &Value| -> Vec<Query> {
            let query = |target: &Value| Query {
                place: format!("{}: {}, {}", self.name, text(&panel["title"]), text(&target["refId"])),
                text: text(&target["query"]).to_owned(),
            };
            list(&panel["targets"]).iter().map(query).collect()
        };
        self.panels().into_iter().flat_map(of_panel).collect()
    }

    /// The queries of annotations.
    pub(crate) fn marks(&self) -> Vec<Query> {
        let query = |found: &Value| Query {
            place: format!("{}: annotation {}", self.name, text(&found["name"])),
            text: text(&found["target"]["query"]).to_owned(),
        };
        self.annotations().iter().map(query).collect()
    }

    /// Every address that something on the board leads to, with its place.
    pub(crate) fn links(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for panel in self.panels() {
            let place = format!("{}: {}", self.name, text(&panel["title"]));
            gather(panel, &place, &mut found);
        }
        gather(&self.json["links"], &self.name, &mut found);
        found
    }
}

fn gather(value: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            if let Some(url) = object.get("url").and_then(Value::as_str) {
                found.push((place.to_owned(), url.to_owned()));
            }
            object.values().for_each(|value| gather(value, place, found));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, place, found)),
        _ => {}
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
