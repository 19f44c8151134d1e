//! What a rule is looked up by, and what is left of its query once a series is known.

use engine::query::{Query, Residue};
use event::LabelsBuf;

#[track_caller]
fn literals(query: &str, services: Option<&[&str]>, host: Option<&str>) {
    let query = Query::parse(query).expect("a query");
    assert_eq!(query.service_literals().as_deref(), services);
    assert_eq!(query.host_literal(), host);
}

#[test]
fn the_services_of_which_a_matching_event_must_have_one() {
    literals(r#"service = "cpu""#, Some(&["cpu"]), None);
    literals(r#""cpu" = service and metric > 1"#, Some(&["cpu"]), None);
    literals(r#"host = "a" and (service = "x" or service = "y")"#, Some(&["x", "y"]), Some("a"));
    literals(r#"service = "x" or metric > 1"#, None, None);
    literals(r#"not service = "x""#, None, None);
    literals(r#"service =~ "cpu/%""#, None, None);
    literals("false", Some(&[]), None);
    let many: Vec<String> = (0..40).map(|i| format!("service = \"s{i}\"")).collect();
    literals(&many.join(" or "), None, None);
}

#[track_caller]
fn residue(query: &str, left: &str) {
    let mut labels = LabelsBuf::new();
    labels.mark(b"skep").attribute(b"dc", b"fra");
    let residue = Query::parse(query).expect("a query").residue(Some("web1"), Some("cpu/usage_active"), labels.view());
    let found = match &residue {
        Residue::Never => "never".to_owned(),
        Residue::Always => "always".to_owned(),
        Residue::Test(query) => query.to_string(),
    };
    assert_eq!(found, left);
}

#[test]
fn what_a_series_decides_is_decided_once() {
    residue(r#"service = "cpu/usage_active""#, "always");
    residue(r#"service = "cpu/usage_active" and metric > 90"#, "metric > 90");
    residue(r#"service =~ "mem/%" and metric > 90"#, "never");
    residue(r#"metric > 90 or host ~= "^web""#, "always");
    residue(r#"not (dc = "fra" and state = "ok")"#, r#"not state = "ok""#);
    residue(r#"tagged "skep" and not tagged "late""#, "always");
    residue("host = state", r#""web1" = state"#);
    residue("rack = state and tags != state", "nil = state");
    residue("dc and tags and time > 5", "time > 5");
    residue(r#"state = "ok" and (host = "x" or description) and metric"#, r#"state = "ok" and description and metric"#);
}
