//! A finished message, as it waits in an outbox and goes out.

use std::fmt::Write as _;

use engine::Change;
use event::Timestamp;

use super::{Entry, Id, Kind};

/// What is sent, by whatever way.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The same after a restart, so that whoever gets it twice can tell.
    pub id: Id,
    /// The notifier's name.
    pub notifier: String,
    /// Why.
    pub kind: Kind,
    /// When it was made.
    pub at: Timestamp,
    /// The message that told of the opening of what it is about.
    pub thread: Option<Id>,
    /// What it tells, in the order in which it happened.
    pub entries: Vec<Entry>,
    /// Entries that found no room: counted only.
    pub n_more: u64,
}

/// Entries that a text names one by one; further ones are counted there.
const MAX_NAMED: usize = 100;

impl Letter {
    /// One line: `CRITICAL cpu-high n1: CPU at 97 %`, `3 changes of cpu-high: 2 opened, 1 resolved`.
    pub fn subject(&self) -> String {
        let subject = match (self.entries.as_slice(), self.n_more) {
            ([one], 0) => format!("{} {}: {}", headline(one), name(one), one.text),
            (entries, n_more) => summary(entries, n_more),
        };
        let head = match self.kind {
            Kind::News | Kind::End => "",
            Kind::Digest => "Digest: ",
            Kind::Reminder => "Still open: ",
            Kind::Test => "Test: ",
        };
        let line: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        format!("{head}{line}")
    }

    /// Every entry with what there is to know of it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for entry in self.entries.iter().take(MAX_NAMED) {
            paragraph(entry, &mut text);
        }
        let n_more = self.n_more + self.entries.len().saturating_sub(MAX_NAMED) as u64;
        if n_more > 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "… and {n_more} more");
        }
        text
    }

    /// The worst of what it tells; [`engine::State::Ok`] when all has ended.
    pub fn worst(&self) -> engine::State {
        self.entries.iter().map(|entry| entry.state).max().unwrap_or_default()
    }
}

/// `CRITICAL`, `RESOLVED`, `GONE`.
pub(super) fn headline(entry: &Entry) -> String {
    match entry.change {
        Change::Opened | Change::Rose | Change::Fell => entry.state.as_str().to_uppercase(),
        Change::Resolved => "RESOLVED".to_owned(),
        Change::Gone => "GONE".to_owned(),
    }
}

/// `cpu-high n1`.
pub(super) fn name(entry: &Entry) -> String {
    if entry.instance.is_empty() { entry.rule.clone() } else { format!("{} {}", entry.rule, entry.instance) }
}

fn summary(entries: &[Entry], n_more: u64) -> String {
    let mut rules: Vec<&str> = entries.iter().map(|entry| entry.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let about = match rules.as_slice() {
        [] => String::new(),
        [first, second, third, _, ..] => format!(" of {first}, {second}, {third} …"),
        few => format!(" of {}", few.join(", ")),
    };
    let count = |change| entries.iter().filter(|entry| entry.change == change).count();
    let changes = [Change::Opened, Change::Rose, Change::Fell, Change::Resolved, Change::Gone];
    let counts = changes.map(|change| (count(change), super::record::change(change)));
    let words: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    format!("{} changes{about}: {}", entries.len() as u64 + n_more, words.join(", "))
}

fn paragraph(entry: &Entry, text: &mut String) {
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    line(format!("{} {}", headline(entry), name(entry)));
    line(format!("  {}", entry.text));
    line(format!("  since {}", entry.since));
    if let Some(value) = entry.value {
        line(format!("  value {value}"));
    }
    let said = &entry.said;
    for (word, what) in [("team", &said.team), ("runbook", &said.runbook)] {
        if let Some(what) = what {
            line(format!("  {word} {what}"));
        }
    }
    for (title, address) in said.links.iter().chain(&said.labels) {
        line(format!("  {title}: {address}"));
    }
    for detail in said.details.iter().flat_map(|details| details.lines()) {
        line(format!("  {detail}"));
    }
    line(String::new());
}
