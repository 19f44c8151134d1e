//! Steps that make rows of events, and those that make single events of them, as a rule file has them.

use engine::query::Field;
use engine::streams::{
    Across, EveryEvents, Fixed, Flatten, FoldEvery, Folded, LastEvents, Node as Built, Sliding, Sort, Step, Take, Takes,
};
use event::Duration;

use super::joins;
use super::memories::{every, fold, needed};
use super::steps::{Flow, Item, Read, some_names};
use super::takes;
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::Node;

/// Events that one step keeps for one key, where the file says nothing.
pub(super) const MAX_EVENTS: u64 = 10_000;

pub(super) fn read(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    match item.key {
        "window" => window(item, report),
        "fold" if item.node.scalar().is_some() => {
            let fold = fold("fold", item.node, report)?;
            Some(Read { takes: Flow::Rows, gives: Flow::One, ..Read::one(Step::Fold(Folded(fold)))? })
        }
        "fold" => fold_every(item, report),
        "flatten" => Some(Read { gives: Flow::One, ..Read::any(Step::Flatten(Flatten))? }),
        "sort" => Some(Read { takes: Flow::Rows, ..Read::any(Step::Sort(Sort))? }),
        "across" => across(item, report),
        _ => joins::read(item, report),
    }
}

fn window(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    const SPANS: [&str; 4] = ["over", "tumble", "last", "events"];
    let mut section = Section::open(item.node, "`window`", &names(&schema::WINDOW), &[], report)?;
    let spans: Vec<&str> = SPANS.into_iter().filter(|key| section.node(key).is_some()).collect();
    let &[span] = spans.as_slice() else {
        let help = "sliding: `over: 5s`; one after the other: `tumble: 5s`; by events: `last: 10` or `events: 10`";
        section.report.error(item.place, "`window` takes one of `over`, `tumble`, `last` and `events`").help(help);
        return None;
    };
    for (key, of) in [("every", "over"), ("align", "tumble"), ("wait", "tumble")] {
        if let Some(node) = section.node(key).filter(|_| span != of) {
            let problem = section.report.error(&node.place, format!("`{key}` stands beside `{of}` only"));
            problem.help(format!("this window goes by `{span}`: leave `{key}` away, or write `{of}: 5s`"));
            return None;
        }
    }
    let takes = takes::read(&mut section);
    let mut max = MAX_EVENTS;
    section.set(&mut max, "max", |key, node, report| values::count(key, 1, node, report));
    let max = max as usize;
    let count = |key: &str, node: &Node, report: &mut Report| values::count(key, 1, node, report);
    let step = match span {
        "over" => {
            let (over, mut looks) = (section.read(span, every), None);
            section.set_some(&mut looks, "every", every);
            Step::Sliding(Sliding { over: over?, every: looks, takes: takes?, max })
        }
        "tumble" => {
            let (every, mut is_aligned, mut wait) = (section.read(span, every), false, Duration::ZERO);
            section.set(&mut is_aligned, "align", values::flag);
            section.set(&mut wait, "wait", values::duration);
            Step::Fixed(Fixed { every: every?, is_aligned, wait, takes: takes?, max })
        }
        "last" => Step::LastEvents(LastEvents { n: section.read(span, count)?.min(MAX_EVENTS) as usize, takes: takes? }),
        _ => Step::EveryEvents(EveryEvents { n: section.read(span, count)?.min(MAX_EVENTS) as usize, takes: takes? }),
    };
    let are_taken = section.node("take").is_some();
    Read::rows(step, are_taken)
}

/// A window that a fold follows keeps sums instead of its events; `true`: the fold is in the window now.
pub(super) fn fuse(window: &mut Step, next: Option<&Built>) -> bool {
    let (Step::Sliding(Sliding { takes, .. }) | Step::Fixed(Fixed { takes, .. })) = window else { return false };
    let Some(Step::Fold(Folded(fold))) = next.map(|next| &next.step) else { return false };
    if takes.is_empty() {
        *takes = Takes::new(vec![("fold".to_owned(), Take::Fold(*fold))]);
        return true;
    }
    false
}

fn fold_every(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`fold`", &names(&schema::FOLD), &[], report)?;
    let every = needed(item, &mut section, "every", every);
    let fold = needed(item, &mut section, "take", fold);
    let (mut field, mut max) = (Field::Metric, MAX_EVENTS);
    const FIELDS: [(&str, u8); 3] = [("metric", 0), ("time", 1), ("ttl", 2)];
    section.set(&mut field, "field", |key, node, report| {
        values::choice(key, &FIELDS, node, report)?;
        node.scalar().map(Field::named)
    });
    section.set(&mut max, "max", |key, node, report| values::count(key, 1, node, report));
    Read::one(Step::FoldEvery(FoldEvery { every: every?, field, fold: fold?, max: max as usize }))
}

fn across(item: &Item<'_>, report: &mut Report) -> Option<Read> {
    let mut section = Section::open(item.node, "`across`", &names(&schema::ACROSS), &[], report)?;
    let (mut looks, mut max) = (Duration::from_secs(1), MAX_EVENTS);
    section.set(&mut looks, "every", every);
    section.set(&mut max, "max", |key, node, report| values::count(key, 1, node, report));
    let mut by = vec![Field::Service, Field::Host];
    section.set(&mut by, "by", |key, node, report| {
        Some(some_names(key, "host", node, report)?.iter().map(|name| Field::named(name)).collect())
    });
    let takes = takes::read(&mut section);
    let are_taken = section.node("take").is_some();
    Read::rows(Step::Across(Across { every: looks, by, takes: takes?, max: max as usize }), are_taken)
}
