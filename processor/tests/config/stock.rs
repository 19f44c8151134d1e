//! The stock rules: without a mistake, and about what the catalogue has.

use engine::query::Query;
use event::Event;
use processor::config::{Report, read_rules};

#[test]
fn the_stock_rules_are_without_a_mistake_and_say_what_they_are_about() {
    let mut report = Report::default();
    let rules = read_rules(&[], &mut report).expect("the stock rules have no error");
    assert_eq!(report.text(false), "");
    let names: Vec<_> = rules.alerts.iter().map(|alert| alert.name.as_str()).collect();
    assert_eq!(names, ["cpu-high", "memory-high", "disk-full", "clock-skew"]);
    assert_eq!(rules.abouts.len(), names.len());
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
}
