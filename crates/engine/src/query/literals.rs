//! The values that a field of a matching event must have, where the query says so: what rules are looked up by.

use super::node::{Field, Node, Operand};

/// Most values that are worth a look-up each; more count as "any".
const MAX: usize = 16;

/// The values of which a matching event must have one; `None`: it may have any.
pub(super) fn of<'a>(node: &'a Node, field: &Field) -> Option<Vec<&'a str>> {
    values(node, field, false)
}

/// As [`of`], the texts of `=~` among them.
pub(super) fn with_likes<'a>(node: &'a Node, field: &Field) -> Option<Vec<&'a str>> {
    values(node, field, true)
}

fn values<'a>(node: &'a Node, field: &Field, likes: bool) -> Option<Vec<&'a str>> {
    match node {
        Node::Const(false) => Some(Vec::new()),
        Node::Equal(Operand::Field(found), Operand::Text(text)) | Node::Equal(Operand::Text(text), Operand::Field(found)) => {
            (found == field).then(|| vec![&**text])
        }
        Node::And(nodes) => nodes.iter().filter_map(|node| values(node, field, likes)).min_by_key(Vec::len),
        Node::Or(nodes) => {
            let mut all = Vec::new();
            for node in nodes.iter() {
                all.extend(values(node, field, likes)?);
                all.sort_unstable();
                all.dedup();
                if all.len() > MAX {
                    return None;
                }
            }
            Some(all)
        }
        Node::Like(Operand::Field(found), like) if likes && found == field => Some(vec![like.text()]),
        Node::Const(true)
        | Node::Not(_)
        | Node::Has(_)
        | Node::Equal(..)
        | Node::Unequal(..)
        | Node::Order(..)
        | Node::Like(..)
        | Node::Search(..)
        | Node::Tagged(_) => None,
    }
}

/// The only one.
pub(super) fn one(literals: Option<Vec<&str>>) -> Option<&str> {
    let literals = literals?;
    match *literals {
        [only] => Some(only),
        _ => None,
    }
}
