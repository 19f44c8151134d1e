//! What every board must have, and a machine can see without a server. Each finding names the board and the panel.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::board::{Board, list, text};

/// Kinds of panels that Grafana still has and we use.
const KINDS: [&str; 5] = ["timeseries", "stat", "bargauge", "table", "state-timeline"];

/// Grafana's units that the boards use; `check/schema.js` compares them with the SDK's.
const UNITS: [&str; 13] = ["percent", "percentunit", "bytes", "short", "s", "ms", "µs", "ns", "Bps", "pps", "cps", "bool", "none"];

/// Marks that every board has.
const ANNOTATIONS: [&str; 5] = ["Alerts", "Deaths", "Out of memory", "Deploys", "Rules read"];

/// Everything that is wrong with a board; `uids` are those of all boards.
pub(crate) fn findings(board: &Board, uids: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    head(board, &mut found);
    board.panels().into_iter().for_each(|panel| self::panel(board, panel, &mut found));
    places(board, &mut found);
    variables(board, &mut found);
    queries(board, &mut found);
    for (place, url) in board.links() {
        if let Err(wrong) = link(&url, uids) {
            found.push(format!("{place}: the link {url} {wrong}"));
        }
    }
    found
}

fn head(board: &Board, found: &mut Vec<String>) {
    let json = &board.json;
    let version = json["schemaVersion"].as_i64().unwrap_or_default();
    let holds = [
        (json.get("id").is_some_and(Value::is_null), "id must be null, or an import takes the place of another board"),
        (json["uid"] == board.name.as_str(), "the uid must be the file's name: links lead there"),
        ((39..=42).contains(&version), "schemaVersion must be 39 to 42: what the file provisioner of every Grafana since 11 takes"),
        (json.get("elements").is_none() && json.get("spec").is_none(), "it is no classic JSON"),
        (list(&json["tags"]).contains(&Value::from("swarm")), "the tag `swarm` is missing, by which the menu finds it"),
        (!text(&json["description"]).is_empty(), "it has no description"),
    ];
    found.extend(holds.iter().filter(|(holds, _)| !holds).map(|(_, wrong)| format!("{}: {wrong}", board.name)));
    for name in ANNOTATIONS {
        if !board.annotations().iter().any(|mark| mark["name"] == name) {
            found.push(format!("{}: the annotation {name} is missing", board.name));
        }
    }
    let menu = list(&json["links"]).iter().find(|link| link["type"] == "dashboards");
    if !menu.is_some_and(|menu| menu["keepTime"] == true && menu["includeVars"] == true) {
        found.push(format!("{}: the menu of boards does not carry time and variables", board.name));
    }
}

fn panel(board: &Board, panel: &Value, found: &mut Vec<String>) {
    let place = format!("{}: {}", board.name, text(&panel["title"]));
    let defaults = &panel["fieldConfig"]["defaults"];
    let unit = text(&defaults["unit"]);
    let targets = list(&panel["targets"]);
    let refs: BTreeSet<&str> = targets.iter().map(|target| text(&target["refId"])).collect();
    let holds = [
        (!text(&panel["title"]).is_empty(), "it has no title"),
        (!text(&panel["description"]).is_empty(), "it has no description"),
        (KINDS.contains(&text(&panel["type"])), "its kind is none that the boards use"),
        (UNITS.contains(&unit), "its unit is missing, or none that the boards use"),
        (!list(&defaults["thresholds"]["steps"]).is_empty(), "it has no thresholds"),
        (!targets.is_empty(), "it has no query"),
        (refs.len() == targets.len(), "two queries have one refId"),
        (panel["datasource"]["uid"] == "${datasource}", "its data source must be ${datasource}"),
        (targets.iter().all(|target| target["datasource"]["uid"] == "${datasource}"), "a query's data source must be ${datasource}"),
    ];
    found.extend(holds.iter().filter(|(holds, _)| !holds).map(|(_, wrong)| format!("{place}: {wrong}")));
    for target in targets {
        let (query, alias) = (text(&target["query"]), text(&target["alias"]));
        for tag in alias.split('$').filter_map(|part| part.strip_prefix("tag_")).filter_map(|part| part.split(' ').next()) {
            let groups = query.rsplit_once("GROUP BY").map_or("", |(_, groups)| groups);
            if !groups.contains(&format!("\"{tag}\"")) {
                found.push(format!("{place}: the legend names {tag}, by which the query does not group"));
            }
        }
    }
}

/// No panel wider than the page or on top of another.
fn places(board: &Board, found: &mut Vec<String>) {
    let mut taken: Vec<([i64; 4], &str)> = Vec::new();
    let mut ids = BTreeSet::new();
    for panel in board.boxes() {
        let title = text(&panel["title"]);
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_i64().unwrap_or(-1));
        if x < 0 || y < 0 || w < 1 || h < 1 || x + w > 24 {
            found.push(format!("{}: {title}: it does not lie on the page of 24 columns", board.name));
        }
        if !ids.insert(panel["id"].as_i64()) {
            found.push(format!("{}: {title}: its id is another's", board.name));
        }
        let hit = taken.iter().find(|([ox, oy, ow, oh], _)| x < ox + ow && *ox < x + w && y < oy + oh && *oy < y + h);
        if let Some((_, other)) = hit {
            found.push(format!("{}: {title}: it lies on {other}", board.name));
        }
        // The panels of closed rows lie below each other only once their row is open.
        if panel["type"] != "row" && list(&board.json["panels"]).contains(panel) {
            taken.push(([x, y, w, h], title));
        }
    }
}

fn variables(board: &Board, found: &mut Vec<String>) {
    let mut known = vec!["datasource".to_owned()];
    for variable in board.variables() {
        let name = text(&variable["name"]);
        if variable["type"] == "query" {
            let of_all = variable["multi"] == true && variable["includeAll"] == true && variable["allValue"] == ".*";
            if !of_all || variable["refresh"] != 2 {
                found
                    .push(format!("{}: the variable {name} must be multi, have All as `.*` and be read when the time changes", board.name));
            }
            unknown_variables(board, &format!("the variable {name}"), text(&variable["query"]), &known, found);
        }
        known.push(name.to_owned());
        let is_used = board.queries().iter().any(|query| query.text.contains(&format!("${name}$/")));
        let is_chained = board.variables().iter().any(|other| text(&other["query"]).contains(&format!("${name}$/")));
        if name != "datasource" && !is_used && !is_chained {
            found.push(format!("{}: the variable {name} is used nowhere", board.name));
        }
    }
    for query in board.queries().iter().chain(&board.marks()) {
        unknown_variables(board, &query.place, &query.text, &known, found);
    }
}

fn unknown_variables(board: &Board, place: &str, query: &str, known: &[String], found: &mut Vec<String>) {
    for name in query.split("/^$").skip(1).filter_map(|rest| rest.split('$').next()) {
        if !known.iter().any(|one| one == name) {
            found.push(format!("{}: {place}: there is no variable {name} before it", board.name));
        }
    }
}

/// Names that the catalogue has, bounds of the picked time, and counters under derivatives alone.
fn queries(board: &Board, found: &mut Vec<String>) {
    for query in board.queries().iter().chain(&board.marks()) {
        if !query.text.contains("$timeFilter") && !query.text.contains("${__to}") || query.text.contains("now()") {
            found.push(format!("{}: it must keep to the picked time", query.place));
        }
        found.extend(crate::names::unknown(&query.text).into_iter().map(|wrong| format!("{}: {wrong}", query.place)));
    }
}

/// Whether an address leads to a board of ours, with its time, data source and variables that it has.
pub(crate) fn link(url: &str, uids: &BTreeSet<String>) -> Result<(), String> {
    if url.is_empty() {
        return Ok(());
    }
    let rest = url.strip_prefix("/d/").ok_or("is none to a board")?;
    let (uid, query) = rest.split_once('?').ok_or("carries nothing")?;
    if !uids.contains(uid) {
        return Err(format!("leads to {uid}, which is no board"));
    }
    let parts: Vec<&str> = query.split('&').collect();
    for needed in ["${__url_time_range}", "${datasource:queryparam}"] {
        if !parts.contains(&needed) {
            return Err(format!("does not carry {needed}"));
        }
    }
    let target = Board::named(uid);
    for name in parts.iter().filter_map(|part| part.strip_prefix("var-")?.split('=').next()) {
        if !target.variables().iter().any(|variable| variable["name"] == name) {
            return Err(format!("sets {name}, which is no variable of {uid}"));
        }
    }
    Ok(())
}
