//! How each mistake in windows, folds, `across` and `join` reads.

use crate::messages::check;

#[test]
fn a_window_goes_by_one_thing() {
    check(
        r"streams:
  s:
    steps:
      - window: {}
      - window: {over: 5s, last: 3}
      - window: {tumble: 5s, every: 1s}
      - window: {over: 5s, align: true}
      - window: 5s
",
        r"
error: `window` takes one of `over`, `tumble`, `last` and `events`
 --> my.yaml:4:9
  |
4 |       - window: {}
  |         ^^^^^^
  |
  = help: sliding: `over: 5s`; one after the other: `tumble: 5s`; by events: `last: 10` or `events: 10`

error: `window` takes one of `over`, `tumble`, `last` and `events`
 --> my.yaml:5:9
  |
5 |       - window: {over: 5s, last: 3}
  |         ^^^^^^
  |
  = help: sliding: `over: 5s`; one after the other: `tumble: 5s`; by events: `last: 10` or `events: 10`

error: `every` stands beside `over` only
 --> my.yaml:6:37
  |
6 |       - window: {tumble: 5s, every: 1s}
  |                                     ^^
  |
  = help: this window goes by `tumble`: leave `every` away, or write `over: 5s`

error: `align` stands beside `tumble` only
 --> my.yaml:7:35
  |
7 |       - window: {over: 5s, align: true}
  |                                   ^^^^
  |
  = help: this window goes by `over`: leave `align` away, or write `tumble: 5s`

error: `window` takes keys and values, not `5s`
 --> my.yaml:8:17
  |
8 |       - window: 5s
  |                 ^^
  |
  = help: `window` has over, tumble, last, events, every, align, wait, take, halflife, ahead, reach, min_points, max
",
    );
}

#[test]
fn what_is_taken_of_a_window() {
    check(
        r"streams:
  s:
    steps:
      - window: {over: 5s, take: meen}
      - window: {over: 5s, take: [p101]}
      - window: {over: 5s, take: []}
      - window: {last: 0}
      - window: {over: 5, max: 0}
",
        r"
error: `take` knows no `meen`
 --> my.yaml:4:34
  |
4 |       - window: {over: 5s, take: meen}
  |                                  ^^^^
  |
  = help: did you mean `mean`?

error: `take` knows no `p101`
 --> my.yaml:5:35
  |
5 |       - window: {over: 5s, take: [p101]}
  |                                   ^^^^
  |
  = help: it takes sum, product, difference, quotient, quotient_sloppy, mean, median, mode, minimum, min, maximum, max, std_dev, stddev, count, avg, first, last, range, delta, increase, rate, distinct, ewma, predict, time_to, zscore, mad, or a percentile such as p99

error: `take` is empty
 --> my.yaml:6:34
  |
6 |       - window: {over: 5s, take: []}
  |                                  ^^
  |
  = help: write `take: [mean, p99]`

error: `last` is at least 1, not 0
 --> my.yaml:7:24
  |
7 |       - window: {last: 0}
  |                        ^

error: `5` is not a duration; write 5s
 --> my.yaml:8:24
  |
8 |       - window: {over: 5, max: 0}
  |                        ^

error: `max` is at least 1, not 0
 --> my.yaml:8:32
  |
8 |       - window: {over: 5, max: 0}
  |                                ^
",
    );
}

#[test]
fn fold_every_and_across() {
    check(
        r"streams:
  s:
    steps:
      - fold: {every: 5s}
      - fold: {every: 5s, take: sum, field: state}
      - across: {evry: 5s}
      - across: 5s
      - across: {by: []}
",
        r"
error: `fold` needs `take`
 --> my.yaml:4:9
  |
4 |       - fold: {every: 5s}
  |         ^^^^
  |
  = help: write `fold: {take: …}`

error: `field` takes one of metric, time, ttl, not `state`
 --> my.yaml:5:45
  |
5 |       - fold: {every: 5s, take: sum, field: state}
  |                                             ^^^^^

error: unknown key `evry` in `across`; did you mean `every`?
 --> my.yaml:6:18
  |
6 |       - across: {evry: 5s}
  |                  ^^^^

error: `across` takes keys and values, not `5s`
 --> my.yaml:7:17
  |
7 |       - across: 5s
  |                 ^^
  |
  = help: `across` has every, by, take, max

error: `across` takes single events, and rows of events come here
 --> my.yaml:8:9
  |
8 |       - across: {by: []}
  |         ^^^^^^
  |
  = help: put `fold: mean`, or `flatten`, before it

error: `by` is empty
 --> my.yaml:8:22
  |
8 |       - across: {by: []}
  |                      ^^
  |
  = help: write `by: [host]`
",
    );
}

#[test]
fn join_takes_queries() {
    check(
        r#"streams:
  s:
    steps:
      - join: service = "a"
      - join: []
      - join: {take: sum}
      - join: [metric >]
      - join: {queries: ['service = "a"'], value: a + 1}
"#,
        r#"
error: `join` takes a list of queries, not `service = "a"`
 --> my.yaml:4:15
  |
4 |       - join: service = "a"
  |               ^^^^^^^^^^^^^
  |
  = help: write `join: ['service = "a"', 'service = "b"']`

error: `join` is empty
 --> my.yaml:5:15
  |
5 |       - join: []
  |               ^^
  |
  = help: write `join: ['service = "a"', 'service = "b"']`

error: `join` needs `queries`
 --> my.yaml:6:9
  |
6 |       - join: {take: sum}
  |         ^^^^
  |
  = help: write `join: {queries: …}`

error: a value is missing behind `>`
 --> my.yaml:7:24
  |
7 |       - join: [metric >]
  |                        ^

error: `a` is no query of this `join`
 --> my.yaml:8:51
  |
8 |       - join: {queries: ['service = "a"'], value: a + 1}
  |                                                   ^
  |
  = help: give the queries names: `queries: {desired: …, running: …}`
"#,
    );
}

#[test]
fn the_value_of_a_join_names_its_queries() {
    check(
        r#"streams:
  s:
    steps:
      - join: {queries: {done: service = "a", all: service = "b"}, value: done / al}
      - join: {queries: {done: service = "a"}, value: done / 0, take: sum}
      - join: {queries: {done: service = "a"}, value: metric * 2}
      - join: {queries: {a-b: metric > 1, metric: metric > 2}, value: a}
      - join: {queries: {a: metric > 1, a: metric > 2}, value: a *}
"#,
        r#"
error: `al` is no query of this `join`
 --> my.yaml:4:82
  |
4 |       - join: {queries: {done: service = "a", all: service = "b"}, value: done / al}
  |                                                                                  ^^
  |
  = help: did you mean `all`?

error: `join` has `value` or `take`, not both
 --> my.yaml:5:71
  |
5 |       - join: {queries: {done: service = "a"}, value: done / 0, take: sum}
  |                                                                       ^^^

error: `metric` is no query of this `join`
 --> my.yaml:6:55
  |
6 |       - join: {queries: {done: service = "a"}, value: metric * 2}
  |                                                       ^^^^^^
  |
  = help: there are done

error: `a-b` is no name for a query of `join`
 --> my.yaml:7:26
  |
7 |       - join: {queries: {a-b: metric > 1, metric: metric > 2}, value: a}
  |                          ^^^
  |
  = help: a name holds letters, digits and `_`, and is not that of a field

error: `metric` is no name for a query of `join`
 --> my.yaml:7:43
  |
7 |       - join: {queries: {a-b: metric > 1, metric: metric > 2}, value: a}
  |                                           ^^^^^^
  |
  = help: a name holds letters, digits and `_`, and is not that of a field

error: `a` stands twice in `queries`
 --> my.yaml:8:41
  |
8 |       - join: {queries: {a: metric > 1, a: metric > 2}, value: a *}
  |                          - first here   ^

error: a number or a field is missing behind `*`
 --> my.yaml:8:67
  |
8 |       - join: {queries: {a: metric > 1, a: metric > 2}, value: a *}
  |                                                                   ^
"#,
    );
}
