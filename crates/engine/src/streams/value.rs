//! `value` behind `join`: arithmetic over the events of a row, each by the name of its place.

use event::View;

use super::events::Events;
use super::machine::Run;
use super::step::{Done, Passing, Signal, Unfit};
use crate::expression::Expression;

/// `join: {queries: {desired: Q1, running: Q2}, value: desired - running}`: the first event of the row, with this metric. A row in which
/// a place is empty has no value yet, and gives nothing.
#[derive(Clone, Debug)]
pub struct Value {
    /// The names of the places, in their order.
    pub names: Vec<String>,
    /// What the metric becomes; its fields are names of places, each worth the metric there.
    pub expression: Expression,
}

impl Passing for Value {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        let Signal::Many(row) = signal else { return Err(Unfit) };
        let mut events = row.iter();
        let (Some(first), true) = (events.next().flatten(), events.all(|event| event.is_some())) else { return Ok(()) };
        let metric = self.expression.evaluate(|field| self.place(field.name(), row)?.metric).ok_or(Unfit)?;
        run.emit_one(&View { metric: Some(metric), ..first })
    }
}

impl Value {
    fn place<'a>(&self, name: &str, row: &'a Events) -> Option<View<'a>> {
        self.names.iter().zip(row.iter()).find(|(known, _)| *known == name)?.1
    }
}
