//! What is read, what comes of it, and what is refused.

use std::sync::Arc;

use event::{Metric, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::store::{Measurement, Part, SeriesData};

const NOW: i64 = 100_000_000_000;

fn names() -> Vec<Measurement> {
    let of = |name: &str| Measurement {
        name: name.to_owned(),
        fields: vec!["free".to_owned(), "used".to_owned()],
        tags: vec!["host".to_owned()],
    };
    vec![of("mem"), of("swap")]
}

fn planned(text: &str) -> Result<Plan, String> {
    match parse(text, NOW).unwrap().pop() {
        Some(Statement::Select(select)) => plan(*select, &names(), NOW),
        other => panic!("{other:?}"),
    }
}

fn budget() -> Budget {
    Budget { left: MAX_VALUES, held: MAX_HELD, stop: Arc::default() }
}

/// What is stored of `mem`; nothing of `swap`.
fn stored(plan: &Plan) -> Vec<Stored> {
    let of = |field: &str| match field {
        "used" => vec![series("a", &[(10, 1), (11, 3), (30, 9)]), series("b", &[(12, 8)])],
        _ => vec![series("a", &[(10, 7), (30, 2)])],
    };
    let fields = |measurement: &str, fields: &[(String, Part)]| {
        if measurement == "mem" { fields.iter().map(|field| (field.clone(), of(&field.0))).collect() } else { Vec::new() }
    };
    plan.reads().into_iter().map(|read| fields(&read.measurement, &read.fields)).collect()
}

fn answer(text: &str, budget: &mut Budget) -> Result<Vec<Row>, String> {
    let plan = planned(text)?;
    run(&plan, stored(&plan), budget)
}

fn series(host: &str, points: &[(i64, i64)]) -> SeriesData {
    let points = points.iter().map(|(second, value)| (Timestamp::from_secs(*second), Metric::Int(*value))).collect();
    SeriesData { tags: vec![("host".to_owned(), host.to_owned())], points }
}

/// Rows as `host: second=value …`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let rows = answer(text, &mut budget()).unwrap();
    let cell = |cell: &Option<Value>| match cell {
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Bool(is)) => is.to_string(),
        None => "-".to_owned(),
    };
    let line = |(time, cells): &(i64, Vec<Option<Value>>)| {
        format!(" {}={}", time / 1_000_000_000, cells.iter().map(cell).collect::<Vec<_>>().join(","))
    };
    let row = |row: &Row| {
        let tags: Vec<_> = row.tags.iter().map(|(_, value)| value.as_str()).collect();
        format!("{}:{}", tags.join(","), row.values.iter().map(line).collect::<String>())
    };
    assert_eq!(rows.iter().map(row).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn steps_are_folded_and_filled() {
    check("SELECT mean(used) FROM mem WHERE time >= 10s AND time < 40s GROUP BY time(10s)", &[": 10=4 20=- 30=9"]);
    check("SELECT max(used) FROM mem WHERE time >= 10s AND time < 40s GROUP BY time(10s), host fill(none)", &["a: 10=3 30=9", "b: 10=8"]);
    check("SELECT last(used) FROM mem WHERE time >= 10s AND time < 40s GROUP BY time(10s) fill(previous)", &[": 10=8 20=8 30=9"]);
    check("SELECT count(used) FROM mem WHERE time >= 10s AND time < 40s GROUP BY time(10s)", &[": 10=3 20=0 30=1"]);
    check(
        "SELECT sum(used) * 8 / 2 FROM mem WHERE time >= 10s AND time < 40s GROUP BY time(10s) fill(0) ORDER BY time DESC LIMIT 2",
        &[": 30=36 20=0"],
    );
}

#[test]
fn a_derivative_passes_over_steps_without_values() {
    let query = "SELECT non_negative_derivative(max(used), 1s) FROM mem WHERE host = 'a' AND time >= 10s AND time < 40s GROUP BY time(10s)";
    check(query, &[": 30=0.3"]);
}

#[test]
fn a_single_selector_keeps_its_points_time() {
    check("SELECT max(used) FROM mem", &[": 30=9"]);
    check("SELECT max(used), min(used), percentile(used, 50), median(used), spread(used) FROM mem WHERE time >= 5s", &[": 5=9,1,3,5.5,8"]);
}

#[test]
fn tags_are_compared() {
    check("SELECT used FROM mem WHERE host =~ /^[b]$/", &[": 12=8"]);
    check("SELECT used FROM mem WHERE host !~ /a/ AND (host = 'x' OR host != 'a')", &[": 12=8"]);
    check("SELECT used FROM mem WHERE rack = '' GROUP BY * SLIMIT 1", &["a: 10=1 11=3 30=9"]);
}

#[test]
fn fields_are_compared() {
    check("SELECT used FROM mem WHERE used > 2 AND used <= 8", &[": 11=3 12=8"]);
    check("SELECT used FROM mem WHERE used > free", &[": 30=9"]);
    check("SELECT max(used) FROM mem WHERE free < 5 OR host = 'b' GROUP BY host", &["a: 30=9", "b: 12=8"]);
    check("SELECT used FROM mem WHERE (used + 1) * 2 = 8", &[": 11=3"]);
}

#[test]
fn queries_stand_within_queries() {
    check(
        "SELECT sum(u) FROM (SELECT max(used) AS u FROM mem WHERE time >= 10s AND time < 40s GROUP BY host) WHERE time >= 10s AND time < 40s",
        &[": 10=17"],
    );
    check("SELECT top(u, host, 1) FROM (SELECT last(used) AS u FROM mem GROUP BY host)", &[": 30=9,a"]);
    check("SELECT bottom(used, 2), host FROM mem", &[": 10=1,a 11=3,a"]);
    check("SELECT count(distinct(used)) FROM mem", &[": 0=4"]);
    check("SELECT max(used), host, free FROM mem", &[": 30=9,a,2"]);
}

#[test]
fn values_are_seen_beside_those_before() {
    check("SELECT difference(used) FROM mem WHERE host = 'a'", &[": 11=2 30=6"]);
    check("SELECT elapsed(used, 1s) FROM mem WHERE host = 'a'", &[": 11=1 30=19"]);
    check("SELECT cumulative_sum(used) FROM mem WHERE host = 'a'", &[": 10=1 11=4 30=13"]);
    check("SELECT moving_average(used, 2) FROM mem WHERE host = 'a'", &[": 11=2 30=6"]);
}

#[test]
fn a_day_begins_where_the_zone_says() {
    check(
        "SELECT count(used) FROM mem WHERE time >= '1970-01-01T01:00:00' AND time < '1970-01-02T00:00:00' GROUP BY time(1d) fill(none) tz('Europe/Berlin')",
        &[": -3600=4"],
    );
}

#[track_caller]
fn check_mistake(text: &str, message: &str) {
    assert_eq!(parse(text, NOW).unwrap_err(), format!("error parsing query: {message}"));
}

#[test]
fn mistakes_name_the_place() {
    check_mistake("SELECT mean(x) FROM 3", "at char 21: found `3`, expected a measurement, or a query in parentheses");
    check_mistake("DROP DATABASE x", "at char 1: found `DROP`, expected SELECT or SHOW; skep changes nothing");
    check_mistake("SELECT x FROM m WHERE a == 'b'", "at char 26: found `=`, expected a field or a function");
    check_mistake("SELECT x FROM m WHERE a =~ 'b'", "at char 28: found `b`, expected a regular expression as /…/");
    check_mistake("SELECT x FROM m WHERE time > 'soon'", "at char 30: found `soon`, expected a time like '2026-12-01T08:00:00Z'");
    check_mistake("SELECT x FROM m tz('Berlin')", "at char 20: found `Berlin`, expected a time zone such as 'Europe/Berlin'");
    check_mistake("SELECT x FROM m WHERE a = 'b' OR time > 3s", "cannot use OR with time conditions; skep reads one stretch of time");
    check_mistake("SELECT mean(x), y FROM m", "mixing aggregate and non-aggregate queries is not supported");
    check_mistake("SELECT difference(mean(x)) FROM m", "difference aggregate requires a GROUP BY interval");
    check_mistake("SELECT mean(max(x)) FROM m", "expected field argument in mean()");
}

#[test]
fn a_text_is_refused_by_its_name() {
    let names = [Measurement { name: "docker_container_status".into(), fields: vec!["uptime_ns".into()], tags: vec!["host".into()] }];
    let Some(Statement::Select(select)) = parse("SELECT container_id FROM docker_container_status", NOW).unwrap().pop() else { panic!() };
    let refused = plan(*select, &names, NOW).unwrap_err();
    assert!(
        refused.starts_with("`container_id` of `docker_container_status` is a text, and the embedded store keeps numbers"),
        "{refused}"
    );
}

#[test]
fn what_would_cost_without_bound_is_refused() {
    let terms = vec!["a = 'b'"; 8_000].join(" AND ");
    check_mistake(&format!("SELECT x FROM m WHERE {terms}"), "at char 1227: found `b`, expected at most 100 comparisons");
    let columns = vec!["mean(used)"; 100].join(", ");
    let long = format!("SELECT {columns} FROM mem WHERE time >= 0s AND time < 6000s GROUP BY time(1s) LIMIT 1");
    assert!(answer(&long, &mut budget()).unwrap_err().starts_with("the answer has more than 500000 values"));
    let columns: Vec<_> = (0..100).map(|n| format!("percentile(used, {n})")).collect();
    let long = format!("SELECT {} FROM mem WHERE time >= 0s AND time < 6000s GROUP BY time(1s) LIMIT 1", columns.join(", "));
    assert!(answer(&long, &mut budget()).unwrap_err().starts_with("the answer has more than 500000 values"));
    let early = "SELECT derivative(mean(used), 1s) FROM mem WHERE time > now() - 15000w - 15000w GROUP BY time(1h)";
    answer(early, &mut budget()).unwrap_err();
    let within =
        format!("SELECT max(u) FROM ({})", "SELECT mean(used) AS u FROM mem WHERE time >= 0s AND time < 100w GROUP BY time(1s) fill(0)");
    assert!(answer(&within, &mut budget()).unwrap_err().starts_with("the queries within the statement have more than 4000000 values"));
}

#[test]
fn a_query_that_nobody_waits_for_ends() {
    let mut stopped = budget();
    stopped.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(answer("SELECT used FROM mem", &mut stopped).unwrap_err(), "the query took too long and was given up");
}

#[test]
fn depth_is_bounded() {
    assert!(parse(&format!("SELECT x FROM m WHERE {}a = 'b'", "(".repeat(100_000)), NOW).is_err());
    assert!(parse(&format!("SELECT {}x", "derivative(".repeat(100_000)), NOW).is_err());
    assert!(parse(&"SELECT x FROM (".repeat(100_000), NOW).is_err());
    assert!(parse(&format!("SELECT {}x FROM m", "1 + ".repeat(100_000)), NOW).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = parse(&text, NOW);
    }

    #[test]
    fn any_words_are_answered_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "mean", "(", ")", "used", "FROM", "mem", "WHERE", "time", ">", "now", "-", "1h", "AND", "host", "=~", "/a/", "=", "'b'",
        "GROUP", "BY", "10s", ",", "fill", "null", "LIMIT", "3", ";", "*", "9223372036854775807", "OR", "top", "difference", "(SELECT",
        "SELECT mean(used) FROM mem", "GROUP BY time(10s)", "WHERE time > 0s", "OFFSET 1", "tz('Asia/Tokyo')", "fill(linear)",
    ]), 0..40)) {
        for statement in parse(&words.join(" "), NOW).into_iter().flatten() {
            if let Statement::Select(select) = statement {
                let Ok(plan) = plan(*select, &names(), NOW) else { continue };
                let _ = run(&plan, stored(&plan), &mut budget());
            }
        }
    }
}
