//! What Grafana is given besides the boards: names that fit each other, and the stack that hands all of it over.

use std::fs;

use crate::common::project;
use crate::uids;

fn read(path: &str) -> String {
    fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files of a folder of `dashboards/provisioning`, name and text.
fn files(folder: &str) -> Vec<(String, String)> {
    let path = format!("dashboards/provisioning/{folder}");
    let names = fs::read_dir(project(&path)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = names.map(|name| (format!("{path}/{name}"), read(&format!("{path}/{name}")))).collect();
    files.sort();
    files
}

/// The variables that a file wants from the environment.
fn wanted(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let parts = code.flat_map(|line| line.split('$').skip(1));
    let names =
        parts.map(|part| part.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_' && !letter.is_ascii_digit()).next());
    names.flatten().filter(|name| !name.is_empty() && !name.starts_with("__")).collect()
}

#[test]
fn data_sources_have_fixed_uids_and_the_interval_of_the_collectors() {
    for (path, text) in files("datasources") {
        let uid = if path.ends_with("skep.yaml") { "uid: swarm-skep" } else { "uid: swarm-influx" };
        for part in [uid, "apiVersion: 1", "type: influxdb", "timeInterval: $SKEP_INTERVAL", "dbName: "] {
            assert!(text.contains(part), "{path} lacks `{part}`");
        }
        assert!(!text.contains("password: $I") && !text.contains("token: $I"), "{path}: secrets come from files");
    }
}

#[test]
fn the_watchdog_asks_a_data_source_that_is_there_and_leaves_grafanas_policy_alone() {
    let watchdog = read("dashboards/provisioning/alerting/watchdog.yaml");
    assert!(watchdog.contains("datasourceUid: swarm-influx") && watchdog.contains("$$timeFilter"));
    assert!(!watchdog.contains("policies:") && !watchdog.contains("contactPoints:"), "they have a file of their own, to be left out");
    let query = watchdog.lines().find_map(|line| line.trim().strip_prefix("query: ")).unwrap();
    assert_eq!(crate::names::unknown(query), Vec::<String>::new());
}

#[test]
fn the_stack_hands_grafana_every_board_and_every_variable_of_the_files_it_mounts() {
    let (stack, deploy) = (read("vagrant/stack/skep.yml"), read("vagrant/stack/deploy.sh"));
    for uid in uids() {
        assert!(
            stack.contains(&format!("/dashboards}}/json/{uid}.json")) || stack.contains(&format!("/json/{uid}.json")),
            "{uid} is no config"
        );
        assert!(stack.contains(&format!("target: /etc/grafana/boards/{uid}.json")), "{uid} is not mounted");
    }
    let mounted: Vec<&str> = stack.split("/provisioning/").skip(1).filter_map(|rest| rest.split(['\n', '}']).next()).collect();
    for folder in ["datasources", "dashboards", "alerting"] {
        for (path, text) in files(folder) {
            if !mounted.iter().any(|mounted| path.ends_with(mounted)) {
                continue;
            }
            for name in wanted(&text) {
                assert!(stack.contains(&format!("      {name}: ")), "{path} wants {name}, which skep.yml does not give to Grafana");
            }
        }
    }
    assert!(deploy.contains("SKEP_BOARDS_SUM=") && stack.matches("${SKEP_BOARDS_SUM:-0}").count() == uids().len() + 4);
}

#[test]
fn one_machine_has_grafana_over_skeps_own_store() {
    let compose = read("docker-compose.yml");
    for path in ["./dashboards/json:", "./dashboards/provisioning/dashboards:", "./dashboards/provisioning/datasources/skep.yaml:"] {
        assert!(compose.contains(path), "docker-compose.yml does not mount {path}");
    }
    for name in ["skep.yaml", "swarm.yaml"] {
        let folder = if name == "skep.yaml" { "datasources" } else { "dashboards" };
        for variable in wanted(&read(&format!("dashboards/provisioning/{folder}/{name}"))) {
            assert!(compose.contains(&format!("      {variable}: ")), "{name} wants {variable}");
        }
    }
}
