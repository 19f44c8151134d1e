//! `join` and `value` of an alert: named queries, and arithmetic over their names.

use engine::expression::Expression;
use engine::query::Query;
use engine::rules::{Join, Measure};

use super::alert::Slot;
use super::reader::Fields;
use super::report::Report;
use super::source::Place;
use super::{streams, values};

/// What a file says of it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawJoin {
    join: Slot<Vec<(String, Query)>>,
    value: Slot<RawValue>,
}

/// Arithmetic, and the places of the names in it.
#[derive(Clone, Debug)]
struct RawValue {
    expression: Expression,
    names: Vec<(String, Place)>,
}

impl RawJoin {
    pub(super) fn read(fields: &Fields<'_>, report: &mut Report) -> Self {
        Self {
            join: Slot::read(fields.get("join"), |node| streams::named_queries("`join`", node, report)),
            value: Slot::read(fields.get("value"), |node| {
                let expression = values::expression("value", node, report)?;
                let names = expression.fields().map(|(field, span)| (field.name().to_owned(), node.part(&span))).collect();
                Some(RawValue { expression, names })
            }),
        }
    }

    pub(super) fn over(self, earlier: Self) -> Self {
        Self { join: self.join.over(earlier.join), value: self.value.over(earlier.value) }
    }

    pub(super) fn is_missing(&self) -> bool {
        self.join.is_missing()
    }

    pub(super) fn place(&self) -> Option<&Place> {
        self.join.place()
    }

    /// Names and queries.
    pub(super) fn inputs(&self) -> &[(String, Query)] {
        self.join.value().map_or(&[], Vec::as_slice)
    }

    /// `value` stands alone: an error.
    pub(super) fn is_unneeded(&self, report: &mut Report) -> bool {
        if let Some(place) = self.value.place() {
            let help = "write what its names stand for: `join: {desired: service = \"a\", running: service = \"b\"}`";
            report.error(place, "`value` stands beside `join` only").help(help);
            return false;
        }
        true
    }

    pub(super) fn checked(&self, report: &mut Report) -> Option<Measure> {
        let place = self.join.place()?;
        let inputs = self.inputs();
        if inputs.is_empty() {
            report.error(place, "`join` has no query").help("write `join: {desired: service = \"a\", running: service = \"b\"}`");
            return None;
        }
        if self.value.is_missing() {
            let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
            let help = format!("write which number they make: `value: {}`", names.join(" - "));
            report.error(place, "`join` needs `value`").help(help);
            return None;
        }
        let value = self.value.value()?;
        let names: Vec<String> = inputs.iter().map(|(name, _)| name.clone()).collect();
        let mut are_known = true;
        for (name, place) in value.names.iter().filter(|(name, _)| !names.contains(name)) {
            streams::no_input(name, place, &names, report);
            are_known = false;
        }
        are_known.then(|| Measure::Join(Join { inputs: inputs.to_vec(), value: value.expression.clone() }))
    }
}
