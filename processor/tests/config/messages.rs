//! How each mistake in an alert reads.

use processor::config::{Report, read_rules};

/// The report of one rule file.
pub(crate) fn told(yaml: &str) -> String {
    let mut report = Report::default();
    let rules = read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report);
    assert_eq!(rules.is_none(), report.n_errors() > 0);
    report.text(false)
}

/// The whole report, as it is printed.
#[track_caller]
pub(crate) fn check(yaml: &str, expected: &str) {
    assert_eq!(told(yaml).trim_end(), expected.trim(), "\n{}", told(yaml));
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    critt: metric > 90
    warn: metric > 80
    urgency: high
"#,
        r#"
error: unknown key `critt` in alert `load`; did you mean `crit`?
 --> my.yaml:4:5
  |
4 |     critt: metric > 90
  |     ^^^^^

error: unknown key `urgency` in alert `load`
 --> my.yaml:6:5
  |
6 |     urgency: high
  |     ^^^^^^^
  |
  = help: alert `load` has where, by, over, across, join, value, take, every, ahead, reach, halflife, min_points, info, warn, crit, clear, for, clear_for, absent, expect, unless, expired, message, details, runbook, team, labels, links, max_instances, to, enabled, about
"#,
    );
}

#[test]
fn an_alert_that_is_defined_twice() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
  load:
    where: true
    crit: metric > 1
"#,
        r#"
error: alert `load` is defined twice here; first at my.yaml:2 (to override a stock rule put it in another file)
 --> my.yaml:5:3
  |
2 |   load:
  |   ---- first here
...
5 |   load:
  |   ^^^^
"#,
    );
}

#[test]
fn durations() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    for: 30 sec
    clear_for: 30
    absent: 0s
"#,
        r#"
error: `30 sec` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:5:10
  |
5 |     for: 30 sec
  |          ^^^^^^

error: `30` is not a duration; write 30s
 --> my.yaml:6:16
  |
6 |     clear_for: 30
  |                ^^

error: `absent` is at least 1s, not 0s
 --> my.yaml:7:13
  |
7 |     absent: 0s
  |             ^^
"#,
    );
}

#[test]
fn by_takes_a_list() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    by: host
"#,
        r#"
error: `by` takes a list: write `by: [host]`
 --> my.yaml:5:9
  |
5 |     by: host
  |         ^^^^
"#,
    );
}

#[test]
fn by_takes_fields_that_make_instances() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    by: [host, metric, host]
"#,
        r#"
error: `metric` does not make an instance
 --> my.yaml:5:16
  |
5 |     by: [host, metric, host]
  |                ^^^^^^
  |
  = help: `by` takes host, service, state, description and attributes

error: `host` stands twice in `by`
 --> my.yaml:5:24
  |
5 |     by: [host, metric, host]
  |                        ^^^^
"#,
    );
}

#[test]
fn a_flag_that_is_none() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    enabled: perhaps
"#,
        r#"
error: `enabled` takes true or false, not `perhaps`
 --> my.yaml:5:14
  |
5 |     enabled: perhaps
  |              ^^^^^^^
"#,
    );
}

#[test]
fn a_choice_that_is_none() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    expired: clsoe
"#,
        r#"
error: `expired` takes one of close, hold, warn, crit, not `clsoe`
 --> my.yaml:5:14
  |
5 |     expired: clsoe
  |              ^^^^^
  |
  = help: did you mean `close`?
"#,
    );
}

#[test]
fn a_field_that_the_alert_does_not_have() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    message: "{{hots}} {{rack}} {{metric}} {{hots}}"
    by: [host]
"#,
        r#"
error: `{{hots}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:5:15
  |
5 |     message: "{{hots}} {{rack}} {{metric}} {{hots}}"
  |               ^^^^^^^^
  |
  = help: did you mean `{{host}}`?

warning: `{{rack}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:5:24
  |
5 |     message: "{{hots}} {{rack}} {{metric}} {{hots}}"
  |                        ^^^^^^^^
  |
  = help: where an event has no such attribute, `-` stands in its place

error: `{{hots}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:5:44
  |
5 |     message: "{{hots}} {{rack}} {{metric}} {{hots}}"
  |                                            ^^^^^^^^
  |
  = help: did you mean `{{host}}`?
"#,
    );
}

#[test]
fn a_filter_that_is_none() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    message: "{{metric | precent}} {{host"
"#,
        r#"
error: `precent` is not a filter
 --> my.yaml:5:15
  |
5 |     message: "{{metric | precent}} {{host"
  |               ^^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `percent`?

error: the `{{` that starts here has no closing `}}`
 --> my.yaml:5:36
  |
5 |     message: "{{metric | precent}} {{host"
  |                                    ^^
  |
  = help: write `{{host}}`
"#,
    );
}

#[test]
fn a_level_that_is_never_seen() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    warn: metric > 95
"#,
        r#"
warning: `crit: metric > 90` is reached before `warn: metric > 95`; swap them?
 --> my.yaml:4:11
  |
4 |     crit: metric > 90
  |           ^^^^^^^^^^^
5 |     warn: metric > 95
  |           ----------- never seen
"#,
    );
}

#[test]
fn a_clear_that_holds_at_once() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    clear: metric < 95
"#,
        r#"
warning: `clear: metric < 95` already holds when `crit: metric > 90` opens: it would flap
 --> my.yaml:5:12
  |
4 |     crit: metric > 90
  |           ----------- opens here
5 |     clear: metric < 95
  |            ^^^^^^^^^^^
"#,
    );
}

#[test]
fn an_alert_without_where_or_level() {
    check(
        r#"alerts:
  cpu-hihg: {crit: metric > 1}
  idle: {where: true}
  bare: {where: true, crit: {for: 3s}}
"#,
        r#"
error: alert `cpu-hihg` has no `where`
 --> my.yaml:2:3
  |
2 |   cpu-hihg: {crit: metric > 1}
  |   ^^^^^^^^
  |
  = help: to change the stock rule `cpu-high`, write its name

error: alert `idle` never opens: it has neither `info`, `warn`, `crit` nor `absent`
 --> my.yaml:3:3
  |
3 |   idle: {where: true}
  |   ^^^^
  |
  = help: write what is bad: `crit: metric > 90`

error: `crit` has no `when`
 --> my.yaml:4:29
  |
4 |   bare: {where: true, crit: {for: 3s}}
  |                             ^^^^^^^^^
  |
  = help: write `crit: {when: metric > 90, for: 30s}`
"#,
    );
}

#[test]
fn a_name_that_is_none() {
    check(
        r#"alerts:
  a/b: {where: true, crit: metric > 1}
"#,
        r#"
error: `a/b` is no name for an alert
 --> my.yaml:2:3
  |
2 |   a/b: {where: true, crit: metric > 1}
  |   ^^^
  |
  = help: a name holds letters, digits, `-`, `_` and `.`
"#,
    );
}
