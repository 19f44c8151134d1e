//! The keys of the section `collector:` that open further ways in.

mod exec;
mod scrape;

use event::Duration;

use crate::config::report::Report;
use crate::config::section::{Section, one_or_more, path, paths};
use crate::config::values;
use crate::config::yaml::Node;
use crate::settings::{Collectd, Security, Statsd, Ways};

pub(super) fn read(section: &mut Section<'_, '_>, into: &mut Ways) {
    section.set_some(&mut into.statsd, "statsd", statsd);
    section.set_some(&mut into.collectd, "collectd", collectd);
    section.set(&mut into.scrape, "scrape", scrape::targets);
    section.set_or_off(&mut into.scrape_containers, "scrape_containers", scrape::containers);
    section.set(&mut into.exec, "exec", exec::programs);
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
    section.set(&mut statsd.max_names, "max_names", whole);
    section.set(&mut statsd.forget, "forget", |key, node, report| values::duration_of(key, Duration::from_secs(10), node, report));
    Some(statsd)
}

/// What something is called in services: up to 64 bytes without blanks and `/`.
fn name(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let name = values::filled(key, node, report)?;
    if name.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control()) || name.len() > 64 {
        report.error(&node.place, format!("`{key}` takes up to 64 bytes without blanks and `/`, not `{name}`"));
        return None;
    }
    Some(name)
}

fn whole(key: &str, node: &Node, report: &mut Report) -> Option<usize> {
    values::count(key, 1, node, report).and_then(|number| usize::try_from(number).ok())
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

/// An address, or a map that names it under `listen`.
fn collectd(key: &str, node: &Node, report: &mut Report) -> Option<Collectd> {
    let mut collectd = Collectd::default();
    if node.scalar().is_some() {
        return values::address(key, node, report).map(|listen| Collectd { listen, ..collectd });
    }
    let mut section = Section::open(node, "`collectd`", &["listen", "security", "users", "types", "max_series"], &[], report)?;
    section.set(&mut collectd.listen, "listen", values::address);
    section.set(&mut collectd.security, "security", security);
    section.set_some(&mut collectd.users, "users", path);
    section.set(&mut collectd.types, "types", paths);
    section.set(&mut collectd.max_series, "max_series", whole);
    if collectd.security != Security::None && section.node("users").is_none() {
        report
            .error(&node.place, "`security` asks for signatures or encryption, but nobody has a password")
            .help("name collectd's file of users, with lines `user: password`: `users: /etc/skep/collectd.passwd`");
        return None;
    }
    Some(collectd)
}

fn security(key: &str, node: &Node, report: &mut Report) -> Option<Security> {
    let text = values::text(key, node, report)?;
    match text.as_str() {
        "none" => Some(Security::None),
        "sign" => Some(Security::Sign),
        "encrypt" => Some(Security::Encrypt),
        _ => {
            report.error(&node.place, format!("`{key}` takes none, sign or encrypt, not `{text}`"));
            None
        }
    }
}
