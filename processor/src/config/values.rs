//! Single values: each reader gives the value, or tells what it should have been and gives nothing.

use std::net::SocketAddr;

use engine::Mistake;
use engine::expression::Expression;
use engine::query::{Parsed, Query};
use engine::template::{self, Template};
use event::Duration;

use super::reader::describe;
use super::report::Report;
use super::services;
use super::source::Place;
use super::yaml::{Kind, Node};

/// A text; numbers and words are texts too.
pub(super) fn text(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    scalar(key, "a text", node, report).map(str::to_owned)
}

/// A scalar, or the mistake that it is none; `what` the key takes.
fn scalar<'n>(key: &str, what: &str, node: &'n Node, report: &mut Report) -> Option<&'n str> {
    if let Some(text) = node.scalar() {
        return Some(text);
    }
    let written = report.sources.text(&node.place).to_owned();
    let problem = report.error(&node.place, format!("`{key}` takes {what}, not {}", describe(node)));
    if matches!(node.kind, Kind::Map(_)) && written.starts_with("{{") {
        problem.help(format!("a value that begins with `{{` is a map; put it in quotes: `\"{written}\"`"));
    }
    None
}

/// A text that is not empty.
pub(super) fn filled(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = text(key, node, report)?;
    if text.trim().is_empty() {
        report.error(&node.place, format!("`{key}` is empty"));
        return None;
    }
    Some(text)
}

/// `true` or `false`.
pub(super) fn flag(key: &str, node: &Node, report: &mut Report) -> Option<bool> {
    match &node.kind {
        Kind::Scalar(scalar) if scalar.is_plain && matches!(scalar.text.as_str(), "true" | "True" | "TRUE") => Some(true),
        Kind::Scalar(scalar) if scalar.is_plain && matches!(scalar.text.as_str(), "false" | "False" | "FALSE") => Some(false),
        _ => {
            report.error(&node.place, format!("`{key}` takes true or false, not {}", describe(node)));
            None
        }
    }
}

/// A list of texts.
pub(super) fn texts(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let Kind::List(nodes) = &node.kind else {
        let message = match node.scalar() {
            Some(one) => format!("`{key}` takes a list: write `{key}: [{one}]`"),
            None => format!("`{key}` takes a list, not {}", describe(node)),
        };
        report.error(&node.place, message);
        return None;
    };
    let read: Vec<_> = nodes.iter().map(|node| filled(key, node, report)).collect();
    read.into_iter().collect()
}

/// One name or a list of them, each with its place.
pub(super) fn named(key: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, Place)>> {
    let nodes = match &node.kind {
        Kind::List(nodes) => nodes.as_slice(),
        Kind::Null | Kind::Scalar(_) | Kind::Map(_) => std::slice::from_ref(node),
    };
    let read: Vec<_> = nodes.iter().map(|node| Some((filled(key, node, report)?, node.place.clone()))).collect();
    read.into_iter().collect()
}

/// A duration such as `30s`.
pub(super) fn duration(key: &str, node: &Node, report: &mut Report) -> Option<Duration> {
    let text = scalar(key, "a duration such as 30s", node, report)?;
    let wrong = match Duration::parse(text) {
        Ok(duration) => return Some(duration),
        Err(wrong) => wrong,
    };
    match text.parse::<u64>() {
        Ok(number) => report.error(&node.place, format!("`{text}` is not a duration; write {number}s")),
        Err(_) => report.error(&node.place, wrong.to_string()),
    };
    None
}

/// A duration within bounds.
pub(super) fn duration_of(key: &str, least: Duration, node: &Node, report: &mut Report) -> Option<Duration> {
    let duration = duration(key, node, report)?;
    if duration < least {
        report.error(&node.place, format!("`{key}` is at least {least}, not {duration}"));
        return None;
    }
    Some(duration)
}

/// How many in how long: `5 per 1h`.
pub(super) fn so_many_per(key: &str, node: &Node, report: &mut Report) -> Option<(u64, Duration)> {
    let parts = node.scalar().and_then(|text| text.split_once(" per "));
    let parts = parts.and_then(|(count, per)| Some((count.trim().parse().ok()?, Duration::parse(per.trim()).ok()?)));
    if parts.is_none_or(|(_, per)| per <= Duration::ZERO) {
        let message = format!("`{key}` takes how many in how long, not {}", describe(node));
        report.error(&node.place, message).help(format!("write `{key}: 5 per 1h`"));
        return None;
    }
    parts
}

/// A whole number from `least` on.
pub(super) fn count(key: &str, least: u64, node: &Node, report: &mut Report) -> Option<u64> {
    let text = scalar(key, "a whole number", node, report)?;
    match text.replace('_', "").parse::<u64>() {
        Ok(number) if number >= least => Some(number),
        Ok(_) => {
            report.error(&node.place, format!("`{key}` is at least {least}, not {text}"));
            None
        }
        Err(_) => {
            report.error(&node.place, format!("`{key}` takes a whole number, not {}", describe(node)));
            None
        }
    }
}

const SIZES: [(&str, u64); 9] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A size in bytes such as `256MiB`, from `least` on.
pub(super) fn size(key: &str, least: u64, node: &Node, report: &mut Report) -> Option<u64> {
    let text = scalar(key, "a size such as 256MiB", node, report)?;
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = SIZES.iter().find(|(name, _)| *name == unit.trim_start()).map(|(_, factor)| *factor);
    let bytes = number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    match bytes {
        Some(bytes) if bytes >= least => Some(bytes),
        Some(_) => {
            report.error(&node.place, format!("`{key}` is at least {}, not {text}", template::bytes(least as f64)));
            None
        }
        None => {
            report.error(&node.place, format!("`{text}` is not a size; write it like 512KiB, 256MiB, 1GiB"));
            None
        }
    }
}

/// An address to listen on, such as `127.0.0.1:5556`.
pub(super) fn address(key: &str, node: &Node, report: &mut Report) -> Option<SocketAddr> {
    let text = scalar(key, "an address such as 127.0.0.1:5556", node, report)?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let port = text.rsplit_once(':').map_or(text, |(_, port)| port);
    let problem = report.error(&node.place, format!("`{text}` is not an address to listen on; write an IP address and a port"));
    if port.parse::<u16>().is_ok() {
        problem.help(format!("write `127.0.0.1:{port}` for this machine alone, `0.0.0.0:{port}` for all"));
    }
    None
}

/// One of several words.
pub(super) fn choice<T: Copy>(key: &str, words: &[(&str, T)], node: &Node, report: &mut Report) -> Option<T> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let what = format!("one of {}", names.join(", "));
    let text = scalar(key, &what, node, report)?;
    if let Some((_, value)) = words.iter().find(|(name, _)| *name == text) {
        return Some(*value);
    }
    let problem = report.error(&node.place, format!("`{key}` takes {what}, not `{text}`"));
    if let Some(nearest) = catalogue::nearest(text, names).filter(|nearest| nearest.len() > 2) {
        problem.help(format!("did you mean `{nearest}`?"));
    }
    None
}

/// A query; `percent` is the service that the rule is about where the catalogue has it in percent.
pub(super) fn query(key: &str, percent: Option<&str>, node: &Node, report: &mut Report) -> Option<Query> {
    let text = scalar(key, "a query", node, report)?;
    match Parsed::parse(text) {
        Ok(parsed) => {
            suspicions(key, &parsed, text, node, report);
            parsed.suspicions.is_empty().then_some(parsed.query)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                tell(mistake, node, report);
                if mistake.message.starts_with("`%`")
                    && let Some((problem, service)) = report.last_mut().zip(percent)
                    && let Some((_, right)) = mistake.help.as_deref().and_then(|help| help.split_once(": "))
                {
                    problem.help(format!("{service} is in percent already: write {right}"));
                }
            }
            None
        }
    }
}

/// Tells of what is legal and hardly meant.
fn suspicions(key: &str, parsed: &Parsed, text: &str, node: &Node, report: &mut Report) {
    for mistake in &parsed.suspicions {
        tell(mistake, node, report);
    }
    // A notifier's query is about alerts, whose labels may be called anything.
    if key == "only" {
        services::bare_words(parsed, text, |span| node.part(span), report);
    } else {
        services::fields(parsed, text, node, report);
    }
}

/// A text with `{{field}}` in it.
pub(super) fn template(key: &str, node: &Node, report: &mut Report) -> Option<Template> {
    let text = scalar(key, "a text", node, report)?;
    match Template::parse(text) {
        Ok(template) => Some(template),
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| tell(mistake, node, report));
            None
        }
    }
}

/// Arithmetic such as `metric * 8`.
pub(super) fn expression(key: &str, node: &Node, report: &mut Report) -> Option<Expression> {
    let text = scalar(key, "a number or arithmetic over fields", node, report)?;
    match Expression::parse(text) {
        Ok(expression) => Some(expression),
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| tell(mistake, node, report));
            None
        }
    }
}

/// Tells of a mistake inside a scalar.
pub(super) fn tell(mistake: &Mistake, node: &Node, report: &mut Report) {
    let problem = report.error(&node.part(&mistake.span), mistake.message.as_str());
    if mistake.message.ends_with("is not part of a query") {
        problem.label("unexpected character");
    }
    if let Some(help) = &mistake.help {
        problem.help(help.as_str());
    }
}
