//! What must hold of every row of the catalogue.

use std::collections::HashSet;

use catalogue::{Kind, Metric, RESERVED, Unit, fields, find, measurements, metrics};

#[track_caller]
fn check(holds: impl Fn(&Metric) -> bool, otherwise: &str) {
    for metric in metrics() {
        assert!(holds(metric), "{}/{}: {otherwise}", metric.measurement, metric.field);
    }
}

#[test]
fn no_metric_is_listed_twice() {
    let mut seen = HashSet::new();
    for metric in metrics() {
        assert!(seen.insert((metric.measurement, metric.field)), "{}/{} is listed twice", metric.measurement, metric.field);
    }
}

#[test]
fn the_metrics_of_a_measurement_stand_together() {
    let mut seen = HashSet::new();
    for measurement in measurements() {
        assert!(seen.insert(measurement), "the metrics of {measurement} stand at two places");
    }
    assert_eq!(measurements().flat_map(fields).count(), metrics().count());
}

#[test]
fn every_metric_is_found() {
    check(|metric| find(metric.measurement, metric.field) == Some(metric), "find must give it");
    assert_eq!(find("mem", "nothing"), None);
    assert_eq!(find("nothing", "used"), None);
}

#[test]
fn every_sentence_is_one() {
    check(|metric| metric.about.ends_with('.'), "the sentence must end with a full stop");
    check(|metric| !metric.about.trim_end_matches('.').contains(". "), "one sentence only");
    check(|metric| metric.needs.is_none_or(|needs| !needs.ends_with('.')), "what it needs is no sentence");
}

#[test]
fn names_are_safe_in_services_lines_and_queries() {
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    };
    check(|metric| plain(metric.measurement) && plain(metric.field), "lower case letters, digits, _ and - only");
    check(|metric| metric.attributes.iter().all(|key| plain(key)), "lower case letters, digits, _ and - only");
}

#[test]
fn no_attribute_overrides_a_field_of_the_event() {
    check(|metric| metric.attributes.iter().all(|key| !RESERVED.contains(key)), "an attribute has a reserved name");
}

#[test]
fn no_attribute_has_the_name_of_a_field() {
    // InfluxDB 3 refuses a table where a tag and a field have one name.
    check(
        |metric| fields(metric.measurement).all(|other| !metric.attributes.contains(&other.field)),
        "an attribute has the name of a field of the measurement",
    );
}

#[test]
fn kind_unit_and_type_fit_together() {
    check(|metric| (metric.kind == Kind::Text) == (metric.unit == Unit::Text), "a text has the unit text, and only a text");
    check(|metric| metric.unit != Unit::Percent || (metric.is_float && metric.kind == Kind::Gauge), "a percentage is a float gauge");
    check(|metric| !metric.is_float || !matches!(metric.kind, Kind::Text | Kind::Event), "a text or an event is no float");
    check(|metric| !metric.field.ends_with("_percent") || metric.unit == Unit::Percent, "it says percent");
}

#[test]
fn what_prometheus_is_told_is_in_the_catalogue_and_rows_of_one_name_stand_together() {
    let mut seen = HashSet::new();
    let mut last = None;
    for row in catalogue::prometheus::HOST.iter().chain(catalogue::prometheus::CONTAINERS) {
        let metric = find(row.measurement, row.field);
        assert!(metric.is_some_and(|metric| metric.kind != Kind::Text), "{}: no number {}/{}", row.name, row.measurement, row.field);
        if last.replace(row.name) != Some(row.name) {
            assert!(seen.insert(row.name), "{} stands at two places", row.name);
        }
        assert!(row.about.is_none_or(|about| about.ends_with('.')), "{}: the sentence must end with a full stop", row.name);
    }
}
