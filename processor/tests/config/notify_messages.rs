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

#[test]
fn a_body_of_ones_own() {
    check(
        r#"notify:
  one:
    webhook:
      url: http://a
      user: skep
      template:
        body: '{"a": {{subjct}}, "b": "{{host}}"} {{entries}}'
  two: {webhook: {url: http://a, template: {body: "{{subject}}"}}}
  three: {webhook: {url: http://a, template: {body: "[{{entries}}]", entry: "{{messag}} {{value | bits}}"}}}
  four: {webhook: {url: http://a, template: {preset: slack, body: x}, content_type: text/plain}}
  five: {webhook: {url: http://a, method: GET, template: {body: "[{{entries}}]", entry: "{{messag}} {{labels.x}}"}}}
"#,
        r#"
error: `user` and `password_file` of `webhook` belong together: one of them is not there
 --> my.yaml:4:7
  |
4 |       url: http://a
  |       ^^^^^^^^^^^^^

error: `body` names `{{entries}}`, and there is no `entry`
 --> my.yaml:7:15
  |
7 |         body: '{"a": {{subjct}}, "b": "{{host}}"} {{entries}}'
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write `template: {body: '[{{entries}}]', entry: '{"text": "{{message}}"}'}`

error: `{{subjct}}` is not a field of a message
 --> my.yaml:7:22
  |
7 |         body: '{"a": {{subjct}}, "b": "{{host}}"} {{entries}}'
  |                      ^^^^^^^^^^
  |
  = help: did you mean `{{subject}}`?

error: `{{host}}` is not a field of a message
 --> my.yaml:7:40
  |
7 |         body: '{"a": {{subjct}}, "b": "{{host}}"} {{entries}}'
  |                                        ^^^^^^^^
  |
  = help: it is of an entry: name it in `entry`, and `{{entries}}` in `body`

error: `body`: what it makes is no JSON: trailing characters at line 1 column 3 of `2 changes of sample: 2 opened`
 --> my.yaml:8:51
  |
8 |   two: {webhook: {url: http://a, template: {body: "{{subject}}"}}}
  |                                                   ^^^^^^^^^^^^^
  |
  = help: texts need quotes around the braces, `"{{host}}"`; for something else write its `content_type`, as in text/plain

error: `bits` is not a filter
 --> my.yaml:9:89
  |
9 |   three: {webhook: {url: http://a, template: {body: "[{{entries}}]", entry: "{{messag}} {{value | bits}}"}}}
  |                                                                                         ^^^^^^^^^^^^^^^^
  |
  = help: did you mean `bytes`?

error: `template` takes either a `preset` or a `body`
  --> my.yaml:10:45
   |
10 |   four: {webhook: {url: http://a, template: {preset: slack, body: x}, content_type: text/plain}}
   |                                             ^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write `template: {preset: slack}`, or `template: {body: '{"text": "{{subject}}"}'}` for a body of your own

error: `content_type` is of a body of one's own: what skep makes is JSON
  --> my.yaml:10:85
   |
10 |   four: {webhook: {url: http://a, template: {preset: slack, body: x}, content_type: text/plain}}
   |                                                                                     ^^^^^^^^^^
   |
   = help: write the body, as in `template: {body: "{{subject}}"}`

error: `method` takes one of POST, PUT, PATCH, not `GET`
  --> my.yaml:11:43
   |
11 |   five: {webhook: {url: http://a, method: GET, template: {body: "[{{entries}}]", entry: "{{messag}} {{labels.x}}"}}}
   |                                           ^^^

error: `{{messag}}` is not a field of an entry
  --> my.yaml:11:90
   |
11 |   five: {webhook: {url: http://a, method: GET, template: {body: "[{{entries}}]", entry: "{{messag}} {{labels.x}}"}}}
   |                                                                                          ^^^^^^^^^^
   |
   = help: did you mean `{{message}}`?
"#,
    );
}
