//! The list of nodes: is each there, is it well, what runs on it.

use std::collections::{BTreeMap, HashMap};

use super::alerts;
use super::containers::Container;
use super::row::{Row, Rows};
use super::table::{Cell, Column, Line, Tone};
use super::units::{Level, percent, plain};

/// The query whose rows these are, the same as the first page's, so that both share its cost.
pub(super) const QUERY: &str = "service = \"cpu/usage_active\" or service = \"mem/used_percent\" or service = \"system/load1\" \
     or service = \"system/n_cpus\" or service =~ \"disk/%/used_percent\" or service =~ \"docker_node/%/ready\" \
     or service =~ \"docker_node/%/availability\" or service =~ \"docker_node/%/leader\"";

pub(super) const COLUMNS: [Column; 9] = [
    Column::text("Node", 0),
    Column::level("State", 12),
    Column::text("Role", 3),
    Column::number("CPU", 0, 7),
    Column::number("Memory", 0, 7),
    Column::number("Fullest disk", 1, 9),
    Column::number("Load", 2, 6),
    Column::number("CPUs", 5, 4),
    Column::number("Containers", 4, 4),
];

/// The column that the list is in order of at first.
pub(super) const STATE: usize = 1;
/// From here on a share is drawn as too high.
const HIGH: f64 = 90.0;

#[derive(Debug, Default)]
struct Node<'a> {
    heard: bool,
    cpu: Option<f64>,
    mem: Option<f64>,
    load: Option<f64>,
    cpus: Option<f64>,
    disk: Option<(f64, &'a str)>,
    role: &'a str,
    availability: &'a str,
    ready: Option<bool>,
    leader: bool,
}

impl<'a> Node<'a> {
    fn take(&mut self, row: &'a Row) {
        match (row.measurement.as_str(), row.field.as_str()) {
            ("docker_node", field) => {
                self.role = row.attribute("role");
                match field {
                    "ready" => self.ready = Some(row.metric == Some(1.0)),
                    "leader" => self.leader = row.metric == Some(1.0),
                    _ => self.availability = &row.state,
                }
            }
            ("cpu", _) => (self.heard, self.cpu) = (true, row.metric),
            ("mem", _) => self.mem = row.metric,
            ("disk", _) => {
                let disk = row.metric.map(|used| (used, row.instance.as_str()));
                // The name decides between equals, so that the answer does not depend on the order of rows.
                if disk > self.disk {
                    self.disk = disk;
                }
            }
            (_, "load1") => self.load = row.metric,
            _ => self.cpus = row.metric,
        }
    }

    fn is_up(&self) -> bool {
        self.heard && self.ready != Some(false)
    }

    fn state(&self, worst: Option<Level>) -> Cell {
        let drained = if self.availability.is_empty() || self.availability == "active" { "" } else { self.availability };
        let and = |word: &str| if drained.is_empty() { word.to_owned() } else { format!("{word}, {drained}") };
        if self.ready == Some(false) {
            Level::Critical.cell(&and("down"))
        } else if !self.heard {
            // Worse than an alert: nothing else is known of it.
            Cell::level(format!("{} {}", Level::Gone.symbol(), and("silent")), Tone::Critical, 3.5)
        } else {
            let level = worst.unwrap_or(Level::Ok);
            level.cell(&and(level.word()))
        }
    }
}

fn all(rows: &Rows) -> BTreeMap<&str, Node<'_>> {
    let mut all: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for row in rows.of("nodes") {
        let named = [row.attribute("node"), row.instance.as_str()].into_iter().find(|name| !name.is_empty());
        let name = if row.measurement == "docker_node" { named.unwrap_or_default() } else { row.host.as_str() };
        all.entry(name).or_default().take(row);
    }
    // What only a slow sampler still knows of is gone.
    all.retain(|_, node| node.heard || node.ready.is_some());
    all
}

/// A line for each.
pub(super) fn lines(rows: &Rows, containers: &[Container]) -> Vec<Line> {
    let worst = alerts::worst(rows);
    let mut running: HashMap<&str, f64> = HashMap::new();
    for one in containers.iter().filter(|one| one.is_running()) {
        *running.entry(one.host.as_str()).or_default() += 1.0;
    }
    let line = |(name, node): (&str, Node<'_>)| {
        let share = |number: Option<f64>| {
            let tone = if number.is_some_and(|number| number >= HIGH) { Tone::Critical } else { Tone::Plain };
            Cell::number(number, percent).toned(tone)
        };
        let path = node.disk.map_or("", |(_, path)| path);
        let cells = vec![
            Cell::text(name),
            node.state(worst.get(name).copied()),
            Cell::text(if node.leader { "leader" } else { node.role }),
            share(node.cpu),
            share(node.mem),
            Cell {
                text: node.disk.map_or_else(|| "–".to_owned(), |(used, _)| format!("{path} {}", percent(used))),
                ..share(node.disk.map(|(used, _)| used))
            },
            Cell::number(node.load, plain),
            Cell::number(node.cpus, plain),
            Cell::number(running.get(name).copied(), plain),
        ];
        Line { key: name.to_owned(), cells }
    };
    all(rows).into_iter().map(line).collect()
}

/// How many are up, and how many there are.
pub(super) fn counts(rows: &Rows) -> (usize, usize) {
    let all = all(rows);
    (all.values().filter(|node| node.is_up()).count(), all.len())
}
