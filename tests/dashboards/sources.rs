//! The boards' sources: they know the catalogue, and make what is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use testbed::{require, skip};

use crate::common::{command, project, run};

/// What `dashboards/src` imports, from `skep catalogue --json`: measurement → its tags, and its fields with unit and kind.
fn catalogue() -> String {
    let (code, printed, told) = run(&["catalogue", "--json"]);
    assert_eq!(code, 0, "{told}");
    let rows: Vec<Value> = serde_json::from_str(&printed).unwrap();
    let mut all = Map::new();
    for row in &rows {
        let of = all.entry(row["measurement"].as_str().unwrap()).or_insert_with(|| json!({ "tags": {}, "fields": {} }));
        for tag in row["attributes"].as_array().unwrap() {
            of["tags"][tag.as_str().unwrap()] = json!(true);
        }
        of["fields"][row["field"].as_str().unwrap()] = json!({ "unit": row["unit"], "kind": row["kind"] });
    }
    format!("{}\n", serde_json::to_string_pretty(&Value::Object(all)).unwrap())
}

/// With UPDATE set the catalogue is written anew; by whichever test comes first.
fn update() {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(project("dashboards/src/catalogue.json"), catalogue()).unwrap();
    }
}

#[test]
fn the_sources_know_the_catalogue_as_it_is() {
    let (path, expected) = (project("dashboards/src/catalogue.json"), catalogue());
    update();
    let is_so = fs::read_to_string(&path).unwrap_or_default() == expected;
    assert!(is_so, "the catalogue has changed: `make dashboards UPDATE=1` writes what the boards are made from anew");
}

/// Copies what the boards are made from to a folder where building leaves the tree as it is, and installs what the lock names.
fn workshop(npm: &Path) -> Option<PathBuf> {
    let folder = project("target/dashboards");
    fs::create_dir_all(&folder).unwrap();
    for part in ["src", "check"] {
        let _ = fs::remove_dir_all(folder.join(part));
    }
    let parts = ["-r", "src", "check", "package.json", "package-lock.json", "tsconfig.json"];
    assert!(Command::new("cp").args(parts).arg(&folder).current_dir(project("dashboards")).status().unwrap().success());
    let (lock, installed) = (fs::read(folder.join("package-lock.json")).unwrap(), folder.join("installed.json"));
    if fs::read(&installed).unwrap_or_default() != lock {
        let output = Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).output().unwrap();
        if !output.status.success() {
            return skip("a way to npm's registry", &String::from_utf8_lossy(&output.stderr));
        }
        fs::write(&installed, lock).unwrap();
    }
    Some(folder)
}

#[track_caller]
fn node(folder: &Path, arguments: &[&str]) -> String {
    command::run(Command::new("node").args(arguments).current_dir(folder))
}

#[test]
fn the_sources_make_the_committed_boards_and_they_fit_grafanas_schema() {
    let (Some(_), Some(npm)) = (require("node", "nodejs"), require("npm", "npm")) else { return };
    update();
    let Some(folder) = workshop(&npm) else { return };
    let _ = fs::remove_dir_all(folder.join("build"));
    node(&folder, &["node_modules/typescript/bin/tsc", "--outDir", "build"]);
    let made = if std::env::var_os("UPDATE").is_some() { project("dashboards/json") } else { folder.join("json") };
    let _ = fs::remove_dir_all(folder.join("json"));
    node(&folder, &["build/main.js", made.to_str().unwrap()]);
    let committed = project("dashboards/json");
    let differences = Command::new("diff").arg("-r").arg(&committed).arg(&made).output().unwrap();
    let told = String::from_utf8_lossy(&differences.stdout).into_owned();
    assert!(told.is_empty(), "dashboards/json is not what dashboards/src makes; `make dashboards UPDATE=1` writes it:\n{told}");
    a_renamed_metric_breaks_the_build(&folder);
    println!("{}", node(&folder, &["check/schema.js", committed.to_str().unwrap()]));
}

fn a_renamed_metric_breaks_the_build(folder: &Path) {
    let path = folder.join("src/catalogue.json");
    let sound = fs::read_to_string(&path).unwrap();
    fs::write(&path, sound.replace("\"usage_user\"", "\"usage_programs\"")).unwrap();
    let output = Command::new("node").args(["node_modules/typescript/bin/tsc", "--noEmit"]).current_dir(folder).output().unwrap();
    fs::write(&path, sound).unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && told.contains("usage_user"), "the compiler does not mind: {told}");
}
