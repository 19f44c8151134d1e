//! The keys of the section `collector:` that open further ways in.

use event::Duration;

use crate::config::report::Report;
use crate::config::section::{Section, one_or_more};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Statsd, Ways};

pub(super) fn read(section: &mut Section<'_, '_>, into: &mut Ways) {
    section.set_some(&mut into.statsd, "statsd", statsd);
}

/// An address, or a map that names it under `listen`.
fn statsd(key: &str, node: &Node, report: &mut Report) -> Option<Statsd> {
    let mut statsd = Statsd::default();
    if node.scalar().is_some() {
        return values::address(key, node, report).map(|listen| Statsd { listen, ..statsd });
    }
    let mut section = Section::open(node, "`statsd`", &["listen", "percentiles", "max_names", "forget"], &[], report)?;
    section.set(&mut statsd.listen, "listen", values::address);
    section.set(&mut statsd.percentiles, "percentiles", percentiles);
    section.set(&mut statsd.max_names, "max_names", |key, node, report| usize::try_from(values::count(key, 1, node, report)?).ok());
    section.set(&mut statsd.forget, "forget", |key, node, report| values::duration_of(key, Duration::from_secs(10), node, report));
    Some(statsd)
}

fn percentiles(key: &str, node: &Node, report: &mut Report) -> Option<Vec<f64>> {
    let texts = one_or_more(key, node, report)?;
    let read = |text: &String| text.parse::<f64>().ok().filter(|percent| *percent > 0.0 && *percent <= 100.0);
    let percentiles: Option<Vec<f64>> = texts.iter().map(read).collect();
    if percentiles.is_none() {
        report.error(&node.place, format!("`{key}` takes numbers above 0 and up to 100, as in [50, 90, 99.9]"));
    }
    percentiles
}
