//! How each mistake in a query of a rule reads.

use engine::query::Query;
use processor::config::report_query;

use crate::messages::check;

#[track_caller]
fn check_typed(query: &str, expected: &str) {
    let mistakes = Query::parse(query).expect_err("the query has a mistake");
    assert_eq!(report_query(query, &mistakes), expected.trim());
}

#[test]
fn a_query_that_was_typed_is_shown_with_its_mistakes() {
    check_typed(
        "metric > 90% and x = 'y'",
        r#"
the query cannot be used

error: `%` is not part of a query
 --> query:1:12
  |
1 | metric > 90% and x = 'y'
  |            ^
  |
  = help: write the number alone: `metric > 90`

error: a query says `"y"`, not `'y'`
 --> query:1:22
  |
1 | metric > 90% and x = 'y'
  |                      ^^^
  |
  = help: text stands between double quotes: write `"y"`
"#,
    );
}

#[test]
fn a_query_without_text_and_one_without_end_are_shown_too() {
    check_typed(
        "",
        r"
the query cannot be used

error: there is no query here
 --> query:1:1
  |
1 |
  | ^
  |
  = help: for every event write `true`
",
    );
    check_typed(
        "metric >",
        r"
the query cannot be used

error: a value is missing behind `>`
 --> query:1:9
  |
1 | metric >
  |         ^
",
    );
}

#[test]
fn a_percent_sign_in_a_query() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90%
"#,
        r#"
error: `%` is not part of a query
 --> my.yaml:4:22
  |
4 |     crit: metric > 90%
  |                      ^ unexpected character
  |
  = help: cpu/usage_active is in percent already: write `metric > 90`
"#,
    );
}

#[test]
fn a_percent_sign_in_a_query_about_something_else() {
    check(
        r#"alerts:
  load:
    where: service = "x"
    crit: metric > 90%
"#,
        r#"
error: `%` is not part of a query
 --> my.yaml:4:22
  |
4 |     crit: metric > 90%
  |                      ^ unexpected character
  |
  = help: write the number alone: `metric > 90`
"#,
    );
}

#[test]
fn habits_from_other_languages_in_a_query() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric => 90 && state == 'x'
"#,
        r#"
error: a query says `>=`, not `=>`
 --> my.yaml:4:18
  |
4 |     crit: metric => 90 && state == 'x'
  |                  ^^
  |
  = help: write `>=`

error: a query says `and`, not `&&`
 --> my.yaml:4:24
  |
4 |     crit: metric => 90 && state == 'x'
  |                        ^^
  |
  = help: write `and`

error: a query says `=`, not `==`
 --> my.yaml:4:33
  |
4 |     crit: metric => 90 && state == 'x'
  |                                 ^^
  |
  = help: write `=`

error: a query says `"x"`, not `'x'`
 --> my.yaml:4:36
  |
4 |     crit: metric => 90 && state == 'x'
  |                                    ^^^
  |
  = help: text stands between double quotes: write `"x"`
"#,
    );
}

#[test]
fn a_bare_word_in_a_query() {
    check(
        r#"alerts:
  load:
    where: service = cpu/usage_active
    crit: metric > 90
"#,
        r#"
error: `cpu/usage_active`: text needs double quotes
 --> my.yaml:3:22
  |
3 |     where: service = cpu/usage_active
  |                      ^^^^^^^^^^^^^^^^
  |
  = help: write `service = "cpu/usage_active"`
"#,
    );
}

#[test]
fn a_name_where_a_text_was_meant_is_a_warning() {
    check(
        r#"alerts:
  load:
    where: host = web1 and service = "x"
    crit: metric > 90
"#,
        r#"
warning: `web1` without quotes is a field of the event
 --> my.yaml:3:19
  |
3 |     where: host = web1 and service = "x"
  |                   ^^^^
  |
  = help: if it is a text, write `"web1"`
"#,
    );
}

#[test]
fn two_conditions_that_nothing_joins() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90 state = "x"
"#,
        r#"
error: I did not expect `state` here; join two conditions with `and` or `or`
 --> my.yaml:4:23
  |
4 |     crit: metric > 90 state = "x"
  |                       ^^^^^
"#,
    );
}

#[test]
fn a_wildcard_that_is_a_regular_expression() {
    check(
        r#"alerts:
  load:
    where: service =~ "^cpu/.*"
    crit: metric > 90
"#,
        r#"
error: `=~` uses % as its only wildcard; for a regular expression write `~=`
 --> my.yaml:3:23
  |
3 |     where: service =~ "^cpu/.*"
  |                       ^^^^^^^^^
  |
  = help: write `~= "^cpu/.*"`
"#,
    );
}

#[test]
fn a_text_without_end() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active
    crit: metric > 90
"#,
        r#"
error: the text that starts here has no closing `"`
 --> my.yaml:3:22
  |
3 |     where: service = "cpu/usage_active
  |                      ^^^^^^^^^^^^^^^^^
"#,
    );
}

#[test]
fn a_bad_regular_expression() {
    check(
        r#"alerts:
  load:
    where: service ~= "(a"
    crit: metric > 90
"#,
        r#"
error: `(a` is not a regular expression: unclosed group
 --> my.yaml:3:23
  |
3 |     where: service ~= "(a"
  |                       ^^^^
"#,
    );
}

#[test]
fn services_and_fields_that_nothing_sends() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_activ"
    crit: metrik > 90 and swarm_servce = "x"
"#,
        r#"
warning: no sample is called `cpu/usage_activ`
 --> my.yaml:3:23
  |
3 |     where: service = "cpu/usage_activ"
  |                       ^^^^^^^^^^^^^^^
  |
  = help: did you mean `cpu/usage_active`?

warning: no sample has a field `metrik`
 --> my.yaml:4:11
  |
4 |     crit: metrik > 90 and swarm_servce = "x"
  |           ^^^^^^
  |
  = help: did you mean `metric`?

warning: no sample has a field `swarm_servce`
 --> my.yaml:4:27
  |
4 |     crit: metrik > 90 and swarm_servce = "x"
  |                           ^^^^^^^^^^^^
  |
  = help: did you mean `swarm_service`?
"#,
    );
}

#[test]
fn a_mistake_in_the_long_form() {
    check(
        r#"alerts:
  x: {where: true, crit: {when: metrik >> 5, fro: 30s}}
"#,
        r#"
error: `>>` is not an operator; there are = != < <= > >= =~ ~=
 --> my.yaml:2:40
  |
2 |   x: {where: true, crit: {when: metrik >> 5, fro: 30s}}
  |                                        ^^

error: unknown key `fro` in `crit`; did you mean `for`?
 --> my.yaml:2:46
  |
2 |   x: {where: true, crit: {when: metrik >> 5, fro: 30s}}
  |                                              ^^^
"#,
    );
}
