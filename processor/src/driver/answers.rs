//! Replies in Riemann's protocol.

use std::sync::Arc;

use bytes::Bytes;
use engine::Engine;
use engine::query::Query;
use event::{LabelsBuf, Timestamp, View, msg};
use transport::reply;

use super::request::Explained;
use crate::live::Hub;
use crate::quiet::Quiet;

/// Replies of one delivery; acknowledgements alone cost no memory.
pub(super) struct Answers {
    wanted: bool,
    n_acks: usize,
    mixed: Option<reply::Replies>,
}

impl Answers {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted, n_acks: 0, mixed: None }
    }

    pub(super) fn ack(&mut self) {
        match &mut self.mixed {
            Some(replies) => replies.ack(),
            None => self.n_acks += 1,
        }
    }

    pub(super) fn message(&mut self, msg: &[u8]) {
        let mut replies = self.mixed.take().unwrap_or_default();
        for _ in 0..std::mem::take(&mut self.n_acks) {
            replies.ack();
        }
        replies.message(msg);
        self.mixed = Some(replies);
    }

    pub(super) fn finish(self) -> Bytes {
        match self.mixed {
            Some(replies) => replies.finish(),
            None if self.wanted => reply::acks(self.n_acks),
            None => Bytes::new(),
        }
    }
}

/// A query's reply: every event of the index that matches; those of silenced alerts say by which silence.
pub(super) fn index(engine: &Engine, quiet: &Quiet, query: &Query) -> Vec<u8> {
    let mut encoder = msg::Encoder::new();
    encoder.ok(true);
    engine.query(query, |indexed| with_silence(quiet, &indexed.event, |event| encoder.answer(event)));
    encoder.bytes().to_vec()
}

/// Hands over an event as whoever asks is told it: that of a silenced alert says by which silence.
pub(super) fn with_silence<T>(quiet: &Quiet, event: &View<'_>, tell: impl FnOnce(&View<'_>) -> T) -> T {
    let Some(id) = quiet.silence_of(event) else { return tell(event) };
    let mut labels = LabelsBuf::new();
    event.labels.marks().for_each(|mark| _ = labels.mark(mark));
    event.labels.attributes().for_each(|(key, value)| _ = labels.attribute(key, value));
    labels.attribute(b"silenced", id.as_bytes());
    tell(&View { labels: labels.view(), ..*event })
}

/// Shows live clients the alerts once more: what silences them may be another than before.
pub(super) fn show_alerts(engine: &Engine, quiet: &Quiet, hub: &mut Hub) {
    if hub.is_idle() {
        return;
    }
    if let Ok(query) = Query::parse("alert != nil") {
        engine.query(&query, |indexed| with_silence(quiet, &indexed.event, |event| hub.show(&indexed.series, event)));
    }
}

/// An alert and those of its instances whose fields of `by` have these values; `None` when no alert of that name is on.
pub(super) fn explain(engine: &Engine, quiet: &Quiet, name: &str, fields: &[(String, String)], now: Timestamp) -> Option<Explained> {
    let plan = engine.plan();
    let by = &plan.alerts().find(|alert| alert.name == name)?.by;
    let is_it = |(field, value): &(String, String), values: &[Option<String>]| {
        by.iter().zip(values).any(|(known, found)| known == field && found.as_deref().unwrap_or("-") == value)
    };
    let instances = engine.facts(name, |values| fields.iter().all(|one| is_it(one, values)));
    let disabled = quiet.disabled(name).cloned();
    Some(Explained { now: now.max(engine.now()), plan: Arc::clone(plan), to: None, disabled, instances })
}

/// The reply to what failed.
pub(super) fn failure(text: &str) -> Vec<u8> {
    let mut encoder = msg::Encoder::new();
    encoder.ok(false);
    encoder.error(text);
    encoder.bytes().to_vec()
}

/// The reply to a query with mistakes: all of them, each with its place.
pub(super) fn mistakes(mistakes: &[engine::Mistake]) -> Vec<u8> {
    let line = |mistake: &engine::Mistake| {
        let help = mistake.help.as_deref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("at byte {}: {}{help}", mistake.span.start, mistake.message)
    };
    failure(&format!("parse error: {}", mistakes.iter().map(line).collect::<Vec<_>>().join("; ")))
}
