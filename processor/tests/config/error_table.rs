//! Every mistake that the documentation of rules promises to tell, with its whole message. The list (from `unreachable_level` on they are in `warnings_table.rs` beside):
//!
//! | mistake | test |
//! |---|---|
//! | unknown key | `unknown_key` |
//! | duplicate alert | `duplicate_alert` |
//! | duration | `duration`, `duration_without_a_unit` |
//! | list expected | `list_expected` |
//! | `&&`, `==`, `=>`, `'x'` | `habits_of_other_languages` |
//! | bare word | `bare_word` |
//! | two conditions | `two_conditions` |
//! | `=~` with regex text | `like_with_a_regular_expression` |
//! | `%` as a unit | `percent_sign` |
//! | unknown notifier, unknown alert | `unknown_notifier_and_alert` |
//! | template field | `template_field` |
//! | unreachable level | `unreachable_level`: neighbours, others, equal ones, downward ones |
//! | dead clear | `dead_clear`: the alert's, a level's own |
//! | window too short | `window_too_short` |
//! | rate on a gauge | `rate_on_a_gauge` |
//! | unknown field, near miss | `unknown_field` |
//! | unknown service, near miss | `unknown_service` |
//! | text without end | `text_without_end` |
//! | bad regular expression | `bad_regular_expression` |
//! | tab | `tab` |
//! | flag | `flag` |
//! | circle of `unless` | `circle` |
//! | field never seen, no match | `processor/tests/config/live.rs`, for they need a running skep |

use crate::messages::check;

#[test]
fn unknown_key() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    critt: metric > 90
    warn: metric > 80
"#,
        r#"
error: unknown key `critt` in alert `load`; did you mean `crit`?
 --> my.yaml:4:5
  |
4 |     critt: metric > 90
  |     ^^^^^
"#,
    );
}

#[test]
fn duplicate_alert() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
  load:
    where: service = "cpu/usage_active"
    crit: metric > 91
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
fn duration() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    for: 30 sec
"#,
        r#"
error: `30 sec` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:5:10
  |
5 |     for: 30 sec
  |          ^^^^^^
"#,
    );
}

#[test]
fn duration_without_a_unit() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    crit: metric > 90
    for: 30
"#,
        r#"
error: `30` is not a duration; write 30s
 --> my.yaml:5:10
  |
5 |     for: 30
  |          ^^
"#,
    );
}

#[test]
fn list_expected() {
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
fn habits_of_other_languages() {
    check(
        r#"alerts:
  load:
    where: service == 'cpu/usage_active' && host = "a"
    warn: metric => 80
    crit: metric > 90 || metric < 5
"#,
        r#"
error: a query says `=`, not `==`
 --> my.yaml:3:20
  |
3 |     where: service == 'cpu/usage_active' && host = "a"
  |                    ^^
  |
  = help: write `=`

error: a query says `"cpu/usage_active"`, not `'cpu/usage_active'`
 --> my.yaml:3:23
  |
3 |     where: service == 'cpu/usage_active' && host = "a"
  |                       ^^^^^^^^^^^^^^^^^^
  |
  = help: text stands between double quotes: write `"cpu/usage_active"`

error: a query says `and`, not `&&`
 --> my.yaml:3:42
  |
3 |     where: service == 'cpu/usage_active' && host = "a"
  |                                          ^^
  |
  = help: write `and`

error: a query says `>=`, not `=>`
 --> my.yaml:4:18
  |
4 |     warn: metric => 80
  |                  ^^
  |
  = help: write `>=`

error: a query says `or`, not `||`
 --> my.yaml:5:23
  |
5 |     crit: metric > 90 || metric < 5
  |                       ^^
  |
  = help: write `or`
"#,
    );
}

#[test]
fn bare_word() {
    check(
        r#"alerts:
  load:
    where: service = cpu/active
    crit: metric > 90
"#,
        r#"
error: `cpu/active`: text needs double quotes
 --> my.yaml:3:22
  |
3 |     where: service = cpu/active
  |                      ^^^^^^^^^^
  |
  = help: write `service = "cpu/active"`
"#,
    );
}

#[test]
fn two_conditions() {
    check(
        r#"alerts:
  load:
    where: service = "app/load" metric > 5
    crit: metric > 90
"#,
        r#"
error: I did not expect `metric` here; join two conditions with `and` or `or`
 --> my.yaml:3:33
  |
3 |     where: service = "app/load" metric > 5
  |                                 ^^^^^^
"#,
    );
}

#[test]
fn like_with_a_regular_expression() {
    check(
        r#"alerts:
  load:
    where: service =~ "^app/.*"
    crit: metric > 90
"#,
        r#"
error: `=~` uses % as its only wildcard; for a regular expression write `~=`
 --> my.yaml:3:23
  |
3 |     where: service =~ "^app/.*"
  |                       ^^^^^^^^^
  |
  = help: write `~= "^app/.*"`
"#,
    );
}

#[test]
fn percent_sign() {
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
fn unknown_notifier_and_alert() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    by: [host]
    crit: metric > 90
    unless: {alert: node-dwon, same: [host]}
    to: opps
  node-down:
    where: service = "up"
    by: [host]
    absent: 30s
notify: {ops: {mail: {to: a@example.org}}, chat: {webhook: {url: https://example.org}}}
"#,
        r#"
error: alert `node-dwon` is not defined
 --> my.yaml:6:21
  |
6 |     unless: {alert: node-dwon, same: [host]}
  |                     ^^^^^^^^^
  |
  = help: did you mean `node-down`?

error: notifier `opps` is not defined; defined: ops, chat
 --> my.yaml:7:9
  |
7 |     to: opps
  |         ^^^^
  |
  = help: did you mean `ops`?
"#,
    );
}

#[test]
fn template_field() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    by: [host]
    crit: metric > 90
    message: "{{hots}} {{rack}}"
"#,
        r#"
error: `{{hots}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:6:15
  |
6 |     message: "{{hots}} {{rack}}"
  |               ^^^^^^^^
  |
  = help: did you mean `{{host}}`?

warning: `{{rack}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:6:24
  |
6 |     message: "{{hots}} {{rack}}"
  |                        ^^^^^^^^
  |
  = help: where an event has no such attribute, `-` stands in its place
"#,
    );
}
