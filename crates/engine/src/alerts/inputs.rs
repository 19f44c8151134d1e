//! `join`: the latest event of each of a few queries, and arithmetic over their numbers.

use event::{Duration, Metric, Timestamp, View};

use super::Arrival;
use super::members::Gone;
use crate::rules::instance::NEVER;
use crate::rules::measure::Join;
use crate::snapshot::{Reader, SnapshotError, Writer};

/// The inputs of an instance, in the order of the rule's queries.
#[derive(Debug, Default)]
pub(crate) struct Inputs(Vec<Input>);

#[derive(Clone, Copy, Debug)]
struct Input {
    metric: Option<Metric>,
    /// [`NEVER`]: none came yet.
    deadline: Timestamp,
}

impl Inputs {
    pub(super) fn new(join: &Join) -> Self {
        Self(vec![Input { metric: None, deadline: NEVER }; join.inputs.len()])
    }

    /// Takes an event in wherever it matches.
    pub(super) fn push(&mut self, join: &Join, event: &View<'_>, arrival: Arrival) {
        for ((_, query), input) in join.inputs.iter().zip(&mut self.0) {
            if query.matches(event) {
                *input = Input { metric: event.metric, deadline: arrival.deadline };
            }
        }
    }

    /// A series that is an input ended.
    pub(super) fn end(&mut self, join: &Join, event: &View<'_>, now: Timestamp) {
        for ((_, query), input) in join.inputs.iter().zip(&mut self.0) {
            if query.matches(event) && input.deadline != NEVER {
                input.deadline = input.deadline.min(now);
            }
        }
    }

    /// What the arithmetic gives; `Err`: an input is gone. Nothing can be said before all of them came.
    pub(super) fn read_at(&self, join: &Join, now: Timestamp) -> Result<Option<f64>, Gone> {
        if self.0.iter().any(|input| now >= input.deadline) {
            return Err(Gone);
        }
        if self.0.iter().any(|input| input.deadline == NEVER) {
            return Ok(None);
        }
        Ok(join.value.evaluate(|field| self.named(join, field.name())).map(Metric::as_f64))
    }

    /// The number of an input.
    pub(super) fn named(&self, join: &Join, name: &str) -> Option<Metric> {
        let at = join.inputs.iter().position(|(known, _)| known == name)?;
        self.0.get(at)?.metric
    }

    pub(super) fn next_look(&self, now: Timestamp) -> Timestamp {
        self.0.iter().map(|input| input.deadline).filter(|&deadline| deadline > now).min().unwrap_or(NEVER)
    }

    /// None of those that came still counts.
    pub(super) fn is_empty(&self, now: Timestamp) -> bool {
        self.0.iter().all(|input| input.deadline == NEVER || now >= input.deadline)
    }

    pub(super) fn on_gap(&mut self, by: Duration) {
        self.0.iter_mut().for_each(|input| input.deadline = input.deadline + by);
    }

    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        writer.u32(self.0.len() as u32);
        for input in &self.0 {
            writer.metric(input.metric);
            writer.time(input.deadline);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let n = reader.count()?;
        (0..n).map(|_| Ok(Input { metric: reader.metric()?, deadline: reader.time()? })).collect::<Result<_, _>>().map(Self)
    }
}
