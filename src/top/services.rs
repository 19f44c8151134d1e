//! The list of the swarm's services: does each run whole, what does it take.

use std::collections::BTreeMap;

use event::Timestamp;

use super::containers::Container;
use super::row::{Row, Rows};
use super::table::{Cell, Column, Line, Tone};
use super::units::{Level, bytes, percent, plain, span};

/// The query whose rows these are, the same as the first page's, so that both share its cost.
pub(super) const QUERY: &str = "service =~ \"docker_swarm/%/tasks_desired\" or service =~ \"docker_swarm/%/tasks_running\" \
     or service =~ \"docker_swarm/%/tasks_failed\" or service =~ \"docker_swarm/%/tasks_pending\" \
     or service =~ \"docker_swarm/%/update_state\"";

pub(super) const COLUMNS: [Column; 8] = [
    Column::text("Service", 0),
    Column::level("State", 12),
    Column::number("Tasks", 0, 5),
    Column::text("Mode", 3),
    Column::number("CPU", 0, 7),
    Column::number("Memory", 0, 9),
    Column::number("Failures", 1, 4),
    Column::number("Newest task", 2, 6),
];

/// The column that the list is in order of at first.
pub(super) const STATE: usize = 1;
/// Tasks of more are told by their number alone.
const MOST_DOTS: f64 = 12.0;

#[derive(Debug, Default)]
struct Service<'a> {
    mode: &'a str,
    update: &'a str,
    wanted: Option<f64>,
    running: f64,
    pending: f64,
    failed: Option<f64>,
    cpu: f64,
    mem: f64,
    newest: Option<f64>,
}

impl<'a> Service<'a> {
    fn take(&mut self, row: &'a Row) {
        self.mode = row.attribute("service_mode");
        match row.field.as_str() {
            "tasks_desired" => self.wanted = row.metric,
            "tasks_running" => self.running = row.metric.unwrap_or_default(),
            "tasks_pending" => self.pending = row.metric.unwrap_or_default(),
            "tasks_failed" => self.failed = row.metric,
            _ => self.update = &row.state,
        }
    }

    fn wants(&self) -> f64 {
        self.wanted.unwrap_or_default()
    }

    fn is_short(&self) -> bool {
        self.running < self.wants()
    }

    fn state(&self) -> Cell {
        let waiting = if self.pending > 0.0 { format!(", {} wait for a node", plain(self.pending)) } else { String::new() };
        let update = match self.update {
            "updating" => ", updating".to_owned(),
            state if state.contains("paused") || state.contains("rollback") => format!(", update {}", state.replace('_', " ")),
            _ => String::new(),
        };
        let (level, word) = match self.is_short() {
            false => (Level::Ok, "ok".to_owned()),
            true if self.running == 0.0 => (Level::Critical, "none runs".to_owned()),
            true => (Level::Warning, format!("{} short", plain(self.wants() - self.running))),
        };
        level.cell(&format!("{word}{waiting}{update}"))
    }

    fn tasks(&self) -> Cell {
        let numbers = format!("{}/{}", plain(self.running), plain(self.wants()));
        let dots = |count: f64, dot: &str| dot.repeat(count.max(0.0) as usize);
        let most = self.wants().max(self.running);
        let text = if most > MOST_DOTS || most == 0.0 {
            numbers
        } else {
            format!("{}{} {numbers}", dots(self.running, "●"), dots(self.wants() - self.running, "○"))
        };
        Cell { text, number: Some(self.wants()), tone: if self.is_short() { Tone::Critical } else { Tone::Plain } }
    }
}

fn all(rows: &Rows) -> BTreeMap<&str, Service<'_>> {
    let mut all: BTreeMap<&str, Service<'_>> = BTreeMap::new();
    for row in rows.of("services") {
        let named = [row.attribute("swarm_service"), row.instance.as_str()].into_iter().find(|name| !name.is_empty());
        all.entry(named.unwrap_or_default()).or_default().take(row);
    }
    all.retain(|_, service| service.wanted.is_some());
    all
}

/// A line for each.
pub(super) fn lines(rows: &Rows, containers: &[Container], now: Timestamp) -> Vec<Line> {
    let mut all = all(rows);
    for one in containers.iter().filter(|one| one.is_running()) {
        let Some(service) = all.get_mut(one.service.as_str()) else { continue };
        service.cpu += one.cpu.unwrap_or_default();
        service.mem += one.mem.unwrap_or_default();
        if one.started > service.newest {
            service.newest = one.started;
        }
    }
    let line = |(name, service): (&str, Service<'_>)| {
        let cells = vec![
            Cell::text(name),
            service.state(),
            service.tasks(),
            Cell::text(service.mode),
            Cell::number(Some(service.cpu), percent),
            Cell::number(Some(service.mem), bytes),
            Cell::number(service.failed, plain),
            Cell::number(service.newest.map(|started| now.as_secs_f64() - started), span),
        ];
        Line { key: name.to_owned(), cells }
    };
    all.into_iter().map(line).collect()
}

/// How many run whole, and how many there are.
pub(super) fn counts(rows: &Rows) -> (usize, usize) {
    let all = all(rows);
    (all.values().filter(|service| !service.is_short()).count(), all.len())
}
