//! How mistakes in what an alert says besides, in its bound and in who is expected read.

use crate::messages::check;

#[test]
fn swarm_nodes_are_names_of_one_field() {
    check(
        r#"alerts:
  up:
    where: service = "up"
    by: [host, path]
    absent: 30s
    expect: {from: swarm.nodes}
"#,
        r#"
error: `swarm.nodes` gives one name for each instance, but `by` has 2 fields
 --> my.yaml:6:13
  |
6 |     expect: {from: swarm.nodes}
  |             ^^^^^^^^^^^^^^^^^^^
  |
  = help: write `by: [host]`
"#,
    );
}

#[test]
fn who_is_expected_is_a_list_or_found() {
    check(
        r#"alerts:
  one:
    where: service = "up"
    by: [host]
    absent: 30s
    expect: {form: swarm.nodes}
  two:
    where: service = "up"
    by: [host]
    absent: 30s
    expect: {}
  three:
    where: service = "up"
    by: [host]
    absent: 30s
    expect: {from: swarm.node}
"#,
        r#"
error: unknown key `form` in `expect`; did you mean `from`?
 --> my.yaml:6:14
  |
6 |     expect: {form: swarm.nodes}
  |              ^^^^

error: `expect` has no `from`
  --> my.yaml:11:13
   |
11 |     expect: {}
   |             ^^
   |
   = help: write `expect: {from: swarm.nodes}`, or a list: `expect: [web1, web2]`

error: `from` takes one of swarm.nodes, not `swarm.node`
  --> my.yaml:16:20
   |
16 |     expect: {from: swarm.node}
   |                    ^^^^^^^^^^
   |
   = help: did you mean `swarm.nodes`?
"#,
    );
}

#[test]
fn texts_have_the_fields_of_the_alert() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    by: [host]
    crit: metric > 90
    details: "{{hots}}"
    runbook: "https://r/{{alrt}}"
    labels: {rack: "{{hots}}"}
    links: {Chart: "https://g/{{host"}
"#,
        r#"
error: `{{hots}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:6:15
  |
6 |     details: "{{hots}}"
  |               ^^^^^^^^
  |
  = help: did you mean `{{host}}`?

error: `{{alrt}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:7:25
  |
7 |     runbook: "https://r/{{alrt}}"
  |                         ^^^^^^^^
  |
  = help: did you mean `{{alert}}`?

error: `{{hots}}` is not a field of this alert; it has alert, host, metric, state …
 --> my.yaml:8:21
  |
8 |     labels: {rack: "{{hots}}"}
  |                     ^^^^^^^^
  |
  = help: did you mean `{{host}}`?

error: the `{{` that starts here has no closing `}}`
 --> my.yaml:9:31
  |
9 |     links: {Chart: "https://g/{{host"}
  |                               ^^
  |
  = help: write `{{host}}`
"#,
    );
}

#[test]
fn texts_are_not_empty() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    by: [host]
    crit: metric > 90
    runbook: ""
    team: [a]
    labels: {rack: ""}
    links: [https://a]
    max_instances: 0
"#,
        r#"
error: `runbook` is empty
 --> my.yaml:6:14
  |
6 |     runbook: ""
  |              ^^

error: `team` takes a text, not a list
 --> my.yaml:7:11
  |
7 |     team: [a]
  |           ^^^

error: `rack` is empty
 --> my.yaml:8:20
  |
8 |     labels: {rack: ""}
  |                    ^^

error: `links` takes keys and values, not a list
 --> my.yaml:9:12
  |
9 |     links: [https://a]
  |            ^^^^^^^^^^^
  |
  = help: write `links: {Chart: "https://grafana.example.org/d/disk?var-host={{host}}"}`

error: `max_instances` is at least 1, not 0
  --> my.yaml:10:20
   |
10 |     max_instances: 0
   |                    ^
"#,
    );
}

#[test]
fn a_label_has_a_name_of_its_own() {
    check(
        r#"alerts:
  load:
    where: service = "cpu/usage_active"
    by: [host, rack, service]
    crit: metric > 90
    labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
"#,
        r#"
error: label `rack` is in `by`, so that the alert has it already
 --> my.yaml:6:14
  |
6 |     labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
  |              ^^^^
  |
  = help: give it another name, or leave it out

error: label `state`: every alert has a `state` of its own
 --> my.yaml:6:24
  |
6 |     labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
  |                        ^^^^^
  |
  = help: give it another name: `state_label`

error: `a b` is no name for a label
 --> my.yaml:6:34
  |
6 |     labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
  |                                  ^^^
  |
  = help: a name holds letters, digits, `-`, `_` and `.`

error: label `instance_service` is in `by`, so that the alert has it already
 --> my.yaml:6:42
  |
6 |     labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
  |                                          ^^^^^^^^^^^^^^^^
  |
  = help: give it another name, or leave it out

error: `rack` stands twice in `labels`
 --> my.yaml:6:63
  |
6 |     labels: {rack: a1, state: x, a b: c, instance_service: x, rack: b}
  |              ---- first here                                  ^^^^
"#,
    );
}

#[test]
fn an_alert_of_skeps_own_is_not_to_be_had() {
    check(
        r#"alerts:
  instances-limit: {where: true, crit: metric > 1}
  series-limit: {enabled: false}
"#,
        r#"
error: alert `instances-limit` is one of skep's own
 --> my.yaml:2:3
  |
2 |   instances-limit: {where: true, crit: metric > 1}
  |   ^^^^^^^^^^^^^^^
  |
  = help: give yours another name; skep's own alerts go to the notifier `default`

error: alert `series-limit` is one of skep's own
 --> my.yaml:3:3
  |
3 |   series-limit: {enabled: false}
  |   ^^^^^^^^^^^^
  |
  = help: give yours another name; skep's own alerts go to the notifier `default`
"#,
    );
}
