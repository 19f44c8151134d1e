//! The second part of the list of `error_table.rs`: what is no error, and what is no query.

use crate::messages::check;

#[test]
fn unreachable_level() {
    check(
        r#"alerts:
  neighbours: {where: service = "a", warn: metric > 0.9, crit: metric > 0.8}
  others: {where: service = "a", info: metric > 90, warn: metric > 95, crit: metric > 85}
  equal: {where: service = "a", warn: metric > 90, crit: metric > 90}
  nearly_equal: {where: service = "a", warn: metric > 90, crit: metric >= 90}
  downward: {where: service = "a", warn: metric < 5, crit: metric < 10}
  no_numbers: {where: service = "a", warn: 'state = "bad"', crit: 'state = "bad"'}
  after_a_while_is_right: {where: service = "a", warn: metric > 90, crit: {when: metric > 90, for: 5m}}
  both_ways_is_right: {where: service = "a", warn: metric > 90, crit: metric < 5}
"#,
        r#"
warning: `crit: metric > 0.8` is reached before `warn: metric > 0.9`; swap them?
 --> my.yaml:2:64
  |
2 |   neighbours: {where: service = "a", warn: metric > 0.9, crit: metric > 0.8}
  |                                            ------------        ^^^^^^^^^^^^
  |                                            |
  |                                            never seen

warning: `crit: metric > 85` is reached before `info: metric > 90`; swap them?
 --> my.yaml:3:78
  |
3 |   others: {where: service = "a", info: metric > 90, warn: metric > 95, crit: metric > 85}
  |                                        ----------- never seen                ^^^^^^^^^^^

warning: `crit: metric > 85` is reached before `warn: metric > 95`; swap them?
 --> my.yaml:3:78
  |
3 |   others: {where: service = "a", info: metric > 90, warn: metric > 95, crit: metric > 85}
  |                                                           -----------        ^^^^^^^^^^^
  |                                                           |
  |                                                           never seen

warning: `crit: metric > 90` is reached together with `warn: metric > 90`, which is never seen
 --> my.yaml:4:58
  |
4 |   equal: {where: service = "a", warn: metric > 90, crit: metric > 90}
  |                                       -----------        ^^^^^^^^^^^
  |                                       |
  |                                       never seen

warning: `crit: metric >= 90` is reached before `warn: metric > 90`; swap them?
 --> my.yaml:5:65
  |
5 |   nearly_equal: {where: service = "a", warn: metric > 90, crit: metric >= 90}
  |                                              -----------        ^^^^^^^^^^^^
  |                                              |
  |                                              never seen

warning: `crit: metric < 10` is reached before `warn: metric < 5`; swap them?
 --> my.yaml:6:60
  |
6 |   downward: {where: service = "a", warn: metric < 5, crit: metric < 10}
  |                                          ----------        ^^^^^^^^^^^
  |                                          |
  |                                          never seen

warning: `crit: state = "bad"` is reached together with `warn: state = "bad"`, which is never seen
 --> my.yaml:7:67
  |
7 |   no_numbers: {where: service = "a", warn: 'state = "bad"', crit: 'state = "bad"'}
  |                                            ---------------        ^^^^^^^^^^^^^^^
  |                                            |
  |                                            never seen
"#,
    );
}

#[test]
fn dead_clear() {
    check(
        r#"alerts:
  alerts: {where: service = "a", crit: metric > 0.9, clear: metric < 0.95}
  own: {where: service = "a", warn: metric > 80, crit: {when: metric > 90, clear: metric < 95}}
  downward: {where: service = "a", crit: metric < 10, clear: metric > 5}
  wrong_way: {where: service = "a", crit: metric > 90, clear: metric > 80}
  touching: {where: service = "a", crit: metric >= 90, clear: metric <= 90}
  right: {where: service = "a", crit: metric > 90, clear: metric <= 90}
"#,
        r#"
warning: `clear: metric < 0.95` already holds when `crit: metric > 0.9` opens: it would flap
 --> my.yaml:2:61
  |
2 |   alerts: {where: service = "a", crit: metric > 0.9, clear: metric < 0.95}
  |                                        ------------         ^^^^^^^^^^^^^
  |                                        |
  |                                        opens here

warning: `clear: metric < 95` already holds when `crit: metric > 90` opens: it would flap
 --> my.yaml:3:83
  |
3 |   own: {where: service = "a", warn: metric > 80, crit: {when: metric > 90, clear: metric < 95}}
  |                                                               -----------         ^^^^^^^^^^^
  |                                                               |
  |                                                               opens here

warning: `clear: metric > 5` already holds when `crit: metric < 10` opens: it would flap
 --> my.yaml:4:62
  |
4 |   downward: {where: service = "a", crit: metric < 10, clear: metric > 5}
  |                                          -----------         ^^^^^^^^^^
  |                                          |
  |                                          opens here

warning: `clear: metric > 80` already holds when `crit: metric > 90` opens: it would flap
 --> my.yaml:5:63
  |
5 |   wrong_way: {where: service = "a", crit: metric > 90, clear: metric > 80}
  |                                           -----------         ^^^^^^^^^^^
  |                                           |
  |                                           opens here

warning: `clear: metric <= 90` already holds when `crit: metric >= 90` opens: it would flap
 --> my.yaml:6:63
  |
6 |   touching: {where: service = "a", crit: metric >= 90, clear: metric <= 90}
  |                                          ------------         ^^^^^^^^^^^^
  |                                          |
  |                                          opens here
"#,
    );
}

#[test]
fn window_too_short() {
    check(
        r#"alerts:
  shorter: {where: service =~ "disk/%/used_percent", over: 5s, take: mean, crit: metric > 90}
  as_long: {where: service = "disk//var/used_percent", over: 10s, take: max, crit: metric > 90}
  right: {where: service =~ "disk/%/used_percent", over: 30s, take: mean, crit: metric > 90}
"#,
        r#"
warning: `over: 5s` is shorter than the samples' interval (10s): `mean` would be of one sample
 --> my.yaml:2:60
  |
2 |   shorter: {where: service =~ "disk/%/used_percent", over: 5s, take: mean, crit: metric > 90}
  |                                                            ^^
  |
  = help: write `over: 30s`, or more

warning: `over: 10s` is no longer than the samples' interval (10s): `max` would be of one sample
 --> my.yaml:3:62
  |
3 |   as_long: {where: service = "disk//var/used_percent", over: 10s, take: max, crit: metric > 90}
  |                                                              ^^^
  |
  = help: write `over: 30s`, or more
"#,
    );
}

#[test]
fn rate_on_a_gauge() {
    check(
        r#"alerts:
  gauge: {where: service = "cpu/usage_active", over: 5m, take: rate, crit: metric > 1}
  each: {where: service =~ "disk/%/used_percent", over: 5m, take: increase, crit: metric > 1}
  counter: {where: service =~ "net/%/err_in", over: 5m, take: rate, crit: metric > 1}
  unknown: {where: service = "app/requests", over: 5m, take: rate, crit: metric > 1}
"#,
        r#"
warning: `take: rate` on cpu/usage_active, which the collector declares a gauge
 --> my.yaml:2:64
  |
2 |   gauge: {where: service = "cpu/usage_active", over: 5m, take: rate, crit: metric > 1}
  |                                                                ^^^^
  |
  = help: of a gauge take `delta`, or `mean`; what only grows is a counter

warning: `take: increase` on disk/%/used_percent, which the collector declares a gauge
 --> my.yaml:3:67
  |
3 |   each: {where: service =~ "disk/%/used_percent", over: 5m, take: increase, crit: metric > 1}
  |                                                                   ^^^^^^^^
  |
  = help: of a gauge take `delta`, or `mean`; what only grows is a counter
"#,
    );
}

#[test]
fn unknown_field() {
    check(
        r#"alerts:
  load:
    where: swarm_servce = "web" and service = "app/load"
    crit: metric > 90
"#,
        r#"
warning: no sample has a field `swarm_servce`
 --> my.yaml:3:12
  |
3 |     where: swarm_servce = "web" and service = "app/load"
  |            ^^^^^^^^^^^^
  |
  = help: did you mean `swarm_service`?
"#,
    );
}

#[test]
fn unknown_service() {
    check(
        r#"alerts:
  one: {where: service = "cpu/usage_activ", crit: metric > 90}
  each: {where: service =~ "disk/%/used_precent", crit: metric > 90}
"#,
        r#"
warning: no sample is called `cpu/usage_activ`
 --> my.yaml:2:27
  |
2 |   one: {where: service = "cpu/usage_activ", crit: metric > 90}
  |                           ^^^^^^^^^^^^^^^
  |
  = help: did you mean `cpu/usage_active`?

warning: no sample is called `disk/%/used_precent`
 --> my.yaml:3:29
  |
3 |   each: {where: service =~ "disk/%/used_precent", crit: metric > 90}
  |                             ^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `disk/%/used_percent`?
"#,
    );
}

#[test]
fn text_without_end() {
    check(
        r#"alerts:
  load:
    where: service = "app/load
    crit: metric > 90
"#,
        r#"
error: the text that starts here has no closing `"`
 --> my.yaml:3:22
  |
3 |     where: service = "app/load
  |                      ^^^^^^^^^
"#,
    );
}

#[test]
fn bad_regular_expression() {
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
fn tab() {
    check(
        r#"alerts:
  load:
	where: service = "app/load"
    crit: metric > 90
"#,
        r#"
error: YAML is indented with spaces; this line starts with a tab
 --> my.yaml:3:1
  |
3 |     where: service = "app/load"
  | ^
"#,
    );
}

#[test]
fn flag() {
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
fn circle() {
    check(
        r#"alerts:
  a: {where: service = "a", by: [host], crit: metric > 1, unless: {alert: b, same: [host]}}
  b: {where: service = "b", by: [host], crit: metric > 1, unless: {alert: a, same: [host]}}
"#,
        r#"
error: `unless` names itself in a circle: a, b, a
 --> my.yaml:2:75
  |
2 |   a: {where: service = "a", by: [host], crit: metric > 1, unless: {alert: b, same: [host]}}
  |                                                                           ^

error: `unless` names itself in a circle: b, a, b
 --> my.yaml:3:75
  |
3 |   b: {where: service = "b", by: [host], crit: metric > 1, unless: {alert: a, same: [host]}}
  |                                                                           ^
"#,
    );
}
