//! The canonical text of a query: one space around operators, parentheses only where they are needed.

use std::fmt;

use super::node::{Node, Operand};
use super::text::quote;

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(value) => value.fmt(f),
            Self::Not(node) => {
                f.write_str("not ")?;
                operand(node, matches!(**node, Self::And(_) | Self::Or(_)), f)
            }
            Self::And(nodes) => joined(nodes, " and ", |node| matches!(node, Self::Or(_)), f),
            Self::Or(nodes) => joined(nodes, " or ", |_| false, f),
            Self::Has(field) => f.write_str(field.name()),
            Self::Equal(left, right) => write!(f, "{left} = {right}"),
            Self::Unequal(left, right) => write!(f, "{left} != {right}"),
            Self::Order(left, order, right) => write!(f, "{left} {} {right}", order.symbol()),
            Self::Like(left, like) => {
                write!(f, "{left} =~ ")?;
                quote(like.text(), f)
            }
            Self::Search(left, pattern) => {
                write!(f, "{left} ~= ")?;
                quote(pattern.text(), f)
            }
            Self::Tagged(mark) => {
                f.write_str("tagged ")?;
                quote(mark, f)
            }
        }
    }
}

fn joined(nodes: &[Node], word: &str, in_parens: fn(&Node) -> bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, node) in nodes.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        operand(node, in_parens(node), f)?;
    }
    Ok(())
}

fn operand(node: &Node, in_parens: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if in_parens { write!(f, "({node})") } else { write!(f, "{node}") }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => quote(text, f),
            Self::Field(field) => f.write_str(field.name()),
        }
    }
}
