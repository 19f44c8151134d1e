//! How each mistake in `taps:` of a test reads.

use crate::tests_messages::check;

#[test]
fn taps() {
    check(
        r#"streams:
  s: {where: service = "app/a", steps: [{tap: one}]}
tests:
  - name: taps
    run: 10s
    events: [{host: n1, service: app/a}]
    taps:
      - {at: 1s, metric: 1}
      - {tap: one, at: 20s, metric: many}
      - {tap: one, tap: two}
      - one
  - name: nothing
    events: [{host: n1, service: app/a}]
    taps: one
"#,
        r#"
error: an entry of `taps` has no `tap`
 --> my.yaml:8:9
  |
8 |       - {at: 1s, metric: 1}
  |         ^^^^^^^^^^^^^^^^^^^
  |
  = help: write `{at: 10s, tap: errors, metric: 5}`

error: the test is over by then: `run: 10s`
 --> my.yaml:9:24
  |
9 |       - {tap: one, at: 20s, metric: many}
  |                        ^^^
  |
  = help: write `run: 20s`, or more

error: `metric` takes a number, or `null` for none, not `many`
 --> my.yaml:9:37
  |
9 |       - {tap: one, at: 20s, metric: many}
  |                                     ^^^^

error: `tap` stands twice in one line
  --> my.yaml:10:20
   |
10 |       - {tap: one, tap: two}
   |          ---       ^^^
   |          |
   |          first here

error: an entry of `taps` takes keys and values, not `one`
  --> my.yaml:11:9
   |
11 |       - one
   |         ^^^

error: `taps` takes a list, not `one`
  --> my.yaml:14:11
   |
14 |     taps: one
   |           ^^^
"#,
    );
}
