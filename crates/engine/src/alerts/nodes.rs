//! The nodes of the swarm, as its leader lists them, for rules that expect one instance of each.
//!
//! A node is on the list from the first event about it, until an event with state `expired` says that it was taken off, or until the list has
//! been told for a minute without it. While nobody tells the list (no leader, a leader that changes) nobody leaves it.

use std::collections::BTreeMap;

use event::{Duration, Timestamp, View};

use super::{Alerts, Out};
use crate::rules::Expect;
use crate::rules::own::node_of;
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::{Cause, Effects, State};

/// A node that the list was told without for so long is not on it; and a list that nobody told for so long begins anew.
const FORGOTTEN: Duration = Duration::from_secs(60);

const SECOND: i64 = 1_000_000;

/// Nodes that are kept; a swarm has some hundreds.
const MAX_NODES: usize = 10_000;

/// Who is on the list.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    /// And when it was last told.
    told_at: BTreeMap<String, Timestamp>,
    /// Since when the list is told without a pause.
    told_since: Timestamp,
    /// When it was last told.
    last: Timestamp,
}

impl Nodes {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.told_at.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.told_at.contains_key(name)
    }

    /// A node is on the list; says whether it is new, and gives those that are not on it any more.
    fn tell(&mut self, name: &str, now: Timestamp) -> (bool, Vec<String>) {
        if now - self.last >= FORGOTTEN {
            self.told_since = now;
        }
        // A look at all of them with the first of each second, not with each of a long list.
        let is_first = now.micros().div_euclid(SECOND) != self.last.micros().div_euclid(SECOND);
        self.last = now;
        let has_room = self.told_at.len() < MAX_NODES;
        let is_new = match self.told_at.get_mut(name) {
            Some(told_at) => {
                *told_at = now;
                false
            }
            None if has_room => self.told_at.insert(name.to_owned(), now).is_none(),
            None => false,
        };
        let mut left = Vec::new();
        if is_first && now - self.told_since >= FORGOTTEN {
            let is_left = |told_at: Timestamp| now - told_at >= FORGOTTEN;
            if self.told_at.values().any(|told_at| is_left(*told_at)) {
                left = self.told_at.extract_if(.., |_, told_at| is_left(*told_at)).map(|(name, _)| name).collect();
            }
        }
        (is_new, left)
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.told_since);
        writer.time(self.last);
        writer.u32(self.told_at.len() as u32);
        for (name, told_at) in &self.told_at {
            writer.str(name);
            writer.time(*told_at);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (told_since, last) = (reader.time()?, reader.time()?);
        let n = reader.count()?;
        let told_at = (0..n).map(|_| Ok((reader.string()?, reader.time()?))).collect::<Result<_, SnapshotError>>()?;
        Ok(Self { told_at, told_since, last })
    }
}

impl Alerts {
    /// The leader lists a node.
    pub(super) fn hear_of_node<F: Effects>(&mut self, event: &View<'_>, now: Timestamp, out: &mut Out<'_, F>) {
        let Some(name) = node_of(event) else { return };
        let (is_new, left) = self.nodes.tell(name, now);
        for name in left {
            self.give_up(&name, now, out);
        }
        if !is_new {
            return;
        }
        let values = [name.to_owned()];
        for (rule, known) in (0..).zip(out.plan.rules()).filter(|(_, known)| known.alert.expect == Expect::SwarmNodes) {
            self.expect(rule, known, &values, now, out);
        }
    }

    /// The leader says that a node was taken off the list.
    pub(crate) fn node_left<F: Effects>(&mut self, event: &View<'_>, now: Timestamp, out: &mut Out<'_, F>) {
        if let Some(name) = node_of(event)
            && self.nodes.told_at.remove(name).is_some()
        {
            self.give_up(name, now, out);
        }
    }

    /// Nobody expects a node any more: its instances end where it was never heard of, or is not heard of now.
    fn give_up<F: Effects>(&mut self, name: &str, now: Timestamp, out: &mut Out<'_, F>) {
        let rules = (0..).zip(out.plan.rules()).filter(|(_, known)| known.alert.expect == Expect::SwarmNodes);
        let rules: Vec<u32> = rules.map(|(rule, _)| rule).collect();
        let is_over = |instance: &crate::rules::instance::Instance| {
            let is_its = matches!(instance.texts.values.as_slice(), [Some(value)] if value == name);
            is_its && rules.contains(&instance.rule) && (!instance.was_seen || now >= instance.absent_at)
        };
        let ids: Vec<u32> = self.instances.iter().filter(|(_, instance)| is_over(instance)).map(|(id, _)| id).collect();
        for id in ids {
            if self.instances.get(id).is_some_and(|instance| instance.state.is_open()) {
                self.change(id, State::Expired, Cause::Expired, now, out);
            }
            self.remove(id);
        }
    }
}
