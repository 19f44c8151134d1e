//! The query language: Riemann's, made strict, for rules, the wire, the query box and silences alike.
//!
//! [`Query::parse`] reads a text and reports every mistake in it; [`Query::matches`] asks one event; [`Query::residue`] decides once per
//! series what can be decided once, so that a rule costs only what is left. Evaluation allocates nothing.

mod evaluate;
mod lexer;
mod like;
mod literals;
pub(crate) mod mistakes;
mod node;
mod number;
mod parser;
mod pattern;
mod print;
mod residue;
mod text;

use std::fmt;
use std::ops::Range;

use event::{Labels, View};

use crate::Mistake;

pub use node::{Field, Order};
pub use residue::Residue;
pub use text::quoted;

use node::Node;

/// Longest text of a query in bytes; a longer one is a mistake. It holds an `or` of two thousand hosts.
pub const MAX_BYTES: usize = 64 << 10;
/// How deep parentheses and `not` may nest; reading and evaluating recurse so deep and no deeper.
pub const MAX_DEPTH: usize = 64;
/// Regular expressions in one query; each costs memory and time to compile, and any client may send a query.
pub const MAX_PATTERNS: usize = 64;

/// A query, checked, its regular expressions compiled. Cheap to clone; equal when the canonical texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Query {
    root: Node,
}

/// A query and what its text tells besides.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The query.
    pub query: Query,
    /// Every field that is named, with its place, in the order of the text.
    pub fields: Vec<(String, Range<usize>)>,
    /// What is legal and means what Riemann means by it, yet is hardly what its writer wants: `=~` with a regular expression.
    pub suspicions: Vec<Mistake>,
}

impl Parsed {
    /// Reads a query together with what its text tells besides.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        parser::parse(text)
    }

    /// The same, where what is suspicious counts as a mistake.
    ///
    /// # Errors
    /// Every mistake, or else everything that is suspicious.
    pub fn strict(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut parsed = Self::parse(text)?;
        if parsed.suspicions.is_empty() { Ok(parsed) } else { Err(std::mem::take(&mut parsed.suspicions)) }
    }
}

impl Query {
    /// The query that every event matches.
    pub const ALL: Self = Self { root: Node::Const(true) };

    /// Reads a query.
    ///
    /// # Errors
    /// Every mistake, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        Ok(Parsed::parse(text)?.query)
    }

    /// The query that an event matches when it matches one of these.
    pub fn any<'a>(queries: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for query in queries {
            match &query.root {
                Node::Const(true) => return Self::ALL,
                Node::Const(false) => {}
                Node::Or(inner) => nodes.extend(inner.iter().cloned()),
                other => nodes.push(other.clone()),
            }
        }
        let root = match nodes.len() {
            0 => Node::Const(false),
            1 => nodes.pop().unwrap_or(Node::Const(false)),
            _ => Node::Or(nodes.into()),
        };
        Self { root }
    }

    /// Whether the event matches.
    #[inline]
    pub fn matches(&self, event: &View<'_>) -> bool {
        evaluate::holds(&self.root, event)
    }

    /// What is left to ask of the events of a series: terms over host, service, marks and attributes are decided here.
    ///
    /// For every event of that series the residue matches when the whole query does.
    pub fn residue(&self, host: Option<&str>, service: Option<&str>, labels: Labels<'_>) -> Residue {
        residue::of(&self.root, &residue::Parts { host, service, labels })
    }

    /// The services of which a matching event must have one; `None` when that cannot be told or there are more than a few.
    /// Empty for a query that nothing matches.
    pub fn service_literals(&self) -> Option<Vec<&str>> {
        literals::of(&self.root, &Field::Service)
    }

    /// The services of which a matching event must have one, those of `=~` with their `%`; otherwise as [`Query::service_literals`].
    pub fn services(&self) -> Option<Vec<&str>> {
        literals::with_likes(&self.root, &Field::Service)
    }

    /// The hosts of which a matching event must have one, as [`Query::service_literals`].
    pub fn host_literals(&self) -> Option<Vec<&str>> {
        literals::of(&self.root, &Field::Host)
    }

    /// The one service that a matching event must have.
    pub fn service_literal(&self) -> Option<&str> {
        literals::one(self.service_literals())
    }

    /// The one host that a matching event must have.
    pub fn host_literal(&self) -> Option<&str> {
        literals::one(self.host_literals())
    }

    /// Where `metric` crosses into what matches, when the query is `metric > 90` or its like and nothing else.
    pub fn threshold(&self) -> Option<(Order, f64)> {
        match &self.root {
            Node::Order(node::Operand::Field(Field::Metric), order, number) => Some((*order, number.as_f64())),
            _ => None,
        }
    }

    /// The texts that a field is compared with by `=` or `!=` anywhere in the query, in the order of the text.
    pub fn texts_of(&self, field: &Field) -> Vec<&str> {
        let mut texts = Vec::new();
        self.root.texts_of(field, &mut texts);
        texts
    }

    /// The fields that the query names, each once, in the order of the text.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        self.root.fields(&mut fields);
        fields
    }
}

/// The canonical text: it parses back to an equal query.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({self})")
    }
}
