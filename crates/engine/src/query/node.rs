//! The tree of a query. Cheap to clone: what is large is shared.

use std::sync::Arc;

use super::like::Like;
use super::number::Number;
use super::pattern::Pattern;

/// A condition. `And` and `Or` hold two or more conditions, none of their own kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Const(bool),
    Not(Arc<Node>),
    And(Arc<[Node]>),
    Or(Arc<[Node]>),
    /// A bare field: neither missing nor false.
    Has(Field),
    Equal(Operand, Operand),
    Unequal(Operand, Operand),
    Order(Operand, Order, Number),
    Like(Operand, Like),
    Search(Operand, Pattern),
    Tagged(Arc<str>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operand {
    Nil,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    Field(Field),
}

/// What an operand may name in an event. An attribute that is called like a field is never used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// `host`
    Host,
    /// `service`
    Service,
    /// `state`
    State,
    /// `description`
    Description,
    /// `metric`
    Metric,
    /// `time`, in seconds since 1970.
    Time,
    /// `ttl`, in seconds.
    Ttl,
    /// Riemann's `tags`, our marks.
    Tags,
    /// Any other name.
    Attribute(Arc<str>),
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Field {
    /// The field of this name; any name that is no field of its own is an attribute's.
    pub fn named(name: &str) -> Self {
        match name {
            "host" => Self::Host,
            "service" => Self::Service,
            "state" => Self::State,
            "description" => Self::Description,
            "metric" => Self::Metric,
            "time" => Self::Time,
            "ttl" => Self::Ttl,
            "tags" => Self::Tags,
            _ => Self::Attribute(name.into()),
        }
    }

    /// As queries name it.
    pub fn name(&self) -> &str {
        match self {
            Self::Host => "host",
            Self::Service => "service",
            Self::State => "state",
            Self::Description => "description",
            Self::Metric => "metric",
            Self::Time => "time",
            Self::Ttl => "ttl",
            Self::Tags => "tags",
            Self::Attribute(name) => name,
        }
    }
}

impl Order {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    #[inline]
    pub(crate) fn holds(self, left: Number, right: Number) -> bool {
        let Some(order) = left.compare(right) else { return false };
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Node {
    /// All must hold; conditions that are themselves joined by `and` are taken in.
    pub(crate) fn and(nodes: Vec<Self>) -> Self {
        join(nodes, Self::And, |node| if let Self::And(inner) = node { Some(inner) } else { None }, true)
    }

    /// One must hold; as [`Node::and`].
    pub(crate) fn or(nodes: Vec<Self>) -> Self {
        join(nodes, Self::Or, |node| if let Self::Or(inner) = node { Some(inner) } else { None }, false)
    }

    /// Adds the texts that a field is compared with.
    pub(crate) fn texts_of<'a>(&'a self, field: &Field, found: &mut Vec<&'a str>) {
        match self {
            Self::Not(node) => node.texts_of(field, found),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(|node| node.texts_of(field, found)),
            Self::Equal(left, right) | Self::Unequal(left, right) => match (left, right) {
                (Operand::Field(of), Operand::Text(text)) | (Operand::Text(text), Operand::Field(of)) if of == field => found.push(text),
                _ => {}
            },
            Self::Const(_) | Self::Has(_) | Self::Order(..) | Self::Like(..) | Self::Search(..) | Self::Tagged(_) => {}
        }
    }

    /// Adds the fields that are named and not there yet.
    pub(crate) fn fields<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Const(_) => {}
            Self::Not(node) => node.fields(found),
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(|node| node.fields(found)),
            Self::Has(field) => add(field, found),
            Self::Equal(left, right) | Self::Unequal(left, right) => {
                left.field(found);
                right.field(found);
            }
            Self::Order(left, ..) | Self::Like(left, _) | Self::Search(left, _) => left.field(found),
            Self::Tagged(_) => add(&Field::Tags, found),
        }
    }
}

impl Operand {
    fn field<'a>(&'a self, found: &mut Vec<&'a str>) {
        if let Self::Field(field) = self {
            add(field, found);
        }
    }
}

fn add<'a>(field: &'a Field, found: &mut Vec<&'a str>) {
    if !found.contains(&field.name()) {
        found.push(field.name());
    }
}

/// Joins conditions; none at all is `empty`, one alone is itself.
fn join(nodes: Vec<Node>, make: fn(Arc<[Node]>) -> Node, inner: fn(&Node) -> Option<&Arc<[Node]>>, empty: bool) -> Node {
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match inner(&node) {
            Some(nodes) => flat.extend(nodes.iter().cloned()),
            None => flat.push(node),
        }
    }
    match flat.len() {
        0 => Node::Const(empty),
        1 => flat.pop().unwrap_or(Node::Const(empty)),
        _ => make(flat.into()),
    }
}
