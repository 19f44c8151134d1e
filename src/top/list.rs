//! One list on the screen: which rows, in which order, which is chosen.

use event::Timestamp;

use super::row::Rows;
use super::table::{self, Column, Line};
use super::{alerts, containers, nodes, services};

/// What there are lists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Nodes,
    Services,
    Containers,
    Alerts,
}

/// All, in their order on the screen.
pub(super) const TABS: [Tab; 4] = [Tab::Nodes, Tab::Services, Tab::Containers, Tab::Alerts];

impl Tab {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Nodes => "Nodes",
            Self::Services => "Services",
            Self::Containers => "Containers",
            Self::Alerts => "Alerts",
        }
    }

    pub(super) fn columns(self) -> &'static [Column] {
        match self {
            Self::Nodes => &nodes::COLUMNS,
            Self::Services => &services::COLUMNS,
            Self::Containers => &containers::COLUMNS,
            Self::Alerts => &alerts::COLUMNS,
        }
    }

    /// What is said where there is nothing.
    pub(super) fn nothing(self) -> &'static str {
        match self {
            Self::Nodes => "No node is heard of.",
            Self::Services => "No swarm is seen: its leader's collector tells of services.",
            Self::Containers => "No container runs where a collector sees it.",
            Self::Alerts => "Nothing is wrong: no alert is open.",
        }
    }

    /// What the list is in order of at first.
    fn first_column(self) -> usize {
        match self {
            Self::Nodes => nodes::STATE,
            Self::Services => services::STATE,
            Self::Containers => containers::CPU,
            Self::Alerts => alerts::LEVEL,
        }
    }
}

/// What a list of containers is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Everything,
    Node(String),
    Service(String),
}

/// A list and how it is looked at.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) tab: Tab,
    pub(super) scope: Scope,
    pub(super) column: usize,
    pub(super) descending: bool,
    pub(super) filter: String,
    /// The chosen line: by its key, so that it stays chosen when the order changes, and where it was, for when it is gone.
    chosen: Option<String>,
    place: usize,
    /// The first line in sight.
    pub(super) top: usize,
}

impl List {
    pub(super) fn new(tab: Tab, scope: Scope) -> Self {
        let column = tab.first_column();
        let descending = tab.columns().get(column).is_some_and(Column::begins_high);
        Self { tab, scope, column, descending, filter: String::new(), chosen: None, place: 0, top: 0 }
    }

    /// Its lines in order, without those that the filter hides.
    pub(super) fn lines(&self, rows: &Rows, now: Timestamp) -> Vec<Line> {
        let mut lines = match (self.tab, &self.scope) {
            (Tab::Nodes, _) => nodes::lines(rows, &containers::all(rows)),
            (Tab::Services, _) => services::lines(rows, &containers::all(rows), now),
            (Tab::Alerts, _) => alerts::lines(rows, now),
            (Tab::Containers, Scope::Everything) => containers::lines(rows, now, containers::Container::is_running),
            (Tab::Containers, Scope::Node(host)) => containers::lines(rows, now, |one| one.is_running() && one.host == *host),
            // How the tasks before ended is what one looks for.
            (Tab::Containers, Scope::Service(service)) => containers::lines(rows, now, |one| one.service == *service),
        };
        if !self.filter.is_empty() {
            lines.retain(|line| line.has(&self.filter));
        }
        table::sort(&mut lines, self.tab.columns(), self.column, self.descending);
        lines
    }

    /// Where the chosen line stands.
    pub(super) fn place(&self, lines: &[Line]) -> usize {
        let found = self.chosen.as_ref().and_then(|key| lines.iter().position(|line| line.key == *key));
        found.unwrap_or(self.place).min(lines.len().saturating_sub(1))
    }

    /// Chooses the line at a place, or the last one.
    pub(super) fn choose(&mut self, lines: &[Line], place: usize) {
        self.place = place.min(lines.len().saturating_sub(1));
        self.chosen = lines.get(self.place).map(|line| line.key.clone());
    }

    /// In order of the next column, by what is first in it.
    pub(super) fn next_column(&mut self) {
        let columns = self.tab.columns();
        self.column = (self.column + 1) % columns.len().max(1);
        self.descending = columns.get(self.column).is_some_and(Column::begins_high);
    }

    /// Brings the chosen line in sight of a window of `height` lines.
    pub(super) fn scroll(&mut self, n_lines: usize, place: usize, height: usize) {
        let most = n_lines.saturating_sub(height);
        self.top = self.top.clamp((place + 1).saturating_sub(height), place).min(most);
    }
}
