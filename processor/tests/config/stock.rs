//! The stock rules: without a mistake, about what the catalogue has, each with a test and a page.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use engine::query::Query;
use engine::rules::Alert;
use event::{Event, Name};
use processor::config::{Report, Suite, read_rules, stock_suite};

#[test]
fn the_stock_rules_are_without_a_mistake_and_say_what_they_are_about() {
    let mut report = Report::default();
    let rules = read_rules(&[], &mut report).expect("the stock rules have no error");
    assert_eq!(report.text(false), "");
    assert_eq!(rules.abouts.len(), rules.alerts.len());
    assert!(rules.alerts.iter().all(|alert| alert.message.is_some() && alert.enabled));
}

fn suite() -> Suite {
    stock_suite(&mut Report::default()).expect("the stock rules have no error")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_file_of_the_folder_is_compiled_in() {
    let compiled: BTreeSet<String> = suite().files.into_iter().map(|(name, _)| name.replace("<stock>/", "")).collect();
    let shipped = fs::read_dir(root().join("rules")).expect("the folder is there");
    let shipped = shipped.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    assert_eq!(compiled, shipped.filter(|name| name.ends_with(".yaml")).collect());
}

#[test]
fn every_alert_has_a_test_in_its_file() {
    let suite = suite();
    for alert in &suite.rules.alerts {
        let is_here = |text: &str| text.contains(&format!("\n  {}:\n", alert.name));
        let (file, _) = suite.files.iter().find(|(_, text)| is_here(text)).expect("a file has the alert");
        let is_tested = suite.tests.iter().any(|test| test.file == *file && test.alerts.contains(&alert.name));
        assert!(is_tested, "{file} has no test of {}", alert.name);
    }
}

#[test]
fn every_alert_has_a_page_and_every_page_is_of_an_alert() {
    let alerts: BTreeSet<String> = suite().rules.alerts.into_iter().map(|alert| alert.name).collect();
    let pages = fs::read_dir(root().join("docs/alerts")).expect("the folder is there");
    let pages = pages.map(|entry| entry.expect("an entry").file_name().to_string_lossy().replace(".md", ""));
    assert_eq!(alerts, pages.filter(|page| page != "README").collect());
    for alert in alerts {
        let page = fs::read_to_string(root().join(format!("docs/alerts/{alert}.md"))).expect("a page");
        let parts = [format!("# {alert}\n"), "\n## Look first\n".to_owned(), format!("\n```yaml\nalerts:\n  {alert}:\n")];
        for part in parts {
            assert!(page.contains(&part), "docs/alerts/{alert}.md lacks {part:?}");
        }
    }
}

#[test]
fn the_table_of_the_pages_has_every_alert_with_its_levels() {
    let text = fs::read_to_string(root().join("docs/alerts/README.md")).expect("the table is there");
    let rows = text.lines().filter(|line| line.starts_with("| ["));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").collect();
        format!("{} {}", cells[0], cells[2])
    };
    let told: BTreeSet<String> = rows.map(row).collect();
    let expected = suite().rules.alerts.iter().map(|alert| format!("[{0}]({0}.md) {1}", alert.name, levels(alert))).collect();
    assert_eq!(told, expected);
}

fn levels(alert: &Alert) -> String {
    let levels =
        [("info", alert.info.is_some()), ("warning", alert.warn.is_some()), ("critical", alert.crit.is_some() || alert.absent.is_some())];
    levels.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

/// What a rule asks for by name is told by the collector or the processor; a service of any name would never be noticed.
#[test]
fn every_service_is_one_of_the_catalogue() {
    for alert in suite().rules.alerts {
        let text = alert.where_.to_string();
        let services: Vec<&str> = text.split('"').skip(1).step_by(2).filter(|text| text.contains('/')).collect();
        assert!(!services.is_empty(), "{}: {text}", alert.name);
        for service in services {
            let name = Name::split(service).expect(service);
            assert!(catalogue::find(name.measurement, name.field).is_some(), "{}: nothing is called {service}", alert.name);
        }
    }
}

#[test]
fn a_copy_of_the_stock_rules_is_without_a_mistake_too() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    assert_eq!(processor::config::check(&[folder]).text(false), "");
}

#[track_caller]
fn check(rule: &str, service: &str, expected: bool) {
    let rules = read_rules(&[], &mut Report::default()).expect("the stock rules have no error");
    let where_: &Query = &rules.alerts.iter().find(|alert| alert.name == rule).expect("the rule is there").where_;
    let event = Event { service: Some(service.to_owned()), host: Some("n1".to_owned()), ..Event::default() };
    assert_eq!(event.with_view(|view| where_.matches(view)), expected);
}

#[test]
fn they_match_the_samples_that_they_are_about() {
    check("cpu-high", "cpu/usage_active", true);
    check("cpu-high", "cpu/cpu0/usage_active", false);
    check("memory-high", "mem/used_percent", true);
    check("disk-full", "disk///used_percent", true);
    check("disk-full", "disk//var/lib/used_percent", true);
    check("disk-full", "disk//var/free", false);
    check("influx-unreachable", "skep_processor/http://influx:8086/influx_failing_seconds", true);
    check("node-not-ready", "docker_node/w1/ready", true);
}
