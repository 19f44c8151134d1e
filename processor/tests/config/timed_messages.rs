//! How each mistake in steps that remember, or go by the clock, reads.

use crate::messages::check;

#[test]
fn steps_with_memory_name_what_they_need() {
    check(
        r"streams:
  s:
    steps:
      - stable: {field: state}
      - runs: {field: state}
      - runs: {n: 0}
      - predict: {events: 1}
      - stable: {for: 10}
",
        r"
error: `stable` needs `for`
 --> my.yaml:4:9
  |
4 |       - stable: {field: state}
  |         ^^^^^^
  |
  = help: write `stable: {for: …}`

error: `runs` needs `n`
 --> my.yaml:5:9
  |
5 |       - runs: {field: state}
  |         ^^^^
  |
  = help: write `runs: {n: …}`

error: `n` is at least 1, not 0
 --> my.yaml:6:19
  |
6 |       - runs: {n: 0}
  |                   ^

error: `predict` needs `ahead`
 --> my.yaml:7:9
  |
7 |       - predict: {events: 1}
  |         ^^^^^^^
  |
  = help: write `predict: {ahead: …}`

error: `events` is at least 2, not 1
 --> my.yaml:7:27
  |
7 |       - predict: {events: 1}
  |                           ^

error: `10` is not a duration; write 10s
 --> my.yaml:8:23
  |
8 |       - stable: {for: 10}
  |                       ^^
",
    );
}

#[test]
fn changed_count_and_reduce() {
    check(
        r"streams:
  s:
    steps:
      - changed: {fild: state}
      - changed: [state]
      - changed_state: {init: [ok]}
      - changed: {pairs: 1}
      - count: {init: none}
      - count: 5
      - reduce: sums
      - clock_skew: 5
",
        r"
error: unknown key `fild` in `changed`; did you mean `field`?
 --> my.yaml:4:19
  |
4 |       - changed: {fild: state}
  |                   ^^^^

error: `changed` takes keys and values, not a list
 --> my.yaml:5:18
  |
5 |       - changed: [state]
  |                  ^^^^^^^
  |
  = help: `changed` has field, init, pairs

error: `init` takes a text, not a list
 --> my.yaml:6:31
  |
6 |       - changed_state: {init: [ok]}
  |                               ^^^^

error: `pairs` takes true or false, not `1`
 --> my.yaml:7:26
  |
7 |       - changed: {pairs: 1}
  |                          ^

error: `init` takes a number, not `none`
 --> my.yaml:8:23
  |
8 |       - count: {init: none}
  |                       ^^^^

error: `count` takes keys and values, not `5`
 --> my.yaml:9:16
  |
9 |       - count: 5
  |                ^
  |
  = help: `count` has init

error: `reduce` takes one of sum, product, difference, quotient, quotient_sloppy, mean, median, mode, minimum, min, maximum, max, std_dev, stddev, count, avg, not `sums`
  --> my.yaml:10:17
   |
10 |       - reduce: sums
   |                 ^^^^
   |
   = help: did you mean `sum`?
",
    );
}

#[test]
fn smooth_and_derive() {
    check(
        r"streams:
  s:
    steps:
      - smooth: {}
      - smooth: {halflife: 5s, ratio: 0.5}
      - smooth: {ratio: half}
      - derive: 5s
      - derive: {every: 0s}
",
        r"
error: `smooth` takes `halflife` or `ratio`
 --> my.yaml:4:9
  |
4 |       - smooth: {}
  |         ^^^^^^
  |
  = help: by time: `smooth: {halflife: 60s}`; by events: `smooth: {ratio: 0.5}`

error: `smooth` takes `halflife` or `ratio`
 --> my.yaml:5:9
  |
5 |       - smooth: {halflife: 5s, ratio: 0.5}
  |         ^^^^^^
  |
  = help: by time: `smooth: {halflife: 60s}`; by events: `smooth: {ratio: 0.5}`

error: `ratio` takes a number, not `half`
 --> my.yaml:6:25
  |
6 |       - smooth: {ratio: half}
  |                         ^^^^

error: `derive` takes keys and values, not `5s`
 --> my.yaml:7:17
  |
7 |       - derive: 5s
  |                 ^^
  |
  = help: `derive` has every

error: `every` is at least 1ms, not 0s
 --> my.yaml:8:25
  |
8 |       - derive: {every: 0s}
  |                         ^^
",
    );
}

#[test]
fn so_many_in_how_long() {
    check(
        r"streams:
  s:
    steps:
      - throttle: 5
      - throttle: five per hour
      - rollup: {max: 5}
      - throttle: {max: -1, per: 1h}
      - batch: {size: 0, every: 1s}
      - batch: 100
",
        r"
error: `throttle` takes how many in how long, not `5`
 --> my.yaml:4:19
  |
4 |       - throttle: 5
  |                   ^
  |
  = help: write `throttle: 5 per 1h`

error: `throttle` takes how many in how long, not `five per hour`
 --> my.yaml:5:19
  |
5 |       - throttle: five per hour
  |                   ^^^^^^^^^^^^^
  |
  = help: write `throttle: 5 per 1h`

error: `rollup` needs `per`
 --> my.yaml:6:9
  |
6 |       - rollup: {max: 5}
  |         ^^^^^^
  |
  = help: write `rollup: {per: …}`

error: `max` takes a whole number, not `-1`
 --> my.yaml:7:25
  |
7 |       - throttle: {max: -1, per: 1h}
  |                         ^^

error: `size` is at least 1, not 0
 --> my.yaml:8:23
  |
8 |       - batch: {size: 0, every: 1s}
  |                       ^

error: `batch` takes keys and values, not `100`
 --> my.yaml:9:16
  |
9 |       - batch: 100
  |                ^^^
  |
  = help: `batch` has size, every
",
    );
}

#[test]
fn intervals_and_percentiles() {
    check(
        r"streams:
  s:
    steps:
      - rate: fast
      - rate
      - interpolate: 1ns
      - percentiles: {every: 5s}
      - percentiles: {every: 5s, points: 0.5}
      - percentiles: {every: 5s, points: [99]}
      - percentiles: {every: 5s, points: {0.5: a, 0.5: b}}
",
        r"
error: `fast` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:4:15
  |
4 |       - rate: fast
  |               ^^^^

error: `rate` needs `every`
 --> my.yaml:5:9
  |
5 |       - rate
  |         ^^^^
  |
  = help: write `rate: {every: …}`

error: `1ns` is not a duration; write it like 30s, 5m, 2h, 1d
 --> my.yaml:6:22
  |
6 |       - interpolate: 1ns
  |                      ^^^

error: `percentiles` needs `points`
 --> my.yaml:7:9
  |
7 |       - percentiles: {every: 5s}
  |         ^^^^^^^^^^^
  |
  = help: write `percentiles: {points: …}`

error: `points` takes a list of numbers from 0 to 1, not `0.5`
 --> my.yaml:8:42
  |
8 |       - percentiles: {every: 5s, points: 0.5}
  |                                          ^^^
  |
  = help: write `points: [0.5, 0.95, 0.99]`

error: a point is a number from 0 to 1, not `99`
 --> my.yaml:9:43
  |
9 |       - percentiles: {every: 5s, points: [99]}
  |                                           ^^
  |
  = help: 0.5 is the median, 1 the maximum

error: point `0.5` stands twice
  --> my.yaml:10:51
   |
10 |       - percentiles: {every: 5s, points: {0.5: a, 0.5: b}}
   |                                           ---     ^^^
   |                                           |
   |                                           first here
",
    );
}

#[test]
fn fill_and_apdex() {
    check(
        r"streams:
  s:
    steps:
      - fill: {every: 5s}
      - fill: {with: {metric: 0}}
      - fill: {every: 5s, with: {metric: 0}, last: {metric: 0}}
      - apdex: {every: 60s, satisfied: metric < 0.3}
      - apdex: {every: 60s, satisfied: metric < fast, tolerated: metric < 1}
",
        r"
error: `fill` takes `with` or `last`
 --> my.yaml:4:9
  |
4 |       - fill: {every: 5s}
  |         ^^^^
  |
  = help: an event of its own: `with: {service: x, metric: 0}`; the last one with some fields set: `last: {metric: 0}`

error: `fill` needs `every`
 --> my.yaml:5:9
  |
5 |       - fill: {with: {metric: 0}}
  |         ^^^^
  |
  = help: write `fill: {every: …}`

error: `fill` takes `with` or `last`
 --> my.yaml:6:9
  |
6 |       - fill: {every: 5s, with: {metric: 0}, last: {metric: 0}}
  |         ^^^^
  |
  = help: an event of its own: `with: {service: x, metric: 0}`; the last one with some fields set: `last: {metric: 0}`

error: `apdex` needs `tolerated`
 --> my.yaml:7:9
  |
7 |       - apdex: {every: 60s, satisfied: metric < 0.3}
  |         ^^^^^
  |
  = help: write `apdex: {tolerated: …}`

error: `<` compares with a number, and `fast` is none
 --> my.yaml:8:49
  |
8 |       - apdex: {every: 60s, satisfied: metric < fast, tolerated: metric < 1}
  |                                                 ^^^^
",
    );
}
