//! One distinct query: the rows it shows, and its clients by how often they want to hear.

use bytes::Bytes;
use engine::query::{Query, Residue};
use engine::{Series, SeriesId};
use event::{Duration, Timestamp, View};
use tokio::sync::mpsc::Sender;

use super::frame::{COLUMNS, Frame, FrameKind};
use super::rows::{RowId, Rows, Touched};
use crate::web::json;

/// Rows that one query shows at most: more than a person reads, and a bound for the page's memory.
pub(super) const MAX_ROWS: usize = 10_000;

/// A query with its clients.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) query: Query,
    residues: Vec<Option<Residue>>,
    shown: Vec<bool>,
    n_shown: usize,
    cadences: Vec<Cadence>,
}

/// The clients that hear equally often.
#[derive(Debug)]
struct Cadence {
    every: Duration,
    next: Timestamp,
    /// Rows changed since the last frame, each once; `marks` tells how.
    changed: Vec<RowId>,
    marks: Vec<Mark>,
    gone: Vec<RowId>,
    clients: Vec<Client>,
}

/// What a row's clients have not yet heard of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mark {
    #[default]
    Unchanged,
    Values,
    Wholly,
}

#[derive(Debug)]
struct Client {
    subscription: usize,
    sender: Sender<Frame>,
    /// It lost a frame, or has none yet: a whole snapshot comes next.
    behind: bool,
}

impl Watch {
    pub(super) fn new(query: Query) -> Self {
        Self { query, residues: Vec::new(), shown: Vec::new(), n_shown: 0, cadences: Vec::new() }
    }

    pub(super) fn add_client(&mut self, every: Duration, now: Timestamp, subscription: usize, sender: Sender<Frame>) {
        let client = Client { subscription, sender, behind: true };
        match self.cadences.iter_mut().find(|cadence| cadence.every == every) {
            Some(cadence) => {
                cadence.clients.push(client);
                cadence.next = now;
            }
            None => self.cadences.push(Cadence {
                every,
                next: now,
                changed: Vec::new(),
                marks: Vec::new(),
                gone: Vec::new(),
                clients: vec![client],
            }),
        }
    }

    /// Whether an event of this series is one of the query's.
    pub(super) fn matches(&mut self, id: SeriesId, series: &Series<'_>, event: &View<'_>) -> bool {
        let index = id.0 as usize;
        if self.residues.len() <= index {
            self.residues.resize_with(index + 1, || None);
        }
        let Some(slot) = self.residues.get_mut(index) else { return false };
        let residue = slot.get_or_insert_with(|| self.query.residue(series.host, series.service, series.labels));
        residue.matches(event)
    }

    /// The series' number may be given to another.
    pub(super) fn forget(&mut self, series: SeriesId) {
        if let Some(slot) = self.residues.get_mut(series.0 as usize) {
            *slot = None;
        }
    }

    pub(super) fn is_shown(&self, row: RowId) -> bool {
        self.shown.get(row as usize).copied().unwrap_or(false)
    }

    /// A matching event of this row came.
    pub(super) fn touch(&mut self, touched: Touched) {
        let first = !self.is_shown(touched.row);
        if first && self.n_shown >= MAX_ROWS {
            return;
        }
        if first {
            self.set_shown(touched.row, true);
        }
        let touched = Touched { row: touched.row, wholly: touched.wholly || first };
        for cadence in &mut self.cadences {
            cadence.touch(touched);
        }
    }

    /// The row left the index, or its newest event is none of the query's.
    pub(super) fn drop_row(&mut self, row: RowId) {
        if self.is_shown(row) {
            self.set_shown(row, false);
            for cadence in &mut self.cadences {
                cadence.drop_row(row);
            }
        }
    }

    fn set_shown(&mut self, row: RowId, shown: bool) {
        let index = row as usize;
        if self.shown.len() <= index {
            self.shown.resize(index + 1, false);
        }
        if let Some(slot) = self.shown.get_mut(index) {
            *slot = shown;
        }
        self.n_shown = if shown { self.n_shown + 1 } else { self.n_shown - 1 };
    }

    /// How many clients a whole snapshot is due to.
    pub(super) fn n_behind(&self) -> usize {
        self.cadences.iter().flat_map(|cadence| &cadence.clients).filter(|client| client.behind).count()
    }

    /// When a frame is due next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.cadences.iter().map(|cadence| cadence.next).min()
    }

    /// Sends what is due; gives whether anybody still listens.
    pub(super) fn flush(&mut self, rows: &Rows, now: Timestamp, n_lost: &mut u64) -> bool {
        let mut snapshot = None;
        let shown = &self.shown;
        let full = self.n_shown >= MAX_ROWS;
        for cadence in self.cadences.iter_mut().filter(|cadence| cadence.next <= now) {
            *n_lost += cadence.flush(rows, || snapshot.get_or_insert_with(|| encode_snapshot(rows, shown, full)).clone());
            cadence.next = now + cadence.every;
        }
        self.cadences.retain(|cadence| !cadence.clients.is_empty());
        !self.cadences.is_empty()
    }
}

impl Cadence {
    fn touch(&mut self, touched: Touched) {
        let index = touched.row as usize;
        if self.marks.len() <= index {
            self.marks.resize(index + 1, Mark::Unchanged);
        }
        let Some(mark) = self.marks.get_mut(index) else { return };
        if *mark == Mark::Unchanged {
            self.changed.push(touched.row);
        }
        if touched.wholly {
            *mark = Mark::Wholly;
        } else if *mark == Mark::Unchanged {
            *mark = Mark::Values;
        }
    }

    fn drop_row(&mut self, row: RowId) {
        if let Some(mark) = self.marks.get_mut(row as usize) {
            *mark = Mark::Unchanged;
        }
        self.gone.push(row);
    }

    fn flush(&mut self, rows: &Rows, mut snapshot: impl FnMut() -> Bytes) -> u64 {
        let mut n_lost = 0;
        let gone = (!self.gone.is_empty()).then(|| self.encode_gone());
        let delta = (!self.changed.is_empty()).then(|| self.encode_delta(rows));
        self.clients.retain_mut(|client| {
            if client.sender.is_closed() {
                return false;
            }
            if client.behind {
                client.behind = !client.send(FrameKind::Snapshot, snapshot());
                n_lost += u64::from(client.behind);
                return true;
            }
            let frames = [(FrameKind::Gone, &gone), (FrameKind::Delta, &delta)];
            let mut told = frames.into_iter().filter_map(|(kind, body)| body.clone().map(|body| (kind, body)));
            client.behind = !told.all(|(kind, body)| client.send(kind, body));
            n_lost += u64::from(client.behind);
            true
        });
        n_lost
    }

    fn encode_gone(&mut self) -> Bytes {
        let ids: Vec<_> = self.gone.drain(..).map(|row| row.to_string()).collect();
        Bytes::from(format!("\"ids\":[{}]", ids.join(",")))
    }

    fn encode_delta(&mut self, rows: &Rows) -> Bytes {
        let mut out = b"\"rows\":".to_vec();
        let marks = &mut self.marks;
        // A row that went and came back stands in the list twice; its mark is taken the first time.
        let told = self.changed.drain(..).filter_map(|row| {
            let mark = marks.get_mut(row as usize).map(std::mem::take).unwrap_or_default();
            (mark != Mark::Unchanged).then_some(Touched { row, wholly: mark == Mark::Wholly })
        });
        json::array(&mut out, told, |out, touched| rows.put(out, touched));
        Bytes::from(out)
    }
}

impl Client {
    /// Gives whether there was room.
    fn send(&self, kind: FrameKind, body: Bytes) -> bool {
        self.sender.try_send(Frame { subscription: self.subscription, kind, body }).is_ok()
    }
}

fn encode_snapshot(rows: &Rows, shown: &[bool], full: bool) -> Bytes {
    let mut out = format!("\"columns\":{COLUMNS},\"truncated\":{full},\"rows\":").into_bytes();
    let ids = shown.iter().enumerate().filter(|(_, shown)| **shown).map(|(row, _)| row as RowId);
    json::array(&mut out, ids, |out, row| rows.put(out, Touched { row, wholly: true }));
    Bytes::from(out)
}
