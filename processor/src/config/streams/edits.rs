//! Steps that change events, as a rule file has them.

use engine::query::Field;
use engine::streams::{Append, Scale, Set, Step, Tag, To, Untag};
use event::Metric;

use super::steps::{Item, Read, some_names};
use crate::config::reader::{self, describe};
use crate::config::report::Report;
use crate::config::values;
use crate::config::yaml::Node;

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let key = item.key;
    Read::any(match key {
        "set" => Step::Set(set(key, item.node, report)?),
        "default" => Step::Set(Set { only_missing: true, ..set(key, item.node, report)? }),
        "append" => return append(item.node, report),
        "scale" => Step::Scale(Scale(number("scale", item.node, report)?)),
        "tag" => Step::Tag(Tag(some_names(key, "seen", item.node, report)?)),
        _ => Step::Untag(Untag(some_names(key, "seen", item.node, report)?)),
    })
}

/// A number, whole or not.
pub(in crate::config) fn number(key: &str, node: &Node, report: &mut Report) -> Option<f64> {
    let number = node.scalar().and_then(|text| text.replace('_', "").parse::<f64>().ok()).filter(|number| number.is_finite());
    if number.is_none() {
        let problem = report.error(&node.place, format!("`{key}` takes a number, not {}", describe(node)));
        if key == "scale" {
            problem.help("for arithmetic over fields write `set: {metric: metric * 8 / 1000}`");
        }
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
    let Some(entries) = reader::entries(node, &of, twice, report) else {
        if let Some(problem) = report.last_mut() {
            problem.help(format!("write `{key}: {{state: critical}}`"));
        }
        return None;
    };
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
        None => Some((field, To::Expression(values::expression(name, node, report)?))),
    }
}

fn append(node: &Node, report: &mut Report) -> Option<Read> {
    const HELP: &str = "write `append: {service: \" rate\"}`";
    let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
        report.error(second, format!("`{name}` stands twice in `append`")).second(first, "first here");
    };
    let Some(entries) = reader::entries(node, "`append`", twice, report) else {
        if let Some(problem) = report.last_mut() {
            problem.help(HELP);
        }
        return None;
    };
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
        report.error(&node.place, "`append` appends nothing").help(HELP);
    }
    Some(Read { steps, ..Read::any(first?)? })
}
