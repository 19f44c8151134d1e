//! Entries and messages as JSON, for the snapshot and the outboxes. Only skep reads it.

use engine::rules::Said;
use engine::{Change, State};
use event::Timestamp;
use serde::{Deserialize, Serialize};

use super::entry::What;
use super::{Entry, Id, Kind, Letter};

/// An [`Entry`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    rule: String,
    instance: String,
    fields: Vec<(String, Option<String>)>,
    host: Option<String>,
    state: String,
    change: String,
    since: i64,
    value: Option<f64>,
    text: String,
    details: Option<String>,
    runbook: Option<String>,
    team: Option<String>,
    #[serde(default)]
    labels: Vec<(String, String)>,
    #[serde(default)]
    links: Vec<(String, String)>,
    thread: Option<String>,
}

/// A [`Letter`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LetterRecord {
    id: String,
    notifier: String,
    kind: String,
    at: i64,
    thread: Option<String>,
    n_more: u64,
    entries: Vec<Record>,
}

const CHANGES: [(Change, &str); 5] =
    [(Change::Opened, "opened"), (Change::Rose, "rose"), (Change::Fell, "fell"), (Change::Resolved, "resolved"), (Change::Gone, "gone")];

/// What happened, in one word.
pub(crate) fn change(change: Change) -> &'static str {
    CHANGES.iter().find(|(known, _)| *known == change).map_or("opened", |(_, word)| word)
}

impl From<&Entry> for Record {
    fn from(entry: &Entry) -> Self {
        let Said { details, runbook, team, labels, links } = entry.said.clone();
        Self {
            rule: entry.rule.clone(),
            instance: entry.instance.clone(),
            fields: entry.fields.clone(),
            host: entry.host.clone(),
            state: entry.state.as_str().to_owned(),
            change: change(entry.change).to_owned(),
            since: entry.since.micros(),
            value: entry.value,
            text: entry.text.clone(),
            details,
            runbook,
            team,
            labels,
            links,
            thread: entry.thread.map(|id| id.to_string()),
        }
    }
}

impl Record {
    /// `None` for what no version of skep wrote.
    pub(super) fn entry(self) -> Option<Entry> {
        let (change, _) = CHANGES.into_iter().find(|(_, word)| *word == self.change)?;
        let thread = self.thread.as_deref().and_then(Id::parse);
        let what = What {
            state: State::parse(&self.state)?,
            change,
            rule: self.rule,
            instance: self.instance,
            fields: self.fields,
            host: self.host,
            since: Timestamp::from_micros(self.since),
            value: self.value,
            text: self.text,
            said: Said { details: self.details, runbook: self.runbook, team: self.team, labels: self.labels, links: self.links },
        };
        Some(Entry { thread, ..what.into() })
    }
}

impl From<&Letter> for LetterRecord {
    fn from(letter: &Letter) -> Self {
        Self {
            id: letter.id.to_string(),
            notifier: letter.notifier.clone(),
            kind: letter.kind.as_str().to_owned(),
            at: letter.at.micros(),
            thread: letter.thread.map(|id| id.to_string()),
            n_more: letter.n_more,
            entries: letter.entries.iter().map(Record::from).collect(),
        }
    }
}

impl LetterRecord {
    /// `None` for what no version of skep wrote.
    pub(crate) fn letter(self) -> Option<Letter> {
        Some(Letter {
            id: Id::parse(&self.id)?,
            notifier: self.notifier,
            kind: Kind::parse(&self.kind)?,
            at: Timestamp::from_micros(self.at),
            thread: self.thread.as_deref().and_then(Id::parse),
            n_more: self.n_more,
            entries: self.entries.into_iter().map(Record::entry).collect::<Option<_>>()?,
        })
    }
}
