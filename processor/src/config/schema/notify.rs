//! The keys of notifiers.

use super::shape::{Key, ONE_OR_MORE, Shape, key};
use crate::notify::Preset;

use Shape::{Choice, Duration, Either, Flag, Map, Named, Query, SoManyPer, Template, Text, Texts};

/// A notifier.
pub(in super::super) const NOTIFIER: [Key; 12] = [
    key("mail", Map(&MAIL, &["to"]), "By mail."),
    key("webhook", Map(&WEBHOOK, &[]), "By a POST to a URL."),
    key("pagerduty", Map(&PAGERDUTY, &["routing_key_file"]), "By PagerDuty."),
    key("alertmanager", Map(&ALERTMANAGER, &["url"]), "By Prometheus' Alertmanager."),
    key("telegram", Map(&TELEGRAM, &["token_file", "chat"]), "By a bot of Telegram."),
    key("exec", Map(&EXEC, &["command"]), "By a program that gets JSON on its standard input."),
    key("group", Texts, "Entries with the same values of these fields make one message. Default: [alert]."),
    key("wait", Duration, "A group gathers so long from its first entry on. Default: 0s."),
    key("at_most", SoManyPer, "So many messages in so long, the rest as one digest: 5 per 1h."),
    key("repeat", Duration, "Told again after so long while something is open. Default: never, 1m with `alertmanager`."),
    key("only", Query, "Only entries that match: severity = \"page\"."),
    key("resolved", Flag, "Ends are told too. Default: true."),
];

/// `mail`.
pub(in super::super) const MAIL: [Key; 7] = [
    key("to", ONE_OR_MORE, "Addresses."),
    key("from", Text, "The sender's address. Default: skep@HOST."),
    key("smtp", Text, "HOST:PORT of the mail server. Default: 127.0.0.1:25."),
    key("tls", Choice(&["off", "starttls", "on"]), "Default: `on` for port 465, `starttls` for 587, else `off`."),
    key("user", Text, "Who logs in."),
    key("password_file", Text, "The file of that user's password."),
    key("ca_file", Text, "A file of certificates (PEM) that are trusted beside the usual ones."),
];

/// `webhook`.
pub(in super::super) const WEBHOOK: [Key; 9] = [
    key("url", Text, "Where to."),
    key("url_file", Text, "A file that holds the URL, where it is a secret."),
    key("headers", Named(&Either(&[Text, Map(&HEADER, &["file"])])), "Further headers: a text, or {file: PATH} for a secret."),
    key("template", Either(&[Choice(&Preset::NAMES), Map(&TEMPLATE, &[])]), "The form of its body. Default: json."),
    key("method", Choice(&["POST", "PUT", "PATCH"]), "Default: POST."),
    key("content_type", Text, "Of a body of one's own. Default: application/json."),
    key("user", Text, "Who logs in (basic authentication)."),
    key("password_file", Text, "The file of that user's password."),
    key("ca_file", Text, "A file of certificates (PEM) that are trusted beside the usual ones."),
];

/// A header of `webhook` whose value is a secret.
pub(in super::super) const HEADER: [Key; 1] = [key("file", Text, "The file that holds the value.")];

/// `template` of `webhook`.
pub(in super::super) const TEMPLATE: [Key; 3] = [
    key("preset", Choice(&Preset::NAMES), "The service that it is made for."),
    key("body", Template, "A body of one's own, with {{subject}}, {{state}}, {{entries}} and the like."),
    key("entry", Template, "What stands for each entry in place of {{entries}}."),
];

/// `pagerduty`.
pub(in super::super) const PAGERDUTY: [Key; 2] = [
    key("routing_key_file", Text, "The file of the service's integration key (Events API v2)."),
    key("url", Text, "Default: https://events.pagerduty.com/v2/enqueue."),
];

/// `alertmanager`.
pub(in super::super) const ALERTMANAGER: [Key; 1] = [key("url", Text, "Where it is: http://alertmanager:9093.")];

/// `telegram`.
pub(in super::super) const TELEGRAM: [Key; 3] = [
    key("token_file", Text, "The file of the bot's token."),
    key("chat", Text, "The chat's number, or @name."),
    key("url", Text, "Default: https://api.telegram.org."),
];

/// `exec`.
pub(in super::super) const EXEC: [Key; 2] = [
    key("command", Texts, "Path and arguments."),
    key("timeout", Duration, "It is killed, with all that it started, when it takes longer. Default: 10s."),
];
