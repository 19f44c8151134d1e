//! How each mistake in a list of steps reads.

use crate::messages::check;

#[test]
fn an_unknown_step_is_told_with_the_nearest_one() {
    check(
        r"streams:
  s:
    steps:
      - wher: metric > 1
      - frobnicate: 1
      - flaten
      - a step
",
        r"
error: unknown key `wher` in a step; did you mean `where`?
 --> my.yaml:4:9
  |
4 |       - wher: metric > 1
  |         ^^^^

error: unknown key `frobnicate` in a step
 --> my.yaml:5:9
  |
5 |       - frobnicate: 1
  |         ^^^^^^^^^^
  |
  = help: a step has where, split, expired, branches, by, set, default, append, scale, tag, untag, changed, changed_state, runs, stable, count, reduce, smooth, derive, predict, throttle, rollup, batch, apdex, rate, percentiles, window, fold, flatten, sort, across, join, top, fill, interpolate, clock_skew, tap, log, to, index, else, forward, reinject

error: there is no step `flaten`
 --> my.yaml:6:9
  |
6 |       - flaten
  |         ^^^^^^
  |
  = help: did you mean `flatten`?

error: there is no step `a step`
 --> my.yaml:7:9
  |
7 |       - a step
  |         ^^^^^^
  |
  = help: there are where, split, expired, branches, by, set, default, append, scale, tag, untag, changed, changed_state, runs, stable, count, reduce, smooth, derive, predict, throttle, rollup, batch, apdex, rate, percentiles, window, fold, flatten, sort, across, join, top, fill, interpolate, clock_skew, tap, log, to, index, forward, reinject
",
    );
}

#[test]
fn a_step_is_one_key_and_its_value() {
    check(
        r"streams:
  s:
    steps:
      - where: metric > 1
        tap: a
      - to:[index]
      - {}
      - [tap, a]
",
        r"
error: a step does one thing: `where` and `tap` are two
 --> my.yaml:5:9
  |
5 |         tap: a
  |         ^^^
  |
  = help: write `- tap: …` on a line of its own

error: there is no step `to:[index]`
 --> my.yaml:6:9
  |
6 |       - to:[index]
  |         ^^^^^^^^^^
  |
  = help: write `to: …`, with a space behind the `:`

error: a step is missing here
 --> my.yaml:7:9
  |
7 |       - {}
  |         ^^
  |
  = help: write what becomes of the events, such as `where: metric > 1`

error: a step takes keys and values, not a list
 --> my.yaml:8:9
  |
8 |       - [tap, a]
  |         ^^^^^^^^
  |
  = help: a step has where, split, expired, branches, by, set, default, append, scale, tag, untag, changed, changed_state, runs, stable, count, reduce, smooth, derive, predict, throttle, rollup, batch, apdex, rate, percentiles, window, fold, flatten, sort, across, join, top, fill, interpolate, clock_skew, tap, log, to, index, else, forward, reinject
",
    );
}

#[test]
fn else_stands_beside_where_expired_and_top() {
    check(
        r"streams:
  s:
    steps:
      - scale: 2
        else: [{tap: a}]
      - else: [{tap: b}]
",
        r"
error: `scale` has no `else`
 --> my.yaml:5:15
  |
5 |         else: [{tap: a}]
  |               ^^^^^^^^^^
  |
  = help: `where`, `expired` and `top` have one

error: a step is missing here
 --> my.yaml:6:9
  |
6 |       - else: [{tap: b}]
  |         ^^^^^^^^^^^^^^^^
  |
  = help: write what becomes of the events, such as `where: metric > 1`
",
    );
}

#[test]
fn rows_and_single_events_are_told_apart() {
    check(
        r"streams:
  s:
    steps:
      - window: {over: 5s}
      - scale: 2
      - rate: 5s
",
        r"
error: `rate` takes single events, and rows of events come here
 --> my.yaml:6:9
  |
6 |       - rate: 5s
  |         ^^^^
  |
  = help: put `fold: mean`, or `flatten`, before it
",
    );
}

#[test]
fn a_fold_takes_rows() {
    check(
        r"streams:
  s:
    steps:
      - fold: mean
      - sort
",
        r"
error: `fold` takes rows of events, and single events come here
 --> my.yaml:4:9
  |
4 |       - fold: mean
  |         ^^^^
  |
  = help: `window`, `batch`, `rollup`, `across` and `join` give rows

error: `sort` takes rows of events, and single events come here
 --> my.yaml:5:9
  |
5 |       - sort
  |         ^^^^
  |
  = help: `window`, `batch`, `rollup`, `across` and `join` give rows
",
    );
}

#[test]
fn nothing_comes_behind_a_split() {
    check(
        r"streams:
  s:
    steps:
      - split: [{when: metric > 1, steps: [{tap: a}]}]
      - tap: b
",
        r"
error: no event comes here: `split` sends all of them its own ways
 --> my.yaml:5:9
  |
5 |       - tap: b
  |         ^^^^^^
  |
  = help: put the step into the ways, or before
",
    );
}

#[test]
fn ways_of_a_split() {
    check(
        r"streams:
  s:
    steps:
      - split: {when: metric > 1}
      - split: []
      - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
",
        r"
error: `split` takes a list of ways, not a map
 --> my.yaml:4:16
  |
4 |       - split: {when: metric > 1}
  |                ^^^^^^^^^^^^^^^^^^
  |
  = help: write `- when: metric > 1` and its `steps`, and `- else: [steps]` last

error: `split` is empty
 --> my.yaml:5:16
  |
5 |       - split: []
  |                ^^
  |
  = help: write `- when: metric > 1` and its `steps`, and `- else: [steps]` last

error: a way needs `when`
 --> my.yaml:6:17
  |
6 |       - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
  |                 ^^^^^^^^^^^^^^^^^^^
  |
  = help: write `- when: metric > 1`, or `- else: [steps]`

error: a way needs `steps`
 --> my.yaml:6:38
  |
6 |       - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
  |                                      ^^^^^^^^^^^^^^^^^^
  |
  = help: write `- {when: metric > 1, steps: [{to: [index]}]}`

error: `else` is the last way, and has its steps behind it
 --> my.yaml:6:65
  |
6 |       - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
  |                                                                 ^^^^^^^^^^
  |
  = help: write `- else: [{to: [index]}]` behind the ways with `when`

error: a way needs `steps`
 --> my.yaml:6:78
  |
6 |       - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
  |                                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `- {when: metric > 1, steps: [{to: [index]}]}`

error: unknown key `then` in a way of `split`; did you mean `when`?
 --> my.yaml:6:97
  |
6 |       - split: [{steps: [{tap: a}]}, {when: metric > 1}, {else: [{tap: b}]}, {when: metric > 2, then: x}]
  |                                                                                                 ^^^^
",
    );
}

#[test]
fn branches_are_lists_of_steps() {
    check(
        r"streams:
  s:
    steps:
      - branches: {tap: a}
      - branches: [{tap: a}]
      - branches: []
",
        r"
error: `branches` takes a list of lists of steps, not a map
 --> my.yaml:4:19
  |
4 |       - branches: {tap: a}
  |                   ^^^^^^^^
  |
  = help: write each way as a list: `- [{tag: a}, {tap: one}]`

error: `steps` takes a list of steps, not a map
 --> my.yaml:5:20
  |
5 |       - branches: [{tap: a}]
  |                    ^^^^^^^^
  |
  = help: begin each step with `- `, as in `- to: [index]`

error: `branches` is empty
 --> my.yaml:6:19
  |
6 |       - branches: []
  |                   ^^
  |
  = help: write each way as a list: `- [{tag: a}, {tap: one}]`
",
    );
}

#[test]
fn by_where_expired_and_top() {
    check(
        r"streams:
  s:
    steps:
      - by: []
      - by: {host: x}
      - where: metric >
      - expired: maybe
      - top: {by: metric}
      - top: {n: ten, demote: 1}
",
        r"
error: `by` is empty
 --> my.yaml:4:13
  |
4 |       - by: []
  |             ^^
  |
  = help: write `by: [host]`

error: `by` takes a list, not a map
 --> my.yaml:5:13
  |
5 |       - by: {host: x}
  |             ^^^^^^^^^

error: a value is missing behind `>`
 --> my.yaml:6:24
  |
6 |       - where: metric >
  |                        ^

error: `expired` takes true or false, not `maybe`
 --> my.yaml:7:18
  |
7 |       - expired: maybe
  |                  ^^^^^

error: `top` needs `n`
 --> my.yaml:8:9
  |
8 |       - top: {by: metric}
  |         ^^^
  |
  = help: write `top: {n: 10, by: metric}`

error: `n` takes a whole number, not `ten`
 --> my.yaml:9:18
  |
9 |       - top: {n: ten, demote: 1}
  |                  ^^^

error: `demote` takes true or false, not `1`
 --> my.yaml:9:31
  |
9 |       - top: {n: ten, demote: 1}
  |                               ^
",
    );
}
