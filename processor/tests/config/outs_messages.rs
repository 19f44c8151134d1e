//! How each mistake in the ways out of a stream reads.

use crate::messages::check;

#[test]
fn ways_out_are_called_by_name() {
    check(
        r#"streams:
  s:
    steps:
      - to: indx
      - to: [index, nowhere]
      - to: []
      - to
      - tap: ""
      - tap
      - log: maybe
      - reinject: [a]
      - forward
      - forward: central:5555
"#,
        r#"
error: there is nothing called `indx` to send events to
 --> my.yaml:4:13
  |
4 |       - to: indx
  |             ^^^^
  |
  = help: did you mean `index`?

error: there is nothing called `nowhere` to send events to
 --> my.yaml:5:21
  |
5 |       - to: [index, nowhere]
  |                     ^^^^^^^
  |
  = help: events go to `index`, `influx`, `log` and `streams`

error: `to` is empty
 --> my.yaml:6:13
  |
6 |       - to: []
  |             ^^
  |
  = help: write `to: [index]`

error: `to` is empty
 --> my.yaml:7:9
  |
7 |       - to
  |         ^^
  |
  = help: write `to: [index]`

error: `tap` is empty
 --> my.yaml:8:14
  |
8 |       - tap: ""
  |              ^^

error: `tap` takes a text, not nothing
 --> my.yaml:9:9
  |
9 |       - tap
  |         ^^^

error: `log` takes true or false, not `maybe`
  --> my.yaml:10:14
   |
10 |       - log: maybe
   |              ^^^^^

error: `reinject` takes true or false, not a list
  --> my.yaml:11:19
   |
11 |       - reinject: [a]
   |                   ^^^

error: `forward` is empty
  --> my.yaml:12:9
   |
12 |       - forward
   |         ^^^^^^^
   |
   = help: write `forward: [central]`

error: `forward` takes a name of the settings, and `central:5555` is an address
  --> my.yaml:13:18
   |
13 |       - forward: central:5555
   |                  ^^^^^^^^^^^^
   |
   = help: write the address into skep.yaml, `processor: {forward: {central: {to: HOST:5555}}}`, and `forward: central` here
"#,
    );
}
