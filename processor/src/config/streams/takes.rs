//! What is taken of a row, as a rule file has it.

use engine::streams::{Fold, Take, Takes};

use super::edits::number;
use super::memories::every;
use super::steps::some_texts;
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::source::Place;
use crate::config::values;
use crate::config::yaml::Node;

/// Keys beside `take`, and what they belong to.
pub(in crate::config) const DETAILS: [(&str, &[&str]); 4] =
    [("halflife", &["ewma"]), ("ahead", &["predict"]), ("reach", &["time_to"]), ("min_points", &["predict", "time_to"])];

/// Of fewer samples a line says nothing, where the file says nothing.
pub(in crate::config) const MIN_POINTS: u32 = 10;

/// Takes that are no fold.
const OTHERS: [&str; 12] =
    ["first", "last", "range", "delta", "increase", "rate", "distinct", "ewma", "predict", "time_to", "zscore", "mad"];

/// `take` and the keys that it needs; rows are handed on where there is none.
pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Takes> {
    let Some(node) = section.node("take") else {
        return are_needed(&[], section).then(Takes::default);
    };
    let names = some_texts("take", "mean, p99", node, section.report)?;
    if !are_needed(&names, section) {
        return None;
    }
    let takes: Vec<_> = names.into_iter().map(|(name, place)| Some((name.clone(), take(&name, &place, section)?))).collect();
    Some(Takes::new(takes.into_iter().collect::<Option<_>>()?))
}

/// Tells of the first key that no take asks for.
fn are_needed(names: &[(String, Place)], section: &mut Section<'_, '_>) -> bool {
    for (key, takes) in DETAILS {
        if let Some(node) = section.node(key).filter(|_| !names.iter().any(|(name, _)| takes.contains(&name.as_str()))) {
            section.report.error(&node.place, format!("`{key}` stands beside `take: {}` only", takes.join("` and `take: ")));
            return false;
        }
    }
    true
}

fn take(name: &str, place: &Place, section: &mut Section<'_, '_>) -> Option<Take> {
    let mut min_points = MIN_POINTS;
    section
        .set(&mut min_points, "min_points", |key, node, report| Some(values::count(key, 2, node, report)?.min(u64::from(u32::MAX)) as u32));
    Some(match name {
        "first" => Take::First,
        "last" => Take::Last,
        "range" => Take::Range,
        "delta" => Take::Delta,
        "increase" => Take::Increase,
        "rate" => Take::Rate,
        "distinct" => Take::Distinct,
        "ewma" => Take::Ewma { halflife: detail(name, "halflife", place, section, every)? },
        "predict" => Take::Predict { ahead: detail(name, "ahead", place, section, values::duration)?, min_points },
        "time_to" => Take::TimeTo { reach: detail(name, "reach", place, section, number)?, min_points },
        "zscore" => Take::ZScore,
        "mad" => Take::Mad,
        _ => return point_or_fold(name, place, section.report),
    })
}

/// A key that this take cannot do without.
fn detail<T>(
    name: &str,
    key: &str,
    place: &Place,
    section: &mut Section<'_, '_>,
    read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>,
) -> Option<T> {
    if section.node(key).is_none() {
        let help = format!("`{name}` is taken of a `window` that has `{key}` beside `take`");
        section.report.error(place, format!("`take: {name}` needs `{key}`")).help(help);
        return None;
    }
    section.read(key, read)
}

fn point_or_fold(name: &str, place: &Place, report: &mut Report) -> Option<Take> {
    let fold = || Fold::NAMES.iter().find(|(known, _)| *known == name).map(|(_, fold)| Take::Fold(*fold));
    let take = point(name).or_else(fold);
    if take.is_none() {
        unknown(name, Fold::NAMES.iter().map(|(name, _)| *name).chain(OTHERS), place, report);
    }
    take
}

/// `p99.9`, a percentile.
pub(in crate::config) fn point(name: &str) -> Option<Take> {
    let percent = name.strip_prefix('p')?.parse::<f64>().ok()?;
    (0.0..=100.0).contains(&percent).then_some(Take::Point(percent / 100.0))
}

/// Tells of a take that there is not.
pub(in crate::config) fn unknown<'a>(name: &str, names: impl Iterator<Item = &'a str>, place: &Place, report: &mut Report) {
    let names: Vec<&str> = names.collect();
    let help = match catalogue::nearest(name, names.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it takes {}, or a percentile such as p99", names.join(", ")),
    };
    report.error(place, format!("`take` knows no `{name}`")).help(help);
}
