//! The way from the overview to what is wrong, as the links in the files have it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::board::{Board, list, text};
use crate::{lint, uids};

/// A board that is open, with the variables that the address set.
struct Page {
    board: Board,
    set: BTreeMap<String, String>,
}

impl Page {
    fn open(board: &str) -> Self {
        Self { board: Board::named(board), set: BTreeMap::new() }
    }

    /// Follows the link of a panel that is called so; `values` are what Grafana puts in for a series or a row.
    #[track_caller]
    fn click(&self, panel: &str, link: &str, values: &[(&str, &str)]) -> Self {
        let panels = self.board.panels();
        let panel = panels.iter().find(|found| found["title"] == panel).unwrap_or_else(|| panic!("{} has no {panel}", self.board.name));
        let mut links = Vec::new();
        gather(panel, &mut links);
        let url = links.iter().find(|(title, _)| *title == link).unwrap_or_else(|| panic!("no link {link} among {links:?}")).1.clone();
        lint::link(&url, &uids()).unwrap_or_else(|wrong| panic!("{url} {wrong}"));
        let filled = values.iter().fold(url, |url, (name, value)| {
            let filled = url.replace(&format!("${{__field.labels.{name}}}"), value);
            filled.replace(&format!("${{__data.fields.{name}}}"), value)
        });
        assert!(!filled.contains("${__field") && !filled.contains("${__data"), "{filled}: a value is not there on this panel");
        let (address, query) = filled.split_once('?').unwrap();
        let set = query.split('&').filter_map(|part| part.strip_prefix("var-")?.split_once('='));
        let mut page = Self::open(address.strip_prefix("/d/").unwrap());
        page.set = set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        page
    }

    #[track_caller]
    fn is(&self, board: &str, set: &[(&str, &str)]) {
        let expected: BTreeMap<String, String> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!((self.board.name.as_str(), &self.set), (board, &expected));
    }
}

fn gather<'a>(value: &'a Value, found: &mut Vec<(&'a str, String)>) {
    match value {
        Value::Object(object) => {
            if let (Some(title), Some(url)) = (object.get("title").and_then(Value::as_str), object.get("url").and_then(Value::as_str)) {
                found.push((title, url.to_owned()));
            }
            object.values().for_each(|value| gather(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, found)),
        _ => {}
    }
}

/// Which values a table's rows have under which names, from the columns' new names.
#[track_caller]
fn has_columns(page: &Page, panel: &str, columns: &[&str]) {
    let panels = page.board.panels();
    let panel = panels.iter().find(|found| found["title"] == panel).expect("the panel");
    let renamed = &list(&panel["transformations"])[0]["options"]["renameByName"];
    for column in columns {
        let is_there = renamed.as_object().unwrap().values().any(|name| text(name) == *column);
        assert!(is_there, "no column is called {column}: {renamed}");
    }
}

const OF_CONTAINER: &str = "Open alerts of the container and its node";

#[test]
fn three_clicks_lead_from_the_overview_to_the_container_and_its_alert() {
    let overview = Page::open("swarm-overview");
    let node = overview.click("CPU", "The node", &[("host", "worker1")]);
    node.is("swarm-node", &[("host", "worker1")]);
    has_columns(&node, "Containers by CPU", &["container", "node"]);
    let container = node.click("Containers by CPU", "The container", &[("container", "burn.1"), ("node", "worker1")]);
    container.is("swarm-container", &[("host", "worker1"), ("container", "burn.1")]);
    has_columns(&container, OF_CONTAINER, &["alert"]);
    let alert = container.click(OF_CONTAINER, "All of this alert", &[("alert", "cpu-high")]);
    alert.is("swarm-alerts", &[("alert", "cpu-high")]);
}

#[test]
fn a_service_that_is_short_leads_to_its_tasks_and_their_containers() {
    let service = Page::open("swarm-overview").click("Services: tasks missing", "The service", &[("swarm_service", "web")]);
    service.is("swarm-service", &[("service", "web")]);
    let container = service.click("Exits", "The container", &[("container", "web.2"), ("node", "n1")]);
    container.is("swarm-container", &[("container", "web.2"), ("host", "n1")]);
}
