//! Faults planted in a sound board: each is found, or the gate is none.

use serde_json::{Value, json};

use crate::board::Board;
use crate::{lint, uids};

type Plant = fn(&mut Value);

/// A panel of the node's board with one query and a threshold: CPU.
const PANEL: usize = 8;

fn query(board: &mut Value, old: &str, new: &str) {
    let target = &mut board["panels"][PANEL]["targets"][0]["query"];
    let text = target.as_str().unwrap().replace(old, new);
    assert_ne!(*target, text.as_str(), "the fault is planted");
    *target = Value::from(text);
}

fn remove(value: &mut Value, key: &str) {
    value.as_object_mut().unwrap().remove(key).expect("the fault is planted");
}

/// Of each: what was done, what the finding says, and how.
const FAULTS: &[(&str, &str, Plant)] = &[
    ("a renamed field", "no field or tag usage_busy", |board| query(board, "usage_user", "usage_busy")),
    ("a renamed measurement", "no measurement cpus", |board| query(board, "FROM \"cpu\"", "FROM \"cpus\"")),
    ("a renamed tag", "no field or tag node", |board| query(board, "\"host\" =~", "\"node\" =~")),
    ("a variable that is none", "no variable nodes before it", |board| query(board, "$host$", "$nodes$")),
    ("its own time", "keep to the picked time", |board| query(board, "$timeFilter", "time > now() - 1h")),
    ("no bounds of time", "keep to the picked time", |board| query(board, "$timeFilter", "\"host\" != ''")),
    ("the mean of a counter", "is a counter", |board| {
        board["panels"][PANEL]["targets"][0]["query"] = Value::from("SELECT mean(\"bytes_recv\") FROM \"net\" WHERE $timeFilter");
    }),
    ("no description", "no description", |board| remove(&mut board["panels"][PANEL], "description")),
    ("an empty title", "no title", |board| board["panels"][PANEL]["title"] = json!("")),
    ("no unit", "its unit is missing", |board| remove(&mut board["panels"][PANEL]["fieldConfig"]["defaults"], "unit")),
    ("a misspelt unit", "its unit is missing", |board| board["panels"][PANEL]["fieldConfig"]["defaults"]["unit"] = json!("percnt")),
    ("no thresholds", "no thresholds", |board| remove(&mut board["panels"][PANEL]["fieldConfig"]["defaults"], "thresholds")),
    ("no query", "no query", |board| board["panels"][PANEL]["targets"] = json!([])),
    ("a kind of panel that is gone", "its kind is none", |board| board["panels"][PANEL]["type"] = json!("graph")),
    ("a data source by name", "data source must be", |board| board["panels"][PANEL]["datasource"]["uid"] = json!("influx")),
    ("a query's own data source", "query's data source", |board| board["panels"][PANEL]["targets"][0]["datasource"]["uid"] = json!("x")),
    ("a legend without its tag", "names hots", |board| board["panels"][PANEL]["targets"][0]["alias"] = json!("$tag_hots")),
    ("a panel too wide", "page of 24 columns", |board| board["panels"][PANEL]["gridPos"]["w"] = json!(25)),
    ("a panel on another", "it lies on", |board| board["panels"][PANEL + 1]["gridPos"] = board["panels"][PANEL]["gridPos"].clone()),
    ("an id twice", "id is another's", |board| board["panels"][PANEL]["id"] = json!(1)),
    ("another uid", "the uid must be", |board| board["uid"] = json!("node")),
    ("an id of its own", "id must be null", |board| board["id"] = json!(7)),
    ("a newer schema", "schemaVersion", |board| board["schemaVersion"] = json!(50)),
    ("no tag", "the tag `swarm`", |board| board["tags"] = json!([])),
    ("an annotation less", "annotation Deaths is missing", |board| {
        board["annotations"]["list"].as_array_mut().unwrap().retain(|mark| mark["name"] != "Deaths");
    }),
    ("a menu that forgets the time", "menu of boards", |board| board["links"][0]["keepTime"] = json!(false)),
    ("a link to no board", "which is no board", |board| relink(board, "swarm-container", "swarm-containers")),
    ("a link without time", "does not carry ${__url_time_range}", |board| relink(board, "&${__url_time_range}", "")),
    ("a link that sets nothing known", "is no variable of swarm-container", |board| relink(board, "var-container=", "var-name=")),
    ("a variable read once", "must be multi", |board| board["templating"]["list"][1]["refresh"] = json!(0)),
    ("a variable of one value", "must be multi", |board| board["templating"]["list"][1]["multi"] = json!(false)),
    ("a variable that nobody uses", "used nowhere", |board| {
        let mut more = board["templating"]["list"][1].clone();
        more["name"] = json!("rack");
        board["templating"]["list"].as_array_mut().unwrap().push(more);
    }),
];

/// Changes the first link to a container.
fn relink(board: &mut Value, old: &str, new: &str) {
    fn walk(value: &mut Value, old: &str, new: &str) -> bool {
        match value {
            Value::String(url) if url.starts_with("/d/swarm-container") => {
                *url = url.replace(old, new);
                true
            }
            Value::Object(object) => object.values_mut().any(|value| walk(value, old, new)),
            Value::Array(values) => values.iter_mut().any(|value| walk(value, old, new)),
            _ => false,
        }
    }
    assert!(walk(board, old, new), "the fault is planted");
}

#[test]
fn every_planted_fault_is_found() {
    let sound = Board::named("swarm-node");
    let missed: Vec<String> = FAULTS
        .iter()
        .filter_map(|(what, expected, plant)| {
            let mut board = sound.clone();
            plant(&mut board.json);
            let found = lint::findings(&board, &uids());
            let is_found = found.iter().any(|finding| finding.contains(expected));
            (!is_found).then(|| format!("{what}: not found, but {found:?}"))
        })
        .collect();
    assert!(missed.is_empty(), "{} of {} missed:\n{}", missed.len(), FAULTS.len(), missed.join("\n"));
    println!("{} planted faults found", FAULTS.len());
}
