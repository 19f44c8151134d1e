//! How each mistake in `tests:` and `notify:` reads.

use processor::config::{Report, Under, read_suite};

/// The whole report of one rule file with its tests.
#[track_caller]
pub(crate) fn check(yaml: &str, expected: &str) {
    let mut report = Report::default();
    let suite = read_suite(&[("my.yaml".to_owned(), yaml.to_owned())], Under::Stock, &mut report);
    assert_eq!(suite.is_none(), report.n_errors() > 0);
    let told = report.text(false);
    assert_eq!(told.trim_end(), expected.trim(), "\n{told}");
}

#[test]
fn samples() {
    check(
        r#"alerts:
  load: {where: service = "system/load1", by: [host], crit: metric > 9}
tests:
  - name: samples
    alert: load
    events:
      - {host: n1, service: system/load1, metric: 0.5 0.9y5 1..5 2x0}
      - {host: n1, service: system/load1, metric: [1, 2], every: 10, time: 3}
      - load
    expect: []
"#,
        r#"
error: `0.9y5` is not a sample
 --> my.yaml:7:55
  |
7 |       - {host: n1, service: system/load1, metric: 0.5 0.9y5 1..5 2x0}
  |                                                       ^^^^^
  |
  = help: write 0.9, 0.9x5, 10..90x9, or _ for none

error: `1..5` goes from one number to another: say in how many samples, at least 2
 --> my.yaml:7:61
  |
7 |       - {host: n1, service: system/load1, metric: 0.5 0.9y5 1..5 2x0}
  |                                                             ^^^^
  |
  = help: write 0.9, 0.9x5, 10..90x9, or _ for none

error: `2x0` is no sample at all
 --> my.yaml:7:66
  |
7 |       - {host: n1, service: system/load1, metric: 0.5 0.9y5 1..5 2x0}
  |                                                                  ^^^
  |
  = help: write 0.9, 0.9x5, 10..90x9, or _ for none

error: `metric` takes a row of samples in one text
 --> my.yaml:8:51
  |
8 |       - {host: n1, service: system/load1, metric: [1, 2], every: 10, time: 3}
  |                                                   ^^^^^^
  |
  = help: write `metric: 0.5 0.95x5 _x2 10..90x9`

error: `10` is not a duration; write 10s
 --> my.yaml:8:66
  |
8 |       - {host: n1, service: system/load1, metric: [1, 2], every: 10, time: 3}
  |                                                                  ^^

error: the time of an event follows from `from` and `every`
 --> my.yaml:8:70
  |
8 |       - {host: n1, service: system/load1, metric: [1, 2], every: 10, time: 3}
  |                                                                      ^^^^
  |
  = help: write `from: 30s` for one that comes 30 s after the start

error: an entry of `events` takes keys and values, not `load`
 --> my.yaml:9:9
  |
9 |       - load
  |         ^^^^
"#,
    );
}

#[test]
fn lines() {
    check(
        r#"alerts:
  load: {where: service = "system/load1", by: [host], crit: metric > 9}
tests:
  - name: lines
    alert: load
    events: [{host: n1, service: system/load1}]
    expect:
      - {at: 30, hots: n1, state: crit}
      - {alert: lod, value: high}
    sent: [{notify: ops, count: 0, digst: true}]
    index:
      - {at: 3s, where: metric >, count: 1}
      - {where: "true"}
"#,
        r#"
error: `30` is not a duration; write 30s
 --> my.yaml:8:14
  |
8 |       - {at: 30, hots: n1, state: crit}
  |              ^^

error: `hots` is not in the alert's `by`, so that no instance has it; it has host
 --> my.yaml:8:18
  |
8 |       - {at: 30, hots: n1, state: crit}
  |                  ^^^^
  |
  = help: did you mean `host`?

error: `state` takes one of ok, info, warning, critical, expired, not `crit`
 --> my.yaml:8:35
  |
8 |       - {at: 30, hots: n1, state: crit}
  |                                   ^^^^

error: alert `lod` is not under test; this test is about load
 --> my.yaml:9:17
  |
9 |       - {alert: lod, value: high}
  |                 ^^^
  |
  = help: name it in `alerts`

error: `value` takes a number, or `null` for none, not `high`
 --> my.yaml:9:29
  |
9 |       - {alert: lod, value: high}
  |                             ^^^^

error: notifier `ops` is not defined; defined: none
  --> my.yaml:10:21
   |
10 |     sent: [{notify: ops, count: 0, digst: true}]
   |                     ^^^
   |
   = help: define it: `notify: {ops: {mail: {to: ops@example.org}}}`

error: `count` is at least 1, not 0
  --> my.yaml:10:33
   |
10 |     sent: [{notify: ops, count: 0, digst: true}]
   |                                 ^

error: unknown key `digst` in an entry of `sent`; did you mean `digest`?
  --> my.yaml:10:36
   |
10 |     sent: [{notify: ops, count: 0, digst: true}]
   |                                    ^^^^^

error: a value is missing behind `>`
  --> my.yaml:12:33
   |
12 |       - {at: 3s, where: metric >, count: 1}
   |                                 ^

error: an entry of `index` has no `at`
  --> my.yaml:13:9
   |
13 |       - {where: "true"}
   |         ^^^^^^^^^^^^^^^
   |
   = help: write `{at: 30s, where: 'service = "app/rate"', count: 1}`

error: an entry of `index` expects nothing
  --> my.yaml:13:9
   |
13 |       - {where: "true"}
   |         ^^^^^^^^^^^^^^^
   |
   = help: write `count: 2`, or the `events` that it finds
"#,
    );
}

#[test]
fn what_a_test_must_have() {
    check(
        r#"alerts:
  load: {where: service = "system/load1", by: [host], crit: metric > 9, enabled: false}
tests:
  - alert: load
  - {name: nothing comes, alert: lode, expect: []}
  - name: nothing is expected
    alerts: [cpu-high, load]
    events: [{host: n1}]
  - {name: a text, alert: cpu-high, events: some, expects: [], expect: none}
"#,
        r#"
error: a test has no `name`
 --> my.yaml:4:5
  |
4 |   - alert: load
  |     ^^^^^^^^^^^
  |
  = help: write what it shows: `name: a short peak opens nothing`

error: nothing comes in test `nothing comes`: it has neither `events` nor `replay`
 --> my.yaml:5:12
  |
5 |   - {name: nothing comes, alert: lode, expect: []}
  |            ^^^^^^^^^^^^^
  |
  = help: write what comes: `events: [{host: n1, service: app/errors, metric: 0 5x3}]`

error: there is no alert `lode`
 --> my.yaml:5:34
  |
5 |   - {name: nothing comes, alert: lode, expect: []}
  |                                  ^^^^
  |
  = help: did you mean `load`?

error: test `nothing is expected` expects nothing: it has neither `expect`, `sent`, `taps` nor `index`
 --> my.yaml:6:11
  |
6 |   - name: nothing is expected
  |           ^^^^^^^^^^^^^^^^^^^
  |
  = help: if no alert may open, write `expect: []`

error: alert `load` is off, so that a test finds nothing of it
 --> my.yaml:7:24
  |
2 |   load: {where: service = "system/load1", by: [host], crit: metric > 9, enabled: false}
  |   ---- `enabled: false`
...
7 |     alerts: [cpu-high, load]
  |                        ^^^^

error: `events` takes a list, not `some`
 --> my.yaml:9:45
  |
9 |   - {name: a text, alert: cpu-high, events: some, expects: [], expect: none}
  |                                             ^^^^

error: unknown key `expects` in a test; did you mean `expect`?
 --> my.yaml:9:51
  |
9 |   - {name: a text, alert: cpu-high, events: some, expects: [], expect: none}
  |                                                   ^^^^^^^

error: `expect` takes a list, not `none`
 --> my.yaml:9:72
  |
9 |   - {name: a text, alert: cpu-high, events: some, expects: [], expect: none}
  |                                                                        ^^^^
"#,
    );
}

#[test]
fn nothing_is_expected_after_the_end() {
    check(
        r#"tests:
  - name: too late
    alert: cpu-high
    events: [{host: n1}]
    run: 1m
    expect: [{at: 60s}, {at: 61s}]
    index: [{at: 2m, where: "true", count: 0}]
"#,
        r#"
error: the test is over by then: `run: 1m`
 --> my.yaml:6:30
  |
6 |     expect: [{at: 60s}, {at: 61s}]
  |                              ^^^
  |
  = help: write `run: 1m1s`, or more

error: the test is over by then: `run: 1m`
 --> my.yaml:7:18
  |
7 |     index: [{at: 2m, where: "true", count: 0}]
  |                  ^^
  |
  = help: write `run: 2m`, or more
"#,
    );
}

#[test]
fn notifiers() {
    check(
        r#"alerts:
  load: {where: service = "system/load1", crit: metric > 9, to: [ops, opps]}
  more: {where: service = "system/load1", crit: metric > 9, to: {mail: me}}
notify:
  ops:
    mail: {from: me@lab.test}
    at_most: 5 an hour
    group: alert
  chat: {webhook: {url: "https://chat.lab.test"}, wait: 10, only: state == "ok", at_most: 0 per 1h, repeat: 0s}
  none: {resolved: perhaps}
"#,
        r#"
error: notifier `opps` is not defined; defined: ops, chat, none
 --> my.yaml:2:71
  |
2 |   load: {where: service = "system/load1", crit: metric > 9, to: [ops, opps]}
  |                                                                       ^^^^
  |
  = help: did you mean `ops`?

error: `to` takes a text, not a map
 --> my.yaml:3:65
  |
3 |   more: {where: service = "system/load1", crit: metric > 9, to: {mail: me}}
  |                                                                 ^^^^^^^^^^

error: `mail` has no `to`
 --> my.yaml:6:11
  |
6 |     mail: {from: me@lab.test}
  |           ^^^^^^^^^^^^^^^^^^^
  |
  = help: write `mail: {to: ops@example.org}`

error: `at_most` takes how many in how long, not `5 an hour`
 --> my.yaml:7:14
  |
7 |     at_most: 5 an hour
  |              ^^^^^^^^^
  |
  = help: write `at_most: 5 per 1h`

error: `group` takes a list: write `group: [alert]`
 --> my.yaml:8:12
  |
8 |     group: alert
  |            ^^^^^

error: `10` is not a duration; write 10s
 --> my.yaml:9:57
  |
9 |   chat: {webhook: {url: "https://chat.lab.test"}, wait: 10, only: state == "ok", at_most: 0 per 1h, repeat: 0s}
  |                                                         ^^

error: a query says `=`, not `==`
 --> my.yaml:9:73
  |
9 |   chat: {webhook: {url: "https://chat.lab.test"}, wait: 10, only: state == "ok", at_most: 0 per 1h, repeat: 0s}
  |                                                                         ^^
  |
  = help: write `=`

error: `at_most` is at least 1 per some time
 --> my.yaml:9:91
  |
9 |   chat: {webhook: {url: "https://chat.lab.test"}, wait: 10, only: state == "ok", at_most: 0 per 1h, repeat: 0s}
  |                                                                                           ^^^^^^^^

error: `repeat` is at least 1s, not 0s
 --> my.yaml:9:109
  |
9 |   chat: {webhook: {url: "https://chat.lab.test"}, wait: 10, only: state == "ok", at_most: 0 per 1h, repeat: 0s}
  |                                                                                                             ^^

error: notifier `none` tells nobody: it has none of mail, webhook, pagerduty, alertmanager, telegram, exec
  --> my.yaml:10:3
   |
10 |   none: {resolved: perhaps}
   |   ^^^^
   |
   = help: write whom to tell: `mail: {to: ops@example.org}`

error: `resolved` takes true or false, not `perhaps`
  --> my.yaml:10:20
   |
10 |   none: {resolved: perhaps}
   |                    ^^^^^^^
"#,
    );
}
