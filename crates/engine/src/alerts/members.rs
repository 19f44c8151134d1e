//! `across`: the latest event of each member of an instance.

use event::{Duration, Metric, Timestamp, View};

use super::Arrival;
use crate::rules::measure::{self, Across};
use crate::rules::{instance::NEVER, naming};
use crate::snapshot::{Reader, SnapshotError, Writer};
use crate::streams::Gathered;

/// Members of one instance; events of further ones are dropped and counted.
const MAX_MEMBERS: usize = 10_000;

/// The members, in the order of their keys.
#[derive(Debug, Default)]
pub(crate) struct Members {
    members: Vec<Member>,
    /// The last one left, which one look has seen.
    was_emptied: bool,
    /// Kept for its memory.
    key: String,
}

#[derive(Debug)]
struct Member {
    /// The values of the fields, escaped and joined.
    key: String,
    metric: Option<Metric>,
    deadline: Timestamp,
}

impl Members {
    /// Takes an event in; `false`: there is no room for its member.
    pub(super) fn push(&mut self, across: &Across, event: &View<'_>, arrival: Arrival) -> bool {
        self.was_emptied = false;
        naming::write_key(&mut self.key, &across.fields, event);
        match self.place() {
            Ok(at) => {
                if let Some(member) = self.members.get_mut(at) {
                    (member.metric, member.deadline) = (event.metric, arrival.deadline);
                }
            }
            Err(_) if self.members.len() >= MAX_MEMBERS => return false,
            Err(at) => {
                let member = Member { key: self.key.clone(), metric: event.metric, deadline: arrival.deadline };
                self.members.insert(at, member);
            }
        }
        true
    }

    fn place(&self) -> Result<usize, usize> {
        self.members.binary_search_by(|member| member.key.as_str().cmp(&self.key))
    }

    /// The series of a member ended.
    pub(super) fn end(&mut self, across: &Across, event: &View<'_>, now: Timestamp) {
        naming::write_key(&mut self.key, &across.fields, event);
        if let Some(member) = self.place().ok().and_then(|at| self.members.get_mut(at)) {
            member.deadline = member.deadline.min(now);
        }
    }

    /// What is taken of the members that are left; `Err`: all are gone, and a look has seen that already where nothing is a number.
    pub(super) fn read_at(&mut self, across: &Across, now: Timestamp, gathered: &mut Gathered) -> Result<Option<f64>, Gone> {
        self.members.retain(|member| now < member.deadline);
        if !self.members.is_empty() {
            return Ok(gathered.take(&across.take, self.members.iter().map(|member| member.metric), now));
        }
        match measure::of_nothing(&across.take) {
            Some(nothing) if !std::mem::replace(&mut self.was_emptied, true) => Ok(Some(nothing)),
            _ => Err(Gone),
        }
    }

    pub(super) fn next_look(&self, across: &Across, now: Timestamp) -> Timestamp {
        match self.members.iter().map(|member| member.deadline).min() {
            Some(first) => across.every.look(first, now),
            None if self.was_emptied && measure::of_nothing(&across.take).is_some() => across.every.look(now, now),
            None => NEVER,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn on_gap(&mut self, by: Duration) {
        self.members.iter_mut().for_each(|member| member.deadline = member.deadline + by);
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.bool(self.was_emptied);
        writer.u32(self.members.len() as u32);
        for member in &self.members {
            writer.str(&member.key);
            writer.metric(member.metric);
            writer.time(member.deadline);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let was_emptied = reader.bool()?;
        let n = reader.count()?;
        let member = |_| Ok(Member { key: reader.string()?, metric: reader.metric()?, deadline: reader.time()? });
        let members = (0..n).map(member).collect::<Result<_, SnapshotError>>()?;
        Ok(Self { members, was_emptied, key: String::new() })
    }
}

/// Nothing is left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gone;
