//! How mistakes in `skep.yaml` read.

use processor::config::{Report, SecretFiles, Secrets, read_settings};

#[track_caller]
fn check(yaml: &str, expected: &str) {
    let secrets = SecretFiles { read_file: &|_| Err("permission denied".to_owned()), environment: &|_| None, wanted: Secrets::Needed };
    let mut report = Report::default();
    assert!(read_settings("skep.yaml", yaml, &secrets, &mut report).is_none());
    let told = report.text(false);
    assert_eq!(told.trim_end(), expected.trim(), "\n{told}");
}

#[test]
fn unknown_keys_and_wrong_values_of_the_collector() {
    check(
        r#"proccessor: {}
collector:
  interval: 10
  samplers: {gpu: true}
  to: processor
"#,
        r#"
error: unknown key `proccessor` in the settings file; did you mean `processor`?
 --> skep.yaml:1:1
  |
1 | proccessor: {}
  | ^^^^^^^^^^

error: `10` is not a duration; write 10s
 --> skep.yaml:3:13
  |
3 |   interval: 10
  |             ^^

error: unknown key `gpu` in `samplers`; did you mean `cpu`?
 --> skep.yaml:4:14
  |
4 |   samplers: {gpu: true}
  |              ^^^

error: `processor` is not an address to send to; write HOST:PORT, as in processor:5555
 --> skep.yaml:5:7
  |
5 |   to: processor
  |       ^^^^^^^^^
"#,
    );
}

#[test]
fn wrong_values_of_the_processor() {
    check(
        r#"processor:
  http: localhost:5556
  journal: {max: 10MB}
  store: 3
  token: abc
"#,
        r#"
error: `localhost:5556` is not an address to listen on; write an IP address and a port
 --> skep.yaml:2:9
  |
2 |   http: localhost:5556
  |         ^^^^^^^^^^^^^^
  |
  = help: write `127.0.0.1:5556` for this machine alone, `0.0.0.0:5556` for all

error: `max` is at least 128 MiB, not 10MB
 --> skep.yaml:3:18
  |
3 |   journal: {max: 10MB}
  |                  ^^^^

error: `store` takes keys and values, not `3`
 --> skep.yaml:4:10
  |
4 |   store: 3
  |          ^
  |
  = help: `store` has retention, tiers, max, history

error: a token does not stand in the settings
 --> skep.yaml:5:10
  |
5 |   token: abc
  |          ^^^
  |
  = help: write `token_file: PATH`, or set SKEP_TOKEN
"#,
    );
}

#[test]
fn tiers_that_cannot_be_kept() {
    check(
        "processor: {store: {tiers: [10s for 1d, 1m 14d]}}\n",
        r#"
error: `1m 14d` is no tier; write it like 10s for 1d
 --> skep.yaml:1:41
  |
1 | processor: {store: {tiers: [10s for 1d, 1m 14d]}}
  |                                         ^^^^^^
"#,
    );
    check(
        "processor: {store: {retention: 30m, tiers: [10s for 1d]}}\n",
        r#"
error: for steps of 10s the values of 1s must be kept for 1h or longer
 --> skep.yaml:1:45
  |
1 | processor: {store: {retention: 30m, tiers: [10s for 1d]}}
  |                                             ^^^^^^^^^^
"#,
    );
}

#[test]
fn wrong_values_of_influx() {
    check(
        r#"processor:
  influx:
    version: 4
    token_file: /x
    spool: {max: lots}
"#,
        r#"
error: `influx` has no `url`
 --> skep.yaml:3:5
  |
3 |     version: 4
  |     ^^^^^^^^^^
  |
  = help: write `url: http://influxdb:8086`

error: `version` takes one of 1, 2, 3, auto, not `4`
 --> skep.yaml:3:14
  |
3 |     version: 4
  |              ^

error: could not read `/x`: permission denied
 --> skep.yaml:4:17
  |
4 |     token_file: /x
  |                 ^^

error: `lots` is not a size; write it like 512KiB, 256MiB, 1GiB
 --> skep.yaml:5:18
  |
5 |     spool: {max: lots}
  |                  ^^^^
"#,
    );
}

#[test]
fn a_password_in_the_address() {
    check(
        r#"processor:
  influx: {url: 'http://me:secret@db:8086', tag_fields: dc}
"#,
        r#"
error: a password does not stand in the settings
 --> skep.yaml:2:17
  |
2 |   influx: {url: 'http://me:secret@db:8086', tag_fields: dc}
  |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `username:` and `password_file:`

error: `tag_fields` takes a list: write `tag_fields: [dc]`
 --> skep.yaml:2:57
  |
2 |   influx: {url: 'http://me:secret@db:8086', tag_fields: dc}
  |                                                         ^^
"#,
    );
}

#[test]
fn where_events_are_sent_on_has_a_name_and_an_address() {
    check(
        r"processor:
  forward:
    central: central
    a b: {to: c:5555}
    c: {too: c:5555}
    d: {to: d:5555, backlog: {max: 1}}
",
        r"
error: `central` is not an address to send to; write HOST:PORT, as in processor:5555
 --> skep.yaml:3:14
  |
3 |     central: central
  |              ^^^^^^^

error: `a b` is no name for a place to send events to
 --> skep.yaml:4:5
  |
4 |     a b: {to: c:5555}
  |     ^^^
  |
  = help: a name holds letters, digits, `-`, `_` and `.`, and begins with no `.`

error: unknown key `too` in `forward: c`; did you mean `to`?
 --> skep.yaml:5:9
  |
5 |     c: {too: c:5555}
  |         ^^^

error: `max` is at least 1 MiB, not 1
 --> skep.yaml:6:36
  |
6 |     d: {to: d:5555, backlog: {max: 1}}
  |                                    ^
",
    );
}
