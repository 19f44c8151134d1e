//! How each mistake in a stream itself reads.

use crate::messages::check;

#[test]
fn streams_are_names_with_what_they_do() {
    check(
        r"streams: [a, b]
",
        r"
error: `streams` takes keys and values, not a list
 --> my.yaml:1:10
  |
1 | streams: [a, b]
  |          ^^^^^^
  |
  = help: a stream has a name: `streams: {errors: {steps: [{to: [index]}]}}`
",
    );
}

#[test]
fn a_stream_is_a_map() {
    check(
        r"streams:
  web: to index
",
        r"
error: stream `web` takes keys and values, not `to index`
 --> my.yaml:2:8
  |
2 |   web: to index
  |        ^^^^^^^^
  |
  = help: stream `web` has where, steps, max_instances, forget, enabled, about
",
    );
}

#[test]
fn a_name_has_letters_and_digits() {
    check(
        r"streams:
  web latency: {steps: [{to: [index]}]}
",
        r"
error: `web latency` is no name for a stream
 --> my.yaml:2:3
  |
2 |   web latency: {steps: [{to: [index]}]}
  |   ^^^^^^^^^^^
  |
  = help: a name holds letters, digits, `-`, `_` and `.`
",
    );
}

#[test]
fn a_name_stands_once_in_a_file() {
    check(
        r"streams:
  web: {steps: [{to: [index]}]}
  web: {steps: [{to: [log]}]}
",
        r"
error: stream `web` is defined twice here; first at my.yaml:2
 --> my.yaml:3:3
  |
2 |   web: {steps: [{to: [index]}]}
  |   --- first here
3 |   web: {steps: [{to: [log]}]}
  |   ^^^
  |
  = help: give one of them another name, or put the steps of both into one as `branches`
",
    );
}

#[test]
fn an_unknown_key_of_a_stream_is_told_with_the_nearest_one() {
    check(
        r"streams:
  web:
    were: metric > 1
    filter: metric > 1
    steps: [{to: [index]}]
",
        r"
error: unknown key `were` in stream `web`; did you mean `where`?
 --> my.yaml:3:5
  |
3 |     were: metric > 1
  |     ^^^^

error: unknown key `filter` in stream `web`
 --> my.yaml:4:5
  |
4 |     filter: metric > 1
  |     ^^^^^^
  |
  = help: stream `web` has where, steps, max_instances, forget, enabled, about
",
    );
}

#[test]
fn a_stream_without_steps() {
    check(
        r"streams:
  web:
    where: metric > 1
",
        r"
error: stream `web` has no `steps`
 --> my.yaml:2:3
  |
2 |   web:
  |   ^^^
  |
  = help: write what becomes of the events: `steps: [{to: [index]}]`
",
    );
}

#[test]
fn steps_are_a_list() {
    check(
        r"streams:
  web:
    steps: {to: [index]}
  empty:
    steps: []
",
        r"
error: `steps` takes a list of steps, not a map
 --> my.yaml:3:12
  |
3 |     steps: {to: [index]}
  |            ^^^^^^^^^^^^^
  |
  = help: begin each step with `- `, as in `- to: [index]`

error: `steps` is empty
 --> my.yaml:5:12
  |
5 |     steps: []
  |            ^^
  |
  = help: begin each step with `- `, as in `- to: [index]`
",
    );
}

#[test]
fn the_query_of_a_stream_is_told_at_its_place() {
    check(
        r"streams:
  web:
    where: metric > 90% and service = 'x'
    steps: [{to: [index]}]
",
        r#"
error: `%` is not part of a query
 --> my.yaml:3:23
  |
3 |     where: metric > 90% and service = 'x'
  |                       ^ unexpected character
  |
  = help: write the number alone: `metric > 90`

error: a query says `"x"`, not `'x'`
 --> my.yaml:3:39
  |
3 |     where: metric > 90% and service = 'x'
  |                                       ^^^
  |
  = help: text stands between double quotes: write `"x"`
"#,
    );
}

#[test]
fn a_service_that_nothing_sends_is_a_warning() {
    check(
        r#"streams:
  web:
    where: service = "cpu/usage_activ"
    steps: [{to: [index]}]
"#,
        r#"
warning: no sample is called `cpu/usage_activ`
 --> my.yaml:3:23
  |
3 |     where: service = "cpu/usage_activ"
  |                       ^^^^^^^^^^^^^^^
  |
  = help: did you mean `cpu/usage_active`?
"#,
    );
}

#[test]
fn bounds_of_a_stream() {
    check(
        r"streams:
  web:
    max_instances: 0
    forget: 10 minutes
    enabled: perhaps
    about: [a]
    steps: [{to: [index]}]
",
        r"
error: `max_instances` is at least 1, not 0
 --> my.yaml:3:20
  |
3 |     max_instances: 0
  |                    ^

error: `10 minutes` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:4:13
  |
4 |     forget: 10 minutes
  |             ^^^^^^^^^^

error: `enabled` takes true or false, not `perhaps`
 --> my.yaml:5:14
  |
5 |     enabled: perhaps
  |              ^^^^^^^

error: `about` takes a text, not a list
 --> my.yaml:6:12
  |
6 |     about: [a]
  |            ^^^
",
    );
}

#[test]
fn all_mistakes_of_all_streams_are_told_at_once() {
    check(
        r"streams:
  a:
    steps: [{to: [indx]}]
  b:
    steps: [{scale: ten}, {tag: []}]
",
        r"
error: there is nothing called `indx` to send events to
 --> my.yaml:3:19
  |
3 |     steps: [{to: [indx]}]
  |                   ^^^^
  |
  = help: did you mean `index`?

error: `scale` takes a number, not `ten`
 --> my.yaml:5:21
  |
5 |     steps: [{scale: ten}, {tag: []}]
  |                     ^^^
  |
  = help: for arithmetic over fields write `set: {metric: metric * 8 / 1000}`

error: `tag` is empty
 --> my.yaml:5:33
  |
5 |     steps: [{scale: ten}, {tag: []}]
  |                                 ^^
  |
  = help: write `tag: [seen]`
",
    );
}
