//! How mistakes in a window's `take` read.

use crate::messages::{check, told};

fn stream(window: &str) -> String {
    format!("streams:\n  s:\n    steps:\n      - window: {window}\n      - tap: out\n")
}

#[test]
fn every_take_can_be_had() {
    let all = "count, sum, mean, p99.9, first, last, range, delta, increase, rate, distinct, ewma, predict, time_to, zscore, mad";
    assert_eq!(told(&stream(&format!("{{over: 1m, take: [{all}], halflife: 10s, ahead: 4h, reach: 100, min_points: 3}}"))), "");
}

#[test]
fn a_take_that_needs_a_key_says_which() {
    check(
        &stream("{over: 1m, take: predict}"),
        r#"
error: `take: predict` needs `ahead`
 --> my.yaml:4:34
  |
4 |       - window: {over: 1m, take: predict}
  |                                  ^^^^^^^
  |
  = help: `predict` is taken of a `window` that has `ahead` beside `take`
"#,
    );
}

#[test]
fn a_key_that_no_take_needs_is_a_mistake() {
    check(
        &stream("{over: 1m, take: mean, min_points: 3}"),
        r#"
error: `min_points` stands beside `take: predict` and `take: time_to` only
 --> my.yaml:4:52
  |
4 |       - window: {over: 1m, take: mean, min_points: 3}
  |                                                    ^
"#,
    );
}

#[test]
fn an_unknown_take_is_told_with_the_nearest_one() {
    check(
        &stream("{over: 1m, take: zscor}"),
        r#"
error: `take` knows no `zscor`
 --> my.yaml:4:34
  |
4 |       - window: {over: 1m, take: zscor}
  |                                  ^^^^^
  |
  = help: did you mean `zscore`?
"#,
    );
}
