//! How texts that are no YAML, or not the YAML that is wanted, read.

use crate::messages::check;

#[test]
fn a_key_that_stands_twice() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    crit: metric > 95
"#,
        r#"
error: key `crit` stands twice in alert `load`; first at my.yaml:4
 --> my.yaml:5:5
  |
4 |     crit: metric > 90
  |     ---- first here
5 |     crit: metric > 95
  |     ^^^^
"#,
    );
}

#[test]
fn a_tab() {
    check(
        "alerts:\n  load:\n    where: service = \"cpu/usage_active\"\n\tcrit: metric > 90\n",
        r#"
error: YAML is indented with spaces; this line starts with a tab
 --> my.yaml:4:1
  |
4 |     crit: metric > 90
  | ^
"#,
    );
}

#[test]
fn wrong_types() {
    check(
        r#"alerts:
  x:
    where: [a]
    crit: metric > 1
    message: {{host}}
  y: 5
"#,
        r#"
error: `where` takes a query, not a list
 --> my.yaml:3:12
  |
3 |     where: [a]
  |            ^^^

error: `message` takes a text, not a map
 --> my.yaml:5:14
  |
5 |     message: {{host}}
  |              ^^^^^^^^
  |
  = help: a value that begins with `{` is a map; put it in quotes: `"{{host}}"`

error: alert `y` takes keys and values, not `5`
 --> my.yaml:6:6
  |
6 |   y: 5
  |      ^
  |
  = help: alert `y` has where, by, over, across, join, value, take, every, ahead, reach, halflife, min_points, info, warn, crit, clear, for, clear_for, absent, expect, unless, expired, message, details, runbook, team, labels, links, max_instances, to, enabled, about
"#,
    );
}

#[test]
fn a_list_of_alerts() {
    check(
        r#"alerts:
  - name: x
"#,
        r#"
error: `alerts` takes keys and values, not a list
 --> my.yaml:2:3
  |
2 |   - name: x
  |   ^^^^^^^^^
"#,
    );
}

#[test]
fn a_text_that_yaml_takes_for_a_map() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    message: {{host}} is busy
    about: one: two
    runbook: @x
"#,
        r#"
error: a value that begins with `{` is a map
 --> my.yaml:5:14
  |
5 |     message: {{host}} is busy
  |              ^^^^^^^^^^^^^^^^
  |
  = help: put the whole value in quotes: `"{{host}} is busy"`

error: `: ` makes a key of what stands before it
 --> my.yaml:6:15
  |
6 |     about: one: two
  |               ^
  |
  = help: put the whole value in quotes: `"one: two"`

error: a value cannot begin with `@`
 --> my.yaml:7:14
  |
7 |     runbook: @x
  |              ^
  |
  = help: put the whole value in quotes: `"@x"`
"#,
    );
}

#[test]
fn text_behind_a_quote() {
    check(
        r#"alerts:
  load:
    where: "cpu/usage_active" = service
    crit: metric > 90
"#,
        r#"
error: text stands behind the closing quote
 --> my.yaml:3:31
  |
3 |     where: "cpu/usage_active" = service
  |                               ^
  |
  = help: put the whole value in quotes: `'"cpu/usage_active" = service'`
"#,
    );
}

#[test]
fn a_quote_without_end() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    message: "{{host}}
"#,
        r#"
error: the quote that starts here is never closed
 --> my.yaml:5:14
  |
5 |     message: "{{host}}
  |              ^
"#,
    );
}

#[test]
fn a_key_without_colon() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    enabled
    for: 3 s
"#,
        r#"
error: a key needs a `:` and a blank behind it
 --> my.yaml:5:5
  |
5 |     enabled
  |     ^^^^^^^

error: `3 s` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:6:10
  |
6 |     for: 3 s
  |          ^^^
"#,
    );
}

#[test]
fn a_line_that_does_not_fit() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
   for: 3s
"#,
        r#"
error: this line does not fit the indentation of those above it
 --> my.yaml:5:4
  |
5 |    for: 3s
  |    ^
"#,
    );
}

#[test]
fn quoted_and_folded_queries_point_inside() {
    check(
        r#"alerts:
  x:
    where: 'service == "a"'
    warn: "state = \"a\" && metric > 1"
    crit: >
      metric > 5 and
      metric > 90%
"#,
        r#"
error: a query says `=`, not `==`
 --> my.yaml:3:21
  |
3 |     where: 'service == "a"'
  |                     ^^
  |
  = help: write `=`

error: a query says `and`, not `&&`
 --> my.yaml:4:26
  |
4 |     warn: "state = \"a\" && metric > 1"
  |                          ^^
  |
  = help: write `and`

error: `%` is not part of a query
 --> my.yaml:7:18
  |
7 |       metric > 90%
  |                  ^ unexpected character
  |
  = help: write the number alone: `metric > 90`
"#,
    );
}
