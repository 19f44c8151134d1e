//! The list of containers: who takes what.

use std::collections::BTreeMap;

use event::Timestamp;

use super::row::{Row, Rows};
use super::table::{Cell, Column, Line};
use super::units::{Level, bytes, bytes_a_second, percent, plain, span};

/// The query of what they take, the same as the first page's, so that both share its cost.
pub(super) const QUERY: &str = "service =~ \"docker_container_cpu/%/usage_percent\" or service =~ \"docker_container_mem/%/usage\" \
     or service =~ \"docker_container_mem/%/usage_percent\" or service =~ \"docker_container_status/%/pids_current\" \
     or service =~ \"docker_container_status/%/started_at\" or service =~ \"docker_container_net/%/rx_bytes\" \
     or service =~ \"docker_container_net/%/tx_bytes\" or service =~ \"docker_container_blkio/%/io_service_bytes_recursive_read\" \
     or service =~ \"docker_container_blkio/%/io_service_bytes_recursive_write\"";

/// The query of how they are.
pub(super) const STATES: &str = "service =~ \"docker_container_status/%/container_status\" \
     or service =~ \"docker_container_health/%/health_status\" or service =~ \"docker_container_status/%/exitcode\" \
     or service =~ \"docker_container_status/%/oomkilled\" or service =~ \"docker_container_status/%/restart_count\"";

pub(super) const COLUMNS: [Column; 13] = [
    Column::text("Container", 0),
    Column::text("Node", 1),
    Column::level("State", 9),
    Column::number("CPU", 0, 7),
    Column::number("Memory", 0, 9),
    Column::number("of limit", 2, 7),
    Column::number("Received", 4, 11),
    Column::number("Sent", 5, 11),
    Column::number("Read", 6, 11),
    Column::number("Written", 7, 11),
    Column::number("Processes", 9, 5),
    Column::number("Restarts", 8, 5),
    Column::number("Up", 3, 6),
];

/// The column that the list is in order of at first.
pub(super) const CPU: usize = 3;

/// What is known of one.
#[derive(Clone, Debug, Default)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) host: String,
    pub(super) service: String,
    pub(super) cpu: Option<f64>,
    pub(super) mem: Option<f64>,
    of_limit: Option<f64>,
    rates: [Option<f64>; 4],
    processes: Option<f64>,
    restarts: Option<f64>,
    /// Seconds since 1970.
    pub(super) started: Option<f64>,
    status: String,
    health: String,
    exit: Option<f64>,
    killed: bool,
}

impl Container {
    /// What Docker says of one that has ended stays for a while.
    pub(super) fn is_running(&self) -> bool {
        self.cpu.is_some() || self.mem.is_some()
    }

    fn take(&mut self, row: &Row) {
        match (row.measurement.as_str(), row.field.as_str()) {
            ("docker_container_cpu", _) => self.cpu = row.metric,
            ("docker_container_mem", "usage") => self.mem = row.metric,
            ("docker_container_mem", _) => self.of_limit = row.metric,
            ("docker_container_health", _) => self.health.clone_from(&row.state),
            (_, "pids_current") => self.processes = row.metric,
            (_, "restart_count") => self.restarts = row.metric,
            (_, "started_at") => self.started = row.metric.filter(|nanos| *nanos > 0.0).map(|nanos| nanos / 1e9),
            (_, "container_status") => self.status.clone_from(&row.state),
            (_, "exitcode") => self.exit = row.metric,
            (_, "oomkilled") => self.killed = row.metric == Some(1.0),
            (_, field) => {
                let fields = ["rx_bytes", "tx_bytes", "io_service_bytes_recursive_read", "io_service_bytes_recursive_write"];
                let slots = self.rates.iter_mut().zip(fields).find(|(_, known)| *known == field);
                if let Some((slot, _)) = slots {
                    *slot = row.rate;
                }
            }
        }
    }

    fn state(&self) -> Cell {
        let failed = self.killed || self.exit.is_some_and(|code| code != 0.0);
        match (self.status.as_str(), self.health.as_str()) {
            (_, "unhealthy") => Level::Critical.cell("unhealthy"),
            ("running", "starting") => Level::Info.cell("running, health starting"),
            ("running", "") => Level::Ok.cell("running"),
            ("running", health) => Level::Ok.cell(&format!("running, {health}")),
            ("exited" | "dead", _) if self.killed => Level::Critical.cell("out of memory"),
            ("exited" | "dead", _) if failed => Level::Critical.cell(&format!("{} {}", self.status, plain(self.exit.unwrap_or_default()))),
            ("exited" | "dead", _) => Level::Gone.cell(&self.status),
            ("restarting", _) => Level::Warning.cell("restarting"),
            ("", _) if self.is_running() => Level::Ok.cell("runs"),
            ("", _) => Level::Gone.cell("not heard of"),
            (status, _) => Level::Info.cell(status),
        }
    }

    fn line(&self, now: Timestamp) -> Line {
        let up = self.started.filter(|_| self.is_running()).map(|started| now.as_secs_f64() - started);
        let mut cells = vec![Cell::text(&self.name), Cell::text(&self.host), self.state()];
        cells.push(Cell::number(self.cpu, percent));
        cells.push(Cell::number(self.mem, bytes));
        cells.push(Cell::number(self.of_limit, percent));
        cells.extend(self.rates.map(|rate| Cell::number(rate, bytes_a_second)));
        cells.push(Cell::number(self.processes, plain));
        cells.push(Cell::number(self.restarts, plain));
        cells.push(Cell::number(up, span));
        Line { key: key(&self.name, &self.host), cells }
    }
}

fn key(name: &str, host: &str) -> String {
    format!("{name} {host}")
}

/// Name and host of what a line is of.
pub(super) fn of_key(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or((key, ""))
}

/// All that are known.
pub(super) fn all(rows: &Rows) -> Vec<Container> {
    let mut all: BTreeMap<(&str, &str), Container> = BTreeMap::new();
    for row in rows.of("containers").chain(rows.of("states")) {
        let name = row.attribute("container_name");
        // Rows of one interface or device stand under the container's own, which is the total.
        if name.is_empty() || row.instance != name {
            continue;
        }
        let one = all.entry((name, row.host.as_str())).or_default();
        if one.name.is_empty() {
            (one.name, one.host, one.service) = (name.to_owned(), row.host.clone(), row.attribute("swarm_service").to_owned());
        }
        one.take(row);
    }
    all.into_values().collect()
}

/// A line for each that is wanted.
pub(super) fn lines(rows: &Rows, now: Timestamp, wanted: impl Fn(&Container) -> bool) -> Vec<Line> {
    all(rows).iter().filter(|one| wanted(one)).map(|one| one.line(now)).collect()
}
