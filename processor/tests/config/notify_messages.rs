//! How each mistake in the ways of a notifier reads.

use crate::tests_messages::check;

#[test]
fn ways() {
    check(
        r#"notify:
  one: {sms: {to: "+491"}}
  two: {mail: {to: [ops], smtp: "mail:587", user: skep, tls: maybe}}
  three: {webhook: {template: slack}}
  four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  five: {pagerduty: {}, alertmanager: {url: "am:9093"}}
  six: {telegram: {token_file: /run/x}, exec: {command: [], timeout: 1ms}}
"#,
        r#"
error: notifier `one` tells nobody: it has none of mail, webhook, pagerduty, alertmanager, telegram, exec
 --> my.yaml:2:3
  |
2 |   one: {sms: {to: "+491"}}
  |   ^^^
  |
  = help: write whom to tell: `mail: {to: ops@example.org}`

error: unknown key `sms` in notifier `one`
 --> my.yaml:2:9
  |
2 |   one: {sms: {to: "+491"}}
  |         ^^^
  |
  = help: notifier `one` has mail, webhook, pagerduty, alertmanager, telegram, exec, group, wait, at_most, repeat, only, resolved

error: `user` and `password_file` of `mail` belong together: one of them is not there
 --> my.yaml:3:15
  |
3 |   two: {mail: {to: [ops], smtp: "mail:587", user: skep, tls: maybe}}
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: `to`: `ops` is no mail address
 --> my.yaml:3:20
  |
3 |   two: {mail: {to: [ops], smtp: "mail:587", user: skep, tls: maybe}}
  |                    ^^^^^
  |
  = help: write it like ops@example.org

error: `tls` takes one of off, starttls, on, not `maybe`
 --> my.yaml:3:62
  |
3 |   two: {mail: {to: [ops], smtp: "mail:587", user: skep, tls: maybe}}
  |                                                              ^^^^^

error: `webhook` has no `url`
 --> my.yaml:4:20
  |
4 |   three: {webhook: {template: slack}}
  |                    ^^^^^^^^^^^^^^^^^
  |
  = help: write `webhook: {url: https://chat.example.org/hook}`, or `url_file: PATH` where the URL is a secret

error: `webhook` has both `url` and `url_file`
 --> my.yaml:5:19
  |
5 |   four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `webhook: {url: https://chat.example.org/hook}`, or `url_file: PATH` where the URL is a secret

error: `ftp://x` is no URL
 --> my.yaml:5:25
  |
5 |   four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  |                         ^^^^^^^
  |
  = help: a URL begins with http:// or https://

error: `A` has no `file`
 --> my.yaml:5:65
  |
5 |   four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  |                                                                 ^^^^^^^^^^
  |
  = help: write `{file: /run/secrets/token}`

error: unknown key `path` in `A`
 --> my.yaml:5:66
  |
5 |   four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  |                                                                  ^^^^
  |
  = help: `A` has file

error: `preset` takes one of json, slack, teams, discord, ntfy, not `slak`
 --> my.yaml:5:97
  |
5 |   four: {webhook: {url: ftp://x, url_file: /run/x, headers: {A: {path: /x}}, template: {preset: slak}}}
  |                                                                                                 ^^^^
  |
  = help: did you mean `slack`?

error: `pagerduty` has no `routing_key_file`
 --> my.yaml:6:21
  |
6 |   five: {pagerduty: {}, alertmanager: {url: "am:9093"}}
  |                     ^^
  |
  = help: write `pagerduty: {routing_key_file: /run/secrets/pagerduty}`

error: `am:9093` is no URL
 --> my.yaml:6:45
  |
6 |   five: {pagerduty: {}, alertmanager: {url: "am:9093"}}
  |                                             ^^^^^^^^^
  |
  = help: a URL begins with http:// or https://

error: `telegram` has no `chat`
 --> my.yaml:7:19
  |
7 |   six: {telegram: {token_file: /run/x}, exec: {command: [], timeout: 1ms}}
  |                   ^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `telegram: {token_file: /run/secrets/bot, chat: "-100123"}`

error: `command` names no program
 --> my.yaml:7:57
  |
7 |   six: {telegram: {token_file: /run/x}, exec: {command: [], timeout: 1ms}}
  |                                                         ^^
  |
  = help: write `exec: {command: [/usr/local/bin/tell]}`

error: `timeout` is at least 10ms, not 1ms
 --> my.yaml:7:70
  |
7 |   six: {telegram: {token_file: /run/x}, exec: {command: [], timeout: 1ms}}
  |                                                                      ^^^
"#,
    );
}
