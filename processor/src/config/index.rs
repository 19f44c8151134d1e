//! `index:` of a rule file: what the index holds, and how entries leave it.

use engine::query::Field;
use engine::rules::{IndexSettings, Keep};
use event::Duration;

use super::report::Report;
use super::schema::{self, names};
use super::section::{Section, one_or_more};
use super::values;
use super::yaml::Node;

const EVENTS: [(&str, bool); 2] = [("all", false), ("streams", true)];

/// Reads the section into `settings`.
pub(super) fn read(node: &Node, settings: &mut IndexSettings, report: &mut Report) {
    let Some(mut section) = Section::open(node, "`index`", &names(&schema::INDEX), &[], report) else { return };
    section.set(&mut settings.only_streams, "events", |key, node, report| values::choice(key, &EVENTS, node, report));
    section.set_some(&mut settings.expire_every, "expire_every", |key, node, report| {
        values::duration_of(key, Duration::from_secs(1), node, report)
    });
    section.set(&mut settings.keep, "keep", keep);
}

/// `all`, or fields.
fn keep(key: &str, node: &Node, report: &mut Report) -> Option<Keep> {
    if node.scalar() == Some("all") {
        return Some(Keep::All);
    }
    let names = one_or_more(key, node, report)?;
    Some(Keep::Fields(names.iter().map(|name| Field::named(name)).collect()))
}
