//! How each mistake in `set`, `default`, `append`, `scale` and tags reads, arithmetic included.

use crate::messages::check;

#[test]
fn set_takes_fields_and_values() {
    check(
        r"streams:
  s:
    steps:
      - set: {}
      - set: state
      - set: {state: a, state: b}
      - set: {tags: a}
      - set: {state: [a]}
",
        r"
error: `set` sets nothing
 --> my.yaml:4:14
  |
4 |       - set: {}
  |              ^^
  |
  = help: write `set: {state: critical}`

error: `set` takes keys and values, not `state`
 --> my.yaml:5:14
  |
5 |       - set: state
  |              ^^^^^
  |
  = help: write `set: {state: critical}`

error: `state` stands twice in `set`
 --> my.yaml:6:25
  |
6 |       - set: {state: a, state: b}
  |               -----     ^^^^^
  |               |
  |               first here

error: `tags` takes a list: write `tags: [a]`
 --> my.yaml:7:21
  |
7 |       - set: {tags: a}
  |                     ^

error: `state` takes a text, not a list
 --> my.yaml:8:22
  |
8 |       - set: {state: [a]}
  |                      ^^^
",
    );
}

#[test]
fn a_number_is_a_number_or_arithmetic_over_fields() {
    check(
        r"streams:
  s:
    steps:
      - set: {metric: metric * }
      - set: {ttl: 5m}
      - set: {metric: host}
      - default: {time: time - }
",
        r"
error: a number or a field is missing behind `*`
 --> my.yaml:4:31
  |
4 |       - set: {metric: metric * }
  |                               ^

error: a number in an expression has no unit: `5m`
 --> my.yaml:5:21
  |
5 |       - set: {ttl: 5m}
  |                     ^
  |
  = help: times are in seconds, sizes in bytes: write `300`

error: `host` holds no number
 --> my.yaml:6:23
  |
6 |       - set: {metric: host}
  |                       ^^^^
  |
  = help: numbers are metric, ttl, time and attributes that hold one

error: a number or a field is missing behind `-`
 --> my.yaml:7:31
  |
7 |       - default: {time: time - }
  |                               ^
",
    );
}

#[test]
fn each_mistake_of_arithmetic_has_its_place() {
    check(
        r#"streams:
  s:
    steps:
      - set: {metric: "metric ^ 2 + (ttl * 8"}
      - set: {metric: metric / 0}
      - set: {metric: sqroot(metric) + rnd(metric)}
      - set: {metric: "min(metric) + abs(1, 2)"}
      - set: {metric: metric 8}
      - set: {metric: metric * 8) + 1}
"#,
        r#"
error: `^` is not part of an expression
 --> my.yaml:4:31
  |
4 |       - set: {metric: "metric ^ 2 + (ttl * 8"}
  |                               ^
  |
  = help: there are + - * / %, parentheses, and abs ceil floor max min round

error: this `(` is never closed
 --> my.yaml:4:37
  |
4 |       - set: {metric: "metric ^ 2 + (ttl * 8"}
  |                                     ^

error: `/` by zero gives no number
 --> my.yaml:5:32
  |
5 |       - set: {metric: metric / 0}
  |                                ^

error: `sqroot` is not a function
 --> my.yaml:6:23
  |
6 |       - set: {metric: sqroot(metric) + rnd(metric)}
  |                       ^^^^^^
  |
  = help: there are abs, ceil, floor, max, min, round

error: `rnd` is not a function
 --> my.yaml:6:40
  |
6 |       - set: {metric: sqroot(metric) + rnd(metric)}
  |                                        ^^^
  |
  = help: there are abs, ceil, floor, max, min, round

error: `min` takes two values or more, not 1
 --> my.yaml:7:24
  |
7 |       - set: {metric: "min(metric) + abs(1, 2)"}
  |                        ^^^

error: `abs` takes one value, not 2
 --> my.yaml:7:38
  |
7 |       - set: {metric: "min(metric) + abs(1, 2)"}
  |                                      ^^^

error: I did not expect `8` here; between two values stands one of + - * / %
 --> my.yaml:8:30
  |
8 |       - set: {metric: metric 8}
  |                              ^

error: this `)` closes nothing
 --> my.yaml:9:33
  |
9 |       - set: {metric: metric * 8) + 1}
  |                                 ^
"#,
    );
}

#[test]
fn habits_from_elsewhere_are_told_with_what_to_write() {
    check(
        r#"streams:
  s:
    steps:
      - set: {metric: metric-1}
      - set: {metric: "(* metric 8)"}
      - set: {metric: '"a" + 1'}
      - set: {metric: "metric > 1"}
      - set: {metric: "metric * 0,5"}
      - set: {metric: "nil"}
      - set: {metric: max(metric, 1)}
"#,
        r#"
error: `metric-1` is one name: a minus has spaces around it
 --> my.yaml:4:23
  |
4 |       - set: {metric: metric-1}
  |                       ^^^^^^^^
  |
  = help: write `metric - 1`

error: a number or a field is missing behind `(`
 --> my.yaml:5:25
  |
5 |       - set: {metric: "(* metric 8)"}
  |                         ^
  |
  = help: the sign stands between two values: `metric * 8`

error: I did not expect `8` here; between two values stands one of + - * / %
 --> my.yaml:5:34
  |
5 |       - set: {metric: "(* metric 8)"}
  |                                  ^

error: an expression has numbers and fields only, and `"a"` is a text
 --> my.yaml:6:24
  |
6 |       - set: {metric: '"a" + 1'}
  |                        ^^^
  |
  = help: for a text write a template: `"{{host}} is {{metric * 8}}"`

error: `>` is not part of an expression
 --> my.yaml:7:31
  |
7 |       - set: {metric: "metric > 1"}
  |                               ^
  |
  = help: there are + - * / %, parentheses, and abs ceil floor max min round

error: a `,` stands between the values of a function only
 --> my.yaml:8:34
  |
8 |       - set: {metric: "metric * 0,5"}
  |                                  ^
  |
  = help: a fraction has a point: `0.5`

error: `nil` is no number
 --> my.yaml:9:24
  |
9 |       - set: {metric: "nil"}
  |                        ^^^

error: `max` takes two values or more, not 1
  --> my.yaml:10:23
   |
10 |       - set: {metric: max(metric, 1)}
   |                       ^^^

error: this `(` is never closed
  --> my.yaml:10:26
   |
10 |       - set: {metric: max(metric, 1)}
   |                          ^
   |
   = help: between `{` and `}` of YAML a `,` ends the value: put it in quotes
"#,
    );
}

#[test]
fn arithmetic_in_a_template_is_told_at_its_place() {
    check(
        r#"streams:
  s:
    steps:
      - set: {description: "{{host}} is {{metric * }} of {{limt | bites}}"}
      - set: {state: "{{metric"}
      - set: {service: {{host}}}
"#,
        r#"
error: a number or a field is missing behind `*`
 --> my.yaml:4:51
  |
4 |       - set: {description: "{{host}} is {{metric * }} of {{limt | bites}}"}
  |                                                   ^

error: `bites` is not a filter
 --> my.yaml:4:58
  |
4 |       - set: {description: "{{host}} is {{metric * }} of {{limt | bites}}"}
  |                                                          ^^^^^^^^^^^^^^^^
  |
  = help: did you mean `bytes`?

error: the `{{` that starts here has no closing `}}`
 --> my.yaml:5:23
  |
5 |       - set: {state: "{{metric"}
  |                       ^^
  |
  = help: write `{{host}}`

error: `service` takes a text, not a map
 --> my.yaml:6:24
  |
6 |       - set: {service: {{host}}}
  |                        ^^^^^^^^
  |
  = help: a value that begins with `{` is a map; put it in quotes: `"{{host}}"`
"#,
    );
}

#[test]
fn append_scale_and_tags() {
    check(
        r"streams:
  s:
    steps:
      - append: {}
      - append: {metric: a}
      - append: text
      - append: {state: a, state: b}
      - scale: twice
      - tag: []
      - untag: {a: b}
      - tag: [[a]]
",
        r#"
error: `append` appends nothing
 --> my.yaml:4:17
  |
4 |       - append: {}
  |                 ^^
  |
  = help: write `append: {service: " rate"}`

error: `metric` is no text
 --> my.yaml:5:18
  |
5 |       - append: {metric: a}
  |                  ^^^^^^
  |
  = help: `append` takes host, service, state, description and attributes

error: `append` takes keys and values, not `text`
 --> my.yaml:6:17
  |
6 |       - append: text
  |                 ^^^^
  |
  = help: write `append: {service: " rate"}`

error: `state` stands twice in `append`
 --> my.yaml:7:28
  |
7 |       - append: {state: a, state: b}
  |                  -----     ^^^^^
  |                  |
  |                  first here

error: `scale` takes a number, not `twice`
 --> my.yaml:8:16
  |
8 |       - scale: twice
  |                ^^^^^
  |
  = help: for arithmetic over fields write `set: {metric: metric * 8 / 1000}`

error: `tag` is empty
 --> my.yaml:9:14
  |
9 |       - tag: []
  |              ^^
  |
  = help: write `tag: [seen]`

error: `untag` takes a list, not a map
  --> my.yaml:10:16
   |
10 |       - untag: {a: b}
   |                ^^^^^^

error: `tag` takes a text, not a list
  --> my.yaml:11:15
   |
11 |       - tag: [[a]]
   |               ^^^
"#,
    );
}
