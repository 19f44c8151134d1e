//! The keys `collector.scrape` and `collector.scrape_containers`: which of Prometheus' endpoints are scraped, and how.

use event::{Duration, Pattern};
use hyper::Uri;

use super::name;
use crate::config::reader::{describe, entries};
use crate::config::report::Report;
use crate::config::section::{Section, one_or_more};
use crate::config::values;
use crate::config::yaml::{Kind, Node};
use crate::settings::{Lists, Scrape, Scraping};

/// As many as the collector scrapes.
const MAX: usize = 256;

/// The most attributes of one target; a database takes sixteen tags of a series, labels included.
const MAX_ATTRIBUTES: usize = 8;

/// Attributes that every scraped series has.
const TAKEN: [&str; 2] = ["job", "instance"];

/// Nothing is scraped more often.
const LEAST_EVERY: Duration = Duration::from_secs(1);

/// A list of targets.
pub(super) fn targets(key: &str, node: &Node, report: &mut Report) -> Option<Vec<Scrape>> {
    let Kind::List(nodes) = &node.kind else {
        let message = format!("`{key}` takes a list, as in [{{url: http://127.0.0.1:9100/metrics, name: node}}], not {}", describe(node));
        report.error(&node.place, message);
        return None;
    };
    if nodes.len() > MAX {
        report.error(&node.place, format!("`{key}` takes {MAX} targets at the most, not {}", nodes.len()));
        return None;
    }
    let mut targets: Vec<Scrape> = Vec::new();
    for node in nodes {
        let target = target(node, report)?;
        if targets.iter().any(|other| other.name == target.name) {
            report.error(&node.place, format!("a target `{}` is there twice; give one of them another `name`", target.name));
            return None;
        }
        targets.push(target);
    }
    Some(targets)
}

fn target(node: &Node, report: &mut Report) -> Option<Scrape> {
    let known = ["url", "name", "attributes", "every", "timeout", "allow", "deny", "max_series"];
    let mut section = Section::open(node, "a target of `scrape`", &known, &[], report)?;
    if section.node("url").is_none() {
        section.report.error(&node.place, "a target needs a `url`, as in http://127.0.0.1:9100/metrics".to_owned());
        return None;
    }
    let (url, instance) = section.read("url", url)?;
    let mut target = Scrape { name: instance.clone(), url, instance, attributes: Vec::new(), scraping: Scraping::default() };
    section.set(&mut target.name, "name", name);
    section.set(&mut target.attributes, "attributes", attributes);
    scraping(&mut section, node, &mut target.scraping)?;
    Some(target)
}

/// `on`, or how they are scraped.
pub(super) fn containers(key: &str, node: &Node, report: &mut Report) -> Option<Scraping> {
    let known = ["every", "timeout", "allow", "deny", "max_series"];
    let mut section = Section::open(node, &format!("`{key}`"), &known, &[], report)?;
    let mut read = Scraping::default();
    scraping(&mut section, node, &mut read)?;
    Some(read)
}

fn scraping(section: &mut Section<'_, '_>, node: &Node, into: &mut Scraping) -> Option<()> {
    section.set(&mut into.every, "every", |key, node, report| values::duration_of(key, LEAST_EVERY, node, report));
    into.timeout = into.timeout.min(into.every);
    section.set(&mut into.timeout, "timeout", |key, node, report| values::duration_of(key, Duration::from_micros(1_000), node, report));
    section.set(&mut into.max_series, "max_series", |key, node, report| usize::try_from(values::count(key, 1, node, report)?).ok());
    let mut metrics = Lists::default();
    for (key, list) in [("allow", &mut metrics.allow), ("deny", &mut metrics.deny)] {
        section.set(list, key, patterns);
    }
    into.metrics = metrics;
    if into.timeout > into.every {
        let message = format!("`timeout` is at most `every`, {}, not {}", into.every, into.timeout);
        section.report.error(&node.place, message);
        return None;
    }
    Some(())
}

/// The address as it was written, and its host and port.
fn url(key: &str, node: &Node, report: &mut Report) -> Option<(String, String)> {
    let text = values::filled(key, node, report)?;
    let read = text.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let Some((uri, host)) = read.as_ref().and_then(|uri| Some((uri, uri.host()?))) else {
        report.error(&node.place, format!("`{text}` is not an address to scrape; write it like http://127.0.0.1:9100/metrics"));
        return None;
    };
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        report.error(&node.place, format!("`{key}` takes no user and password: endpoints are scraped without"));
        return None;
    }
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let instance = format!("{host}:{port}");
    Some((text, instance))
}

fn patterns(key: &str, node: &Node, report: &mut Report) -> Option<Vec<Pattern>> {
    Some(one_or_more(key, node, report)?.into_iter().map(Pattern::new).collect())
}

fn attributes(key: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, String)>> {
    let twice = |name: &str, second: &_, _: &_, report: &mut Report| {
        report.error(second, format!("attribute `{name}` is there twice"));
    };
    let read = entries(node, &format!("`{key}`"), twice, report)?;
    let mut attributes = Vec::new();
    for (name, place, value) in read.iter() {
        if TAKEN.contains(&name) || catalogue::RESERVED.contains(&name) {
            report.error(place, format!("an attribute cannot be called `{name}`: events have that already"));
            return None;
        }
        attributes.push((name.to_owned(), values::filled(name, value, report)?));
    }
    if attributes.len() > MAX_ATTRIBUTES {
        report.error(&node.place, format!("`{key}` takes {MAX_ATTRIBUTES} at the most, not {}", attributes.len()));
        return None;
    }
    Some(attributes)
}
