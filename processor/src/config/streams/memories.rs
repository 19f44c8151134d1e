//! Steps that remember what came before, as a rule file has them.

use engine::query::Field;
use engine::streams::{
    By, Changed, ClockSkew, Count, Derive, DeriveEvery, Fold, Init, Predict, Reduce, Runs, Smooth, SmoothEach, Stable, Step,
};
use event::Duration;

use super::edits::number;
use super::steps::{Flow, Item, Read};
use super::windows::MAX_EVENTS;
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::{Kind, Node};

/// The shortest time between two things that a step does.
const LEAST: Duration = Duration::from_micros(1000);

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    match item.key {
        "changed" => changed(item, Vec::new(), report),
        "changed_state" => changed(item, vec![Step::By(By { fields: vec![Field::Host, Field::Service] })], report),
        "runs" => runs(item, report),
        "stable" => stable(item, report),
        "count" => {
            let mut section = Section::open(item.node, "`count`", &names(&schema::COUNT), &[], report)?;
            let mut init = 0.0;
            section.set(&mut init, "init", number);
            Read::one(Step::Count(Count { init }))
        }
        "reduce" => Read::one(Step::Reduce(Reduce(fold("reduce", item.node, report)?))),
        "smooth" => smooth(item, report),
        "derive" => derive(item, report),
        "predict" => predict(item, report),
        _ => Read::one(Step::ClockSkew(ClockSkew)),
    }
}

/// A duration that is not too short to be meant.
pub(super) fn every(key: &str, node: &Node, report: &mut Report) -> Option<Duration> {
    values::duration_of(key, LEAST, node, report)
}

/// The name of a fold.
pub(super) fn fold(key: &str, node: &Node, report: &mut Report) -> Option<Fold> {
    values::choice(key, &Fold::NAMES, node, report)
}

/// A needed key of a step.
pub(super) fn needed<T>(
    item: &Item<'_>,
    section: &mut Section<'_, '_>,
    key: &str,
    read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>,
) -> Option<T> {
    if section.node(key).is_none() {
        let problem = section.report.error(item.place, format!("`{}` needs `{key}`", item.key));
        problem.help(format!("write `{}: {{{key}: …}}`", item.key));
        return None;
    }
    section.read(key, read)
}

fn field(key: &str, node: &Node, report: &mut Report) -> Option<Field> {
    values::filled(key, node, report).map(|name| Field::named(&name))
}

fn init(key: &str, node: &Node, report: &mut Report) -> Option<Init> {
    let text = values::text(key, node, report)?;
    let is_plain = matches!(&node.kind, Kind::Scalar(scalar) if scalar.is_plain);
    Some(match text.parse::<f64>() {
        Ok(number) if is_plain && number.is_finite() => Init::Number(number),
        _ => Init::Text(text),
    })
}

fn changed(item: &Item<'_>, mut before: Vec<Step>, report: &mut Report) -> Option<Read> {
    let mut changed = Changed { field: Field::State, init: None, pairs: false };
    if item.node.scalar().is_some() && item.key == "changed" {
        changed.field = field("changed", item.node, report)?;
    } else {
        let known: &[&str] = if item.key == "changed" { &names(&schema::CHANGED) } else { &names(&schema::CHANGED_STATE) };
        let mut section = Section::open(item.node, &format!("`{}`", item.key), known, &[], report)?;
        section.set(&mut changed.field, "field", field);
        section.set_some(&mut changed.init, "init", init);
        section.set(&mut changed.pairs, "pairs", values::flag);
    }
    let gives = if changed.pairs { Flow::Rows } else { Flow::One };
    before.push(Step::Changed(changed));
    let first = before.first().cloned()?;
    Some(Read { steps: before, gives, ..Read::one(first)? })
}

fn runs(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`runs`", &names(&schema::RUNS), &[], report)?;
    let n = needed(item, &mut section, "n", |key, node, report| values::count(key, 1, node, report));
    let mut watched = Field::State;
    section.set(&mut watched, "field", field);
    Read::one(Step::Runs(Runs { n: n?.min(u64::from(u32::MAX)) as u32, field: watched }))
}

fn stable(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`stable`", &names(&schema::STABLE), &[], report)?;
    let hold = needed(item, &mut section, "for", every);
    let (mut watched, mut max) = (Field::State, MAX_EVENTS);
    section.set(&mut watched, "field", field);
    section.set(&mut max, "max", |key, node, report| values::count(key, 1, node, report));
    Read::one(Step::Stable(Stable { hold: hold?, field: watched, max: max as usize }))
}

fn smooth(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`smooth`", &names(&schema::SMOOTH), &[], report)?;
    let (halflife, ratio) = (section.read("halflife", every), section.read("ratio", number));
    match (section.node("halflife").is_some(), section.node("ratio").is_some()) {
        (true, false) => Read::one(Step::Smooth(Smooth { halflife: halflife? })),
        (false, true) => Read::one(Step::SmoothEach(SmoothEach { ratio: ratio? })),
        _ => {
            let help = "by time: `smooth: {halflife: 60s}`; by events: `smooth: {ratio: 0.5}`";
            section.report.error(item.place, "`smooth` takes `halflife` or `ratio`").help(help);
            None
        }
    }
}

fn derive(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`derive`", &names(&schema::INTERVAL), &[], report)?;
    let is_timed = section.node("every").is_some();
    match section.read("every", every) {
        Some(every) => Read::one(Step::DeriveEvery(DeriveEvery { every })),
        None if is_timed => None,
        None => Read::one(Step::Derive(Derive)),
    }
}

fn predict(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`predict`", &names(&schema::PREDICT), &[], report)?;
    let n = needed(item, &mut section, "events", |key, node, report| values::count(key, 2, node, report));
    let ahead = needed(item, &mut section, "ahead", values::duration);
    Read::one(Step::Predict(Predict { n: n?.min(MAX_EVENTS) as usize, ahead: ahead? }))
}
