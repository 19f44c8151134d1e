//! How each mistake in where an alert's number comes from reads.

use crate::messages::check;

const RULE: &str = "alerts:\n  a:\n    where: service = \"app/x\"\n    crit: metric > 90\n";

/// The report of an alert with these lines, the fifth of the file the first of them.
#[track_caller]
fn with(lines: &str, expected: &str) {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    check(&format!("{RULE}{lines}"), expected);
}

#[test]
fn every_take_is_accepted() {
    let plain = "mean min max sum count last first median stddev range rate increase delta distinct zscore mad p50 p99.9";
    for take in plain.split(' ') {
        with(&format!("over: 5m\ntake: {take}\nevery: 1s"), "");
    }
    with("over: 1h\ntake: predict\nahead: 4h\nmin_points: 5", "");
    with("over: 1h\ntake: time_to\nreach: 100", "");
    with("over: 1h\ntake: ewma\nhalflife: 5m", "");
}

#[test]
fn over_and_take_need_each_other() {
    with(
        "over: 5m",
        r#"
error: `over` needs `take`
 --> my.yaml:5:11
  |
5 |     over: 5m
  |           ^^
  |
  = help: write which number the samples make: `take: mean`
"#,
    );
    with(
        "take: mean",
        r#"
error: `take` stands beside `over` or `across` only
 --> my.yaml:5:11
  |
5 |     take: mean
  |           ^^^^
  |
  = help: write of how long: `over: 5m`, or of which events side by side: `across: [host]`
"#,
    );
}

#[test]
fn a_take_that_is_not_there_is_told_with_the_nearest_one() {
    with(
        "over: 5m\ntake: men",
        r#"
error: `take` knows no `men`
 --> my.yaml:6:11
  |
6 |     take: men
  |           ^^^
  |
  = help: did you mean `mean`?
"#,
    );
    with(
        "over: 5m\ntake: p101",
        r#"
error: `take` knows no `p101`
 --> my.yaml:6:11
  |
6 |     take: p101
  |           ^^^^
  |
  = help: it takes mean, min, max, sum, count, last, first, median, stddev, range, rate, increase, delta, distinct, zscore, mad, ewma, predict, time_to, or a percentile such as p99
"#,
    );
}

#[test]
fn a_take_needs_its_own_keys_and_no_others() {
    with(
        "over: 5m\ntake: predict",
        r#"
error: `take: predict` needs `ahead`
 --> my.yaml:6:11
  |
6 |     take: predict
  |           ^^^^^^^
  |
  = help: write `ahead: 4h`
"#,
    );
    with(
        "over: 5m\ntake: mean\nmin_points: 3",
        r#"
error: `min_points` stands beside `take: predict` and `take: time_to` only
 --> my.yaml:7:17
  |
7 |     min_points: 3
  |                 ^
"#,
    );
}

#[test]
fn values_that_cannot_be_are_told() {
    with(
        "over: 500ms\ntake: time_to\nreach: full\nmin_points: 1",
        r#"
error: `over` is at least 1s, not 500ms
 --> my.yaml:5:11
  |
5 |     over: 500ms
  |           ^^^^^

error: `reach` takes a number, not `full`
 --> my.yaml:7:12
  |
7 |     reach: full
  |            ^^^^

error: `min_points` is at least 2, not 1
 --> my.yaml:8:17
  |
8 |     min_points: 1
  |                 ^
"#,
    );
}

#[test]
fn across_takes_what_stands_side_by_side() {
    for take in "mean min max sum count median stddev range distinct p99".split(' ') {
        with(&format!("across: [host, container]\ntake: {take}\nevery: 1s"), "");
    }
    with(
        "across: [host]",
        r#"
error: `across` needs `take`
 --> my.yaml:5:13
  |
5 |     across: [host]
  |             ^^^^^^
  |
  = help: write which number the members make: `take: sum`
"#,
    );
    with(
        "across: [host]\ntake: rate",
        r#"
error: `take: rate` is of samples over time; it goes with `over`
 --> my.yaml:6:11
  |
6 |     take: rate
  |           ^^^^
  |
  = help: beside `across` stand mean, min, max, sum, count, median, stddev, range, distinct and percentiles
"#,
    );
    with(
        "across: [host]\nover: 5m\ntake: sum",
        r#"
error: `over` and `across` do not go together
 --> my.yaml:5:13
  |
5 |     across: [host]
  |             ^^^^^^
  |
  = help: leave one of them out, or write two alerts
"#,
    );
}

/// As [`with`], of an alert that has no `where`.
#[track_caller]
fn joined(lines: &str, expected: &str) {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    check(&format!("alerts:\n  a:\n    crit: metric > 0\n{lines}"), expected);
}

const JOIN: &str = "join: {desired: service = \"app/desired\", running: service = \"app/running\"}";

#[test]
fn join_is_named_queries_and_arithmetic_over_the_names() {
    joined(&format!("{JOIN}\nvalue: (desired - running) / desired\nmessage: \"{{{{running}}}} of {{{{desired}}}}\""), "");
    joined(
        JOIN,
        r#"
error: `join` needs `value`
 --> my.yaml:4:11
  |
4 |     join: {desired: service = "app/desired", running: service = "app/running"}
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write which number they make: `value: desired - running`
"#,
    );
    joined(
        &format!("{JOIN}\nvalue: desired - runing"),
        r#"
error: `runing` is no query of this `join`
 --> my.yaml:5:22
  |
5 |     value: desired - runing
  |                      ^^^^^^
  |
  = help: did you mean `running`?
"#,
    );
    with(
        "value: 1 + 1",
        r#"
error: `value` stands beside `join` only
 --> my.yaml:5:12
  |
5 |     value: 1 + 1
  |            ^^^^^
  |
  = help: write what its names stand for: `join: {desired: service = "a", running: service = "b"}`
"#,
    );
    with(
        "join: {a: service = \"b\"}\nvalue: a",
        r#"
error: `where` and `join` do not go together
 --> my.yaml:3:12
  |
3 |     where: service = "app/x"
  |            ^^^^^^^^^^^^^^^^^
4 |     crit: metric > 90
5 |     join: {a: service = "b"}
  |           ------------------ picks the events
  |
  = help: each query of `join` picks its events
"#,
    );
}
