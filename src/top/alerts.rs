//! The list of open alerts.

use std::collections::HashMap;

use event::Timestamp;

use super::row::{Row, Rows};
use super::table::{Cell, Column, Line, Tone};
use super::units::{Level, ago, plain};

/// The query whose rows these are.
pub(super) const QUERY: &str = "service =~ \"alert/%\" and state != \"ok\" and state != \"expired\"";

pub(super) const COLUMNS: [Column; 6] = [
    Column::level("Level", 10),
    Column::text("Alert", 0),
    Column::text("Where", 0),
    Column::number("Value", 2, 6),
    Column::number("Since", 1, 7),
    Column::text("Message", 3),
];

/// The column that the list is in order of at first.
pub(super) const LEVEL: usize = 0;

/// Attributes of every alert; the others say where it is.
const OF_EVERY_ALERT: [&str; 10] = ["alert", "since", "message", "runbook", "details", "team", "labels", "links", "silenced", "changed"];

/// The attributes that tell an instance from others.
fn fields(row: &Row) -> impl Iterator<Item = (&str, &str)> {
    let labels = row.attribute("labels").split(',');
    let is_of_all = move |name: &str| OF_EVERY_ALERT.contains(&name) || labels.clone().any(|label| label == name);
    row.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).filter(move |(name, _)| !is_of_all(name))
}

fn place(row: &Row) -> String {
    let of_rule = |name: &str| name.strip_prefix("instance_").unwrap_or(name).to_owned();
    let others = fields(row).filter(|(name, _)| *name != "host").map(|(name, value)| format!("{} {value}", of_rule(name)));
    let host = Some(row.host.clone()).filter(|host| !host.is_empty());
    host.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

/// A line for each.
pub(super) fn lines(rows: &Rows, now: Timestamp) -> Vec<Line> {
    rows.of("alerts").map(|row| line(row, now)).collect()
}

fn line(row: &Row, now: Timestamp) -> Line {
    let (level, since) = (Level::of(&row.state), Timestamp::parse(row.attribute("since")).ok());
    let quiet = if row.attribute("silenced").is_empty() { "" } else { ", silenced" };
    let age = since.map(|since| now.as_secs_f64() - since.as_secs_f64());
    let cells = vec![
        level.cell(&format!("{}{quiet}", level.word())),
        Cell::text(row.attribute("alert")),
        Cell::text(place(row)),
        Cell::number(row.metric, plain),
        Cell::number(age, |_| since.map_or_else(String::new, |since| ago(since, now))),
        Cell::text(row.attribute("message")).toned(Tone::Quiet),
    ];
    Line { key: key(row), cells }
}

/// The oldest of a level stands first.
fn key(row: &Row) -> String {
    format!("{} {} {}", row.attribute("since"), row.host, row.service)
}

/// The row that a line is of.
pub(super) fn find<'a>(rows: &'a Rows, wanted: &str) -> Option<&'a Row> {
    rows.of("alerts").find(|row| key(row) == wanted)
}

/// Those that nothing silences: what counts, as on the pages.
fn loud(rows: &Rows) -> impl Iterator<Item = &Row> {
    rows.of("alerts").filter(|row| row.attribute("silenced").is_empty())
}

/// The worst level of each host's alerts.
pub(super) fn worst(rows: &Rows) -> HashMap<&str, Level> {
    let mut worst = HashMap::new();
    for row in loud(rows) {
        let level = Level::of(&row.state);
        let known = worst.entry(row.host.as_str()).or_insert(level);
        *known = level.max(*known);
    }
    worst
}

/// How many of each level, the worst first.
pub(super) fn counts(rows: &Rows) -> Vec<(Level, usize)> {
    let levels = [Level::Critical, Level::Warning, Level::Info];
    let count = |level: Level| loud(rows).filter(|row| Level::of(&row.state) == level).count();
    levels.into_iter().map(|level| (level, count(level))).filter(|(_, count)| *count > 0).collect()
}
