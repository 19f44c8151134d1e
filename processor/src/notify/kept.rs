//! The state of all desks as JSON, for the snapshot. What an unknown version wrote is left out, not guessed.

use std::collections::BTreeMap;

use event::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use super::AtMost;
use super::desk::{Desk, Group, Key};
use super::limit::{Limit, Window};
use super::line::who;
use super::record::Record;

#[derive(Debug, Serialize, Deserialize)]
struct DeskRecord {
    pending: Vec<(Key, Record)>,
    groups: Vec<GroupRecord>,
    told: Vec<(Key, Record)>,
    limit: Option<LimitRecord>,
    #[serde(default)]
    parked: Vec<Record>,
    #[serde(default)]
    look: Option<i64>,
    #[serde(default)]
    ends: Vec<Record>,
}

#[derive(Debug, Serialize, Deserialize)]
struct GroupRecord {
    key: Key,
    due: Option<i64>,
    last: Option<i64>,
    n_more: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct LimitRecord {
    count: u64,
    per: i64,
    window: Option<WindowRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WindowRecord {
    ends: i64,
    n_sent: u64,
    held: Vec<Record>,
    n_more: u64,
}

/// Appends the desks under their notifiers' names.
pub(super) fn save<'a>(desks: impl Iterator<Item = (&'a str, &'a Desk)>, out: &mut Vec<u8>) {
    let records: BTreeMap<&str, DeskRecord> = desks.map(|(name, desk)| (name, desk.into())).collect();
    if let Err(error) = serde_json::to_writer(out, &records) {
        // All its keys are texts and the writer is memory.
        tracing::error!("the state of the notifiers could not be written down: {error}");
    }
}

/// The desks that were saved.
pub(super) fn restore(saved: &[u8]) -> BTreeMap<String, Desk> {
    if saved.is_empty() {
        return BTreeMap::new();
    }
    match serde_json::from_slice::<BTreeMap<String, DeskRecord>>(saved) {
        Ok(records) => records.into_iter().map(|(name, record)| (name, record.desk())).collect(),
        Err(error) => {
            tracing::warn!("what the notifiers had told cannot be taken up ({error}); they begin anew");
            BTreeMap::new()
        }
    }
}

fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::micros)
}

impl From<&Desk> for DeskRecord {
    fn from(desk: &Desk) -> Self {
        let group = |(key, group): (&Key, &Group)| GroupRecord {
            key: key.clone(),
            due: micros(group.due),
            last: micros(group.last),
            n_more: group.n_more,
        };
        Self {
            pending: desk.pending.iter().map(|(key, entry)| (key.clone(), entry.into())).collect(),
            groups: desk.groups.iter().map(group).collect(),
            told: desk.told.values().map(|(key, entry)| (key.clone(), entry.into())).collect(),
            limit: desk.limit.as_ref().map(LimitRecord::from),
            parked: desk.parked.values().map(Record::from).collect(),
            look: micros(desk.look),
            ends: desk.ends.iter().map(Record::from).collect(),
        }
    }
}

impl From<&Limit> for LimitRecord {
    fn from(limit: &Limit) -> Self {
        let window = limit.window.as_ref().map(|window| WindowRecord {
            ends: window.ends.micros(),
            n_sent: window.n_sent,
            held: window.held.iter().map(|((), entry)| entry.into()).collect(),
            n_more: window.n_more,
        });
        Self { count: limit.at_most.count, per: limit.at_most.per.micros(), window }
    }
}

impl DeskRecord {
    fn desk(self) -> Desk {
        let entries = |records: Vec<(Key, Record)>| records.into_iter().filter_map(|(key, record)| Some((key, record.entry()?)));
        let group = |record: GroupRecord| {
            let (due, last) = (record.due.map(Timestamp::from_micros), record.last.map(Timestamp::from_micros));
            (record.key, Group::new(due, last, record.n_more))
        };
        let desk = Desk::of_groups(self.groups.into_iter().map(group), entries(self.pending), entries(self.told));
        Desk {
            limit: self.limit.map(LimitRecord::limit),
            parked: self.parked.into_iter().filter_map(Record::entry).map(|entry| (who(&entry), entry)).collect(),
            ends: self.ends.into_iter().filter_map(Record::entry).collect(),
            look: self.look.map(Timestamp::from_micros),
            // Its notifier says so when it takes the desk over.
            owes_ends: false,
            ..desk
        }
    }
}

impl LimitRecord {
    fn limit(self) -> Limit {
        let mut limit = Limit::new(AtMost { count: self.count, per: Duration::from_micros(self.per) });
        limit.window = self.window.map(|window| Window {
            ends: Timestamp::from_micros(window.ends),
            n_sent: window.n_sent,
            held: window.held.into_iter().filter_map(Record::entry).map(|entry| ((), entry)).collect(),
            n_more: window.n_more,
        });
        limit
    }
}
