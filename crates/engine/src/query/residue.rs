//! Partial evaluation: what of a query is left once a series is known.

use event::{Labels, View};

use super::Query;
use super::evaluate;
use super::node::{Field, Node, Operand};
use super::text;

/// What is left of a query for the events of one series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Residue {
    /// No event of the series matches.
    Never,
    /// Every event of the series matches.
    Always,
    /// Those match that match this, which asks only for metric, state, time, ttl and description.
    Test(Query),
}

impl Residue {
    /// Whether an event of the series matches.
    #[inline]
    pub fn matches(&self, event: &View<'_>) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Test(query) => query.matches(event),
        }
    }
}

/// What all events of a series share.
pub(super) struct Parts<'a> {
    pub(super) host: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) labels: Labels<'a>,
}

pub(super) fn of(root: &Node, parts: &Parts<'_>) -> Residue {
    match reduce(root, parts) {
        Node::Const(true) => Residue::Always,
        Node::Const(false) => Residue::Never,
        root => Residue::Test(Query { root }),
    }
}

fn reduce(node: &Node, parts: &Parts<'_>) -> Node {
    match node {
        Node::Const(_) => node.clone(),
        Node::Not(inner) => match reduce(inner, parts) {
            Node::Const(value) => Node::Const(!value),
            inner => Node::Not(inner.into()),
        },
        Node::And(nodes) => joined(nodes, false, Node::and, parts),
        Node::Or(nodes) => joined(nodes, true, Node::or, parts),
        Node::Tagged(mark) => Node::Const(parts.labels.marks().any(|found| text::same(found, mark.as_bytes()))),
        Node::Has(field) if is_fixed(field) => Node::Const(evaluate::holds(node, &parts.view())),
        Node::Has(_) => node.clone(),
        Node::Equal(left, right) => compared(node, left, right, parts),
        Node::Unequal(left, right) => compared(node, left, right, parts),
        Node::Order(left, ..) | Node::Like(left, _) | Node::Search(left, _) if left.is_fixed() => {
            Node::Const(evaluate::holds(node, &parts.view()))
        }
        Node::Order(..) | Node::Like(..) | Node::Search(..) => node.clone(),
    }
}

/// Conditions of which one with the value `decides` decides all; those with the other value say nothing.
fn joined(nodes: &[Node], decides: bool, join: fn(Vec<Node>) -> Node, parts: &Parts<'_>) -> Node {
    let mut left = Vec::new();
    for node in nodes {
        match reduce(node, parts) {
            Node::Const(value) if value == decides => return Node::Const(decides),
            Node::Const(_) => {}
            node => left.push(node),
        }
    }
    join(left)
}

fn compared(node: &Node, left: &Operand, right: &Operand, parts: &Parts<'_>) -> Node {
    if left.is_fixed() && right.is_fixed() {
        return Node::Const(evaluate::holds(node, &parts.view()));
    }
    let make = if matches!(node, Node::Equal(..)) { Node::Equal } else { Node::Unequal };
    match (parts.literal(left), parts.literal(right)) {
        (Some(left), Some(right)) => make(left, right),
        // One side is the marks, the other is none of the series: never equal.
        _ => Node::Const(matches!(node, Node::Unequal(..))),
    }
}

impl Parts<'_> {
    /// An event of the series that has nothing else.
    fn view(&self) -> View<'_> {
        View { host: self.host.map(str::as_bytes), service: self.service.map(str::as_bytes), labels: self.labels, ..View::default() }
    }

    /// The operand with what is known of it put in; `None` for marks that are there, which no literal equals.
    fn literal(&self, operand: &Operand) -> Option<Operand> {
        let Operand::Field(field) = operand else { return Some(operand.clone()) };
        let text = |text: Option<&str>| text.map_or(Operand::Nil, |text| Operand::Text(text.into()));
        Some(match field {
            Field::Host => text(self.host),
            Field::Service => text(self.service),
            Field::Attribute(name) => text(self.labels.attribute(name.as_bytes()).map(String::from_utf8_lossy).as_deref()),
            Field::Tags if self.labels.marks().next().is_some() => return None,
            Field::Tags => Operand::Nil,
            Field::State | Field::Description | Field::Metric | Field::Time | Field::Ttl => operand.clone(),
        })
    }
}

impl Operand {
    /// The same for all events of a series.
    fn is_fixed(&self) -> bool {
        match self {
            Self::Nil | Self::Bool(_) | Self::Number(_) | Self::Text(_) => true,
            Self::Field(field) => is_fixed(field),
        }
    }
}

fn is_fixed(field: &Field) -> bool {
    match field {
        Field::Host | Field::Service | Field::Tags | Field::Attribute(_) => true,
        Field::State | Field::Description | Field::Metric | Field::Time | Field::Ttl => false,
    }
}
