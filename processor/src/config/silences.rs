//! `silences:` of a rule file: which alerts are not told of, and when.

use engine::query::{Field, Parsed, Query};
use engine::rules::Alert;

use super::alert::RawAlert;
use super::report::Report;
use super::schema::{self, names};
use super::section::Section;
use super::source::Place;
use super::yaml::{Kind, Node};
use super::{services, values};
use crate::quiet::{MAX_SILENCES, Silence, SilenceError, Wish};

const KNOWN: [&str; 5] = names(&schema::SILENCE);

/// A silence, and what its query says where.
#[derive(Clone, Debug)]
pub(super) struct RawSilence {
    pub(super) silence: Silence,
    where_: Node,
    parsed: Parsed,
    until: Option<Place>,
}

/// Reads the silences of one file.
pub(super) fn read(node: &Node, into: &mut Vec<RawSilence>, report: &mut Report) {
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

fn silence(node: &Node, report: &mut Report) -> Option<RawSilence> {
    let n_errors = report.n_errors();
    let (line, _) = report.sources.line_and_column(&node.place);
    let id = format!("{}:{line}", report.sources.file(&node.place));
    let mut section = Section::open(node, "a silence", &KNOWN, &[], report)?;
    if section.lacks("where") {
        section.report.error(&node.place, "a silence has no `where`").help("write which alerts it means: `where: host = \"n1\"`");
    }
    let where_ = section.node("where").cloned();
    let parsed = section.read("where", query);
    let mut wish = Wish::default();
    section.set_some(&mut wish.until, "until", values::filled);
    section.set_some(&mut wish.every, "every", values::filled);
    section.set(&mut wish.why, "why", values::text);
    section.set(&mut wish.author, "author", values::text);
    let until = section.node("until").map(|node| node.place.clone());
    let every = section.node("every").map(|node| node.place.clone());
    if report.n_errors() > n_errors {
        return None;
    }
    let (where_, parsed) = where_.zip(parsed)?;
    wish.where_ = where_.scalar()?.to_owned();
    match Silence::new(id, None, wish) {
        Ok(silence) => Some(RawSilence { silence, where_, parsed, until }),
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
fn query(key: &str, node: &Node, report: &mut Report) -> Option<Parsed> {
    let text = values::filled(key, node, report)?;
    match Parsed::strict(&text) {
        Ok(parsed) => Some(parsed),
        Err(mistakes) => {
            mistakes.iter().for_each(|mistake| values::tell(mistake, node, report));
            None
        }
    }
}

/// Warns of silences that are over, and of names and fields that no alert of all files has.
pub(super) fn check(silences: &[RawSilence], raws: &[RawAlert], alerts: &[Alert], report: &mut Report) {
    for silence in silences {
        over(silence, report);
        names_of(silence, raws, report);
        fields(silence, alerts, report);
    }
}

fn over(raw: &RawSilence, report: &mut Report) {
    let Some((now, place)) = report.now.zip(raw.until.as_ref()) else { return };
    if raw.silence.is_over(now) {
        let problem = report.warning(place, "this silence is over: it holds nothing back any more");
        problem.help("take it out, or give it a later `until`");
    }
}

/// The names of alerts that the query compares with.
fn names_of(raw: &RawSilence, raws: &[RawAlert], report: &mut Report) {
    let alerts: Vec<&str> = raws.iter().map(|raw| raw.name.as_str()).collect();
    for (name, nearest) in unknown(&raw.parsed.query, &alerts) {
        let at = raw.where_.scalar().and_then(|text| text.find(&format!("\"{name}\"")));
        let place = at.map_or_else(|| raw.where_.place.clone(), |at| raw.where_.part(&(at..at + name.len() + 2)));
        let problem = report.warning(&place, format!("no alert is called `{name}`"));
        match nearest {
            Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
            None => problem.help("alerts are those of these files and the stock rules"),
        };
    }
}

/// Sentences about the alerts that a query names and that are not among these.
pub fn unknown_alerts(query: &str, names: &[String]) -> Vec<String> {
    let Ok(query) = Query::parse(query) else { return Vec::new() };
    let alerts: Vec<&str> = names.iter().map(String::as_str).collect();
    let sentence = |(name, nearest): (&str, Option<&str>)| match nearest {
        Some(nearest) => format!("no alert is called `{name}`; did you mean `{nearest}`?"),
        None => format!("no alert is called `{name}`"),
    };
    unknown(&query, &alerts).into_iter().map(sentence).collect()
}

/// The alerts that a query names and that are neither among these nor skep's own, each with the nearest that is.
fn unknown<'a>(query: &'a Query, alerts: &[&'a str]) -> Vec<(&'a str, Option<&'a str>)> {
    let known = || alerts.iter().copied().chain(engine::rules::OWN.iter().map(|(name, _)| *name));
    let names = query.texts_of(&Field::named("alert")).into_iter().filter(|name| !known().any(|known| known == *name));
    names.map(|name| (name, catalogue::nearest(name, known()))).collect()
}

/// The fields that the query names.
fn fields(raw: &RawSilence, alerts: &[Alert], report: &mut Report) {
    let own = engine::rules::OWN.iter().flat_map(|(_, by)| by.iter().copied());
    let of_by = alerts.iter().flat_map(|alert| &alert.by).map(String::as_str).chain(own);
    let of_by: Vec<_> = of_by.map(engine::rules::attribute_of).collect();
    let labels = alerts.iter().flat_map(|alert| &alert.words.labels).map(|(name, _)| name.as_str());
    let known: Vec<&str> =
        catalogue::RESERVED.into_iter().chain(services::OF_ALERTS).chain(of_by.iter().map(AsRef::as_ref)).chain(labels).collect();
    let text = raw.where_.scalar().unwrap_or_default();
    for (field, span) in raw.parsed.fields.iter().filter(|(field, _)| !known.contains(&field.as_str())) {
        let place = raw.where_.part(span);
        if services::is_right_side(text, span) {
            services::without_quotes(field, &place, report);
            continue;
        }
        let problem = report.warning(&place, format!("no alert has a field `{field}`"));
        match catalogue::nearest(field, known.iter().copied()) {
            Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
            None => problem.help("an alert has alert, state, host, service, metric, message, team, its labels and the fields of its `by`"),
        };
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
    fn what_no_alert_is_called_or_has_is_warned_of() {
        let text = "\
silences:
  - {where: 'alert = \"cpu-hihg\" or alert = \"disk-full\" and path = \"/\"', until: 2030-01-01T00:00:00Z}
  - {where: 'hots = \"n1\" and colour != \"red\"', until: 2030-01-01T00:00:00Z}
  - where: host = n1 and rack = \"r1\"
    until: 2001-01-01T00:00:00Z
alerts: {mine: {where: service = \"app/x\", by: [host, rack], crit: metric > 1}}
";
        let mut report = Report::at(event::Timestamp::parse("2026-01-01T00:00:00Z").unwrap());
        read_rules(&[("my.yaml".to_owned(), text.to_owned())], &mut report).unwrap();
        let told: Vec<_> = report.problems().iter().map(|problem| (problem.message.as_str(), problem.help.as_deref().unwrap())).collect();
        let (hint, fields) = ("take it out, or give it a later `until`", "an alert has alert, state, host, service");
        assert_eq!(told[0], ("no alert is called `cpu-hihg`", "did you mean `cpu-high`?"));
        assert_eq!(told[1], ("no alert has a field `hots`", "did you mean `host`?"));
        assert!(told[2].0 == "no alert has a field `colour`" && told[2].1.starts_with(fields), "{told:?}");
        assert_eq!(told[3], ("`n1` without quotes is a field of the event", "if it is a text, write `\"n1\"`"));
        assert_eq!(told[4], ("this silence is over: it holds nothing back any more", hint));
        assert_eq!(told.len(), 5);
        assert!(report.text(false).contains(" --> my.yaml:2:22\n"), "{}", report.text(false));
    }

    #[test]
    fn a_misspelt_key_is_one_mistake() {
        for text in [
            "silences: [{wher: 'host = \"n1\"', until: 2030-01-01T00:00:00Z}]",
            "notify: {ops: {pagerduty: {routing_key_fil: /x}}}",
            "notify: {ops: {mial: {to: ops@example.org}}}",
            "alerts: {a: {wher: service = \"x\", crit: metric > 1}}",
            "alerts: {a: {where: service = \"x\", crti: metric > 1}}",
            "alerts: {a: {where: service = \"x\", crit: {whne: metric > 1}}}",
            "alerts: {a: {where: service = \"x\", crit: metric > 1, unless: {alrt: cpu-high, same: [host]}}}",
        ] {
            let mut report = Report::default();
            assert!(read_rules(&[("my.yaml".to_owned(), text.to_owned())], &mut report).is_none());
            let told: Vec<_> = report.problems().iter().map(|problem| problem.message.as_str()).collect();
            assert!(matches!(told[..], [one] if one.starts_with("unknown key") && one.contains("did you mean")), "{text}: {told:?}");
        }
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
