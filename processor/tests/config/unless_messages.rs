//! How each mistake in `unless` and `expect` reads.

use crate::messages::check;

const UP: &str = "  up:\n    where: service = \"up\"\n    by: [host]\n    absent: 30s\n";

#[track_caller]
fn with(lines: &str, expected: &str) {
    check(&format!("alerts:\n{UP}{lines}"), expected);
}

const CPU: &str = "  cpu:\n    where: service = \"app/cpu\"\n    by: [host]\n    crit: metric > 90\n";

#[test]
fn what_is_right_is_accepted() {
    with(&format!("    expect: [n1, n2]\n{CPU}    unless: {{alert: up, same: [host]}}\n"), "");
    with(&format!("{CPU}    unless: {{alert: up, same: []}}\n"), "");
    with("    expect: {from: swarm.nodes}\n", "");
    with(&format!("{CPU}    unless: {{alert: up, same: {{node: host}}}}\n").replace("cpu\"\n    by: [host]", "cpu\"\n    by: [node]"), "");
    check(
        "alerts:\n  up:\n    where: service =~ \"up/%\"\n    absent: 30s\n    expect: [{service: up/a, host: n1}, {host: n1, service: up/b}]\n",
        "",
    );
}

#[test]
fn a_name_that_is_not_there() {
    with(
        &format!("{CPU}    unless: {{alert: upp, same: [host]}}\n"),
        r#"
error: alert `upp` is not defined
  --> my.yaml:10:21
   |
10 |     unless: {alert: upp, same: [host]}
   |                     ^^^
   |
   = help: did you mean `up`?
"#,
    );
}

#[test]
fn a_field_that_one_of_both_lacks() {
    with(
        &format!("{CPU}    unless: {{alert: up, same: [host, path]}}\n").replace("by: [host]", "by: [host, path]"),
        r#"
error: alert `up` has no `path` in its `by`
  --> my.yaml:10:31
   |
10 |     unless: {alert: up, same: [host, path]}
   |                               ^^^^^^^^^^^^
   |
   = help: its `by` has host
"#,
    );
}

#[test]
fn a_field_of_another_name_that_the_other_lacks() {
    with(
        &format!("{CPU}    unless: {{alert: up, same: {{host: node}}}}\n"),
        r#"
error: alert `up` has no `node` in its `by`
  --> my.yaml:10:31
   |
10 |     unless: {alert: up, same: {host: node}}
   |                               ^^^^^^^^^^^^
   |
   = help: its `by` has host
"#,
    );
}

#[test]
fn a_circle() {
    with(
        &format!("    unless: {{alert: cpu, same: [host]}}\n{CPU}    unless: {{alert: up, same: [host]}}\n"),
        r#"
error: `unless` names itself in a circle: up, cpu, up
 --> my.yaml:6:21
  |
6 |     unless: {alert: cpu, same: [host]}
  |                     ^^^

error: `unless` names itself in a circle: cpu, up, cpu
  --> my.yaml:11:21
   |
11 |     unless: {alert: up, same: [host]}
   |                     ^^
"#,
    );
}

#[test]
fn half_of_it() {
    with(
        &format!("{CPU}    unless: {{alert: up}}\n"),
        r#"
error: `unless` needs `alert` and `same`
  --> my.yaml:10:13
   |
10 |     unless: {alert: up}
   |             ^^^^^^^^^^^
   |
   = help: write `unless: {alert: node-down, same: [host]}`; `same: []` where any open instance counts
"#,
    );
}

#[test]
fn instances_that_cannot_be_expected() {
    with(
        &format!("{CPU}    expect: [n1]\n"),
        r#"
error: `expect` needs `absent`
  --> my.yaml:10:13
   |
10 |     expect: [n1]
   |             ^^^^
   |
   = help: write how long nothing may be heard of them: `absent: 30s`
"#,
    );
    with(
        "    expect: n1\n",
        r#"
error: `expect` takes a list: write `expect: [n1]`
 --> my.yaml:6:13
  |
6 |     expect: n1
  |             ^^
"#,
    );
    with(
        "    expect: [{hots: n1}, {host: n2}]\n",
        r#"
error: `hots` is not in `by`, which has host
 --> my.yaml:6:14
  |
6 |     expect: [{hots: n1}, {host: n2}]
  |              ^^^^^^^^^^
  |
  = help: write `{host: …}`
"#,
    );
    check(
        "alerts:\n  up:\n    where: service =~ \"up/%\"\n    absent: 30s\n    expect: [n1, {host: n1}]\n",
        r#"
error: `n1` is one value, but `by` has 2 fields
 --> my.yaml:5:14
  |
5 |     expect: [n1, {host: n1}]
  |              ^^
  |
  = help: write `{host: …, service: …}`

error: an instance of `expect` has each field of `by`
 --> my.yaml:5:18
  |
5 |     expect: [n1, {host: n1}]
  |                  ^^^^^^^^^^
  |
  = help: write `{host: …, service: …}`
"#,
    );
}
