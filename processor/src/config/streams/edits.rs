//! Steps that change events, as a rule file has them.

use engine::query::Field;
use engine::streams::{Append, Scale, Set, Step, Tag, To, Untag};
use engine::template::Template;
use event::Metric;

use super::steps::{Item, Read};
use crate::config::reader::{self, describe};
use crate::config::report::Report;
use crate::config::section::one_or_more;
use crate::config::values;
use crate::config::yaml::{Kind, Node};

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let key = item.key;
    Read::any(match key {
        "set" => Step::Set(set(key, item.node, report)?),
        "default" => Step::Set(Set { only_missing: true, ..set(key, item.node, report)? }),
        "append" => return append(item.node, report),
        "scale" => Step::Scale(Scale(number("scale", item.node, report)?)),
        "tag" => Step::Tag(Tag(one_or_more(key, item.node, report)?)),
        _ => Step::Untag(Untag(one_or_more(key, item.node, report)?)),
    })
}

/// A number, whole or not.
pub(super) fn number(key: &str, node: &Node, report: &mut Report) -> Option<f64> {
    let number = node.scalar().and_then(|text| text.replace('_', "").parse::<f64>().ok()).filter(|number| number.is_finite());
    if number.is_none() {
        report.error(&node.place, format!("`{key}` takes a number, not {}", describe(node)));
    }
    number
}

/// Fields and what they are set to.
pub(super) fn set(key: &str, node: &Node, report: &mut Report) -> Option<Set> {
    let of = format!("`{key}`");
    let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
        let message = format!("`{name}` stands twice in `{key}`");
        report.error(second, message).second(first, "first here");
    };
    let entries = reader::entries(node, &of, twice, report)?;
    let fields: Vec<_> = entries.iter().map(|(name, _, value)| to(name, value, report)).collect();
    if fields.is_empty() {
        report.error(&node.place, format!("`{key}` sets nothing")).help(format!("write `{key}: {{state: critical}}`"));
        return None;
    }
    let fields: Option<Vec<_>> = fields.into_iter().collect();
    Some(Set { fields: fields?, only_missing: false })
}

fn to(name: &str, node: &Node, report: &mut Report) -> Option<(Field, To)> {
    let field = Field::named(name);
    if node.is_null() {
        return Some((field, To::Nothing));
    }
    if field == Field::Tags {
        return Some((field, To::Marks(values::texts(name, node, report)?)));
    }
    let text = values::text(name, node, report)?;
    let is_number = matches!(field, Field::Metric | Field::Ttl | Field::Time);
    if text.contains("{{") {
        return Some((field, To::Template(values::template(name, node, report)?)));
    }
    if !is_number {
        return Some((field, To::Text(text)));
    }
    let number = text.parse().map(Metric::Int).ok().or_else(|| text.parse().ok().and_then(Metric::float));
    match number {
        Some(number) => Some((field, To::Number(number))),
        None if matches!(node.kind, Kind::Scalar(_)) && Template::parse(&format!("{{{{{text}}}}}")).is_ok() => {
            Some((field, To::Field(Field::named(&text))))
        }
        None => {
            let message = format!("`{name}` takes a number or a field, not {}", describe(node));
            report.error(&node.place, message);
            None
        }
    }
}

fn append(node: &Node, report: &mut Report) -> Option<Read> {
    let twice = |_: &str, second: &_, first: &_, report: &mut Report| {
        report.error(second, "a field stands twice in `append`").second(first, "first here");
    };
    let entries = reader::entries(node, "`append`", twice, report)?;
    let mut steps = Vec::new();
    for (name, place, value) in entries.iter() {
        let field = Field::named(name);
        if matches!(field, Field::Metric | Field::Time | Field::Ttl | Field::Tags) {
            report.error(place, format!("`{name}` is no text")).help("`append` takes host, service, state, description and attributes");
            return None;
        }
        steps.push(Step::Append(Append { field, text: values::text(name, value, report)? }));
    }
    let first = steps.first().cloned();
    if first.is_none() {
        report.error(&node.place, "`append` appends nothing").help("write `append: {service: \" rate\"}`");
    }
    Some(Read { steps, ..Read::any(first?)? })
}
