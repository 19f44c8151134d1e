//! Files lie over the stock rules and over each other: maps merge, all else replaces.

use engine::rules::Alert;
use processor::config::{Report, Rules, read_rules};

fn rules(files: &[&str]) -> Rules {
    let mut report = Report::default();
    let files: Vec<_> = files.iter().enumerate().map(|(i, text)| (format!("{i}.yaml"), (*text).to_owned())).collect();
    let rules = read_rules(&files, &mut report);
    assert_eq!(report.text(false), "");
    rules.expect("there is no error")
}

fn alert<'a>(rules: &'a Rules, name: &str) -> &'a Alert {
    rules.alerts.iter().find(|alert| alert.name == name).expect("the alert is there")
}

#[track_caller]
fn check_crit(file: &str, when: &str, for_: Option<&str>) {
    let rules = rules(&[file]);
    let crit = alert(&rules, "cpu-high").crit.as_ref().expect("crit is there");
    assert_eq!(crit.when.to_string(), when);
    assert_eq!(crit.for_.map(|duration| duration.to_string()).as_deref(), for_);
}

#[test]
fn an_override_changes_what_it_names_and_nothing_else() {
    let rules = rules(&["alerts: {cpu-high: {warn: metric > 88, message: \"{{host}} sweats\"}}"]);
    let cpu = alert(&rules, "cpu-high");
    assert_eq!(cpu.where_.to_string(), "service = \"cpu/usage_active\"");
    assert_eq!(cpu.warn.as_ref().unwrap().when.to_string(), "metric > 88");
    assert_eq!(cpu.crit.as_ref().unwrap().when.to_string(), "metric > 98");
    assert_eq!(cpu.message.as_ref().unwrap().source(), "{{host}} sweats");
}

#[test]
fn the_long_form_of_a_level_merges_and_the_short_form_replaces() {
    check_crit("alerts: {cpu-high: {crit: {for: 5s}}}", "metric > 98", Some("5s"));
    check_crit("alerts: {cpu-high: {crit: {when: metric > 99}}}", "metric > 99", Some("30m"));
    check_crit("alerts: {cpu-high: {crit: metric > 99}}", "metric > 99", None);
}

#[test]
fn null_takes_a_key_away() {
    let rules = rules(&["alerts: {cpu-high: {warn: null, clear: ~}}"]);
    let cpu = alert(&rules, "cpu-high");
    assert!(cpu.warn.is_none());
    assert!(cpu.clear.is_none());
    assert!(cpu.crit.is_some());
}

#[test]
fn another_take_does_away_with_the_keys_of_the_one_before() {
    let rules = rules(&["alerts: {disk-full-soon: {take: predict, ahead: 4h, crit: metric >= 100}}"]);
    assert!(format!("{:?}", alert(&rules, "disk-full-soon").measure).contains("Predict"));
}

#[test]
fn enabled_false_turns_a_stock_rule_off_and_a_later_file_on_again() {
    let off = "alerts: {cpu-high: {enabled: false}}";
    assert!(!alert(&rules(&[off]), "cpu-high").enabled);
    assert!(alert(&rules(&[off, "alerts: {cpu-high: {enabled: true}}"]), "cpu-high").enabled);
}

#[test]
fn a_rule_of_ones_own_has_the_defaults_of_every_rule() {
    let rules = rules(&["alerts: {mine: {where: true, absent: 1m}}"]);
    let mine = alert(&rules, "mine");
    assert_eq!(mine.by, ["host", "service"]);
    assert!(mine.enabled);
    assert_eq!(rules.alerts.last().unwrap().name, "mine");
}

#[test]
fn an_empty_file_says_nothing() {
    assert_eq!(rules(&["", "# nothing\n", "alerts:\n"]).alerts.len(), rules(&[]).alerts.len());
}

#[test]
fn anchors_save_repeating() {
    let file = "alerts:\n  a: {where: true, crit: &high {when: metric > 9, for: 3s}}\n  b: {where: host, crit: *high}\n";
    assert_eq!(alert(&rules(&[file]), "b").crit.as_ref().unwrap().when.to_string(), "metric > 9");
}

#[test]
fn what_an_override_makes_of_a_stock_rule_is_told_in_both_files() {
    let mut report = Report::default();
    read_rules(&[("mine.yaml".to_owned(), "alerts: {cpu-high: {warn: metric > 70}}\n".to_owned())], &mut report);
    let expected = "\
warning: `clear: metric < 80` already holds when `warn: metric > 70` opens: it would flap
  --> <stock>/cpu.yaml:11:12
   |
11 |     clear: metric < 80
   |            ^^^^^^^^^^^
   |
  ::: mine.yaml:1:27
   |
 1 | alerts: {cpu-high: {warn: metric > 70}}
   |                           ----------- opens here";
    assert_eq!(report.text(false).trim_end(), expected);
}
