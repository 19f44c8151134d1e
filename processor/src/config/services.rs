//! What the catalogue knows of the services and fields that a query names.

use std::ops::Range;

use catalogue::Metric;
use engine::query::{Parsed, Query};
use event::Name;

use super::report::Report;
use super::source::Place;
use super::yaml::Node;

/// The service that a rule is about, where the catalogue has it in percent.
pub(super) fn in_percent(query: &Query) -> Option<String> {
    match metrics(query).as_slice() {
        [(service, metric)] if metric.unit == catalogue::Unit::Percent => Some((*service).to_owned()),
        _ => None,
    }
}

/// Warns of services that nothing sends, where the catalogue has one that is nearly called so.
pub(super) fn known(query: &Query, node: &Node, report: &mut Report) {
    for service in query.services().into_iter().flatten() {
        let Some(nearest) = Name::split(service).filter(is_told_apart).and_then(nearest) else { continue };
        let at = node.scalar().and_then(|text| text.find(service)).unwrap_or(0);
        let place = node.part(&(at..at + service.len()));
        report.warning(&place, format!("no sample is called `{service}`")).help(format!("did you mean `{nearest}`?"));
    }
}

/// The catalogue's metrics that a query asks for by their services, each with the service as it stands in the query.
pub(super) fn metrics(query: &Query) -> Vec<(&str, &'static Metric)> {
    let services = query.services().into_iter().flatten();
    services
        .filter_map(|service| {
            let name = Name::split(service).filter(is_told_apart)?;
            Some((service, catalogue::find(name.measurement, name.field)?))
        })
        .collect()
}

/// No `%` stands where the catalogue has a name.
fn is_told_apart(name: &Name<'_>) -> bool {
    !name.measurement.contains('%') && !name.field.contains('%')
}

/// The service that was probably meant; `None` for one that is there, or like nothing that is.
fn nearest(name: Name<'_>) -> Option<String> {
    if catalogue::find(name.measurement, name.field).is_some() {
        return None;
    }
    let measurement = catalogue::nearest_measurement(name.measurement)?;
    let field = catalogue::nearest_field(measurement, name.field)?;
    Some(Name { measurement, field, ..name }.to_string())
}

/// The fields of an alert's event, besides those of its `by` and its labels.
pub(super) const OF_ALERTS: [&str; 8] = ["alert", "since", "message", "details", "runbook", "team", "links", "labels"];

/// Warns of fields that are probably mistyped, or texts without quotes.
pub(super) fn fields(parsed: &Parsed, text: &str, node: &Node, report: &mut Report) {
    for (field, span) in &parsed.fields {
        if attributes().any(|known| known == field) {
            continue;
        }
        let is_near = |known: &&str| catalogue::edits(field, known) <= 2 && field.len() > 3 && known.len() > 3;
        if is_right_side(text, span) {
            without_quotes(field, &node.part(span), report);
        } else if let Some(known) = attributes().find(is_near) {
            report.warning(&node.part(span), format!("no sample has a field `{field}`")).help(format!("did you mean `{known}`?"));
        }
    }
}

/// Warns of texts without quotes alone: where attributes may be called anything.
pub(super) fn bare_words(parsed: &Parsed, text: &str, place: impl Fn(&Range<usize>) -> Place, report: &mut Report) {
    for (field, span) in &parsed.fields {
        if is_right_side(text, span) && !attributes().chain(OF_ALERTS).any(|known| known == field) {
            without_quotes(field, &place(span), report);
        }
    }
}

/// Warns of a word behind `=`.
pub(super) fn without_quotes(word: &str, place: &Place, report: &mut Report) {
    let message = format!("`{word}` without quotes is a field of the event");
    report.warning(place, message).help(format!("if it is a text, write `\"{word}\"`"));
}

/// Whether something stands behind `=` or `!=`.
pub(super) fn is_right_side(text: &str, span: &Range<usize>) -> bool {
    text.get(..span.start).is_some_and(|before| before.trim_end().ends_with('='))
}

/// What samples and events about containers carry.
pub(super) fn attributes() -> impl Iterator<Item = &'static str> {
    catalogue::metrics().flat_map(|metric| metric.attributes).copied().chain(catalogue::RESERVED)
}
