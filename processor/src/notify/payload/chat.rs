//! Chats and phones: a line in front, then the entries, cut to what each service takes.

use engine::State;
use serde_json::{Value, json};

use crate::notify::Letter;

/// Slack shortens blocks beyond 3000 characters.
const MAX_SLACK: usize = 2900;
/// Discord refuses descriptions beyond 4096 characters.
const MAX_DISCORD: usize = 4000;
/// Telegram refuses messages beyond 4096 characters.
const MAX_TELEGRAM: usize = 4000;
/// ntfy makes an attachment of messages beyond 4096 bytes.
const MAX_NTFY: usize = 1000;
/// Teams refuses messages beyond 28 KB.
const MAX_TEAMS: usize = 8000;

/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>
pub fn slack(letter: &Letter) -> Value {
    let section = |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    let subject = escape(&letter.subject());
    let body = cut(&escape(&letter.text()), MAX_SLACK);
    json!({ "text": subject, "blocks": [section(format!("*{subject}*")), section(format!("```{body}```"))] })
}

/// <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>
pub fn teams(letter: &Letter) -> Value {
    let style = match letter.worst() {
        State::Critical => "attention",
        State::Warning => "warning",
        State::Info => "accent",
        State::Ok | State::Expired => "good",
    };
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            { "type": "TextBlock", "text": letter.subject(), "weight": "bolder", "wrap": true, "color": style },
            { "type": "TextBlock", "text": cut(&letter.text(), MAX_TEAMS), "wrap": true, "fontType": "monospace" },
        ],
    });
    json!({ "type": "message", "attachments": [{ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card }] })
}

/// <https://discord.com/developers/docs/resources/webhook#execute-webhook>
pub fn discord(letter: &Letter) -> Value {
    let colour = match letter.worst() {
        State::Critical => 0xd0_31_2d,
        State::Warning => 0xe8_8e_1a,
        State::Info => 0x3a_78_c9,
        State::Ok | State::Expired => 0x2e_9e_5b,
    };
    let embed = json!({ "title": cut(&letter.subject(), 250), "description": cut(&letter.text(), MAX_DISCORD), "color": colour });
    json!({ "username": "skep", "embeds": [embed], "allowed_mentions": { "parse": [] } })
}

/// <https://docs.ntfy.sh/publish/#publish-as-json>
pub fn ntfy(letter: &Letter, topic: &str) -> Value {
    let (priority, tag) = match letter.worst() {
        State::Critical => (5, "rotating_light"),
        State::Warning => (4, "warning"),
        State::Info => (3, "information_source"),
        State::Ok | State::Expired => (3, "white_check_mark"),
    };
    json!({ "topic": topic, "title": letter.subject(), "message": cut(&letter.text(), MAX_NTFY), "priority": priority, "tags": [tag] })
}

/// <https://core.telegram.org/bots/api#sendmessage>
pub fn telegram(letter: &Letter, chat: &str) -> Value {
    let text = cut(&format!("{}\n\n{}", letter.subject(), letter.text()), MAX_TELEGRAM);
    json!({ "chat_id": chat, "text": text, "link_preview_options": { "is_disabled": true } })
}

/// The three characters that Slack gives a meaning to.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The first characters, with a sign that there was more.
fn cut(text: &str, max: usize) -> String {
    let text = text.trim_end();
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
