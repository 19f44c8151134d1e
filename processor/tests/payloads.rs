//! What goes to services that cannot be had here, against JSON schemas written from their public documentation.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

use boon::{Compiler, Schemas};
use engine::rules::Said;
use engine::{Change, State};
use event::Timestamp;
use processor::notify::{Entry, Id, Kind, Letter, What, payload};
use serde_json::{Value, json};

fn entry(change: Change, state: State, secs: i64) -> Entry {
    Entry::from(What {
        rule: "cpu-high".to_owned(),
        instance: "n1".to_owned(),
        fields: vec![("host".to_owned(), Some("n1".to_owned()))],
        host: Some("n1".to_owned()),
        state,
        change,
        since: Timestamp::from_secs(secs),
        value: Some(97.0),
        text: "CPU at 97 % <&>".to_owned(),
        said: Said {
            runbook: Some("https://runbooks.example.org/cpu".to_owned()),
            details: Some("more".to_owned()),
            team: Some("web".to_owned()),
            labels: vec![("page".to_owned(), "yes".to_owned())],
            links: vec![("Graph 1".to_owned(), "https://graphs.example.org".to_owned())],
        },
    })
}

fn letter(kind: Kind, entries: Vec<Entry>) -> Letter {
    let at = Timestamp::from_secs(1000);
    Letter { id: Id::of_message("ops", kind, at, &entries), notifier: "ops".to_owned(), kind, at, thread: None, entries, n_more: 0 }
}

/// Short ones, long ones, ends.
fn letters() -> Vec<Letter> {
    let long = Entry::from(What { text: "äöü ".repeat(5000), ..What::clone(&entry(Change::Opened, State::Critical, 1)) });
    vec![
        letter(Kind::News, vec![entry(Change::Opened, State::Critical, 1)]),
        letter(Kind::News, vec![entry(Change::Resolved, State::Ok, 2)]),
        letter(Kind::Digest, vec![entry(Change::Opened, State::Warning, 3); 300]),
        letter(Kind::Reminder, vec![entry(Change::Rose, State::Info, 4), entry(Change::Gone, State::Expired, 5)]),
        letter(Kind::News, vec![long]),
    ]
}

#[track_caller]
fn check(schema: &Value, value: &Value) {
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("service.json", schema.clone()).unwrap();
    let index = compiler.compile("service.json", &mut schemas).unwrap();
    let told = schemas.validate(value, index).map_err(|error| format!("{error:#}\n{value:#}"));
    assert_eq!(told, Ok(()));
}

/// <https://developer.pagerduty.com/docs/send-alert-event>, Events API v2.
#[test]
fn pagerduty() {
    let link =
        json!({ "type": "object", "required": ["href"], "properties": { "href": { "type": "string" }, "text": { "type": "string" } } });
    let schema = json!({
        "type": "object",
        "required": ["routing_key", "event_action"],
        "additionalProperties": false,
        "properties": {
            "routing_key": { "type": "string", "minLength": 32, "maxLength": 32 },
            "event_action": { "enum": ["trigger", "acknowledge", "resolve"] },
            "dedup_key": { "type": "string", "maxLength": 255 },
            "client": { "type": "string" },
            "client_url": { "type": "string" },
            "links": { "type": "array", "items": link },
            "images": { "type": "array" },
            "payload": {
                "type": "object",
                "required": ["summary", "source", "severity"],
                "additionalProperties": false,
                "properties": {
                    "summary": { "type": "string", "minLength": 1, "maxLength": 1024 },
                    "source": { "type": "string", "minLength": 1 },
                    "severity": { "enum": ["critical", "warning", "error", "info"] },
                    "timestamp": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T" },
                    "component": { "type": "string" },
                    "group": { "type": "string" },
                    "class": { "type": "string" },
                    "custom_details": { "type": "object" },
                },
            },
        },
        "if": { "properties": { "event_action": { "const": "trigger" } } },
        "then": { "required": ["payload"] },
        "else": { "required": ["dedup_key"] },
    });
    let key = "0123456789abcdef0123456789abcdef";
    let events: Vec<Value> = letters().iter().flat_map(|letter| payload::events(letter, key)).collect();
    assert_eq!(events.len(), 305);
    events.iter().for_each(|event| check(&schema, event));
    assert_eq!(events[0]["dedup_key"], events[1]["dedup_key"], "an end resolves its opening");
}

/// <https://docs.slack.dev/reference/block-kit/blocks/section-block>
#[test]
fn slack() {
    let text = json!({
        "type": "object",
        "required": ["type", "text"],
        "properties": { "type": { "enum": ["mrkdwn", "plain_text"] }, "text": { "type": "string", "minLength": 1, "maxLength": 3000, "not": { "pattern": "[<>]" } } },
    });
    let section = json!({ "type": "object", "required": ["type", "text"], "properties": { "type": { "const": "section" }, "text": text } });
    let schema = json!({
        "type": "object",
        "required": ["text"],
        "properties": { "text": { "type": "string" }, "blocks": { "type": "array", "maxItems": 50, "items": section } },
    });
    letters().iter().for_each(|letter| check(&schema, &payload::slack(letter)));
}

/// <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>
#[test]
fn teams() {
    let block = json!({
        "type": "object",
        "required": ["type", "text"],
        "properties": {
            "type": { "const": "TextBlock" },
            "text": { "type": "string" },
            "wrap": { "type": "boolean" },
            "weight": { "enum": ["lighter", "default", "bolder"] },
            "color": { "enum": ["default", "dark", "light", "accent", "good", "warning", "attention"] },
            "fontType": { "enum": ["default", "monospace"] },
        },
    });
    let card = json!({
        "type": "object",
        "required": ["type", "version", "body"],
        "properties": { "type": { "const": "AdaptiveCard" }, "version": { "type": "string" }, "body": { "type": "array", "items": block } },
    });
    let attachment = json!({
        "type": "object",
        "required": ["contentType", "content"],
        "properties": { "contentType": { "const": "application/vnd.microsoft.card.adaptive" }, "content": card },
    });
    let schema = json!({
        "type": "object",
        "required": ["type", "attachments"],
        "properties": { "type": { "const": "message" }, "attachments": { "type": "array", "minItems": 1, "items": attachment } },
    });
    for letter in letters() {
        let card = payload::teams(&letter);
        check(&schema, &card);
        assert!(card.to_string().len() < 28 << 10, "Teams takes no more than 28 KB");
    }
}

/// <https://discord.com/developers/docs/resources/webhook#execute-webhook>, limits of embeds in
/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>
#[test]
fn discord() {
    let embed = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "title": { "type": "string", "maxLength": 256 },
            "description": { "type": "string", "maxLength": 4096 },
            "color": { "type": "integer", "minimum": 0, "maximum": 0xff_ff_ff },
        },
    });
    let schema = json!({
        "type": "object",
        "anyOf": [{ "required": ["content"] }, { "required": ["embeds"] }],
        "properties": {
            "content": { "type": "string", "maxLength": 2000 },
            "username": { "type": "string" },
            "embeds": { "type": "array", "maxItems": 10, "items": embed },
            "allowed_mentions": { "type": "object" },
        },
    });
    letters().iter().for_each(|letter| check(&schema, &payload::discord(letter)));
}

/// <https://docs.ntfy.sh/publish/#publish-as-json>
#[test]
fn ntfy() {
    let schema = json!({
        "type": "object",
        "required": ["topic"],
        "additionalProperties": false,
        "properties": {
            "topic": { "type": "string", "pattern": "^[-_A-Za-z0-9]{1,64}$" },
            "title": { "type": "string" },
            "message": { "type": "string" },
            "priority": { "type": "integer", "minimum": 1, "maximum": 5 },
            "tags": { "type": "array", "items": { "type": "string" } },
        },
    });
    for letter in letters() {
        let message = payload::ntfy(&letter, "ops");
        check(&schema, &message);
        assert!(message["message"].as_str().unwrap().len() <= 4096, "ntfy makes an attachment of more");
    }
}

/// <https://core.telegram.org/bots/api#sendmessage>
#[test]
fn telegram() {
    let schema = json!({
        "type": "object",
        "required": ["chat_id", "text"],
        "properties": {
            "chat_id": { "type": ["integer", "string"] },
            "text": { "type": "string", "minLength": 1, "maxLength": 4096 },
            "link_preview_options": { "type": "object", "properties": { "is_disabled": { "type": "boolean" } } },
        },
    });
    letters().iter().for_each(|letter| check(&schema, &payload::telegram(letter, "-100123")));
}

#[test]
fn an_alertmanager_is_told_that_other_levels_have_ended() {
    let levels = |letter: &Letter| {
        let alerts = payload::alerts(letter).into_iter();
        alerts
            .map(|alert| (alert["labels"]["level"].as_str().unwrap().to_owned(), alert["endsAt"] == alert["startsAt"]))
            .collect::<Vec<_>>()
    };
    let open = |level: &str| (level.to_owned(), false);
    let ended = |level: &str| (level.to_owned(), true);
    assert_eq!(levels(&letter(Kind::News, vec![entry(Change::Opened, State::Warning, 1)])), [open("warning")]);
    let rise = letter(Kind::News, vec![entry(Change::Rose, State::Critical, 1)]);
    assert_eq!(levels(&rise), [ended("info"), ended("warning"), open("critical")]);
    assert_eq!(levels(&letter(Kind::Reminder, rise.entries)), [open("critical")]);
    let end = letter(Kind::News, vec![entry(Change::Resolved, State::Ok, 1)]);
    assert_eq!(levels(&end), [ended("info"), ended("warning"), ended("critical")]);
}
