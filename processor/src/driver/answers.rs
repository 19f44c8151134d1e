//! Replies in Riemann's protocol.

use bytes::Bytes;
use engine::Engine;
use engine::query::Query;
use event::msg;
use transport::reply;

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

/// A query's reply: every event of the index that matches.
pub(super) fn index(engine: &Engine, query: &Query) -> Vec<u8> {
    let mut encoder = msg::Encoder::new();
    encoder.ok(true);
    engine.query(query, |indexed| encoder.answer(&indexed.event));
    encoder.bytes().to_vec()
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
