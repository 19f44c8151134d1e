//! How a test that fails is told: what was expected beside what happened, and what the instances went through.

use event::Duration;

use super::compare::{self, Row, side_by_side};
use super::timeline::Track;
use super::{IndexLine, IndexSeen, Outcome, RuleTest, Seen, SentSeen, TapSeen};
use crate::notify::Kind;

/// Instances whose timeline is shown.
const MAX_TRACKS: usize = 5;
/// Stretches of one of them.
const MAX_STRETCHES: usize = 40;
/// Events of an index that are listed.
const MAX_EVENTS: usize = 20;

/// What a line of the report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// What stands above others.
    Head,
    /// As expected.
    Same,
    /// Expected, and it did not happen.
    Missing,
    /// It happened, and was not expected.
    Surplus,
    /// Of a timeline.
    Plain,
}

/// Whether everything is as the test expects.
pub fn passes(test: &RuleTest, outcome: &Outcome) -> bool {
    is_expected(test, outcome)
        && is_sent(test, outcome)
        && is_tapped(test, outcome)
        && test.index.iter().zip(&outcome.index).all(|(line, seen)| compare::is_index(line, seen))
}

fn is_expected(test: &RuleTest, outcome: &Outcome) -> bool {
    test.expect.as_ref().is_none_or(|lines| {
        let is_line = |at: usize, seen: &Seen| lines.get(at).is_some_and(|line| compare::is_line(line, seen));
        compare::agrees(lines.len(), &outcome.seen, |a, b| a.at == b.at, is_line)
    })
}

fn is_sent(test: &RuleTest, outcome: &Outcome) -> bool {
    test.sent.as_ref().is_none_or(|lines| {
        let is_sent = |at: usize, seen: &SentSeen| lines.get(at).is_some_and(|line| compare::is_sent(line, seen));
        compare::agrees(lines.len(), &outcome.sent, |a, b| a.at == b.at, is_sent)
    })
}

fn is_tapped(test: &RuleTest, outcome: &Outcome) -> bool {
    test.taps.as_ref().is_none_or(|lines| {
        let is_tap = |at: usize, seen: &TapSeen| lines.get(at).is_some_and(|line| compare::is_tap(line, seen));
        compare::agrees(lines.len(), &outcome.taps, |a, b| a.at == b.at, is_tap)
    })
}

/// Why the test fails; empty for one that passes. The outcome's timeline is shown where alerts are concerned.
pub fn failures(test: &RuleTest, outcome: &Outcome) -> Vec<(Mark, String)> {
    let mut lines = Vec::new();
    if !is_expected(test, outcome) {
        let expected = test.expect.as_deref().unwrap_or_default();
        let is_line = |at: usize, seen: &Seen| expected.get(at).is_some_and(|line| compare::is_line(line, seen));
        let rows = side_by_side(expected.len(), &outcome.seen, is_line);
        lines.push((Mark::Head, head("expect", &rows)));
        lines.extend(told(&rows, |at| expected.get(at).map(|line| line.text.clone()), |at| outcome.seen.get(at).map(transition)));
        timelines(test, outcome, &rows, &mut lines);
    }
    if !is_sent(test, outcome) {
        let expected = test.sent.as_deref().unwrap_or_default();
        let is_sent = |at: usize, seen: &SentSeen| expected.get(at).is_some_and(|line| compare::is_sent(line, seen));
        let rows = side_by_side(expected.len(), &outcome.sent, is_sent);
        lines.push((Mark::Head, head("sent", &rows)));
        lines.extend(told(&rows, |at| expected.get(at).map(|line| line.text.clone()), |at| outcome.sent.get(at).map(message)));
    }
    if !is_tapped(test, outcome) {
        let expected = test.taps.as_deref().unwrap_or_default();
        let is_tap = |at: usize, seen: &TapSeen| expected.get(at).is_some_and(|line| compare::is_tap(line, seen));
        let rows = side_by_side(expected.len(), &outcome.taps, is_tap);
        lines.push((Mark::Head, head("taps", &rows)));
        let told = told(&rows, |at| expected.get(at).map(|line| line.found.text.clone()), |at| outcome.taps.get(at).map(tapped));
        lines.extend(told.into_iter().take(MAX_EVENTS));
    }
    for (line, seen) in test.index.iter().zip(&outcome.index).filter(|(line, seen)| !compare::is_index(line, seen)) {
        index(line, seen, &mut lines);
    }
    lines
}

fn head(key: &str, rows: &[Row]) -> String {
    if rows.iter().all(|row| matches!(row, Row::Both(..))) {
        return format!("{key}: all of it happened, but in this order");
    }
    format!("{key}:   - is missing, + was not expected")
}

/// Each row with its mark; what was not as expected without a time of its own stands where it was expected.
fn told(rows: &[Row], expected: impl Fn(usize) -> Option<String>, seen: impl Fn(usize) -> Option<String>) -> Vec<(Mark, String)> {
    let line = |row: &Row| {
        Some(match *row {
            Row::Both(_, at) => (Mark::Same, seen(at)?),
            Row::Missing(at) => (Mark::Missing, expected(at)?),
            Row::Surplus(at) => (Mark::Surplus, seen(at)?),
        })
    };
    rows.iter().filter_map(line).collect()
}

/// A transition as a line of a test would have it.
pub(super) fn transition(seen: &Seen) -> String {
    let mut text = format!("{{at: {}, alert: {}", secs(seen.at), seen.alert);
    for (field, value) in &seen.fields {
        text += &format!(", {field}: {}", value.as_deref().unwrap_or("null"));
    }
    text += &format!(", state: {}", seen.to);
    if let Some(value) = seen.value {
        text += &format!(", value: {}", number(value));
    }
    text + "}"
}

fn message(seen: &SentSeen) -> String {
    let kind = match seen.notice.kind {
        Kind::News | Kind::Test | Kind::End => "",
        Kind::Digest => ", digest: true",
        Kind::Reminder => ", reminder: true",
    };
    let entries = seen.notice.entries.iter().take(3).map(|entry| format!("{} {} {}", entry.rule, entry.instance, entry.state));
    let mut about = entries.collect::<Vec<_>>().join(", ");
    if seen.notice.count() > 3 {
        about += ", …";
    }
    format!("{{at: {}, notify: {}, count: {}{kind}}}   # {about}", secs(seen.at), seen.notify, seen.notice.count())
}

fn index(line: &IndexLine, seen: &IndexSeen, lines: &mut Vec<(Mark, String)>) {
    lines.push((Mark::Head, format!("index: at {} `{}` finds {}", secs(line.at), line.where_, seen.events.len())));
    if let Some(count) = line.count.filter(|count| *count != seen.events.len() as u64) {
        lines.push((Mark::Missing, format!("count: {count}")));
    }
    let found = line.events.as_deref().unwrap_or_default();
    let is_found = |at: usize, event: &event::Event| found.get(at).is_some_and(|found| compare::is_found(found, event));
    let rows = side_by_side(found.len(), &seen.events, is_found);
    let told = told(&rows, |at| found.get(at).map(|found| found.text.clone()), |at| seen.events.get(at).map(event));
    lines.extend(told.into_iter().take(MAX_EVENTS));
}

/// An event of a tap as a line of a test would have it.
fn tapped(seen: &TapSeen) -> String {
    let event = event(&seen.event);
    format!("{{at: {}, tap: {}, {}", secs(seen.at), seen.tap, event.strip_prefix('{').unwrap_or(&event))
}

fn event(event: &event::Event) -> String {
    let texts = [("host", &event.host), ("service", &event.service), ("state", &event.state), ("description", &event.description)];
    let mut parts: Vec<String> = texts.into_iter().filter_map(|(key, text)| Some(format!("{key}: {}", text.as_ref()?))).collect();
    parts.extend(event.metric.map(|metric| format!("metric: {}", number(metric.as_f64()))));
    parts.extend(event.attributes.iter().map(|(key, value)| format!("{key}: {value}")));
    format!("{{{}}}", parts.join(", "))
}

/// The timelines of the instances that are concerned.
fn timelines(test: &RuleTest, outcome: &Outcome, rows: &[Row], lines: &mut Vec<(Mark, String)>) {
    let expected = test.expect.as_deref().unwrap_or_default();
    let is_concerned = |track: &&Track| {
        rows.iter().any(|row| match *row {
            Row::Both(..) => false,
            Row::Surplus(at) => outcome.seen.get(at).is_some_and(|seen| seen.alert == track.alert && seen.instance == track.instance),
            Row::Missing(at) => expected.get(at).is_some_and(|line| {
                let values =
                    engine::rules::instance_parts(&track.instance).into_iter().map(engine::rules::instance_value).collect::<Vec<_>>();
                let is_alert = line.alert.as_ref().is_none_or(|alert| *alert == track.alert);
                is_alert && line.fields.iter().all(|(_, value)| values.contains(value))
            }),
        })
    };
    let concerned: Vec<&Track> = outcome.timeline.tracks.iter().filter(is_concerned).collect();
    if concerned.is_empty() && rows.iter().any(|row| matches!(row, Row::Missing(_))) {
        lines.push((Mark::Plain, "no event made an instance that this could be about".to_owned()));
    }
    for track in concerned.iter().take(MAX_TRACKS) {
        lines.push((Mark::Head, format!("{} {}: time, value, level, why", track.alert, track.instance)));
        lines.extend(table(track).into_iter().map(|line| (Mark::Plain, line)));
    }
    if concerned.len() > MAX_TRACKS {
        lines.push((Mark::Plain, format!("and {} further instances", concerned.len() - MAX_TRACKS)));
    }
}

fn table(track: &Track) -> Vec<String> {
    let span = |from: Duration, to: Duration| if from == to { secs(from) } else { format!("{}..{}", secs(from), secs(to)) };
    let shown = track.stretches.iter().take(MAX_STRETCHES).map(|stretch| {
        let (first, last) = (stretch.first.map(number), stretch.last.map(number));
        let value = match (first, last) {
            (Some(first), Some(last)) if first != last => format!("{first}…{last}"),
            (first, last) => last.or(first).unwrap_or_else(|| "-".to_owned()),
        };
        [span(stretch.from, stretch.to), value, stretch.state.to_string(), stretch.why.clone()]
    });
    let rows: Vec<[String; 4]> = shown.collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let (times, values, levels) = (width(0), width(1), width(2));
    let line = |[time, value, level, why]: &[String; 4]| {
        format!("{time:<times$}  {value:>values$}  {level:<levels$}  {why}").trim_end().to_owned()
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    if track.stretches.len() > MAX_STRETCHES {
        lines.push(format!("and {} further lines", track.stretches.len() - MAX_STRETCHES));
    }
    lines
}

/// A time as tests have it, whole seconds as such: `220s`.
pub(super) fn secs(at: Duration) -> String {
    let secs = at.micros() / 1_000_000;
    if at == Duration::from_secs(secs) { format!("{secs}s") } else { at.to_string() }
}

/// A number without the digits that only a computer sees.
fn number(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded == 0.0 || rounded.abs() > 1e12 { value.to_string() } else { rounded.to_string() }
}
