//! What is read, what comes of it, and what is refused.

use event::{Metric, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::store::SeriesData;

const NOW: i64 = 100_000_000_000;

fn select(text: &str) -> Select {
    match parse(text, NOW).unwrap().pop() {
        Some(Statement::Select(select)) => select,
        other => panic!("{other:?}"),
    }
}

fn series(host: &str, points: &[(i64, i64)]) -> SeriesData {
    let points = points.iter().map(|(second, value)| (Timestamp::from_secs(*second), Metric::Int(*value))).collect();
    SeriesData { tags: vec![("host".to_owned(), host.to_owned())], points }
}

/// Rows as `host: second=value …`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let data = [("used".to_owned(), vec![series("a", &[(10, 1), (11, 3), (30, 9)]), series("b", &[(12, 8)])])];
    let rows = run(&select(text), &data, NOW, &mut MAX_VALUES.clone()).unwrap();
    let cell = |cell: &Option<Metric>| cell.map_or("-".to_owned(), |value| value.as_f64().to_string());
    let line = |(time, cells): &(i64, Vec<Option<Metric>>)| {
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

#[track_caller]
fn check_mistake(text: &str, message: &str) {
    assert_eq!(parse(text, NOW).unwrap_err(), format!("error parsing query: {message}"));
}

#[test]
fn mistakes_name_the_place() {
    check_mistake("SELECT mean(x) FROM (SELECT y FROM z)", "at char 21: found `(`, expected a measurement; skep reads no subqueries");
    check_mistake(
        "SHOW USERS",
        "at char 6: found `USERS`, expected DATABASES, MEASUREMENTS, RETENTION POLICIES, TAG KEYS, TAG VALUES or FIELD KEYS",
    );
    check_mistake("SELECT x FROM m WHERE v > 3", "at char 25: found `>`, expected =, !=, =~ or !~; only tags are compared");
    check_mistake("SELECT x FROM m WHERE a = 'b' OR c = 'd'", "at char 31: found `OR`, expected AND; write OR within parentheses");
}

#[test]
fn what_would_cost_without_bound_is_refused() {
    let terms = vec!["a = 'b'"; 8_000].join(" AND ");
    check_mistake(&format!("SELECT x FROM m WHERE {terms}"), "at char 1223: found `a`, expected at most 100 comparisons of tags");
    let data = [("used".to_owned(), vec![series("a", &[(10, 1)])])];
    let columns = vec!["mean(used)"; 100].join(", ");
    let long = select(&format!("SELECT {columns} FROM mem WHERE time >= 0s AND time < 6000s GROUP BY time(1s) LIMIT 1"));
    assert!(run(&long, &data, NOW, &mut MAX_VALUES.clone()).unwrap_err().starts_with("the answer has more than 500000 values"));
    let early = select("SELECT derivative(mean(used), 1s) FROM mem WHERE time > now() - 15000w - 15000w GROUP BY time(1h)");
    run(&early, &data, NOW, &mut MAX_VALUES.clone()).unwrap_err();
}

#[test]
fn depth_is_bounded() {
    assert!(parse(&format!("SELECT x FROM m WHERE {}a = 'b'", "(".repeat(100_000)), NOW).is_err());
    assert!(parse(&format!("SELECT {}x", "derivative(".repeat(100_000)), NOW).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = parse(&text, NOW);
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "mean", "(", ")", "x", "FROM", "m", "WHERE", "time", ">", "now", "-", "1h", "AND", "host", "=~", "/a/", "=", "'b'",
        "GROUP", "BY", "10s", ",", "fill", "null", "LIMIT", "3", ";", "*", "9223372036854775807", "OR",
    ]), 0..40)) {
        let _ = parse(&words.join(" "), NOW);
    }
}
