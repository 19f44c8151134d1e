//! Whether the fields of an alert's texts are fields of it.

use super::alert::{RawAlert, RawLevel, Slot};
use super::report::Report;

/// What every alert has.
const OF_EVERY_ALERT: [&str; 11] =
    ["alert", "state", "metric", "value", "since", "host", "service", "description", "time", "count", "last"];

/// Tells of fields that the alert does not have: an error where a known one is two edits away, else a warning.
pub(super) fn fields(raw: &RawAlert, report: &mut Report) {
    let fields: Vec<_> = raw.texts.fields().filter(|(field, _)| !OF_EVERY_ALERT.contains(&field.as_str())).collect();
    if fields.is_empty() {
        return;
    }
    let known = known(raw);
    for (field, place) in fields {
        if known.contains(&field.as_str()) {
            continue;
        }
        let message = format!("`{{{{{field}}}}}` is not a field of this alert; it has {} …", own(raw).join(", "));
        match near(field, &known) {
            Some(nearest) => report.error(place, message).help(format!("did you mean `{{{{{nearest}}}}}`?")),
            None => report.warning(place, message).help("where an event has no such attribute, `-` stands in its place"),
        };
    }
}

fn near<'a>(field: &str, known: &[&'a str]) -> Option<&'a str> {
    let edits = known.iter().map(|name| (catalogue::edits(field, name), *name));
    let short = |name: &str| field.chars().count().min(name.chars().count());
    edits.filter(|(edits, name)| *edits <= 2 && *edits < short(name)).min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

/// The names worth showing: of its `by`, then of every alert.
fn own(raw: &RawAlert) -> Vec<&str> {
    let by = raw.by.value().map_or(&[][..], Vec::as_slice).iter().map(String::as_str);
    let mut names = vec!["alert"];
    names.extend(by.chain(["host", "metric", "state"]));
    let mut seen = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(*name);
            true
        }
    });
    names
}

fn known(raw: &RawAlert) -> Vec<&str> {
    let mut known = OF_EVERY_ALERT.to_vec();
    known.extend(raw.by.value().into_iter().flatten().map(String::as_str));
    let levels = [&raw.info, &raw.warn, &raw.crit].into_iter().filter_map(Slot::value);
    let of_levels = levels.flat_map(|RawLevel { when, clear, .. }| [when, clear]);
    let queries = [&raw.where_, &raw.clear].into_iter().chain(of_levels).filter_map(Slot::value);
    known.extend(raw.measure.inputs().iter().flat_map(|(name, query)| query.fields().into_iter().chain([name.as_str()])));
    known.extend(queries.flat_map(|query| query.fields()));
    known.extend(catalogue::metrics().flat_map(|metric| metric.attributes).copied());
    known
}
