//! `silences:` of a rule file: which alerts are not told of, and when.

use super::report::Report;
use super::schema::{self, names};
use super::section::Section;
use super::values;
use super::yaml::{Kind, Node};
use crate::quiet::{MAX_SILENCES, Silence, SilenceError, Wish, strict};

const KNOWN: [&str; 5] = names(&schema::SILENCE);

/// Reads the silences of one file.
pub(super) fn read(node: &Node, into: &mut Vec<Silence>, report: &mut Report) {
    let Kind::List(nodes) = &node.kind else {
        let problem = report.error(&node.place, "`silences` takes a list");
        problem.help("write `silences: [{where: 'host = \"n1\"', every: \"Sat 02:00-04:00 Europe/Berlin\"}]`");
        return;
    };
    for node in nodes {
        into.extend(silence(node, report));
        if into.len() > MAX_SILENCES {
            report.error(&node.place, format!("there are more than {MAX_SILENCES} silences; one query with `or` may stand for several"));
            return;
        }
    }
}

fn silence(node: &Node, report: &mut Report) -> Option<Silence> {
    let n_errors = report.n_errors();
    let (line, _) = report.sources.line_and_column(&node.place);
    let id = format!("{}:{line}", report.sources.file(&node.place));
    let mut section = Section::open(node, "a silence", &KNOWN, &[], report)?;
    if section.node("where").is_none() {
        section.report.error(&node.place, "a silence has no `where`").help("write which alerts it means: `where: host = \"n1\"`");
    }
    let mut wish = Wish { where_: section.read("where", query).unwrap_or_default(), ..Wish::default() };
    section.set_some(&mut wish.until, "until", values::filled);
    section.set_some(&mut wish.every, "every", values::filled);
    section.set(&mut wish.why, "why", values::text);
    section.set(&mut wish.author, "author", values::text);
    let until = section.node("until").map(|node| node.place.clone());
    let every = section.node("every").map(|node| node.place.clone());
    if report.n_errors() > n_errors {
        return None;
    }
    match Silence::new(id, None, wish) {
        Ok(silence) => Some(silence),
        Err(error) => {
            let place = match error {
                SilenceError::Until(_) => until,
                SilenceError::Window(_) => every,
                _ => None,
            };
            report.error(place.as_ref().unwrap_or(&node.place), error.to_string());
            None
        }
    }
}

/// A query over the alert's event, whose attributes may be called anything.
fn query(key: &str, node: &Node, report: &mut Report) -> Option<String> {
    let text = values::filled(key, node, report)?;
    match strict(&text) {
        Ok(_) => Some(text),
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| values::tell(mistake, node, report));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Report, read_rules};

    /// The first mistake, or how many silences there are.
    fn first(text: &str) -> String {
        let mut report = Report::default();
        let rules = read_rules(&[("my.yaml".to_owned(), text.to_owned())], &mut report);
        rules.map_or_else(
            || report.first_error().unwrap_or_default(),
            |rules| format!("{} silences{}", rules.silences.len(), report.text(false)),
        )
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert!(first(text).contains(expected), "{}", first(text));
    }

    #[test]
    fn queries_with_an_end_or_weekly_hours_are_silences() {
        let text = "silences:\n  - {where: 'team = \"db\"', until: 2030-01-01T00:00:00Z}\n  - where: alert =~ \"disk%\"\n    every: Sun 02:00-04:00 Europe/London\n    why: backup\n";
        assert_eq!(first(text), "2 silences");
    }

    #[test]
    fn each_mistake_is_told_at_its_place() {
        check("silences: {where: x}", "my.yaml:1:11: `silences` takes a list");
        check("silences: [{every: \"Sat 02:00-04:00\"}]", "my.yaml:1:12: a silence has no `where`");
        check("silences: [{where: 'metric > 90%', until: 2030-01-01T00:00:00Z}]", "`%` is not part of a query");
        check("silences:\n  - where: host = \"n1\"\n    until: soon\n", "my.yaml:3:12: `soon` is no time");
        check("silences:\n  - where: host = \"n1\"\n    every: Sat 2-4\n", "my.yaml:3:12: `every`: `2-4` are no hours");
        check("silences:\n  - where: host = \"n1\"\n", "my.yaml:2:5: it never ends");
        check("silences:\n  - where: host = \"n1\"\n    evry: x\n", "my.yaml:3:5: unknown key `evry`");
    }
}
